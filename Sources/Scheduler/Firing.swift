public import Foundation

/// One time at which a schedule fired, or should have.
///
/// ```
/// pending ──▶ started     fire returned the execution
///    │ ├────▶ skipped     an execution still ran, or the time was missed
///    └─┴────▶ failed      fire threw each time it was tried
/// ```
public struct Firing: Sendable, Equatable {
    /// How far a firing has come.
    public enum Status: String, Sendable, CaseIterable {
        /// Recorded, and not yet handed over, or being tried again.
        case pending = "PENDING"
        /// Handed over: the execution is known.
        case started = "STARTED"
        /// Left out on purpose; `reason` says why.
        case skipped = "SKIPPED"
        /// Given up; `reason` says why.
        case failed = "FAILED"
    }

    /// What made a schedule fire.
    public enum Trigger: String, Sendable, CaseIterable {
        /// Its expression.
        case schedule = "SCHEDULE"
        /// A user, now.
        case manual = "MANUAL"
        /// A user, for a time of the expression that has passed.
        case backfill = "BACKFILL"
    }

    /// By this id a receiver knows that it has seen the firing before.
    public var id: String
    /// The schedule that fired.
    public var schedule: Schedule.Key
    /// The time meant by the expression, however late it is; of a manual firing, when it was asked for.
    public var scheduledTime: Date
    /// What made it fire.
    public var trigger: Trigger
    /// How far it has come.
    public var status: Status
    /// When it was recorded.
    public var recordedAt: Date
    /// How often it was tried in vain.
    public var attempts: Int
    /// When a pending firing is to be tried.
    public var nextAttempt: Date
    /// The execution that it started.
    public var executionARN: String?
    /// Why it was skipped, or the error of the last try.
    public var reason: String?
    /// When it is told that the run did not happen, unless it happens before; `nil` once that is settled.
    public var noticeDue: Date?

    /// A firing with all that is known of it.
    public init(
        id: String,
        schedule: Schedule.Key,
        scheduledTime: Date,
        trigger: Trigger,
        status: Status = .pending,
        recordedAt: Date,
        attempts: Int = 0,
        nextAttempt: Date,
        executionARN: String? = nil,
        reason: String? = nil,
        noticeDue: Date? = nil
    ) {
        self.id = id
        self.schedule = schedule
        self.scheduledTime = scheduledTime
        self.trigger = trigger
        self.status = status
        self.recordedAt = recordedAt
        self.attempts = attempts
        self.nextAttempt = nextAttempt
        self.executionARN = executionARN
        self.reason = reason
        self.noticeDue = noticeDue
    }
}

extension Firing {
    /// The id of the firing of a scheduled time: the same whoever records it.
    static func id(of key: Schedule.Key, at time: Date) -> String { "\(key)@\(time.formatted(.iso8601))" }

    /// How many seconds into a window of so many minutes a firing of this id starts.
    ///
    /// Hashed (FNV-1a, 64 bits) rather than drawn: schedules of one time are spread over the window, and whoever asks
    /// again after a crash is told the same.
    static func offset(of id: String, within minutes: Int?) -> TimeInterval {
        guard let minutes, minutes > 0 else { return 0 }
        var hash: UInt64 = 14_695_981_039_346_656_037
        for byte in id.utf8 { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
        return Double(hash % UInt64(minutes * 60))
    }
}

/// Thrown by `SchedulerService.Fire` when a firing cannot start yet: it is tried again soon, which counts as no attempt.
public struct FiringDeferral: Error, Sendable, CustomStringConvertible {
    /// What it waits for.
    public let reason: String

    /// A deferral for a reason.
    public init(_ reason: String) { self.reason = reason }

    /// What it waits for.
    public var description: String { reason }
}

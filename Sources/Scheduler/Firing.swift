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
        /// A user.
        case manual = "MANUAL"
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
        reason: String? = nil
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
    }
}

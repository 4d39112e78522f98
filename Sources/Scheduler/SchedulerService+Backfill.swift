public import Foundation

/// A time of a schedule's expression, and what is known of its run.
public struct ScheduledTime: Sendable, Equatable {
    /// The time.
    public let time: Date
    /// Its firing that came furthest; `nil` when none is known.
    public let firing: Firing?

    /// Whether no run was started for the time, nor is about to be.
    public var isMissing: Bool {
        switch firing?.status {
        case .started, .pending: false
        case .skipped, .failed, nil: true
        }
    }
}

/// Making up for times that have passed.
extension SchedulerService {
    /// The times of a schedule in a range, with what is known of each.
    ///
    /// - Parameters:
    ///   - key: The schedule.
    ///   - start: The first moment of the range.
    ///   - end: The last moment; what lies in the future is left out.
    /// - Returns: The times, in order.
    /// - Throws: `SchedulerError` with `resourceNotFound`, or `validation` for an empty range or one of too many times.
    public func times(of key: Schedule.Key, from start: Date, through end: Date) async throws -> [ScheduledTime] {
        let schedule = try await schedule(key)
        guard start <= end else {
            throw SchedulerError(
                .validation,
                "the range from \(start.formatted(.iso8601)) to \(end.formatted(.iso8601)) is empty, swap its ends"
            )
        }
        let end = min(end, now())
        let limit = configuration.backfillLimit
        let anchor = schedule.createdAt
        let times = schedule.definition.times(from: start, through: end, anchor: anchor, limit: limit + 1)
        guard times.count <= limit else {
            throw SchedulerError(
                .validation,
                "the range has more than \(limit) times of schedule \"\(key)\", choose a shorter one"
            )
        }
        let firings = try await store.firings(of: key, from: start, through: end).filter { $0.trigger != .manual }
        let known = Dictionary(firings.map { ($0.scheduledTime, $0) }) { $0.isFurther(than: $1) ? $0 : $1 }
        return times.map { ScheduledTime(time: $0, firing: known[$0]) }
    }

    /// Starts the run of a time that has passed, paused or not, whatever the overlap policy says.
    ///
    /// - Parameters:
    ///   - key: The schedule.
    ///   - time: One of its times.
    ///   - isRepeated: Whether a time that has run runs once more; else its run of then is the answer.
    /// - Returns: The firing; when pending, it waits for another run and starts by itself after it.
    /// - Throws: `SchedulerError` with `resourceNotFound`, or `validation` when the time is none of the schedule's.
    public func backfill(_ key: Schedule.Key, at time: Date, isRepeated: Bool) async throws -> Firing {
        let schedule = try await schedule(key)
        guard let known = try await times(of: key, from: time, through: time).first else {
            throw SchedulerError(
                .validation,
                "\(time.formatted(.iso8601)) is no time of schedule \"\(key)\" that has passed, list its times first"
            )
        }
        if let firing = known.firing, !isRepeated, !known.isMissing { return firing }
        let now = now().wholeMilliseconds
        let firing = Firing(
            id: isRepeated ? makeID() : Firing.id(of: key, at: time),
            schedule: key,
            scheduledTime: time,
            trigger: .backfill,
            recordedAt: now,
            nextAttempt: now.addingTimeInterval(Self.triggerLease)
        )
        try await store.record(firing)
        defer { alarm.ring() }
        return try await deliver(firing, of: schedule)
    }

    /// Gives up the runs of a backfill that still wait; those that have begun go on.
    ///
    /// - Parameter key: The schedule.
    /// - Returns: How many were given up.
    /// - Throws: `SchedulerError` with `resourceNotFound`, or the store's error.
    public func cancelBackfill(of key: Schedule.Key) async throws -> Int {
        _ = try await schedule(key)
        return try await store.skipBackfill(of: key, because: "the backfill was cancelled")
    }
}

extension Firing {
    fileprivate func isFurther(than other: Firing) -> Bool {
        func rank(_ firing: Firing) -> Int {
            switch firing.status {
            case .started: 3
            case .pending: 2
            case .failed: 1
            case .skipped: 0
            }
        }
        return rank(self) > rank(other) || rank(self) == rank(other) && recordedAt > other.recordedAt
    }
}

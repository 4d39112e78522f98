import Foundation

/// What a due schedule does: decided from values alone.
struct DueDecision: Equatable {
    /// The scheduled times for which it fires now, in order.
    var times: [Date]
    /// The time it lets go, when it does not catch up.
    var missed: Date?
    /// When it fires next.
    var next: Date?
}

extension Schedule {
    /// What to do at a moment; `nil` when the schedule is not due.
    ///
    /// A firing is missed when it is later than `punctuality`, as after downtime or a sleep of the machine.
    func decision(at now: Date, punctuality: TimeInterval, catchUpLimit: Int) -> DueDecision? {
        guard state == .enabled, let nextFire, nextFire <= now else { return nil }
        let count = definition.catchUp == .all ? max(catchUpLimit, 1) : 1
        let due = definition.last(count, from: nextFire, through: now, anchor: createdAt)
        let times = due.isEmpty ? [nextFire] : due
        let next = definition.next(after: now, anchor: createdAt)
        if definition.catchUp == .skip, let latest = times.last, now.timeIntervalSince(latest) > punctuality {
            return DueDecision(times: [], missed: latest, next: next)
        }
        return DueDecision(times: times, next: next)
    }
}

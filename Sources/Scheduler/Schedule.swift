public import Foundation

/// A schedule as it is stored: what was asked for, and how far it has come.
public struct Schedule: Sendable, Equatable {
    /// The name by which a schedule is found, unique in its group.
    public struct Key: Sendable, Hashable, CustomStringConvertible {
        /// The group of schedules that were made without one.
        public static let defaultGroupName = "default"

        /// The name in the group.
        public var name: String
        /// The group: the owner, for example a dataset group.
        public var groupName: String

        /// The key of a schedule.
        public init(name: String, groupName: String = Key.defaultGroupName) {
            self.name = name
            self.groupName = groupName
        }

        /// The group and the name, as in an ARN.
        public var description: String { "\(groupName)/\(name)" }
    }

    /// Whether the schedule fires.
    public enum State: String, Sendable, CaseIterable {
        /// It fires.
        case enabled = "ENABLED"
        /// It is paused.
        case disabled = "DISABLED"
    }

    /// What was asked for.
    public var definition: ScheduleDefinition
    /// Whether it fires.
    public var state: State
    /// When it was first made; a rate counts from here.
    public var createdAt: Date
    /// When its definition or state was last changed.
    public var modifiedAt: Date
    /// The latest scheduled time for which it fired.
    public var lastFired: Date?
    /// The next time at which it fires; `nil` when paused or when no time is left.
    public var nextFire: Date?
    /// The ARN of the execution that its last firing started.
    public var lastExecution: String?
    /// Why its last firing failed; `nil` once one succeeds.
    public var lastError: String?

    /// A schedule with all it remembers.
    public init(
        definition: ScheduleDefinition,
        state: State,
        createdAt: Date,
        modifiedAt: Date,
        lastFired: Date? = nil,
        nextFire: Date? = nil,
        lastExecution: String? = nil,
        lastError: String? = nil
    ) {
        self.definition = definition
        self.state = state
        self.createdAt = createdAt
        self.modifiedAt = modifiedAt
        self.lastFired = lastFired
        self.nextFire = nextFire
        self.lastExecution = lastExecution
        self.lastError = lastError
    }

    /// The name and group.
    public var key: Key { definition.key }

    /// The most schedules there may be, as on AWS.
    public static let limit = 1_000_000
}

// MARK: - Changes

extension Schedule {
    /// A new schedule, enabled unless said otherwise; one that starts at once, as on AWS, has a rate without a start
    /// date first fire now.
    static func created(
        _ definition: ScheduleDefinition,
        state: State?,
        at now: Date,
        startsAtOnce: Bool = false
    ) -> Schedule {
        var schedule = Schedule(definition: definition, state: state ?? .enabled, createdAt: now, modifiedAt: now)
        schedule.planNextFire(after: now)
        let isRate = definition.expression.rateSpan != nil && definition.startDate == nil
        if startsAtOnce, isRate, schedule.nextFire != nil { schedule.nextFire = now }
        return schedule
    }

    /// Takes a new definition; what happened so far stays, and so does the next firing unless its times changed.
    mutating func redefine(_ definition: ScheduleDefinition, state newState: State?, at now: Date) {
        let old = self
        self.definition = definition
        state = newState ?? state
        if self != old { modifiedAt = now }
        if !definition.hasSameTimes(as: old.definition) || state != old.state { planNextFire(after: now) }
    }

    /// Pauses or resumes; times that passed while paused are not made up for.
    mutating func set(_ newState: State, at now: Date) {
        guard state != newState else { return }
        state = newState
        modifiedAt = now
        planNextFire(after: now)
    }

    /// The same with an earlier next firing, when the clock was set back and a time lies between; `nil` when none does.
    ///
    /// Times that fired before the clock was set back are known by their firings and do not fire again.
    func replanned(afterClockAt now: Date) -> Schedule? {
        guard state == .enabled, let nextFire, let sooner = definition.next(after: now, anchor: createdAt),
            sooner < nextFire
        else { return nil }
        var schedule = self
        schedule.nextFire = sooner
        return schedule
    }

    private mutating func planNextFire(after now: Date) {
        nextFire = state == .enabled ? definition.next(after: now, anchor: createdAt) : nil
    }
}

extension ScheduleDefinition {
    fileprivate func hasSameTimes(as other: ScheduleDefinition) -> Bool {
        expression == other.expression && timeZone == other.timeZone && startDate == other.startDate
            && endDate == other.endDate
    }
}

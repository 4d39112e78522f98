import Foundation

extension SchedulerService {
    /// How long a manual firing belongs to the call that made it before the service takes it over.
    static let triggerLease: TimeInterval = 60

    /// Makes a schedule, or gives one of the same key a new definition.
    ///
    /// What it remembers of earlier firings stays, and the next firing too unless its times changed. Without a state a
    /// new schedule is enabled and an old one stays as it is, so a paused schedule is not resumed by its definition.
    @discardableResult
    public func put(_ definition: ScheduleDefinition, state: Schedule.State? = nil) async throws -> Schedule {
        try await change(definition.key) { [now] old in
            guard var schedule = old else { return .created(definition, state: state, at: now().wholeMilliseconds) }
            schedule.redefine(definition, state: state, at: now().wholeMilliseconds)
            return schedule
        }
    }

    /// Makes a schedule; throws a `ConflictException` when there is one of this key.
    @discardableResult
    public func create(
        _ definition: ScheduleDefinition,
        state: Schedule.State? = nil,
        for request: ClientRequest? = nil
    ) async throws -> Schedule {
        if request != nil {
            try Self.checkStart(of: definition, at: now())
            try await makeDefaultGroup()
        }
        return try await change(definition.key, for: request) { [now] old in
            guard old == nil else {
                throw SchedulerError(.conflict, "schedule \"\(definition.key)\" already exists, update it instead")
            }
            let now = now().wholeMilliseconds
            return .created(definition, state: state, at: now, startsAtOnce: request != nil)
        }
    }

    /// Gives a schedule a new definition, and a state if one is named; throws when there is no such schedule.
    ///
    /// A request knows nothing of catching up, overlap and grace, so that these stay as they are.
    @discardableResult
    public func update(
        _ definition: ScheduleDefinition,
        state: Schedule.State? = nil,
        for request: ClientRequest? = nil
    ) async throws -> Schedule {
        try await change(definition.key, for: request) { [now] old in
            guard var schedule = old else { throw Self.missing(definition.key) }
            var definition = definition
            if request != nil {
                definition.catchUp = schedule.definition.catchUp
                definition.overlap = schedule.definition.overlap
                definition.grace = schedule.definition.grace
            }
            schedule.redefine(definition, state: state, at: now().wholeMilliseconds)
            return schedule
        }
    }

    /// Stops a schedule from firing until it is resumed.
    @discardableResult
    public func pause(_ key: Schedule.Key) async throws -> Schedule { try await set(.disabled, for: key) }

    /// Lets a schedule fire again from now on; times that passed meanwhile are not made up for.
    @discardableResult
    public func resume(_ key: Schedule.Key) async throws -> Schedule { try await set(.enabled, for: key) }

    /// A schedule; throws a `ResourceNotFoundException` when there is none of this key.
    public func schedule(_ key: Schedule.Key) async throws -> Schedule {
        guard let schedule = try await store.schedule(key) else { throw Self.missing(key) }
        return schedule
    }

    /// All schedules, or those of a group, by group and name.
    public func schedules(inGroup groupName: String? = nil) async throws -> [Schedule] {
        try await store.schedules(inGroup: groupName)
    }

    /// So many schedules of a query that come after a key, by group and name.
    public func schedules(
        _ query: ScheduleQuery,
        after key: Schedule.Key? = nil,
        limit: Int
    ) async throws -> [Schedule] {
        if let groupName = query.groupName { _ = try await group(groupName) }
        return try await store.schedules(query, after: key, limit: limit)
    }

    /// Removes a schedule with its firings; executions it started go on.
    public func delete(_ key: Schedule.Key, for request: ClientRequest? = nil) async throws {
        try await store.updateSchedule(key, for: request) { old in
            guard old != nil else { throw Self.missing(key) }
            return nil
        }
        alarm.ring()
    }

    /// Removes all schedules of a group, and the group; returns how many schedules there were.
    @discardableResult
    public func deleteSchedules(inGroup groupName: String) async throws -> Int {
        defer { alarm.ring() }
        return try await store.deleteSchedules(inGroup: groupName)
    }

    /// Fires a schedule at once, paused or not, and returns what became of it.
    ///
    /// The overlap policy holds: with `skip`, the firing comes back as skipped while the last execution runs. A firing
    /// that comes back pending is queued, or is tried again after the error in `reason`.
    public func trigger(_ key: Schedule.Key) async throws -> Firing {
        let schedule = try await schedule(key)
        let now = now().wholeMilliseconds
        let firing = Firing(
            id: makeID(),
            schedule: key,
            scheduledTime: now,
            trigger: .manual,
            recordedAt: now,
            nextAttempt: now.addingTimeInterval(Self.triggerLease)
        )
        try await store.record(firing)
        defer { alarm.ring() }
        return try await deliver(firing, of: schedule)
    }

    /// The last firings of a schedule, the latest first; throws when there is no such schedule.
    public func firings(of key: Schedule.Key, limit: Int = 20) async throws -> [Firing] {
        _ = try await schedule(key)
        return try await store.firings(of: key, limit: limit)
    }

    /// How long ago a schedule that is made through the API may begin, as on AWS.
    private static let earliestStart: TimeInterval = 300

    private static func checkStart(of definition: ScheduleDefinition, at now: Date) throws {
        guard let start = definition.startDate, now.timeIntervalSince(start) > earliestStart else { return }
        throw SchedulerError(
            .validation,
            "StartDate \(start.formatted(.iso8601)) must not be earlier than 5 minutes ago"
        )
    }

    // MARK: - Changing

    private func set(_ state: Schedule.State, for key: Schedule.Key) async throws -> Schedule {
        try await change(key) { [now] old in
            guard var schedule = old else { throw Self.missing(key) }
            schedule.set(state, at: now().wholeMilliseconds)
            return schedule
        }
    }

    private func change(
        _ key: Schedule.Key,
        for request: ClientRequest? = nil,
        _ change: @escaping @Sendable (Schedule?) throws -> Schedule
    ) async throws -> Schedule {
        guard let schedule = try await store.updateSchedule(key, for: request, change) else { throw Self.missing(key) }
        alarm.ring()
        return schedule
    }

    static func missing(_ key: Schedule.Key) -> SchedulerError {
        SchedulerError(.resourceNotFound, "schedule \"\(key.name)\" does not exist in group \"\(key.groupName)\"")
    }
}

extension Date {
    /// The moment without what a store does not keep.
    var wholeMilliseconds: Date {
        Date(timeIntervalSince1970: (timeIntervalSince1970 * 1_000).rounded(.down) / 1_000)
    }
}

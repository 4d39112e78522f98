import Foundation

/// Groups of schedules, and requests of the API.
extension SchedulerService {
    /// A request that comes now.
    ///
    /// - Parameters:
    ///   - token: Its client token, if it has one.
    ///   - text: The whole request.
    /// - Returns: The request.
    public func request(token: String?, text: String) -> ClientRequest {
        ClientRequest(token: token, text: text, date: now().wholeMilliseconds)
    }

    /// Makes a group.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - tags: Its tags.
    ///   - request: The request, if it came through the API.
    /// - Returns: The group.
    /// - Throws: `SchedulerError` with `conflict` when there is one of this name, `validation` for too many tags,
    ///   `quotaExceeded` when there are as many groups as there may be; or the store's error.
    @discardableResult
    public func createGroup(
        _ name: String,
        tags: [ScheduleGroup.Tag] = [],
        for request: ClientRequest? = nil
    ) async throws -> ScheduleGroup {
        try await makeDefaultGroup()
        return try await changeGroup(name, for: request) { [now] old in
            guard old == nil else { throw SchedulerError(.conflict, "schedule group \"\(name)\" already exists") }
            let now = now().wholeMilliseconds
            var group = ScheduleGroup(name: name, createdAt: now, modifiedAt: now)
            try group.add(tags)
            return group
        }
    }

    /// A group; throws a `ResourceNotFoundException` when there is none of this name.
    public func group(_ name: String) async throws -> ScheduleGroup {
        if name == Schedule.Key.defaultGroupName { try await makeDefaultGroup() }
        guard let group = try await store.scheduleGroup(name) else { throw SchedulerError.noGroup(name) }
        return group
    }

    /// So many groups whose names begin so and come after a name, by name.
    public func groups(prefix: String = "", after name: String? = nil, limit: Int) async throws -> [ScheduleGroup] {
        try await makeDefaultGroup()
        return try await store.scheduleGroups(prefix: prefix, after: name, limit: limit)
    }

    /// Removes a group with its schedules; executions they started go on.
    ///
    /// On AWS this takes a while in which the group is `DELETING`; here it is one commit.
    public func deleteGroup(_ name: String, for request: ClientRequest? = nil) async throws {
        guard name != Schedule.Key.defaultGroupName else {
            throw SchedulerError(.validation, "the schedule group \"default\" cannot be deleted, delete its schedules")
        }
        try await store.updateScheduleGroup(name, for: request) { old in
            guard old != nil else { throw SchedulerError.noGroup(name) }
            return nil
        }
        alarm.ring()
    }

    /// Adds tags to a group; a key it has gets the new value.
    public func addTags(_ tags: [ScheduleGroup.Tag], toGroup name: String) async throws {
        try await changeTags(of: name) { group in try group.add(tags) }
    }

    /// Removes tags from a group; keys it does not have do not matter.
    public func removeTags(_ keys: [String], fromGroup name: String) async throws {
        try await changeTags(of: name) { group in group.tags.removeAll { keys.contains($0.key) } }
    }

    private func changeTags(
        of name: String,
        _ change: @escaping @Sendable (inout ScheduleGroup) throws -> Void
    ) async throws {
        if name == Schedule.Key.defaultGroupName { try await makeDefaultGroup() }
        try await changeGroup(name, for: nil) { [now] old in
            guard var group = old else { throw SchedulerError.noGroup(name) }
            try change(&group)
            group.modifiedAt = now().wholeMilliseconds
            return group
        }
    }

    /// The group of schedules that were made without one is there before anything is in it.
    func makeDefaultGroup() async throws {
        let name = Schedule.Key.defaultGroupName
        guard try await store.scheduleGroup(name) == nil else { return }
        let now = now().wholeMilliseconds
        try await store.updateScheduleGroup(name, for: nil) {
            $0 ?? ScheduleGroup(name: name, createdAt: now, modifiedAt: now)
        }
    }

    @discardableResult
    private func changeGroup(
        _ name: String,
        for request: ClientRequest?,
        _ change: @escaping @Sendable (ScheduleGroup?) throws -> ScheduleGroup
    ) async throws -> ScheduleGroup {
        guard let group = try await store.updateScheduleGroup(name, for: request, change) else {
            throw SchedulerError.noGroup(name)
        }
        return group
    }
}

extension SchedulerError {
    /// The refusal of a group that is not there.
    public static func noGroup(_ name: String) -> SchedulerError {
        SchedulerError(.resourceNotFound, "schedule group \"\(name)\" does not exist")
    }
}

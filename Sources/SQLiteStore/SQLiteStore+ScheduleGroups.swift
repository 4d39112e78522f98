internal import FoundationEssentials
internal import GRDB
internal import JSON
public import Scheduler

/// Groups of schedules, and the requests that were seen.
extension SQLiteStore {
    /// Reads, changes and saves a group in one transaction; its schedules go with it, by the schema.
    @discardableResult
    public func updateScheduleGroup(
        _ name: String,
        for request: ClientRequest?,
        _ change: @escaping @Sendable (ScheduleGroup?) throws -> ScheduleGroup?
    ) async throws -> ScheduleGroup? {
        try await write { db in
            let old = try ScheduleGroupRecord.find(name, in: db)
            if try request?.isRepeated(in: db) == true { return try old?.group() }
            let new = try change(old?.group())
            switch (old, new) {
            case (nil, let new?): try ScheduleGroupRecord(new).insertWithinLimit(db)
            case (.some, let new?): try ScheduleGroupRecord(new).update(db)
            case (let old?, nil): _ = try old.delete(db)
            case (nil, nil): break
            }
            return new
        }
    }

    /// The group of a name.
    public func scheduleGroup(_ name: String) async throws -> ScheduleGroup? {
        try await read { db in try ScheduleGroupRecord.find(name, in: db)?.group() }
    }

    /// The groups whose names begin so and come after a name.
    public func scheduleGroups(prefix: String, after name: String?, limit: Int) async throws -> [ScheduleGroup] {
        try await read { db in
            var request = ScheduleGroupRecord.order(Column("name")).limit(limit)
            if let name { request = request.filter(Column("name") > name) }
            request = request.filter(sql: "substr(name, 1, ?) = ?", arguments: prefix.prefixArguments)
            return try request.fetchAll(db).map { try $0.group() }
        }
    }
}

// MARK: - Records

struct ScheduleGroupRecord: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "scheduleGroup"

    var name: String
    var createdAt: Int64
    var modifiedAt: Int64
    var tags: String

    static func find(_ name: String, in db: Database) throws -> ScheduleGroupRecord? {
        try filter(Column("name") == name).fetchOne(db)
    }

    /// Makes sure that a new schedule's group is there, and that one schedule more may be.
    static func prepare(for schedule: Schedule, mustExist: Bool, in db: Database) throws {
        let name = schedule.key.groupName
        if try find(name, in: db) == nil {
            guard !mustExist else { throw SchedulerError.noGroup(name) }
            let date = schedule.createdAt
            try ScheduleGroupRecord(ScheduleGroup(name: name, createdAt: date, modifiedAt: date)).insert(db)
        }
        guard try ScheduleRecord.fetchCount(db) < Schedule.limit else {
            throw SchedulerError(.quotaExceeded, "there are \(Schedule.limit) schedules, the most there may be")
        }
    }

    init(_ group: ScheduleGroup) {
        name = group.name
        createdAt = group.createdAt.milliseconds
        modifiedAt = group.modifiedAt.milliseconds
        tags = JSON.array(group.tags.map { ["key": .string($0.key), "value": .string($0.value)] }).text
    }

    func insertWithinLimit(_ db: Database) throws {
        guard try ScheduleGroupRecord.fetchCount(db) < ScheduleGroup.limit else {
            throw SchedulerError(
                .quotaExceeded,
                "there are \(ScheduleGroup.limit) schedule groups, the most there may be"
            )
        }
        try insert(db)
    }

    func group() throws -> ScheduleGroup {
        let tags = try JSON(parsing: tags).array ?? []
        return ScheduleGroup(
            name: name,
            createdAt: Date(milliseconds: createdAt),
            modifiedAt: Date(milliseconds: modifiedAt),
            tags: tags.map { .init(key: $0["key"]?.string ?? "", value: $0["value"]?.string ?? "") }
        )
    }
}

extension ClientRequest {
    /// Whether the request was seen before; notes it if not, and forgets old ones.
    func isRepeated(in db: Database) throws -> Bool {
        guard let token else { return false }
        let oldest = date.addingTimeInterval(-Self.memory).milliseconds
        try db.execute(sql: "DELETE FROM schedulerRequest WHERE date < ?", arguments: [oldest])
        let sql = "SELECT text FROM schedulerRequest WHERE token = ?"
        if let known = try String.fetchOne(db, sql: sql, arguments: [token]) {
            guard known == text else {
                throw SchedulerError(
                    .conflict,
                    "ClientToken \"\(token)\" came with another request before, use a new one"
                )
            }
            return true
        }
        let arguments: StatementArguments = [token, text, date.milliseconds]
        try db.execute(sql: "INSERT INTO schedulerRequest (token, text, date) VALUES (?, ?, ?)", arguments: arguments)
        return false
    }
}

extension String {
    /// The arguments of `substr(name, 1, ?) = ?`.
    var prefixArguments: StatementArguments { [unicodeScalars.count, self] }
}

public import Foundation
internal import GRDB
internal import JSON
public import Scheduler

extension SQLiteStore: ScheduleStore {
    /// Reads, changes and saves a schedule in one transaction.
    @discardableResult
    public func updateSchedule(
        _ key: Schedule.Key,
        _ change: @escaping @Sendable (Schedule?) throws -> Schedule?
    ) async throws -> Schedule? {
        try await write { db in
            let old = try ScheduleRecord.find(key, in: db)
            let new = try change(old?.schedule())
            switch (old, new) {
            case (_, let new?): try ScheduleRecord(new).upsert(db)
            case (let old?, nil): _ = try old.delete(db)
            case (nil, nil): break
            }
            return new
        }
    }

    /// The schedule of a key.
    public func schedule(_ key: Schedule.Key) async throws -> Schedule? {
        try await read { db in try ScheduleRecord.find(key, in: db)?.schedule() }
    }

    /// All schedules, or those of a group, by group and name.
    public func schedules(inGroup groupName: String?) async throws -> [Schedule] {
        try await read { db in
            var request = ScheduleRecord.order(Column("groupName"), Column("name"))
            if let groupName { request = request.filter(Column("groupName") == groupName) }
            return try request.fetchAll(db).map { try $0.schedule() }
        }
    }

    /// Removes the schedules of a group and, by the schema, their firings.
    @discardableResult
    public func deleteSchedules(inGroup groupName: String) async throws -> Int {
        try await write { db in try ScheduleRecord.filter(Column("groupName") == groupName).deleteAll(db) }
    }

    /// The enabled schedules that are due, the earliest first.
    public func dueSchedules(at now: Date, limit: Int) async throws -> [Schedule] {
        try await read { db in
            try ScheduleRecord.filter(Column("nextFire") <= now.milliseconds)
                .order(Column("nextFire"), Column("groupName"), Column("name"))
                .limit(limit).fetchAll(db).map { try $0.schedule() }
        }
    }

    /// Records firings and moves their schedule on, unless it changed meanwhile.
    public func advance(_ advance: ScheduleAdvance) async throws -> Bool {
        try await write { db in
            guard var record = try ScheduleRecord.find(advance.key, in: db),
                record.nextFire == advance.expectedNextFire.milliseconds
            else { return false }
            record.nextFire = advance.nextFire?.milliseconds
            let fired = advance.firings.filter { $0.status != .skipped }.map(\.scheduledTime.milliseconds).max()
            record.lastFired = fired ?? record.lastFired
            try record.update(db)
            for firing in advance.firings { try FiringRecord(firing).insert(db, onConflict: .ignore) }
            return true
        }
    }

    /// Records a firing outside the schedule's times.
    public func record(_ firing: Firing) async throws {
        try await write { db in try FiringRecord(firing).insert(db) }
    }

    /// The pending firings that are to be tried, with their schedules.
    public func pendingFirings(at now: Date, limit: Int) async throws -> [(firing: Firing, schedule: Schedule)] {
        try await read { db in
            let pending =
                try FiringRecord
                .filter(Column("status") == Firing.Status.pending.rawValue)
                .filter(Column("nextAttempt") <= now.milliseconds)
                .order(Column("scheduledTime"), Column("id"))
                .limit(limit).fetchAll(db).map { try $0.firing() }
            return try pending.compactMap { firing in
                try ScheduleRecord.find(firing.schedule, in: db).map { (firing, try $0.schedule()) }
            }
        }
    }

    /// Saves what became of a firing and prunes the schedule's history.
    public func finish(_ firing: Firing, keepingLast historyLimit: Int) async throws {
        try await write { db in
            guard var schedule = try ScheduleRecord.find(firing.schedule, in: db) else { return }
            try FiringRecord(firing).upsert(db)
            switch firing.status {
            case .started:
                schedule.lastExecution = firing.executionARN
                schedule.lastError = nil
            case .pending, .failed: schedule.lastError = firing.reason ?? schedule.lastError
            case .skipped: break
            }
            try schedule.update(db)
            try FiringRecord.prune(firing.schedule, keepingLast: historyLimit, in: db)
        }
    }

    /// The firings of a schedule, the latest first.
    public func firings(of key: Schedule.Key, limit: Int) async throws -> [Firing] {
        try await read { db in
            try FiringRecord.filter(Column("groupName") == key.groupName && Column("scheduleName") == key.name)
                .order(Column("recordedAt").desc, Column("scheduledTime").desc, Column("id").desc)
                .limit(limit).fetchAll(db).map { try $0.firing() }
        }
    }

    /// The earliest moment at which anything is due.
    public func nextDueDate() async throws -> Date? {
        try await read { db in
            let sql = """
                SELECT min(moment) FROM (
                    SELECT min(nextFire) AS moment FROM schedule WHERE nextFire IS NOT NULL
                    UNION ALL
                    SELECT min(nextAttempt) FROM firing WHERE status = 'PENDING'
                )
                """
            return try Int64.fetchOne(db, sql: sql).map(Date.init(milliseconds:))
        }
    }
}

// MARK: - Records

private struct ScheduleRecord: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "schedule"

    var groupName: String
    var name: String
    var expression: String
    var timeZone: String
    var startDate: Int64?
    var endDate: Int64?
    var targetKind: String
    var targetInput: String
    var catchUp: String
    var overlap: String
    var description: String?
    var state: String
    var createdAt: Int64
    var modifiedAt: Int64
    var lastFired: Int64?
    var nextFire: Int64?
    var lastExecution: String?
    var lastError: String?

    static func find(_ key: Schedule.Key, in db: Database) throws -> ScheduleRecord? {
        try filter(Column("groupName") == key.groupName && Column("name") == key.name).fetchOne(db)
    }

    init(_ schedule: Schedule) {
        let definition = schedule.definition
        groupName = definition.key.groupName
        name = definition.key.name
        expression = definition.expression.text
        timeZone = definition.timeZone
        startDate = definition.startDate?.milliseconds
        endDate = definition.endDate?.milliseconds
        targetKind = definition.target.kind
        targetInput = definition.target.input.text
        catchUp = definition.catchUp.rawValue
        overlap = definition.overlap.rawValue
        description = definition.description
        state = schedule.state.rawValue
        createdAt = schedule.createdAt.milliseconds
        modifiedAt = schedule.modifiedAt.milliseconds
        lastFired = schedule.lastFired?.milliseconds
        nextFire = schedule.nextFire?.milliseconds
        lastExecution = schedule.lastExecution
        lastError = schedule.lastError
    }

    func schedule() throws -> Schedule {
        Schedule(
            definition: try definition(),
            state: try known(Schedule.State(rawValue: state), state),
            createdAt: Date(milliseconds: createdAt),
            modifiedAt: Date(milliseconds: modifiedAt),
            lastFired: lastFired.map(Date.init(milliseconds:)),
            nextFire: nextFire.map(Date.init(milliseconds:)),
            lastExecution: lastExecution,
            lastError: lastError
        )
    }

    private func definition() throws -> ScheduleDefinition {
        try ScheduleDefinition(
            key: Schedule.Key(name: name, groupName: groupName),
            expression: ScheduleExpression(expression),
            timeZone: timeZone,
            startDate: startDate.map(Date.init(milliseconds:)),
            endDate: endDate.map(Date.init(milliseconds:)),
            target: ScheduleDefinition.Target(kind: targetKind, input: JSON(parsing: targetInput)),
            catchUp: known(ScheduleDefinition.CatchUp(rawValue: catchUp), catchUp),
            overlap: known(ScheduleDefinition.Overlap(rawValue: overlap), overlap),
            description: description
        )
    }
}

private struct FiringRecord: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "firing"

    var id: String
    var groupName: String
    var scheduleName: String
    var scheduledTime: Int64
    var cause: String
    var status: String
    var recordedAt: Int64
    var attempts: Int
    var nextAttempt: Int64
    var executionARN: String?
    var reason: String?

    /// Forgets all finished firings of a schedule but the newest.
    static func prune(_ key: Schedule.Key, keepingLast limit: Int, in db: Database) throws {
        let sql = """
            DELETE FROM firing WHERE id IN (
                SELECT id FROM firing WHERE groupName = ? AND scheduleName = ? AND status <> 'PENDING'
                ORDER BY recordedAt DESC, scheduledTime DESC, id DESC LIMIT -1 OFFSET ?
            )
            """
        try db.execute(sql: sql, arguments: [key.groupName, key.name, limit])
    }

    init(_ firing: Firing) {
        id = firing.id
        groupName = firing.schedule.groupName
        scheduleName = firing.schedule.name
        scheduledTime = firing.scheduledTime.milliseconds
        cause = firing.trigger.rawValue
        status = firing.status.rawValue
        recordedAt = firing.recordedAt.milliseconds
        attempts = firing.attempts
        nextAttempt = firing.nextAttempt.milliseconds
        executionARN = firing.executionARN
        reason = firing.reason
    }

    func firing() throws -> Firing {
        Firing(
            id: id,
            schedule: Schedule.Key(name: scheduleName, groupName: groupName),
            scheduledTime: Date(milliseconds: scheduledTime),
            trigger: try known(Firing.Trigger(rawValue: cause), cause),
            status: try known(Firing.Status(rawValue: status), status),
            recordedAt: Date(milliseconds: recordedAt),
            attempts: attempts,
            nextAttempt: Date(milliseconds: nextAttempt),
            executionARN: executionARN,
            reason: reason
        )
    }
}

/// A word that the schema allows and this version should know.
private func known<Word>(_ word: Word?, _ text: String) throws -> Word {
    guard let word else { throw StoreError(.newerSchema, "schedule holds the unknown word \"\(text)\"") }
    return word
}

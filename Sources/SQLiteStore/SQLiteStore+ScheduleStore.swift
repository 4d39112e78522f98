public import Foundation
internal import GRDB
internal import JSON
public import Scheduler

extension SQLiteStore: ScheduleStore {
    /// Reads, changes and saves a schedule in one transaction.
    @discardableResult
    public func updateSchedule(
        _ key: Schedule.Key,
        for request: ClientRequest?,
        _ change: @escaping @Sendable (Schedule?) throws -> Schedule?
    ) async throws -> Schedule? {
        try await write { db in
            let old = try ScheduleRecord.find(key, in: db)
            if try request?.isRepeated(in: db) == true { return try old?.schedule() }
            let new = try change(old?.schedule())
            switch (old, new) {
            case (nil, let new?):
                try ScheduleGroupRecord.prepare(for: new, mustExist: request != nil, in: db)
                try ScheduleRecord(new).insert(db)
            case (.some, let new?): try ScheduleRecord(new).update(db)
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

    /// The schedules of a query that come after a key, by group and name.
    public func schedules(_ query: ScheduleQuery, after key: Schedule.Key?, limit: Int) async throws -> [Schedule] {
        try await read { db in
            var request = ScheduleRecord.order(Column("groupName"), Column("name")).limit(limit)
            if let groupName = query.groupName { request = request.filter(Column("groupName") == groupName) }
            if let state = query.state { request = request.filter(Column("state") == state.rawValue) }
            if let key {
                request = request.filter(sql: "(groupName, name) > (?, ?)", arguments: [key.groupName, key.name])
            }
            request = request.filter(sql: "substr(name, 1, ?) = ?", arguments: query.namePrefix.prefixArguments)
            return try request.fetchAll(db).map { try $0.schedule() }
        }
    }

    /// Removes the schedules of a group and, by the schema, their firings; then the group.
    @discardableResult
    public func deleteSchedules(inGroup groupName: String) async throws -> Int {
        try await write { db in
            let count = try ScheduleRecord.filter(Column("groupName") == groupName).deleteAll(db)
            if groupName != Schedule.Key.defaultGroupName {
                _ = try ScheduleGroupRecord.filter(Column("name") == groupName).deleteAll(db)
            }
            return count
        }
    }

    /// Removes the schedules that have nothing left to do.
    public func deleteCompletedSchedules() async throws -> [Schedule.Key] {
        let completed = """
            completion = 'DELETE' AND state = 'ENABLED' AND nextFire IS NULL
            AND EXISTS (SELECT 1 FROM firing AS own WHERE own.groupName = schedule.groupName
                AND own.scheduleName = schedule.name)
            AND NOT EXISTS (SELECT 1 FROM firing AS own WHERE own.groupName = schedule.groupName
                AND own.scheduleName = schedule.name AND (own.status = 'PENDING' OR own.noticeDue IS NOT NULL))
            """
        let isAny = try await read { db in
            try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM schedule WHERE \(completed))") ?? false
        }
        guard isAny else { return [] }
        return try await write { db in
            let rows = try Row.fetchAll(db, sql: "DELETE FROM schedule WHERE \(completed) RETURNING groupName, name")
            return rows.map { Schedule.Key(name: $0["name"], groupName: $0["groupName"]) }
        }
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
            // After the clock was set back, a time may come that is earlier than the last.
            record.lastFired = [fired, record.lastFired].compactMap(\.self).max()
            try record.update(db)
            for firing in advance.firings { try FiringRecord(firing).insert(db, onConflict: .ignore) }
            return true
        }
    }

    /// Records a firing that a user asks for.
    public func record(_ firing: Firing) async throws {
        try await write { db in try FiringRecord(firing).upsert(db) }
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
            schedule.take(firing)
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

    /// The firings of a schedule in a range.
    public func firings(of key: Schedule.Key, from start: Date, through end: Date) async throws -> [Firing] {
        try await read { db in
            try FiringRecord.filter(Column("groupName") == key.groupName && Column("scheduleName") == key.name)
                .filter((start.milliseconds...end.milliseconds).contains(Column("scheduledTime")))
                .order(Column("scheduledTime"), Column("recordedAt"))
                .fetchAll(db).map { try $0.firing() }
        }
    }

    /// Skips what a backfill has left waiting.
    public func skipBackfill(of key: Schedule.Key, because reason: String) async throws -> Int {
        try await write { db in
            let sql = """
                UPDATE firing SET status = 'SKIPPED', reason = ?
                WHERE groupName = ? AND scheduleName = ? AND status = 'PENDING' AND cause = 'BACKFILL'
                """
            try db.execute(sql: sql, arguments: [reason, key.groupName, key.name])
            return db.changesCount
        }
    }

    /// The firings that people are to be told of, with their schedules.
    public func overdueFirings(at now: Date, limit: Int) async throws -> [(firing: Firing, schedule: Schedule)] {
        try await read { db in
            let overdue =
                try FiringRecord.filter(Column("noticeDue") <= now.milliseconds)
                .order(Column("noticeDue"), Column("id"))
                .limit(limit).fetchAll(db).map { try $0.firing() }
            return try overdue.compactMap { firing in
                try ScheduleRecord.find(firing.schedule, in: db).map { (firing, try $0.schedule()) }
            }
        }
    }

    /// Puts off or settles what is to be told of a firing.
    public func setNotice(of firingID: String, due date: Date?) async throws {
        try await write { db in
            let arguments: StatementArguments = [date?.milliseconds, firingID]
            try db.execute(sql: "UPDATE firing SET noticeDue = ? WHERE id = ?", arguments: arguments)
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
                    UNION ALL
                    SELECT min(noticeDue) FROM firing WHERE noticeDue IS NOT NULL
                )
                """
            return try Int64.fetchOne(db, sql: sql).map(Date.init(milliseconds:))
        }
    }
}

// MARK: - Records

struct ScheduleRecord: Codable, FetchableRecord, PersistableRecord {
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
    var roleARN: String?
    var deadLetterARN: String?
    var maximumAttempts: Int?
    var maximumAge: Int?
    var flexibleMinutes: Int?
    var completion: String
    var grace: Int?
    var kmsKeyARN: String?

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
        roleARN = definition.target.roleARN
        deadLetterARN = definition.target.deadLetterARN
        maximumAttempts = definition.target.retryPolicy?.maximumAttempts
        maximumAge = definition.target.retryPolicy?.maximumAge
        flexibleMinutes = definition.flexibleMinutes
        completion = definition.completion.rawValue
        grace = definition.grace
        kmsKeyARN = definition.kmsKeyARN
    }

    /// Notes what became of a firing; a run that makes up for the past says nothing of how the schedule fares.
    mutating func take(_ firing: Firing) {
        guard firing.trigger != .backfill else { return }
        switch firing.status {
        case .started:
            lastExecution = firing.executionARN
            lastError = nil
        case .failed: lastError = firing.reason ?? lastError
        case .pending where firing.attempts > 0: lastError = firing.reason ?? lastError
        case .pending, .skipped: break
        }
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
        var target = ScheduleDefinition.Target(kind: targetKind, input: try JSON(parsing: targetInput))
        target.roleARN = roleARN
        target.deadLetterARN = deadLetterARN
        if let maximumAttempts, let maximumAge {
            target.retryPolicy = .init(maximumAttempts: maximumAttempts, maximumAge: maximumAge)
        }
        var definition = try ScheduleDefinition(
            key: Schedule.Key(name: name, groupName: groupName),
            expression: ScheduleExpression(expression),
            timeZone: timeZone,
            startDate: startDate.map(Date.init(milliseconds:)),
            endDate: endDate.map(Date.init(milliseconds:)),
            target: target,
            catchUp: known(ScheduleDefinition.CatchUp(rawValue: catchUp), catchUp),
            overlap: known(ScheduleDefinition.Overlap(rawValue: overlap), overlap),
            description: description
        )
        definition.flexibleMinutes = flexibleMinutes
        definition.completion = try known(ScheduleDefinition.ActionAfterCompletion(rawValue: completion), completion)
        definition.grace = grace
        definition.kmsKeyARN = kmsKeyARN
        return definition
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
    var noticeDue: Int64?

    /// Forgets all finished firings of a schedule but the newest.
    static func prune(_ key: Schedule.Key, keepingLast limit: Int, in db: Database) throws {
        // Answered from an index alone, so that most firings cost no sorting.
        let beyond = filter(Column("groupName") == key.groupName && Column("scheduleName") == key.name)
            .select(Column("recordedAt")).order(Column("recordedAt").desc).limit(1, offset: limit)
        guard try Int64.fetchOne(db, beyond) != nil else { return }
        let sql = """
            DELETE FROM firing WHERE id IN (
                SELECT id FROM firing WHERE groupName = ? AND scheduleName = ? AND status <> 'PENDING'
                    AND noticeDue IS NULL
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
        noticeDue = firing.noticeDue?.milliseconds
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
            reason: reason,
            noticeDue: noticeDue.map(Date.init(milliseconds:))
        )
    }
}

/// A word that the schema allows and this version should know.
private func known<Word>(_ word: Word?, _ text: String) throws -> Word {
    guard let word else { throw StoreError(.newerSchema, "schedule holds the unknown word \"\(text)\"") }
    return word
}

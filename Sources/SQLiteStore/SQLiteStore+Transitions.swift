public import DurableExecution
internal import FoundationEssentials
internal import GRDB
internal import JSON
internal import StatesLanguage

/// How a step of an execution is written.
extension SQLiteStore {
    /// Saves all transitions or none.
    public func commit(_ transitions: [Transition]) async throws {
        // Texts are made out here, while another group is being synced.
        let records = transitions.map(TransitionRecord.init)
        try await write { db in try TransitionRecord.write(records, db) }
    }

    /// Saves the first steps of children, and that their items have been read, or none.
    public func commit(
        _ transitions: [Transition],
        _ progress: MapRun.Progress,
        ofMapRun arn: String
    ) async throws {
        let records = transitions.map(TransitionRecord.init)
        try await write { db in
            try TransitionRecord.write(records, db)
            try MapRunRecord.save(progress, ofMapRun: arn, db)
        }
    }
}

private struct TransitionRecord: Sendable {
    private let transition: Transition
    private let execution: Execution
    private let chunks: [HistoryChunk]

    private struct HistoryChunk: Sendable {
        var first: Int
        var last: Int
        var text: String
    }

    /// Events in one row of the history; bounds what one page of it has to parse.
    private static let chunkLimit = 256

    init(_ transition: Transition) {
        self.transition = transition
        execution = transition.execution
        let events = transition.history
        chunks = stride(from: 0, to: events.count, by: Self.chunkLimit)
            .map { start in
                let part = events[start..<min(start + Self.chunkLimit, events.count)]
                let text = part.map(\.json.text).joined(separator: ",")
                return HistoryChunk(first: part[start].id, last: part[part.endIndex - 1].id, text: "[\(text)]")
            }
    }

    static func write(_ records: [TransitionRecord], _ db: Database) throws {
        for record in records { try record.write(db) }
        try MapRunRecord.count(records.map(\.transition), db)
    }

    private func write(_ db: Database) throws {
        let id = transition.isNew ? try insertExecution(db) : try updateExecution(db)
        try appendHistory(id, db)
        for task in transition.endedTasks { try removeTask(task, of: id, db) }
        for task in transition.submittedTasks { try submitTask(task, of: id, db) }
        for task in transition.tasks { try insertTask(task, of: id, db) }
        for timer in transition.endedTimers {
            let sql = "DELETE FROM timer WHERE execution = ? AND id = ?"
            try db.cachedStatement(sql: sql).execute(arguments: [id, timer])
        }
        for (timer, date) in transition.timers {
            let sql = "INSERT INTO timer (execution, id, fireDate) VALUES (?, ?, ?)"
            try db.cachedStatement(sql: sql).execute(arguments: [id, timer, date.milliseconds])
        }
        for outcome in transition.outcomes { try insertOutcome(outcome, of: id, db) }
        for change in transition.mapRuns { try MapRunRecord.apply(change, ofExecution: id, db) }
        if execution.stopDate != nil { try removeWork(of: id, db) }
    }

    private func insertExecution(_ db: Database) throws -> Int64 {
        let sql = """
            INSERT INTO execution (arn, stateMachineArn, name, revision, status, input, output, error, cause,
                startDate, stopDate, redriveCount, redriveDate, redriveToken, traceHeader, state,
                stateMachineVersionArn, stateMachineAliasArn, mapRun, childIndex, itemCount, childRedrive,
                parent, parentTask, depth)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT id FROM mapRun WHERE arn = ?), ?, ?, ?,
                (SELECT id FROM execution WHERE arn = ?), ?, ?)
            """
        try db.cachedStatement(sql: sql)
            .execute(
                arguments: [
                    execution.arn, execution.stateMachineArn, execution.name, execution.revision,
                    execution.status.rawValue, execution.input, execution.output, execution.error, execution.cause,
                    execution.startDate.milliseconds, execution.stopDate?.milliseconds, execution.redriveCount,
                    execution.redriveDate?.milliseconds, execution.redriveToken, execution.traceHeader,
                    transition.state, execution.stateMachineVersionArn, execution.stateMachineAliasArn,
                    execution.mapRun?.mapRunArn, execution.mapRun?.index,
                    execution.mapRun?.itemCount, execution.mapRun?.redriveCount,
                    execution.parentTask?.executionArn, execution.parentTask?.id, execution.depth,
                ]
            )
        return db.lastInsertedRowID
    }

    private func updateExecution(_ db: Database) throws -> Int64 {
        let sql = """
            UPDATE execution SET status = ?, output = ?, error = ?, cause = ?, stopDate = ?, redriveCount = ?,
                redriveDate = ?, redriveToken = ?, revision = ?, state = ?, childRedrive = ?
            WHERE arn = ? RETURNING id
            """
        let id = try Int64.fetchOne(
            db.cachedStatement(sql: sql),
            arguments: [
                execution.status.rawValue, execution.output, execution.error, execution.cause,
                execution.stopDate?.milliseconds, execution.redriveCount, execution.redriveDate?.milliseconds,
                execution.redriveToken, execution.revision, transition.state, execution.mapRun?.redriveCount,
                execution.arn,
            ]
        )
        guard let id else {
            throw StoreError(.constraint, "execution \"\(execution.arn)\" cannot advance, it is not in the database")
        }
        if transition.childStep?.isRedriven == true {
            // An Express child begins anew; apart from the statement above, so that that changes no index.
            let sql = "UPDATE execution SET startDate = ? WHERE id = ?"
            try db.cachedStatement(sql: sql).execute(arguments: [execution.startDate.milliseconds, id])
        }
        return id
    }

    private func appendHistory(_ id: Int64, _ db: Database) throws {
        for chunk in chunks {
            let sql = "INSERT INTO executionHistory (execution, firstEvent, lastEvent, events) VALUES (?, ?, ?, ?)"
            try db.cachedStatement(sql: sql).execute(arguments: [id, chunk.first, chunk.last, chunk.text])
        }
    }

    private func removeTask(_ task: Int, of id: Int64, _ db: Database) throws {
        let sql = "DELETE FROM task WHERE execution = ? AND id = ?"
        try db.cachedStatement(sql: sql).execute(arguments: [id, task])
    }

    private func submitTask(_ task: Int, of id: Int64, _ db: Database) throws {
        let sql = """
            UPDATE task SET status = 'SUBMITTED', owner = NULL, leaseEnd = NULL WHERE execution = ? AND id = ?
            """
        try db.cachedStatement(sql: sql).execute(arguments: [id, task])
    }

    private func insertTask(_ task: ScheduledTask, of id: Int64, _ db: Database) throws {
        let sql = """
            INSERT INTO task (execution, id, stateName, resource, parameters, token, isKnownByToken,
                timeoutSeconds, heartbeatSeconds, status, owner, leaseEnd, attempt, activity)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        let request = task.request
        try db.cachedStatement(sql: sql)
            .execute(
                arguments: [
                    id, request.id, request.stateName, request.resource, request.input.text, request.token,
                    request.isKnownByToken, request.timeoutSeconds, request.heartbeatSeconds,
                    task.lease == nil ? "OFFERED" : "LEASED", task.lease?.owner, task.lease?.end.milliseconds,
                    task.attempt, request.activityARN,
                ]
            )
    }

    /// An execution that has ended waits for nothing.
    private func removeWork(of id: Int64, _ db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM task WHERE execution = ?").execute(arguments: [id])
        try db.cachedStatement(sql: "DELETE FROM timer WHERE execution = ?").execute(arguments: [id])
    }

    private func insertOutcome(_ outcome: ExecutionOutcome, of id: Int64, _ db: Database) throws {
        let sql = """
            INSERT INTO executionOutcome (execution, redriveCount, status, error, cause, stateName, date)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """
        try db.cachedStatement(sql: sql)
            .execute(
                arguments: [
                    id, outcome.redriveCount, outcome.status.rawValue, outcome.error, outcome.cause,
                    outcome.stateName, outcome.date.milliseconds,
                ]
            )
    }
}

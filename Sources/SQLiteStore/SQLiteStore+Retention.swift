public import FoundationEssentials
internal import GRDB

/// Executions that nobody needs any more.
public struct RemovableExecutions: Sendable, Equatable {
    /// How many there are, without the children of their Map Runs.
    public var count = 0
    /// What they and their histories take of the database, in bytes, about.
    public var bytes = 0
    /// When the first of them began.
    public var earliestStart: Date?
}

extension SQLiteStore {
    /// What would be removed by `removeExecutions(endedBefore:limit:)`.
    ///
    /// - Parameter date: Executions that ended later are kept.
    /// - Returns: How many, and how much.
    /// - Throws: `StoreError` when the database does not answer.
    public func removableExecutions(endedBefore date: Date) async throws -> RemovableExecutions {
        try await read { db in
            let sql = """
                SELECT count(*) AS count, min(e.startDate) AS start,
                    coalesce(sum(
                        length(e.input) + coalesce(length(e.output), 0) + coalesce(length(e.state), 0) +
                        (SELECT coalesce(sum(length(h.events)), 0) FROM executionHistory h WHERE h.execution = e.id)
                    ), 0) AS bytes
                FROM execution e WHERE \(Self.isRemovable)
                """
            guard let row = try Row.fetchOne(db, sql: sql, arguments: [date.milliseconds]) else {
                return RemovableExecutions()
            }
            return RemovableExecutions(
                count: row["count"],
                bytes: row["bytes"],
                earliestStart: (row["start"] as Int64?).map(Date.init(milliseconds:))
            )
        }
    }

    /// Removes executions that ended before a date, with their histories and the children of their Map Runs, as many
    /// as one short transaction can take.
    ///
    /// What somebody still waits for or is still to be told of stays: an end that nobody acknowledged, the child of an
    /// execution that runs, the parent of one that was not over by the date.
    ///
    /// - Parameters:
    ///   - date: Executions that ended later are kept.
    ///   - limit: How many rows of executions go at most.
    /// - Returns: How many executions went, without children of Map Runs; `nil` when nothing is left to remove.
    /// - Throws: `StoreError`; then nothing was removed.
    public func removeExecutions(endedBefore date: Date, limit: Int = 500) async throws -> Int? {
        try await write { db -> Int? in
            let sql = "SELECT e.id FROM execution e WHERE \(Self.isRemovable) ORDER BY e.startDate LIMIT ?2"
            let roots = try Int64.fetchAll(db, sql: sql, arguments: [date.milliseconds, limit])
            guard !roots.isEmpty else { return nil }
            var room = limit
            var machines: Set<String> = []
            var count = 0
            for root in roots {
                // Children have higher numbers than their parents, so the innermost go first.
                let children = try Int64.fetchAll(db, sql: Self.children, arguments: [root, room])
                for id in children { try Self.removeExecution(id, &machines, db) }
                room -= children.count
                guard room > 0 else { break }
                try Self.removeExecution(root, &machines, db)
                room -= 1
                count += 1
                if room == 0 { break }
            }
            for arn in machines { try StateMachineRecord.removeUnusedRevisions(of: arn, db) }
            return count
        }
    }

    /// Forgets what was answered to client tokens before a date, unless an execution that runs was begun before it: it
    /// may ask again after a crash.
    ///
    /// - Parameter date: Answers that were given later are kept.
    /// - Returns: How many were forgotten.
    /// - Throws: `StoreError`; then nothing was forgotten.
    @discardableResult
    public func removeAnsweredRequests(answeredBefore date: Date) async throws -> Int {
        try await write { db in
            let sql = """
                DELETE FROM personalizeRequest WHERE answeredAt < min(?1, coalesce(
                    (SELECT min(startDate) / 1000.0 FROM execution WHERE status = 'RUNNING' AND mapRun IS NULL), ?1))
                """
            try db.execute(sql: sql, arguments: [date.timeIntervalSince1970])
            return db.changesCount
        }
    }

    /// The statuses of an end; the index of status and start is asked for each.
    private static let isRemovable = """
        e.mapRun IS NULL AND e.status IN ('SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED')
        AND e.startDate < ?1 AND e.stopDate < ?1
        AND NOT EXISTS (SELECT 1 FROM executionOutcome o WHERE o.execution = e.id AND o.acknowledgedDate IS NULL)
        AND NOT EXISTS (SELECT 1 FROM executionBeginning b WHERE b.execution = e.id)
        AND NOT EXISTS (SELECT 1 FROM execution p WHERE p.id = e.parent AND p.stopDate IS NULL)
        AND NOT EXISTS (SELECT 1 FROM execution c WHERE c.parent = e.id AND (c.stopDate IS NULL OR c.stopDate >= ?1))
        AND NOT EXISTS (SELECT 1 FROM mapRun m WHERE m.execution = e.id AND (m.status = 'RUNNING' OR m.running > 0))
        """

    private static let children = """
        WITH RECURSIVE tree (id) AS (
            SELECT c.id FROM mapRun m JOIN execution c ON c.mapRun = m.id WHERE m.execution = ?1
            UNION
            SELECT c.id FROM tree t JOIN mapRun m ON m.execution = t.id JOIN execution c ON c.mapRun = m.id
        )
        SELECT id FROM tree ORDER BY id DESC LIMIT ?2
        """

    private static func removeExecution(_ id: Int64, _ machines: inout Set<String>, _ db: Database) throws {
        // Whom it had started and waited for is nobody's child from now on.
        try db.cachedStatement(sql: "UPDATE execution SET parent = NULL, parentTask = NULL WHERE parent = ?")
            .execute(arguments: [id])
        let delete = try db.cachedStatement(sql: "DELETE FROM execution WHERE id = ? RETURNING stateMachineArn")
        if let arn = try String.fetchOne(delete, arguments: [id]) { machines.insert(arn) }
    }
}

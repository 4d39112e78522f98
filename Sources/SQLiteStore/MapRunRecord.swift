internal import DurableExecution
internal import FoundationEssentials
internal import GRDB
internal import JSON
internal import StatesLanguage

/// How rows of `mapRun` are written and become values.
enum MapRunRecord {
    static let columns = """
        r.*, e.arn AS executionArn, e.stateMachineArn, e.revision
        """
    static let tables = "mapRun r JOIN execution e ON e.id = r.execution"

    // MARK: Writing

    /// Writes what a step of an execution does to its runs.
    static func apply(_ change: MapRunChange, ofExecution id: Int64, _ db: Database) throws {
        switch change {
        case .begin(let run, let request): try insert(run, request, ofExecution: id, db)
        case .redrive(let requestID, let date):
            let sql = """
                UPDATE mapRun SET status = 'RUNNING', stopDate = NULL, redriveCount = redriveCount + 1, redriveDate = ?,
                    pendingRedrive = failed + timedOut + aborted,
                    itemsPendingRedrive = itemsFailed + itemsTimedOut + itemsAborted,
                    resultsWritten = 0, itemResultsWritten = 0
                WHERE execution = ? AND requestID = ? AND status <> 'RUNNING'
                """
            try db.cachedStatement(sql: sql).execute(arguments: [date.milliseconds, id, requestID])
        case .end(let requestID, let status, let date):
            let sql = """
                UPDATE mapRun SET status = ?, stopDate = ?
                WHERE execution = ? AND requestID = ? AND status = 'RUNNING'
                """
            try db.cachedStatement(sql: sql)
                .execute(arguments: [status.rawValue, date.milliseconds, id, requestID])
        }
    }

    private static func insert(
        _ run: MapRun,
        _ request: MapRunRequest,
        ofExecution id: Int64,
        _ db: Database
    ) throws {
        let sql = """
            INSERT INTO mapRun (arn, execution, requestID, request, stateName, label, isExpress, status,
                maxConcurrency, toleratedFailureCount, toleratedFailurePercentage, itemTotal, startDate)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        try db.cachedStatement(sql: sql)
            .execute(
                arguments: [
                    run.arn, id, run.requestID, request.json.text, run.stateName, run.label, run.isExpress,
                    run.status.rawValue, run.maxConcurrency, run.toleratedFailureCount,
                    run.toleratedFailurePercentage, run.progress.itemTotal, run.startDate.milliseconds,
                ]
            )
    }

    /// Saves how far a run's items have been read.
    static func save(_ progress: MapRun.Progress, ofMapRun arn: String, _ db: Database) throws {
        let sql = """
            UPDATE mapRun SET cursor = ?, itemCount = ?, childCount = ?, isComplete = ?, itemTotal = ? WHERE arn = ?
            """
        try db.cachedStatement(sql: sql)
            .execute(
                arguments: [
                    progress.cursor, progress.itemCount, progress.childCount, progress.isComplete, progress.itemTotal,
                    arn,
                ]
            )
        guard db.changesCount == 1 else {
            throw StoreError(.constraint, "Map Run \"\(arn)\" cannot go on, it is not in the database")
        }
    }

    private struct Group: Hashable {
        var arn: String
        var redriveCount: Int
    }

    /// Counts what the steps of children have changed; an update a run, however many children took part.
    static func count(_ transitions: [Transition], _ db: Database) throws {
        var groups: [Group: [(MapRunMembership.Step, Int)]] = [:]
        for transition in transitions {
            guard let step = transition.childStep, let child = transition.execution.mapRun else { continue }
            groups[Group(arn: child.mapRunArn, redriveCount: child.redriveCount), default: []]
                .append((step, child.itemCount))
        }
        for (group, steps) in groups {
            let sql = "SELECT redriveCount FROM mapRun WHERE arn = ?"
            let current = try Int.fetchOne(db.cachedStatement(sql: sql), arguments: [group.arn]) ?? 0
            let isPending = group.redriveCount < current
            var executions = MapRunCounts()
            var items = MapRunCounts()
            for (step, count) in steps {
                executions.apply(step, times: 1, isPendingRedrive: isPending)
                items.apply(step, times: count, isPendingRedrive: isPending)
            }
            try add(executions, items, toMapRun: group.arn, db)
        }
    }

    private static func add(
        _ executions: MapRunCounts,
        _ items: MapRunCounts,
        toMapRun arn: String,
        _ db: Database
    ) throws {
        let sql = """
            UPDATE mapRun SET running = running + ?, succeeded = succeeded + ?, failed = failed + ?,
                timedOut = timedOut + ?, aborted = aborted + ?, pendingRedrive = pendingRedrive + ?,
                itemsRunning = itemsRunning + ?, itemsSucceeded = itemsSucceeded + ?, itemsFailed = itemsFailed + ?,
                itemsTimedOut = itemsTimedOut + ?, itemsAborted = itemsAborted + ?,
                itemsPendingRedrive = itemsPendingRedrive + ?
            WHERE arn = ?
            """
        try db.cachedStatement(sql: sql)
            .execute(
                arguments: [
                    executions.running, executions.succeeded, executions.failed, executions.timedOut,
                    executions.aborted, executions.pendingRedrive, items.running, items.succeeded, items.failed,
                    items.timedOut, items.aborted, items.pendingRedrive, arn,
                ]
            )
    }

    // MARK: Reading

    static func mapRun(_ row: Row) -> MapRun {
        var run = MapRun(
            arn: row["arn"],
            executionArn: row["executionArn"],
            stateMachineArn: row["stateMachineArn"],
            revision: row["revision"],
            requestID: row["requestID"],
            stateName: row["stateName"],
            label: row["label"],
            isExpress: row["isExpress"],
            maxConcurrency: row["maxConcurrency"],
            toleratedFailureCount: row["toleratedFailureCount"],
            toleratedFailurePercentage: row["toleratedFailurePercentage"],
            startDate: Date(milliseconds: row["startDate"])
        )
        run.status = status(row)
        run.progress.cursor = row["cursor"]
        run.progress.itemCount = row["itemCount"]
        run.progress.childCount = row["childCount"]
        run.progress.isComplete = row["isComplete"]
        run.progress.itemTotal = row["itemTotal"]
        run.redriveCount = row["redriveCount"]
        run.redriveDate = (row["redriveDate"] as Int64?).map(Date.init(milliseconds:))
        run.stopDate = (row["stopDate"] as Int64?).map(Date.init(milliseconds:))
        run.executionCounts = executionCounts(row)
        run.itemCounts = itemCounts(row)
        return run
    }

    private static func status(_ row: Row) -> MapRun.Status {
        let text: String = row["status"]
        guard let status = MapRun.Status(rawValue: text) else {
            preconditionFailure("the schema allows a status \"\(text)\" that has no meaning")
        }
        return status
    }

    private static func executionCounts(_ row: Row) -> MapRunCounts {
        var counts = MapRunCounts()
        counts.running = row["running"]
        counts.succeeded = row["succeeded"]
        counts.failed = row["failed"]
        counts.timedOut = row["timedOut"]
        counts.aborted = row["aborted"]
        counts.pendingRedrive = row["pendingRedrive"]
        counts.resultsWritten = row["resultsWritten"]
        return counts
    }

    private static func itemCounts(_ row: Row) -> MapRunCounts {
        var counts = MapRunCounts()
        counts.running = row["itemsRunning"]
        counts.succeeded = row["itemsSucceeded"]
        counts.failed = row["itemsFailed"]
        counts.timedOut = row["itemsTimedOut"]
        counts.aborted = row["itemsAborted"]
        counts.pendingRedrive = row["itemsPendingRedrive"]
        counts.resultsWritten = row["itemResultsWritten"]
        return counts
    }
}

import Bucket
import DurableExecution
import Foundation
import JSON
import Logging
import Pipeline
import SQLiteStore
import StatesLanguage
import Synchronization

/// How many children a second a distributed Map starts and ends, each of them and each count on disk.
///
/// `MILLRACE_MAP_ROWS` sets the number of rows: with 1,000,000 it is the acceptance case, of which one row in a
/// thousand fails and is redriven.
struct MapRunBenchmark {
    private static let rows = ProcessInfo.processInfo.environment["MILLRACE_MAP_ROWS"].flatMap(Int.init) ?? 50_000
    private static let resource = "arn:aws:lambda:us-east-1:000000000000:function:work"

    let workspace: Workspace

    private struct Run {
        var seconds = 0.0
        var redriveSeconds = 0.0
        var peak = 0.0
        var databaseBytes = 0
    }

    func measure() async throws -> [Measurement] {
        let tasks = try await run(type: "STANDARD", state: ["Type": "Task", "Resource": .string(Self.resource)])
        let express = try await run(type: "EXPRESS", state: ["Type": "Task", "Resource": .string(Self.resource)])
        let passes = try await run(type: "EXPRESS", state: ["Type": "Pass"])
        return measurements("Standard, a task each", tasks, aim: .none)
            + measurements("Express, a task each", express, aim: .none)
            + measurements("Express, a Pass each", passes, aim: .atLeast(3000))
    }

    private func measurements(_ name: String, _ run: Run, aim: Measurement.Aim) -> [Measurement] {
        let redrive = run.redriveSeconds > 0 ? "; the redrive of 0.1 % of them \(run.redriveSeconds.rounded3) s" : ""
        return [
            Measurement(
                "Map Run children, \(name)",
                Double(Self.rows) / run.seconds,
                "children/s",
                aim: aim,
                method: "Engine on SQLiteStore on disk: a Map over \(Self.rows) CSV rows with a ResultWriter, "
                    + "\(run.seconds.rounded3) s with results\(redrive); database "
                    + "\((Double(run.databaseBytes) / 1e6).rounded3) MB"
            ),
            Measurement(
                "Map Run memory, \(name)",
                run.peak,
                "MB",
                method: "this process's peak while it ran"
            ),
        ]
    }

    private func run(type: String, state: JSON) async throws -> Run {
        let folder = try workspace.subdirectory("map-run")
        defer { try? workspace.remove(folder) }
        try writeRows(to: "\(folder)/rows.csv")
        let store = try SQLiteStore(path: "\(folder)/store.sqlite")
        let isMended = Mutex(false)
        var tasks = TaskRegistry()
        tasks.register(Self.resource) { task in
            let isBad = task.parameters["user"]?.string?.hasSuffix("999") == true
            if isBad, !isMended.withLock(\.self) { throw StatesError(name: "Bad", cause: "a bad row") }
            return .succeeded(task.parameters)
        }
        let buckets = BucketDirectory([try Bucket(name: "bench", root: folder)])
        let engine = Engine(
            store: store,
            tasks: tasks,
            itemReader: BucketItemReader(buckets: buckets, makeID: { "bench" }),
            objectSink: BucketObjectSink(buckets: buckets),
            environment: .real,
            logger: TransitionsBenchmark.logger
        )
        let machine = try await engine.createStateMachine(
            CreateStateMachineRequest(name: "bench", definition: Self.definition(type, state).text)
        )
        var run = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await engine.run() }
            let run = try await Self.measure(engine, machine.arn) { isMended.withLock { $0 = true } }
            group.cancelAll()
            return run
        }
        try store.close()
        run.databaseBytes =
            try FileManager.default.attributesOfItem(atPath: "\(folder)/store.sqlite")[.size] as? Int ?? 0
        return run
    }

    private static func measure(_ engine: Engine, _ machine: String, mend: () -> Void) async throws -> Run {
        var run = Run()
        try ProcessMemory.own.resetPeak()
        var arn = ""
        run.seconds = try await timed {
            arn = try await engine.startExecution(of: machine).arn
            _ = try await engine.waitForEnd(of: arn)
        }
        .seconds
        mend()
        if try await engine.describeExecution(arn).status != .succeeded {
            run.redriveSeconds = try await timed {
                _ = try await engine.redriveExecution(arn)
                _ = try await engine.waitForEnd(of: arn)
            }
            .seconds
        }
        run.peak = try ProcessMemory.own.peak()
        let counts = try await engine.listMapRuns(of: arn).elements.first?.executionCounts
        guard counts?.succeeded == rows, counts?.resultsWritten == rows else {
            throw BenchmarkError("the Map Run has \(counts?.succeeded ?? 0) of \(rows) children that succeeded")
        }
        return run
    }

    private func writeRows(to path: String) throws {
        try Data("user,item,rating,time\n".utf8).write(to: URL(filePath: path))
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.seekToEnd()
        for start in stride(from: 0, to: Self.rows, by: 10_000) {
            let lines = (start..<min(start + 10_000, Self.rows)).map { row in
                "\(row),\(row * 7 % 9973),\(row % 5).5,\(1_700_000_000 + row)\n"
            }
            try file.write(contentsOf: Data(lines.joined().utf8))
        }
        try file.close()
    }

    /// A Map whose last failure is one too many, so that it can be redriven.
    private static func definition(_ type: String, _ state: JSON) -> JSON {
        var state = state
        state["End"] = true
        let map: JSON = [
            "Type": "Map", "End": true, "Label": "rows", "ToleratedFailureCount": JSON(max(rows / 1000 - 1, 0)),
            "ItemReader": [
                "Resource": "arn:aws:states:::s3:getObject", "Parameters": ["Bucket": "bench", "Key": "rows.csv"],
                "ReaderConfig": ["InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"],
            ],
            "ResultWriter": [
                "Resource": "arn:aws:states:::s3:putObject", "Parameters": ["Bucket": "bench", "Prefix": "results"],
            ],
            "ItemProcessor": [
                "ProcessorConfig": ["Mode": "DISTRIBUTED", "ExecutionType": .string(type)], "StartAt": "Work",
                "States": ["Work": state],
            ],
        ]
        return ["StartAt": "Rows", "States": ["Rows": map]]
    }
}

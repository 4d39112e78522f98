import DurableExecution
import FoundationEssentials
import JSON
import SQLiteStore
import StatesLanguage
import Synchronization
import Testing
import TestSupport

@Suite struct MapRunCrashTests {
    private static let rows = 40
    private static let name = "one"
    private static let arn = "arn:aws:states:us-east-1:000000000000:execution:machine:one"

    /// Rows of a CSV object in batches, of which one fails; all that may happen to a run happens to it.
    private static let map = distributedMap([
        "ItemReader": reader("rows.csv", "CSV", ["CSVHeaderLocation": "FIRST_ROW"]),
        "ItemBatcher": ["MaxItemsPerBatch": 3],
        "ToleratedFailurePercentage": 50,
        "ResultWriter": writer(),
        "MaxConcurrency": 4,
    ])

    /// How often each batch was worked on, by its first row.
    private final class Work: Sendable {
        let counts = Mutex([String: Int]())
    }

    private enum End { case completed(Execution), stopped }

    /// Runs the map until it completes or the store stops before a transaction.
    private func attempt(
        _ directory: TemporaryDirectory,
        _ configuration: Engine.Configuration,
        stopAt limit: Int,
        _ work: Work,
        isRedriven: Bool
    ) async throws -> End {
        let (stops, stop) = AsyncStream<Void>.makeStream()
        let store = try SQLiteStore(path: directory.file("store.sqlite")) { number in
            guard number < limit else {
                stop.yield()
                throw CancellationError()
            }
        }
        defer { try? store.close() }
        let stage = try MapRunStage(directory, store: store, configuration: configuration) { task in
            let first = task.parameters["Items"]?[0]?["n"]?.string ?? ""
            work.counts.withLock { $0[first, default: 0] += 1 }
            if first == "6", !isRedriven { throw StatesError(name: "Six", cause: "six") }
            return task.parameters
        }
        return try await withThrowingTaskGroup(of: End.self) { group in
            group.addTask {
                do {
                    return try await stage.run { engine in
                        if isRedriven, try await engine.describeExecution(Self.arn).status != .running {
                            _ = try await engine.redriveExecution(Self.arn)
                        } else if try await store.execution(Self.arn) == nil {
                            _ = try await engine.startMap(Self.map, name: Self.name)
                        }
                        return .completed(try await engine.waitForEnd(of: Self.arn))
                    }
                } catch is ExecutionError {
                    return .stopped
                } catch is StoreError {
                    return .stopped
                }
            }
            group.addTask {
                for await _ in stops { break }
                return .stopped
            }
            defer {
                group.cancelAll()
                stop.finish()
            }
            return try await group.next() ?? .stopped
        }
    }

    private func prepare(_ directory: TemporaryDirectory) throws {
        try directory.write("n\n" + (0..<Self.rows).map { "\($0)\n" }.joined(), to: "data/rows.csv")
    }

    @Test(.timeLimit(.minutes(5)), arguments: [2, 5, 1000])
    func `a run that is stopped before a transaction goes on and counts exactly`(batch: Int) async throws {
        let configuration = Engine.Configuration(mapRunBatch: batch)
        for first in 2... {
            let directory = try TemporaryDirectory()
            try prepare(directory)
            let work = Work()
            guard case .stopped = try await attempt(directory, configuration, stopAt: first, work, isRedriven: false)
            else { break }
            let end = try await attempt(directory, configuration, stopAt: .max, work, isRedriven: false)
            guard case .completed(let execution) = end else { throw CancellationError() }
            try await expectExactness(directory, execution, work)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `a run that is stopped before every seventh transaction comes to its end`()
        async throws
    {
        let directory = try TemporaryDirectory()
        try prepare(directory)
        let work = Work()
        for _ in 0..<1000 {
            let end = try await attempt(
                directory,
                Engine.Configuration(mapRunBatch: 2),
                stopAt: 7,
                work,
                isRedriven: false
            )
            guard case .completed(let execution) = end else { continue }
            return try await expectExactness(directory, execution, work, mayRepeat: true)
        }
        Issue.record("the run makes no headway")
    }

    @Test(.timeLimit(.minutes(5))) func `a redrive that is stopped before a transaction goes on`() async throws {
        for first in 2... {
            let directory = try TemporaryDirectory()
            try prepare(directory)
            let work = Work()
            let configuration = Engine.Configuration(mapRunBatch: 5)
            let strict = try MapRunStage(directory, configuration: configuration) { task in
                if task.parameters["Items"]?[0]?["n"]?.string == "6" { throw StatesError(name: "Six", cause: "six") }
                return task.parameters
            }
            var map = Self.map
            map["ToleratedFailurePercentage"] = nil
            let failed = try await strict.run { [map] engine in
                try await engine.waitForEnd(of: try await engine.startMap(map, name: Self.name).arn)
            }
            #expect(failed.error == "States.ExceedToleratedFailureThreshold")
            try strict.store.close()
            let isStopped: Bool
            if case .stopped = try await attempt(directory, configuration, stopAt: first, work, isRedriven: true) {
                isStopped = true
                let end = try await attempt(directory, configuration, stopAt: .max, work, isRedriven: true)
                guard case .completed = end else { throw CancellationError() }
            } else {
                isStopped = false
            }
            let store = try SQLiteStore(path: directory.file("store.sqlite"))
            let run = try await store.mapRuns(of: Self.arn, PageRequest()).elements[0]
            #expect(run.status == .succeeded)
            #expect(run.redriveCount == 1)
            #expect(run.itemCounts.succeeded == Self.rows)
            #expect(run.executionCounts.succeeded == 14)
            #expect(run.executionCounts.unsuccessful == 0)
            #expect(run.executionCounts.pendingRedrive == 0)
            try store.close()
            guard isStopped else { return }
        }
    }

    /// Nothing is lost, nothing is there twice, and the counts say what the children say.
    private func expectExactness(
        _ directory: TemporaryDirectory,
        _ execution: Execution,
        _ work: Work,
        mayRepeat: Bool = false
    ) async throws {
        #expect(execution.status == .succeeded)
        let stage = try MapRunStage(directory)
        defer { try? stage.store.close() }
        let runs = try await stage.store.mapRuns(of: Self.arn, PageRequest()).elements
        #expect(runs.count == 1)
        let run = runs[0]
        #expect(run.status == .succeeded)
        #expect(run.executionCounts.succeeded == 13)
        #expect(run.executionCounts.failed == 1)
        #expect(run.executionCounts.total == 14)
        #expect(run.itemCounts.succeeded == Self.rows - 3)
        #expect(run.itemCounts.failed == 3)
        #expect(run.executionCounts.resultsWritten == 14)
        let children = try await stage.store.children(MapRunChildren(of: run.arn, limit: 1000))
        #expect(children.count == 14)
        let rows = try children.flatMap { try JSON(parsing: $0.input)["Items"]?.array ?? [] }
        #expect(rows.compactMap { $0["n"]?.string } == (0..<Self.rows).map(String.init))
        let results = try stage.results(of: execution.output)
        #expect(results["SUCCEEDED_0.json"]?.array?.count == 13)
        #expect(results["FAILED_0.json"]?.array?.count == 1)
        let counts = work.counts.withLock(\.self)
        #expect(counts.count == 14)
        // Tasks at work when the process died are done again, as documented: once for each death.
        if !mayRepeat { #expect(counts.values.allSatisfy { $0 <= 2 }) }
    }
}

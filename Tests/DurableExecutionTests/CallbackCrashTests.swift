import DurableExecution
import FoundationEssentials
import JSON
import SQLiteStore
import StatesLanguage
import Synchronization
import Testing
import TestSupport

/// Workers elsewhere, a service that dies at any transaction: nothing is lost, and what is done twice is what is
/// documented.
@Suite(.timeLimit(.minutes(4))) struct CallbackCrashTests {
    private static let activity = ResourceNames().activity("work")
    private static let callback = "arn:aws:states:::test:ask.waitForTaskToken"

    /// Asks by token, then has an activity's worker do three things side by side.
    private static let journey: JSON = {
        let work = task(
            activity,
            ("TimeoutSeconds", 3600),
            ("Retry", [["ErrorEquals": ["States.Timeout"], "IntervalSeconds": 1, "MaxAttempts": 99_999]])
        )
        var ask = task(callback, ("Parameters", ["token.$": "$$.Task.Token"]), ("ResultPath", "$.answer"))
        ask["End"] = nil
        ask["Next"] = "Each"
        return definition(
            ("Ask", ask),
            ("Each", ["Type": "Map", "ItemsPath": "$.items", "ItemProcessor": definition(("Work", work)), "End": true])
        )
    }()

    /// What lives on when the service dies: the worker's own notes.
    private final class Worker: Sendable {
        struct Notes {
            /// The tokens the worker was given, with what it makes of each.
            var open: [String: String] = [:]
            /// The tokens of questions, each as often as it was asked.
            var asked: [String] = []
            /// The inputs of the activity's tasks that the worker got.
            var received: [String] = []
        }

        let notes = Mutex(Notes())

        func ask(_ token: String) {
            notes.withLock { notes in
                notes.asked.append(token)
                notes.open[token] = #""yes""#
            }
        }

        func receive(_ task: ActivityTask) {
            notes.withLock { notes in
                notes.received.append(task.input)
                notes.open[task.token] = task.input
            }
        }

        /// Ends what is open; a token stays open until the service has said that it is taken, or that it is too late.
        func endOpenTasks(_ engine: Engine) async {
            for (token, output) in notes.withLock(\.open) {
                do throws(ExecutionError) {
                    try await engine.sendTaskSuccess(token: token, output: output)
                } catch  where error.code == .taskTimedOut {
                } catch {
                    continue
                }
                notes.withLock { _ = $0.open.removeValue(forKey: token) }
            }
        }

        /// Polls and answers until the service has gone.
        func work(_ engine: Engine) async {
            while !Task.isCancelled {
                if let task = try? await engine.activityTask(of: CallbackCrashTests.activity) { receive(task) }
                await endOpenTasks(engine)
            }
        }
    }

    /// Runs on a file until the journey is over or the store stops before transaction `limit`.
    private func travel(_ path: String, stopAt limit: Int, _ worker: Worker) async throws -> Execution? {
        try await Workbench.untilStopped(path, before: limit) { tasks in
            tasks.register(Self.callback) { task in
                worker.ask(task.token)
                return .submitted([:])
            }
        } _: { bench in
            try await bench.run { engine in
                _ = try await engine.createActivity("work")
                let execution = try await engine.start(Self.journey, name: "one", input: ["items": [1, 2, 3]])
                return try await journey(execution, bench, worker)
            }
        }
    }

    private func journey(_ execution: Execution, _ bench: Workbench, _ worker: Worker) async throws -> Execution? {
        try await withThrowingTaskGroup(of: Execution?.self) { group in
            group.addTask {
                await worker.work(bench.engine)
                return nil
            }
            group.addTask { try await bench.advance(by: .seconds(1), untilEndOf: execution.arn) }
            group.addTask {
                while !Task.isCancelled {
                    await worker.endOpenTasks(bench.engine)
                    await Task.yield()
                }
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    @Test func `a service that dies before transaction n, for every n, loses no answer and asks nothing new twice`()
        async throws
    {
        var number = 1
        while number < 200 {
            let directory = try TemporaryDirectory()
            let path = directory.file("store.sqlite")
            let worker = Worker()
            let first = try await travel(path, stopAt: number, worker)
            let ended = try await first == nil ? travel(path, stopAt: Int.max, worker) : first
            #expect(ended?.status == .succeeded, "stopped at transaction \(number): \(ended?.cause ?? "")")
            #expect(ended?.output == "[1,2,3]", "stopped at transaction \(number)")
            let notes = worker.notes.withLock { $0 }
            // A question whose answer was not saved is asked again, with the same token.
            #expect(Set(notes.asked).count == 1, "stopped at transaction \(number)")
            #expect(notes.asked.count <= 2, "stopped at transaction \(number)")
            #expect(Set(notes.received) == ["1", "2", "3"], "stopped at transaction \(number)")
            let store = try SQLiteStore(path: path)
            #expect(try await store.unacknowledgedOutcomes(limit: 10).map(\.status) == [.succeeded])
            if first != nil { break }
            number += 1
        }
        #expect(number > 10 && number < 200)
    }
}

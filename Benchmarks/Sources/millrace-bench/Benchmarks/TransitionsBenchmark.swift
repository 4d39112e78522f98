import DurableExecution
import Foundation
import JSON
import Logging
import SQLiteStore

/// How many states a second the engine enters, each on disk before anything comes of it.
struct TransitionsBenchmark {
    private static let executionCount = 2000
    private static let stateCount = 10
    private static let resource = "arn:aws:lambda:us-east-1:000000000000:function:echo"

    let workspace: Workspace

    private struct Run {
        let transitionsPerSecond: Double
        let transactionCount: Int
    }

    func measure() async throws -> [Measurement] {
        let states = "\(Self.executionCount) executions of \(Self.stateCount)"
        let passes = try await run(["Type": "Pass"])
        let tasks = try await run(["Type": "Task", "Resource": .string(Self.resource)])
        return [
            Measurement(
                "transitions, Pass states",
                passes.transitionsPerSecond,
                "states/s",
                aim: .atLeast(20_000),
                method: "Engine on SQLiteStore on disk: \(states) Pass states started at once, until all have ended; "
                    + "\(passes.transactionCount) commits"
            ),
            Measurement(
                "transitions, Task states",
                tasks.transitionsPerSecond,
                "states/s",
                method:
                    "the same with tasks that answer at once, so that each state is saved before and after its task; "
                    + "\(tasks.transactionCount) commits"
            ),
        ]
    }

    private func run(_ state: JSON) async throws -> Run {
        let folder = try workspace.subdirectory("transitions")
        defer { try? workspace.remove(folder) }
        let store = try SQLiteStore(path: "\(folder)/store.sqlite")
        var tasks = TaskRegistry()
        tasks.register(Self.resource) { .succeeded($0.parameters) }
        let engine = Engine(store: store, tasks: tasks, environment: .real, logger: Self.logger)
        let machine = try await engine.createStateMachine(
            CreateStateMachineRequest(name: "bench", definition: Self.chain(of: state).text)
        )
        let run = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await engine.run() }
            let before = store.transactionCount
            let seconds = try await timed { try await Self.runAll(machine.arn, on: engine) }.seconds
            let commits = store.transactionCount - before
            group.cancelAll()
            let transitions = Double(Self.executionCount * Self.stateCount)
            return Run(transitionsPerSecond: transitions / seconds, transactionCount: commits)
        }
        try store.close()
        return run
    }

    private static func runAll(_ machine: String, on engine: Engine) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<executionCount {
                group.addTask {
                    let execution = try await engine.startExecution(of: machine, input: #"{"count":1}"#)
                    let ended = try await engine.waitForEnd(of: execution.arn)
                    guard ended.status == .succeeded else {
                        throw BenchmarkError("an execution has ended \(ended.status): \(ended.cause ?? "")")
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// A state machine of so many states alike, one after another.
    private static func chain(of state: JSON) -> JSON {
        var states = JSONObject()
        for number in 1...stateCount {
            var state = state
            if number < stateCount { state["Next"] = .string("State \(number + 1)") } else { state["End"] = true }
            states["State \(number)"] = state
        }
        return ["StartAt": "State 1", "States": .object(states)]
    }

    static var logger: Logger {
        var logger = Logger(label: "bench") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        return logger
    }
}

extension Engine.Environment {
    /// This machine's clock and randomness, as the program has them.
    static let real = Engine.Environment(
        now: { Date() },
        clock: ContinuousClock(),
        makeID: { UUID().uuidString.lowercased() },
        makeSeed: { UInt64.random(in: .min ... .max) }
    )
}

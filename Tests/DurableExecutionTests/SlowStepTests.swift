import FoundationEssentials
import JSON
import SQLiteStore
import StatesLanguage
import Testing
import TestSupport

@testable import DurableExecution

/// What takes long costs nobody else anything, and is not lost.
@Suite(.timeLimit(.minutes(5))) struct SlowStepTests {
    private static let endless: JSON = [
        "Type": "Pass", "QueryLanguage": "JSONata", "End": true,
        "Output": "{% ($f := function($n) { $f($n + 1) }; $f(0)) %}",
    ]

    private static func machine(_ engine: Engine, _ name: String, _ definition: JSON, type: String = "STANDARD")
        async throws -> String
    {
        let request = CreateStateMachineRequest(name: name, definition: definition.text, type: type)
        return try await engine.createStateMachine(request).arn
    }

    /// Runs slow things and quick ones side by side, the slow first; the names in the order of their ends.
    private static func race(
        _ slow: [@Sendable () async throws -> Void],
        _ quick: [@Sendable () async throws -> Void]
    ) async throws -> [String] {
        try await withThrowingTaskGroup(of: String.self) { group in
            for body in slow {
                group.addTask {
                    try await body()
                    return "slow"
                }
            }
            for body in quick {
                group.addTask {
                    try await body()
                    return "quick"
                }
            }
            var order: [String] = []
            for try await name in group { order.append(name) }
            return order
        }
    }

    @Test func `expressions without end hold nobody up, though nobody knew the machines`() async throws {
        try await Workbench().run { engine in
            let pass = definition(("Pass", ["Type": "Pass", "End": true]))
            let quick = try await Self.machine(engine, "quick", pass)
            let quickExpress = try await Self.machine(engine, "quickExpress", pass, type: "EXPRESS")
            let sum = definition(
                ("Sum", ["Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% 1 + 1 %}", "End": true])
            )
            let quickSum = try await Self.machine(engine, "quickSum", sum)
            var slow: [@Sendable () async throws -> Void] = []
            for number in 0..<3 {
                let standard = try await Self.machine(engine, "slow\(number)", definition(("Endless", Self.endless)))
                slow.append {
                    let execution = try await engine.startExecution(of: standard)
                    #expect(try await engine.waitForEnd(of: execution.arn).error == "States.QueryEvaluationError")
                }
            }
            let express = try await Self.machine(
                engine,
                "slowExpress",
                definition(("Endless", Self.endless)),
                type: "EXPRESS"
            )
            for _ in 0..<5 {
                slow.append {
                    let execution = try await engine.startSyncExecution(of: express)
                    #expect(execution.error == "States.QueryEvaluationError")
                }
            }
            slow.append {
                let result = try await engine.testState(TestStateRequest(definition: Self.endless.text))
                #expect(result.error == "States.QueryEvaluationError")
            }
            let quickOnes: [@Sendable () async throws -> Void] = (0..<10).flatMap {
                _ -> [@Sendable () async throws -> Void] in
                [
                    { _ = try await engine.startSyncExecution(of: quickExpress) },
                    { _ = try await engine.waitForEnd(of: engine.startExecution(of: quick).arn) },
                    { _ = try await engine.waitForEnd(of: engine.startExecution(of: quickSum).arn) },
                ]
            }
            let order = try await Self.race(slow, quickOnes)
            #expect(order.prefix(quickOnes.count).allSatisfy { $0 == "quick" }, "\(order)")
        }
    }

    @Test func `a start is answered before its slow first state, and a wait of another passes meanwhile`() async throws
    {
        let bench = try Workbench()
        try await bench.run { engine in
            let afterWait = definition(
                ("Wait", ["Type": "Wait", "Seconds": 1, "Next": "Endless"]),
                ("Endless", Self.endless)
            )
            let wait = definition(("Wait", ["Type": "Wait", "Seconds": 2, "End": true]))
            let direct = try await Self.machine(engine, "direct", definition(("Endless", Self.endless)))
            let waiting = try await Self.machine(engine, "waiting", afterWait)
            let quick = try await Self.machine(engine, "quick", wait)
            let execution = try await engine.startExecution(of: direct)
            #expect(try await engine.describeExecution(execution.arn).status == .running)
            var slow: [Execution] = [execution]
            for _ in 0..<3 { slow.append(try await engine.startExecution(of: waiting)) }
            let other = try await engine.startExecution(of: quick)
            #expect(try await bench.advance(by: .seconds(1), untilEndOf: other.arn).status == .succeeded)
            for execution in slow.dropFirst() {
                #expect(try await engine.describeExecution(execution.arn).status == .running)
            }
            for execution in slow {
                let end = try await engine.waitForEnd(of: execution.arn)
                #expect(end.error == "States.QueryEvaluationError")
            }
        }
    }

    /// Adds numbers for longer than a step in company may take, within a state that others follow.
    private static let long = definition(
        ("First", ["Type": "Pass", "Next": "Long"]),
        (
            "Long",
            [
                "Type": "Pass", "QueryLanguage": "JSONata", "Next": "Last",
                "Output": "{% $reduce([1..60000], function($sum, $n) { $sum + $n % 7 }) %}",
            ]
        ),
        ("Last", ["Type": "Pass", "End": true])
    )

    private static func run(_ path: String, stopAt limit: Int) async throws -> Execution? {
        try await Workbench.untilStopped(path, before: limit) { bench in
            try await bench.run { engine in
                try await engine.waitForEnd(of: engine.start(long, name: "one").arn)
            }
        }
    }

    @Test func `a service that dies before transaction n, for every n, goes on with what was set aside`() async throws {
        var expected = ["ExecutionStarted"]
        for _ in 0..<3 { expected += ["PassStateEntered", "PassStateExited"] }
        expected.append("ExecutionSucceeded")
        var number = 1
        while number < 50 {
            let directory = try TemporaryDirectory()
            let path = directory.file("store.sqlite")
            let first = try await Self.run(path, stopAt: number)
            let ended = try await first == nil ? Self.run(path, stopAt: Int.max) : first
            #expect(ended?.output == "179997", "stopped at transaction \(number): \(ended?.cause ?? "")")
            let history = try await SQLiteStore(path: path).history(
                of: ended?.arn ?? "",
                isReversed: false,
                PageRequest(limit: 100)
            )
            let types = history.elements.compactMap { $0["type"]?.string }
            #expect(types == expected, "stopped at transaction \(number)")
            if first != nil { break }
            number += 1
        }
        // The machine, the start that was answered, and what was made aside.
        #expect(number > 3 && number < 50)
    }
}

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

    /// Evaluates an expression without end again and again: whoever waits for such a machine waits for ever.
    private static let forever = definition(
        (
            "Again",
            [
                "Type": "Parallel", "Branches": [definition(("Endless", endless))], "End": true,
                "Catch": [["ErrorEquals": ["States.ALL"], "Next": "Again"]],
            ]
        )
    )

    private static func machine(_ engine: Engine, _ name: String, _ definition: JSON, type: String = "STANDARD")
        async throws -> String
    {
        let request = CreateStateMachineRequest(name: name, definition: definition.text, type: type)
        return try await engine.createStateMachine(request).arn
    }

    /// Begins executions that never end.
    private static func begin(_ count: Int, _ engine: Engine) async throws -> [Execution] {
        var executions: [Execution] = []
        for number in 0..<count {
            let arn = try await machine(engine, "forever\(number)", forever)
            executions.append(try await engine.startExecution(of: arn))
        }
        return executions
    }

    /// Each is still at its expression; then they are stopped.
    private static func end(_ executions: [Execution], _ engine: Engine) async throws {
        for execution in executions {
            #expect(try await engine.describeExecution(execution.arn).status == .running)
            _ = try await engine.stopExecution(execution.arn)
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
            let endless = definition(("Endless", Self.endless))
            let slowExpress = try await Self.machine(engine, "slowExpress", endless, type: "EXPRESS")
            try await withThrowingTaskGroup { group in
                for _ in 0..<2 {
                    group.addTask {
                        let execution = try await engine.startSyncExecution(of: slowExpress)
                        #expect(execution.error == "States.QueryEvaluationError")
                    }
                }
                group.addTask {
                    let result = try await engine.testState(TestStateRequest(definition: Self.endless.text))
                    #expect(result.error == "States.QueryEvaluationError")
                }
                let slow = try await Self.begin(3, engine)
                for _ in 0..<10 {
                    let express = try await engine.startSyncExecution(of: quickExpress)
                    #expect(express.status == .succeeded)
                    for machine in [quick, quickSum] {
                        let execution = try await engine.startExecution(of: machine)
                        #expect(try await engine.waitForEnd(of: execution.arn).status == .succeeded)
                    }
                }
                try await Self.end(slow, engine)
                try await group.waitForAll()
            }
        }
    }

    @Test func `a start is answered before its slow first state, and a wait of another passes meanwhile`() async throws
    {
        let bench = try Workbench()
        try await bench.run { engine in
            let wait = definition(("Wait", ["Type": "Wait", "Seconds": 2, "End": true]))
            let quick = try await Self.machine(engine, "quick", wait)
            let slow = try await Self.begin(3, engine)
            let other = try await engine.startExecution(of: quick)
            #expect(try await bench.advance(by: .seconds(1), untilEndOf: other.arn).status == .succeeded)
            try await Self.end(slow, engine)
        }
    }

    @Test func `an expression without end fails its execution`() async throws {
        try await Workbench().run { engine in
            let arn = try await Self.machine(engine, "direct", definition(("Endless", Self.endless)))
            let execution = try await engine.startExecution(of: arn)
            #expect(try await engine.waitForEnd(of: execution.arn).error == "States.QueryEvaluationError")
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

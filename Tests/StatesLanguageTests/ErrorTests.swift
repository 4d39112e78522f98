import Foundation
import JSON
import Testing

@testable import StatesLanguage

/// What errors match, and what becomes of data that is too large.
struct ErrorTests {
    @Test(arguments: [
        ("Mine", "Mine", true), ("Mine", "Other", false), ("Mine", "States.ALL", true),
        ("Mine", "States.TaskFailed", true), ("States.Permissions", "States.TaskFailed", true),
        ("States.Timeout", "States.TaskFailed", false), ("States.Timeout", "States.ALL", true),
        ("States.Timeout", "States.Timeout", true), ("States.HeartbeatTimeout", "States.Timeout", true),
        ("States.DataLimitExceeded", "States.ALL", false), ("States.DataLimitExceeded", "States.TaskFailed", false),
        ("States.DataLimitExceeded", "States.DataLimitExceeded", true), ("States.Runtime", "States.ALL", false),
        ("States.Runtime", "States.Runtime", false), ("States.Runtime", "States.TaskFailed", false),
        ("", "States.ALL", true),
    ])
    func `a pattern matches an error or does not`(_ name: String, _ pattern: String, _ matches: Bool) {
        #expect(StatesError(name: name).matches(pattern) == matches)
    }

    static func task(catching error: String) throws -> Simulation {
        try Simulation([
            "StartAt": "T",
            "States": [
                "T": [
                    "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true,
                    "Catch": [["ErrorEquals": [.string(error)], "Next": "C"]],
                ],
                "C": ["Type": "Succeed"],
            ],
        ])
    }

    static let big = JSON.string(String(repeating: "é", count: 131_072))

    @Test func `a result of more than 256 KiB fails its task`() throws {
        var simulation = try Self.task(catching: "States.DataLimitExceeded")
        simulation.answers = ["T": [["output": Self.big]]]
        simulation.run()
        let cause =
            "The state/task 'lambda' returned a result with a size exceeding the maximum number of bytes service limit."
        #expect(simulation.result["output"] == ["Error": "States.DataLimitExceeded", "Cause": .string(cause)])
        #expect(simulation.history.contains { $0.type == .taskFailed })
    }

    @Test func `States.ALL does not catch a result that is too large`() throws {
        var simulation = try Self.task(catching: "States.ALL")
        simulation.answers = ["T": [["output": Self.big]]]
        simulation.run()
        #expect(simulation.result["error"] == "States.DataLimitExceeded")
    }

    @Test func `a result of 256 KiB is let through`() throws {
        var simulation = try Self.task(catching: "States.ALL")
        simulation.answers = ["T": [["output": .string(String(repeating: "x", count: 262_142))]]]
        simulation.run()
        #expect(simulation.result["status"] == "SUCCEEDED")
    }

    @Test func `an output of more than 256 KiB fails the execution`() throws {
        var simulation = try Simulation(
            JSON(
                written:
                    """
                    {"StartAt": "P", "States": {"P": {"Type": "Pass", "Parameters": {"a.$": "$", "b.$": "$"}, "End": true}}}
                    """
            ),
            input: .string(String(repeating: "x", count: 200_000))
        )
        simulation.run()
        #expect(simulation.result["error"] == "States.DataLimitExceeded")
        #expect(simulation.result["cause"]?.string?.hasPrefix("The state/task 'P' returned a result") == true)
    }

    @Test(arguments: ["null", "true", "[1,2.5,[],{}]", "{\"a\":{\"b\":\"c\"},\"d\":-12345}", "\"é\"", "[-5,999,1000]"])
    func `the size of a value is that of its text`(_ text: String) throws {
        let value = try JSON(parsing: text)
        #expect(!value.exceeds(text.utf8.count + 2))
        #expect(value.exceeds(text.utf8.count - 3))
    }
}

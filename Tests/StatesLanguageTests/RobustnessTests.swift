import Foundation
import JSON
import Testing

@testable import StatesLanguage

/// What is too large, too deep or too long ends in a clean fault, on the smallest stack and in bearable time.
struct RobustnessTests {
    /// Does work on a thread with a stack of 512 KiB.
    private static func onSmallStack<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            let thread = Thread { continuation.resume(returning: work()) }
            thread.stackSize = 524_288
            thread.start()
        }
    }

    private static func pass(_ fields: String) -> JSON {
        JSON(written: #"{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true, \#(fields)}}}"#)
    }

    private static func run(_ definition: JSON, _ input: JSON) -> JSON {
        var simulation = try! Simulation(definition, input: input)
        simulation.run()
        return simulation.result
    }

    private static func nested(_ depth: Int) -> JSON {
        JSON(written: String(repeating: #"{"x":"#, count: depth) + "1" + String(repeating: "}", count: depth))
    }

    // MARK: Depth

    @Test func `an input as deep as it may be goes through`() async {
        let result = await Self.onSmallStack {
            Self.run(
                Self.pass(#""Parameters": {"n.$": "$..x", "c.$": "States.ArrayLength($..x)"}, "OutputPath": "$.c""#),
                Self.nested(800)
            )
        }
        #expect(result["output"] == 800)
    }

    @Test func `an input that is deeper fails the execution`() async {
        let result = await Self.onSmallStack { Self.run(Self.pass(#""Comment": "x""#), Self.nested(1000)) }
        #expect(result["error"] == "States.DataLimitExceeded")
        #expect(result["cause"] == "The execution's input is nested deeper than 800 levels.")
    }

    @Test(arguments: [
        #""Type": "Pass", "Parameters": {"x.$": "$"}"#,
        #""Type": "Pass", "QueryLanguage": "JSONata", "Output": ["{% $states.input %}"]"#,
        #""Type": "Task", "Resource": "arn:aws:states:::sns:publish", "ResultSelector": {"x.$": "$"}"#,
    ])
    func `what a loop wraps again and again ends when it is too deep`(_ fields: String) async {
        let definition: JSON = JSON(
            written: #"{"StartAt": "A", "States": {"A": {\#(fields), "Next": "A"}, "B": {"Type": "Succeed"}}}"#
                .replacing(#""Next": "A""#, with: #""Next": "C""#)
                .replacing(
                    #""B": {"#,
                    with: #"""
                        "C": {"Type": "Choice", "Choices": [{"Variable": "$.stop", "IsPresent": true, "Next": "B"}], \#
                        "Default": "A"}, "B": {
                        """#
                )
        )
        let result = await Self.onSmallStack {
            var simulation = try! Simulation(definition, input: [:])
            simulation.send(.started)
            while simulation.outcome == nil {
                if let task = simulation.waiting.popLast() {
                    simulation.send(.taskSucceeded(task: task.id, output: task.input))
                } else if !simulation.fireTimer() {
                    break
                }
            }
            return simulation.result
        }
        #expect(result["error"] == "States.DataLimitExceeded")
        #expect(result["cause"] == "The state/task 'A' returned a result nested deeper than 800 levels.")
    }

    @Test func `a variable may not be deeper either`() async {
        let result = await Self.onSmallStack {
            Self.run(Self.pass(#""Assign": {"v": {"a": {"b.$": "$"}}}"#), Self.nested(799))
        }
        #expect(result["cause"] == "The value of the variable 'v' is nested deeper than 800 levels.")
    }

    @Test(arguments: ["[", #"{"x":"#, #"[{"x.$":"#])
    func `templates of many levels are refused with their place`(_ opening: String) async {
        let closing = String(opening.reversed().compactMap { $0 == "[" ? "]" : $0 == "{" ? "}" : nil })
        let value = String(repeating: opening, count: 200) + "1" + String(repeating: closing, count: 200)
        for field in ["Parameters", "Result", "Assign", "Type", "Next", "Unknown"] {
            let faults = await Self.onSmallStack {
                Definition.diagnostics(for: Self.pass("\"\(field)\": \(value)")).map(\.description)
            }
            #expect(faults == ["TOO_DEEPLY_NESTED: The value is too deeply nested at /States/A/\(field)"])
        }
    }

    @Test(arguments: [("Not\":", "", ""), ("And\":[", "]", ""), ("Or\":[", "]", "")])
    func `choice rules of many levels are refused`(_ opening: String, _ closing: String, _ none: String) async {
        let rule = String(repeating: "{\"\(opening)", count: 400) + "{}" + String(repeating: "\(closing)}", count: 400)
        let faults = await Self.onSmallStack {
            Definition.diagnostics(
                for: JSON(
                    written: #"{"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": [\#(rule)]}}}"#
                )
            )
        }
        #expect(faults.first?.description == "TOO_DEEPLY_NESTED: The value is too deeply nested at /States/A/Choices")
    }

    // MARK: Length

    /// A long text that is not written out where a test is named.
    struct Long: Sendable, CustomTestStringConvertible {
        let text: String

        init(_ text: String) { self.text = text }

        var testDescription: String { "\(text.prefix(24))…" }
    }

    private static let paths = [
        String(repeating: ".x", count: 100_000), String(repeating: "[0]", count: 100_000),
        "[?(" + String(repeating: "!", count: 100_000) + "@.x)]",
        "[?" + String(repeating: "(", count: 100_000), String(repeating: "[?(@.x", count: 100_000),
        "[?(@.x == 1" + String(repeating: " || @.x == 1", count: 50_000) + ")]",
        "[?(@.x == 1" + String(repeating: " && @.x == 1", count: 50_000) + ")]",
        "[?(@.x in " + String(repeating: "[", count: 100_000),
        ".concat(" + String(repeating: "$.concat(", count: 50_000),
        "[" + String(repeating: "'x',", count: 100_000) + "'x']", "[" + String(repeating: "9", count: 100_000) + "]",
    ].map(Long.init)

    @Test(.timeLimit(.minutes(5)), arguments: paths)
    func `a path may be long`(_ rest: Long) async {
        let ended = await Self.onSmallStack {
            if let path = try? JSONPathParser.parse("$" + rest.text) { _ = path.find(in: [["x": 1]]) }
            return (try? ReferencePath("$" + rest.text)) == nil
        }
        #expect(ended)
    }

    private static let calls = [
        "States.Array(" + String(repeating: "$.x,", count: 100_000) + "$.x)",
        "States.Array(" + String(repeating: "'y',", count: 100_000) + "1)",
        String(repeating: "States.Array(", count: 50_000),
        "States.Format('" + String(repeating: "{}", count: 100_000) + "'" + String(repeating: ",1", count: 100_000)
            + ")",
    ].map(Long.init)

    @Test(.timeLimit(.minutes(5)), arguments: calls)
    func `a call may be long`(_ call: Long) async {
        await Self.onSmallStack {
            guard let call = try? IntrinsicParser.parse(call.text) else { return }
            var evaluator = LanguageConformanceTests.evaluator(on: ["x": 1])
            _ = try? evaluator.value(of: call, field: "x.$", missing: nil)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a definition of a megabyte is checked in bearable time, however wrong`() async {
        let states = (0..<8000).map { #""S\#($0)": {"Type": "Pass", "Next": "T\#($0)", "Coment\#($0)": ["$.x"]}"# }
        let text = #"{"StartAt": "S0", "States": {\#(states.joined(separator: ","))}}"#
        let faults = await Self.onSmallStack { Definition.diagnostics(for: JSON(written: text)).count }
        #expect(faults >= 16_000)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a state of a megabyte is checked in bearable time`() async {
        let members = (0..<40_000).map { #""k\#($0).$": "$v\#($0)""# }.joined(separator: ",")
        let names = (0..<40_000).map { #""States.E\#($0)""# }.joined(separator: ",")
        let definition = Self.pass(#""Parameters": {\#(members)}"#)
        #expect(await Self.onSmallStack { Definition.diagnostics(for: definition).count } == 40_000)
        let task = JSON(
            written: #"""
                {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": true,
                  "Catch": [{"ErrorEquals": [\#(names)], "Next": "T"}]}}}
                """#
        )
        #expect(await Self.onSmallStack { Definition.diagnostics(for: task).count } == 40_000)
    }
}

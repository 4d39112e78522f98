import Foundation
import JSON
import Testing

@testable import StatesLanguage

/// What is wrong with definitions, by their conformance data.
struct ValidationTests {
    static let topics = ["", "-languages", "-variables", "-maps", "-express", "-warnings", "-rules"]

    @Test(arguments: topics.map { "validation\($0)" }.flatMap(ConformanceCase.all))
    func `a wrong definition is refused with its place`(_ item: ConformanceCase) throws {
        let type = try #require(StateMachineType(rawValue: item.fields["type"]?.string ?? "STANDARD"))
        let diagnostics = Definition.diagnostics(for: item.expression, type: type)
        let lines = diagnostics.map { ($0.severity == .warning ? "WARNING " : "") + $0.description }
        let expected = item.result?.array?.map(\.plain)
        #expect(lines == expected)
        let isRefused = diagnostics.contains { $0.severity == .error }
        #expect(isRefused == ((try? Definition(item.expression, type: type)) == nil))
    }

    @Test(arguments: [
        (#"{"startAt": "A", "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}"#, "did you mean \"StartAt\"?"),
        (#"{"StartAt": "A", "States": {"A": {"Type": "Tsk", "End": true}}}"#, "did you mean \"Task\"?"),
        (
            #"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "Edn"}, "End": {"Type": "Succeed"}}}"#,
            "did you mean \"End\"?"
        ),
        (
            #"{"StartAt": "A", "States": {"A": {"Type": "Pass", "InputPath": "a", "End": true}}}"#,
            "a path must start with \"$\""
        ),
        (
            #"{"StartAt": "A", "QueryLanguage": "JSONata", "States": {"A": {"Type": "Succeed", "Output": "{% 1 + %}"}}}"#,
            "S0207 at character 3"
        ),
    ])
    func `a fault tells its remedy to people, not on the wire`(_ text: String, _ remedy: String) throws {
        let fault = try #require(Definition.diagnostics(for: JSON(parsing: text)).first)
        #expect(fault.remedy == remedy)
        #expect(fault.explanation.hasSuffix(" (\(remedy))"))
        #expect(!fault.description.contains(remedy))
    }

    @Test func `variables that states read are told by state`() throws {
        let definition = try Definition(
            JSON(
                written:
                    """
                    {"StartAt": "A", "QueryLanguage": "JSONata", "States": {
                      "A": {"Type": "Pass", "Assign": {"x": 1, "y": "{% $z %}"}, "Next": "M"},
                      "M": {"Type": "Map", "Items": "{% [$y, $x, $y] %}", "Output": "{% $states.result %}", "End": true,
                        "ItemProcessor": {"StartAt": "I", "States": {
                          "I": {"Type": "Pass", "Output": "{% ($own := $x; $own) %}", "End": true}}}}}}
                    """
            )
        )
        #expect(definition.variableReferences == ["A": ["z"], "M": ["x", "y"], "I": ["x"]])
    }

    @Test func `a definition as large and as deep as it may be fits the stack of any thread`() async throws {
        let levels = (1..<20).reduce(#"{"StartAt": "S0", "States": {"S0": {"Type": "Succeed"}}}"#) { inner, level in
            """
            {"StartAt": "S\(level)", "States": {"S\(level)": {"Type": "Map", "End": true, "ItemProcessor": \(inner)}}}
            """
        }
        let branches = (0..<1000).map { #"{"StartAt": "B\#($0)", "States": {"B\#($0)": {"Type": "Succeed"}}}"# }
        let wide = """
            {"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true,
              "Branches": [\(branches.joined(separator: ","))]}}}
            """
        #expect(await Self.faults(of: levels) == [])
        #expect(await Self.faults(of: wide) == [])
    }

    @Test(arguments: ["[", "{\"a\":", "{\"States\":{\"S\":{\"Type\":\"Map\",\"ItemProcessor\":"])
    func `nesting of ten thousand levels is refused`(_ opening: String) async throws {
        #expect(await Self.faults(of: String(repeating: opening, count: 10_000)) == nil)
    }

    /// The faults of a text, or `nil` when it is no JSON, found on a thread with a stack of 512 KiB.
    static func faults(of text: String) async -> [Diagnostic]? {
        await withCheckedContinuation { continuation in
            let thread = Thread {
                continuation.resume(returning: (try? JSON(parsing: text)).map { Definition.diagnostics(for: $0) })
            }
            thread.stackSize = 524_288
            thread.start()
        }
    }
}

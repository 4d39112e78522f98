import Foundation
import JSON
import JSONata
import StatesLanguage

/// What is fuzzed.
///
/// Each must answer any bytes at all with a value or an error, within its limits.
enum FuzzTarget: String, CaseIterable {
    /// The JSON parser and printer: what is printed reads back as the same value.
    case json
    /// Paths: a path on one line, the document on the rest.
    case jsonpath
    /// JSONata: an expression on one line, the input on the rest.
    case jsonata
    /// Definitions: validation, and a run of those that are valid, whose tasks all answer `{}`.
    case definition

    /// The target that the command line names.
    static let chosen = CommandLine.arguments.dropFirst().first.flatMap(FuzzTarget.init)

    func feed(_ bytes: [UInt8]) {
        switch self {
        case .json: Self.json(bytes)
        case .jsonpath: Self.jsonpath(bytes)
        case .jsonata: Self.jsonata(bytes)
        case .definition: Self.definition(bytes)
        }
    }

    private static func json(_ bytes: [UInt8]) {
        guard let value = try? JSON(parsing: bytes) else { return }
        guard let again = try? JSON(parsing: value.utf8) else { fatalError("printed text does not parse") }
        precondition(again == value, "printed text is another value")
        precondition((try? JSON(parsing: value.prettyText)) == value, "pretty text is another value")
    }

    /// The first line, and the rest as JSON where it is any.
    private static func split(_ bytes: [UInt8]) -> (line: String, value: JSON?) {
        let end = bytes.firstIndex(of: 0x0A) ?? bytes.endIndex
        let rest = bytes[min(end + 1, bytes.endIndex)...]
        return (String(decoding: bytes[..<end], as: UTF8.self), try? JSON(parsing: Array(rest)))
    }

    private static func jsonpath(_ bytes: [UInt8]) {
        let (path, value) = split(bytes)
        guard let query = try? PathQuery(path) else { return }
        _ = try? query.evaluate(in: value ?? .null, context: value ?? .null, variables: ["v": value ?? .null])
    }

    private static func jsonata(_ bytes: [UInt8]) {
        let (source, value) = split(bytes)
        guard let expression = try? Expression(source) else { return }
        var options = EvaluationOptions()
        options.maximumSteps = 20_000
        options.now = Date(timeIntervalSince1970: 1_700_000_000)
        options.random = { 0.5 }
        _ = try? expression.evaluate(value ?? .null, options: options)
    }

    private static func definition(_ bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes) else { return }
        let diagnostics = Definition.diagnostics(for: json)
        guard let definition = try? Definition(json) else {
            precondition(diagnostics.contains { $0.severity == .error }, "refused without a fault")
            return
        }
        precondition(!diagnostics.contains { $0.severity == .error }, "taken with a fault")
        let context = ExecutionContext(
            execution: .init(
                id: "arn:aws:states:us-east-1:000000000000:execution:fuzz:fuzz",
                name: "fuzz",
                roleArn: "role",
                startTime: Date(timeIntervalSince1970: 1_700_000_000),
                input: ["items": [1, "two", ["three": 3]], "when": "2026-01-31T12:00:00Z", "n": 4]
            ),
            stateMachine: .init(id: "arn:aws:states:us-east-1:000000000000:stateMachine:fuzz", name: "fuzz")
        )
        var rehearsal = Rehearsal(definition, context: context, seed: 1) { _ in .output([:]) }
        rehearsal.eventLimit = 500
        rehearsal.run()
    }
}

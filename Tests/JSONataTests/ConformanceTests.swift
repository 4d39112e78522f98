import Foundation
import JSON
import Testing

@testable import JSONata

/// One line of a file in `Conformance`.
struct ConformanceCase: Sendable, CustomTestStringConvertible {
    let expression: String
    let input: JSON
    let json: JSON

    var testDescription: String { expression }

    static func all(in topic: String) -> [ConformanceCase] {
        let file = Bundle.module.bundleURL.appending(path: "Conformance/\(topic).json")
        let groups = try! JSON(parsing: Array(Data(contentsOf: file))).array ?? []
        return groups.flatMap { group in
            (group["cases"]?.array ?? []).map {
                ConformanceCase(expression: $0["expression"]?.string ?? "", input: group["given"] ?? nil, json: $0)
            }
        }
    }

    /// The value, or the code and the place of the error.
    func outcome() -> String {
        do {
            return try Expression(expression).evaluate(input)?.canonicalText ?? "nothing"
        } catch {
            return "\(error.code) at \(error.position)"
        }
    }

    var expected: String {
        if let code = json["error"]?.string { return "\(code) at \(json["position"]?.int ?? -1)" }
        return json["result"]?.canonicalText ?? "nothing"
    }
}

@Suite struct ConformanceTests {
    @Test(arguments: [
        "paths", "operators", "constructors", "functions", "calls", "syntax", "reference", "arguments", "strings",
        "regular-expressions", "number-pictures", "integer-pictures", "date-pictures",
        "date-reading",
    ])
    func `each expression of the topic gives its value, or its error with the place`(_ topic: String) {
        let cases = ConformanceCase.all(in: topic)
        #expect(!cases.isEmpty)
        for item in cases {
            let outcome = item.outcome()
            #expect(outcome == item.expected, "\(item.expression)")
        }
    }
}

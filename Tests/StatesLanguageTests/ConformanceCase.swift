import Foundation
import JSON
import Testing

/// One case of `Conformance/<topic>.json`: an expression for what is given, and its result or error.
struct ConformanceCase: Sendable, CustomTestStringConvertible {
    let suite: String
    let given: JSON
    let expression: JSON
    let result: JSON?
    let error: String?
    /// The whole case, for topics that need more; what it does not say itself, its suite says for it.
    let fields: JSON

    var testDescription: String { "\(suite): \(fields["comment"]?.string ?? expression.text)" }

    /// The cases of a topic.
    ///
    /// A file that is missing or malformed stops the tests: a topic without cases would pass unseen.
    static func all(in topic: String) -> [ConformanceCase] {
        let url = Bundle.module.url(forResource: topic, withExtension: "json", subdirectory: "Conformance")!
        let suites = try! JSON(parsing: Array(Data(contentsOf: url))).array!
        let cases = suites.flatMap { suite in
            suite["cases"]!.array!.map { ConformanceCase($0.object!, of: suite.object!) }
        }
        precondition(!cases.isEmpty, "no cases in \(topic)")
        return cases
    }

    private init(_ members: JSONObject, of suite: JSONObject) {
        var fields = suite
        fields["cases"] = nil
        for (name, value) in members { fields[name] = value }
        self.suite = suite["suite"]!.string!
        given = fields["given"] ?? .null
        expression = fields["expression"] ?? .null
        result = fields["result"]
        error = fields["error"]?.string
        self.fields = .object(fields)
    }
}

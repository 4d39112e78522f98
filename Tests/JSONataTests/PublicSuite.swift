import Foundation
import JSON
import Testing

@testable import JSONata

/// The public JSONata suite, where this machine has it.
enum PublicSuite {
    /// One case of a group.
    struct Case: Sendable, CustomTestStringConvertible {
        let group: String
        let id: String
        let expression: String
        let input: JSON?
        let bindings: [String: JSON]
        let depth: Int?
        let json: JSON

        var testDescription: String { id }
    }

    /// Named by `MILLRACE_SHARED`, else beside the package.
    static let directory: URL? = {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let shared =
            ProcessInfo.processInfo.environment["MILLRACE_SHARED"].map { URL(filePath: $0) }
            ?? package.appending(path: "../shared")
        let suite = shared.appending(path: "jsonata-suite").standardizedFileURL
        return FileManager.default.fileExists(atPath: suite.path) ? suite : nil
    }()

    static let cases: [Case] = {
        guard let directory else { return [] }
        let datasets = directory.appending(path: "datasets")
        var inputs: [String: JSON] = [:]
        for file in files(in: datasets) { inputs[file.lastPathComponent.dropExtension] = json(in: file) }
        return files(in: directory).flatMap { file in
            let group = file.lastPathComponent.dropExtension
            let content = json(in: file)
            return (content.array ?? [content]).map { Case(group: group, json: $0, inputs: inputs) }
        }
    }()

    private static func files(in directory: URL) -> [URL] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        return names.filter { $0.hasSuffix(".json") }.sorted().map { directory.appending(path: $0) }
    }

    private static func json(in file: URL) -> JSON {
        let data = try! Data(contentsOf: file)
        return try! JSON(parsing: Array(data))
    }
}

extension String {
    fileprivate var dropExtension: String { String(prefix { $0 != "." }) }
}

extension PublicSuite.Case {
    init(group: String, json: JSON, inputs: [String: JSON]) {
        self.group = group
        self.json = json
        id = json["id"]?.string ?? "?"
        expression = json["expr"]?.string ?? ""
        input = json["data"] ?? json["dataset"]?.string.flatMap { inputs[$0] }
        let object = json["bindings"]?.object ?? JSONObject()
        bindings = Dictionary(uniqueKeysWithValues: object.map { ($0.key, $0.value) })
        depth = json["depth"]?.int
    }

    /// What came out: JSON, `undefined`, or the code of the error.
    func outcome() -> String {
        do {
            var options = EvaluationOptions()
            options.maximumSteps = 3_000_000
            options.random = { Double.random(in: 0..<1) }
            options.now = Date(timeIntervalSince1970: 1_795_253_400.5)
            if let depth { options.maximumDepth = depth }
            let values = bindings.mapValues(Value.init)
            let result = try Expression(expression).evaluate(input.map(Value.init), bindings: values, options: options)
            return result.map { Self.text($0.json) } ?? "undefined"
        } catch {
            return "error \(error.code)"
        }
    }

    /// What should come out, in the same words.
    var expected: String {
        if let code = json["code"]?.string ?? json["error"]?["code"]?.string { return "error \(code)" }
        return json["undefinedResult"]?.bool == true ? "undefined" : json["result"].map(Self.text) ?? "undefined"
    }

    var isPassed: Bool {
        guard json["unordered"]?.bool == true else { return outcome() == expected }
        return Self.members(outcome()) == Self.members(expected)
    }

    /// Numbers compared to the fifteenth digit, keys in order.
    private static func text(_ json: JSON) -> String { rounded(json).canonicalText }

    private static func rounded(_ json: JSON) -> JSON {
        switch json {
        case .double(let number): Value.number(number.rounded(toSignificantDigits: 14)).json
        case .array(let items): .array(items.map(rounded))
        case .object(let object): .object(JSONObject(object.map { ($0.key, rounded($0.value)) }))
        default: json
        }
    }

    private static func members(_ text: String) -> [String] {
        ((try? JSON(parsing: text))?.array ?? []).map(\.canonicalText).sorted()
    }
}

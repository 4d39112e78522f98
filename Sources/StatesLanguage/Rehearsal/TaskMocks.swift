public import JSON

/// What tasks answer in a rehearsal, by state: read from a file of the user's.
///
/// ```json
/// { "Train": [{ "Throw": { "Error": "Busy", "Cause": "try later" } }, { "Return": { "Arn": "…" } }],
///   "Notify": { "Return": {} }, "Ask": { "Silence": true }, "ForEachUser": { "Items": [{ "user": 1 }] } }
/// ```
///
/// A list is answered in order, its last entry again and again; `Items` are what the `ItemReader` of a
/// distributed Map reads. The mock files of Step Functions Local are read too:
/// `StateMachines` → `TestCases` → `MockedResponses`.
public struct TaskMocks: Sendable {
    private var answers: [String: [Rehearsal.Answer]] = [:]
    private var itemLists: [String: [JSON]] = [:]

    /// Mocks that answer nothing.
    public init() {}

    /// Reads a mock file.
    ///
    /// - Parameters:
    ///   - json: The file.
    ///   - testCase: Which test case of a Step Functions Local file; `nil` for its only one.
    /// - Throws: `MockError` with place, fact and remedy.
    public init(_ json: JSON, testCase: String? = nil) throws(MockError) {
        guard let object = json.object else {
            throw MockError("the mock file must be an object, it is \(json.typeName)")
        }
        if object["StateMachines"] != nil {
            try readLocal(json, testCase)
        } else {
            for (state, value) in object {
                if let items = value["Items"]?.array {
                    itemLists[state] = items
                } else {
                    answers[state] = try Self.script(value, at: state)
                }
            }
        }
    }

    /// The states that have an answer.
    public var states: [String] { answers.keys.sorted() }

    /// Takes the next answer of a state; `nil` when it has none.
    public mutating func next(for state: String) -> Rehearsal.Answer? {
        guard var script = answers[state], let first = script.first else { return nil }
        if script.count > 1 {
            script.removeFirst()
            answers[state] = script
        }
        return first
    }

    /// What the reader of a distributed Map reads; `nil` when that is not mocked.
    public func items(of state: String) -> [JSON]? { itemLists[state] }

    private static func script(_ value: JSON, at place: String) throws(MockError) -> [Rehearsal.Answer] {
        guard let list = value.array else { return [try answer(value, at: place)] }
        guard !list.isEmpty else { throw MockError("\(place) has no answer; give one, such as {\"Return\": {}}") }
        var script: [Rehearsal.Answer] = []
        for (index, value) in list.enumerated() { script.append(try answer(value, at: "\(place)[\(index)]")) }
        return script
    }

    private static func answer(_ value: JSON, at place: String) throws(MockError) -> Rehearsal.Answer {
        if let output = value["Return"] { return .output(output) }
        if let error = value["Throw"] {
            guard let name = error["Error"]?.string else {
                throw MockError("\(place).Throw needs \"Error\", the error's name as Retry and Catch match it")
            }
            return .error(StatesError(name: name, cause: error["Cause"]?.string))
        }
        if value["Silence"]?.bool == true { return .silence }
        throw MockError("\(place) must be {\"Return\": …}, {\"Throw\": {\"Error\": …}} or {\"Silence\": true}")
    }
}

/// Why a mock file cannot be read.
public struct MockError: Error, Sendable, CustomStringConvertible {
    /// Place, fact and remedy.
    public let description: String

    init(_ description: String) { self.description = description }
}

// MARK: - Step Functions Local

extension TaskMocks {
    private mutating func readLocal(_ json: JSON, _ wanted: String?) throws(MockError) {
        var cases: [(name: String, states: JSONObject)] = []
        for (_, machine) in json["StateMachines"]?.object ?? [:] {
            for (name, states) in machine["TestCases"]?.object ?? [:] { cases.append((name, states.object ?? [:])) }
        }
        let names = cases.map { "\"\($0.name)\"" }.joined(separator: ", ")
        guard let found = cases.first(where: { wanted == nil ? cases.count == 1 : $0.name == wanted }) else {
            let fact = wanted.map { "there is no test case \"\($0)\"" } ?? "the mock file has \(cases.count) test cases"
            throw MockError("\(fact); choose one of \(names)")
        }
        for (state, response) in found.states {
            guard let name = response.string, let attempts = json["MockedResponses"]?[name]?.object else {
                throw MockError("TestCases.\(found.name).\(state) must name one of MockedResponses")
            }
            answers[state] = try Self.attempts(attempts, at: "MockedResponses.\(name)")
        }
    }

    /// Reads `{"0": …, "1-2": …}`: what the first attempt answers, then the second and third.
    private static func attempts(_ object: JSONObject, at place: String) throws(MockError) -> [Rehearsal.Answer] {
        var script: [Rehearsal.Answer] = []
        for (key, value) in object {
            let bounds = key.split(separator: "-").compactMap { Int($0) }
            guard let first = bounds.first, let last = bounds.last, first == script.count,
                (first...first + 10_000) ~= last
            else { throw MockError("\(place).\(key) must go on at attempt \(script.count): \"\(script.count)\"") }
            let answer = try answer(value, at: "\(place).\(key)")
            script += Array(repeating: answer, count: last - first + 1)
        }
        return script
    }
}

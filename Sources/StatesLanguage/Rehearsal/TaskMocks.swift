public import JSON

/// What tasks answer in a rehearsal, by state: read from a file of the user's.
///
/// ```json
/// { "Train": [{ "Throw": { "Error": "Busy", "Cause": "try later" } }, { "Return": { "Arn": "…" } }],
///   "Score": [{ "When": { "user": 7 }, "Throw": { "Error": "Unknown" } }, { "Return": { "score": 1 } }],
///   "Notify": { "Return": {} }, "Ask": { "Silence": true }, "ForEachUser": { "Items": [{ "user": 7 }] } }
/// ```
///
/// A list is answered in order, its last entry again and again, whichever execution asks. An entry with `When` is not
/// in that order: it answers each task whose input has these members with these values. `Items` are what the
/// `ItemReader` of a distributed Map reads; there, `When` looks at the reader's arguments and `Throw` fails the Map.
/// The mock files of Step Functions Local are read too: `StateMachines` → `TestCases` → `MockedResponses`.
public struct TaskMocks: Sendable {
    private var scripts: [String: Script] = [:]

    /// What a state answers.
    private struct Script {
        /// Those with `When`, each as often as it is asked for.
        var rules: [(when: JSON, answer: Rehearsal.Answer)] = []
        /// Those that are given in order.
        var answers: ArraySlice<Rehearsal.Answer> = []
    }

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
            for (state, value) in object { scripts[state] = try Self.script(value, at: state) }
        }
    }

    /// The states that have an answer.
    public var states: [String] { scripts.keys.sorted() }

    /// Takes the answer to a task; `nil` when its state has none.
    public mutating func next(for task: TaskRequest) -> Rehearsal.Answer? {
        next(for: task.stateName, input: task.parameters)
    }

    /// Takes what the reader of a distributed Map reads, or its error; `nil` when its state has neither.
    public mutating func next(for run: MapRunRequest) -> Rehearsal.Answer? {
        guard case .reader(_, let arguments, _) = run.source else { return nil }
        return next(for: run.stateName, input: arguments)
    }

    private mutating func next(for state: String, input: JSON) -> Rehearsal.Answer? {
        guard let script = scripts[state] else { return nil }
        if let rule = script.rules.first(where: { input.contains($0.when) }) { return rule.answer }
        if script.answers.count > 1 { scripts[state]?.answers.removeFirst() }
        return script.answers.first
    }

    private static func script(_ value: JSON, at place: String) throws(MockError) -> Script {
        var script = Script()
        guard let list = value.array else {
            try add(value, at: place, to: &script)
            return script
        }
        guard !list.isEmpty else { throw MockError("\(place) has no answer; give one, such as {\"Return\": {}}") }
        for (index, value) in list.enumerated() { try add(value, at: "\(place)[\(index)]", to: &script) }
        return script
    }

    private static func add(_ value: JSON, at place: String, to script: inout Script) throws(MockError) {
        let answer = try answer(value, at: place)
        if let when = value["When"] {
            script.rules.append((when, answer))
        } else {
            script.answers.append(answer)
        }
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
        if let items = value["Items"] {
            guard items.array != nil || items.object != nil else {
                throw MockError("\(place).Items must be what the reader reads: an array, or an object")
            }
            return .items(items)
        }
        throw MockError(
            "\(place) must be {\"Return\": …}, {\"Throw\": {\"Error\": …}}, {\"Silence\": true} or, for the "
                + "reader of a distributed Map, {\"Items\": [ … ]}"
        )
    }
}

extension JSON {
    /// Whether the value is the other one, or an object that has all its members, in the same sense, and perhaps more.
    fileprivate func contains(_ other: JSON) -> Bool {
        guard let mine = object, let others = other.object else { return self == other }
        return others.allSatisfy { mine[$0]?.contains($1) == true }
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
            scripts[state] = try Self.attempts(attempts, at: "MockedResponses.\(name)")
        }
    }

    /// Reads `{"0": …, "1-2": …}`: what the first attempt answers, then the second and third.
    private static func attempts(_ object: JSONObject, at place: String) throws(MockError) -> Script {
        var script = Script()
        for (key, value) in object {
            let bounds = key.split(separator: "-").compactMap { Int($0) }
            let count = script.answers.count
            guard let first = bounds.first, let last = bounds.last, first == count,
                (first...first + 10_000) ~= last
            else { throw MockError("\(place).\(key) must go on at attempt \(count): \"\(count)\"") }
            let answer = try answer(value, at: "\(place).\(key)")
            script.answers += Array(repeating: answer, count: last - first + 1)
        }
        return script
    }
}

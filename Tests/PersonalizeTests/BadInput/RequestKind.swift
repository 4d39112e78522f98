import JSON
import Shapes

@testable import Personalize

/// Every request there is: those of the table, and those that have paths of their own.
struct RequestKind: Sendable, CustomStringConvertible {
    let name: String
    let shape: Shape
    let call: @Sendable (PersonalizeService, JSON) async throws(PersonalizeError) -> JSON

    var description: String { name }

    static let all = operations + others

    private static let operations = Operation.table.values.sorted { $0.name < $1.name }.map { operation in
        let name = operation.name
        return RequestKind(name: name, shape: operation.input) { service, input throws(PersonalizeError) in
            try await service.call(name, input)
        }
    }

    private static let others = [
        RequestKind(name: "PutEvents", shape: .putEvents) { service, input throws(PersonalizeError) in
            try await service.putEvents(input)
        },
        RequestKind(name: "PutItems", shape: .putItems) { service, input throws(PersonalizeError) in
            try await service.putItems(input)
        },
        RequestKind(name: "PutUsers", shape: .putUsers) { service, input throws(PersonalizeError) in
            try await service.putUsers(input)
        },
        RequestKind(name: "PutActions", shape: .putActions) { service, input throws(PersonalizeError) in
            try await service.putActions(input)
        },
        RequestKind(name: "PutActionInteractions", shape: .putActionInteractions) {
            service,
            input throws(PersonalizeError) in try await service.putActionInteractions(input)
        },
        RequestKind(name: "GetRecommendations", shape: .getRecommendations) { service, input throws(PersonalizeError) in
            try service.runtime.getRecommendations(input)
        },
        RequestKind(name: "GetPersonalizedRanking", shape: .getPersonalizedRanking) {
            service,
            input throws(PersonalizeError) in try service.runtime.getPersonalizedRanking(input)
        },
    ]

    /// The members of the input.
    var fields: [Field] {
        guard case .structure(let fields, _) = shape else { return [] }
        return fields
    }

    /// What the request is refused with; `nil` when it is answered.
    func error(_ service: PersonalizeService, _ input: JSON) async -> PersonalizeError? {
        do throws(PersonalizeError) {
            _ = try await call(service, input)
            return nil
        } catch {
            return error
        }
    }
}

/// Makes input that looks as a shape says.
struct InputSample {
    /// Values by the names of members, instead of made-up ones.
    var known: [String: JSON] = [:]
    /// Whether members are there that may be missing.
    var isFull = true

    func value(_ shape: Shape, name: String = "") -> JSON {
        if let value = known[name] { return value }
        switch shape {
        case .string(let rule): return .string(Self.text(rule))
        case .integer(let range): return JSON(range.lowerBound < 1 ? min(1, range.upperBound) : range.lowerBound)
        case .double(let range): return .double(range.lowerBound < 0 ? 0 : range.lowerBound)
        case .boolean: return true
        case .list(let element, _, _): return .array([value(element)])
        case .map(let key, let element, _):
            guard case .string(let rule) = key else { return [:] }
            return .object([Self.text(rule): value(element)])
        case .structure(let fields, _):
            let shown = fields.filter { isFull || $0.isRequired }
            return .object(JSONObject(shown.map { ($0.name, value($0.shape, name: $0.name)) }))
        }
    }

    /// A text that keeps a rule.
    static func text(_ rule: StringRule) -> String {
        if let word = rule.words.first { return word }
        let samples = [
            "a", "arn:aws:personalize:us-east-1:000000000000:schema/none", "arn:aws:iam::000000000000:role/any",
            "arn:aws:kms:us-east-1:000000000000:key/k", "s3://bucket/folder/", "rate(7 days)",
        ]
        return samples.first { rule.pattern?.matches($0) ?? true && rule.length.contains($0.count) } ?? "a"
    }
}

/// A value somewhere in an input, and what it must look like.
struct InputPlace: Sendable {
    enum Step: Sendable {
        case member(String)
        case element(Int)
    }

    let steps: [Step]
    let shape: Shape

    /// All places of a value, its own last.
    static func all(of shape: Shape, in value: JSON, at steps: [Step] = []) -> [InputPlace] {
        var places: [InputPlace] = []
        switch shape {
        case .list(let element, _, _):
            for (index, value) in (value.array ?? []).enumerated() {
                places += all(of: element, in: value, at: steps + [.element(index)])
            }
        case .map(_, let element, _):
            for (name, value) in value.object ?? [:] {
                places += all(of: element, in: value, at: steps + [.member(name)])
            }
        case .structure(let fields, _):
            for field in fields {
                guard let value = value[field.name] else { continue }
                places += all(of: field.shape, in: value, at: steps + [.member(field.name)])
            }
        default: break
        }
        return places + (steps.isEmpty ? [] : [InputPlace(steps: steps, shape: shape)])
    }

    /// An input with another value here.
    func replacing(_ value: JSON, in input: JSON) -> JSON { Self.replace(steps[...], value, input) }

    private static func replace(_ steps: ArraySlice<Step>, _ value: JSON, _ input: JSON) -> JSON {
        guard let step = steps.first else { return value }
        let rest = steps.dropFirst()
        switch step {
        case .member(let name):
            var object = input
            object[name] = replace(rest, value, input[name] ?? .null)
            return object
        case .element(let index):
            var elements = input.array ?? []
            elements[index] = replace(rest, value, elements[index])
            return .array(elements)
        }
    }

    /// A value of another type than this one's.
    var mistyped: JSON {
        switch shape {
        case .string: 7
        case .integer, .double, .boolean: "seven"
        case .list: ["a": 1]
        case .map, .structure: [1]
        }
    }

    /// A value of the right type that breaks a rule; `nil` where there is no rule to break.
    var unruly: JSON? {
        switch shape {
        case .string(let rule):
            if !rule.words.isEmpty { return "NONE_OF_THEM" }
            guard rule.length.upperBound < Int.max else { return nil }
            return .string(String(repeating: "x", count: rule.length.upperBound + 1))
        case .integer(let range):
            if range.upperBound < Int.max { return JSON(range.upperBound + 1) }
            return range.lowerBound > Int.min ? JSON(range.lowerBound - 1) : nil
        case .double(let range) where range.upperBound < .greatestFiniteMagnitude:
            return .double(range.upperBound * 2 + 1)
        default: return nil
        }
    }
}

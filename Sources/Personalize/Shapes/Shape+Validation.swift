internal import JSON

extension Shape {
    /// Checks an input and reports every fault at once, in the service's words.
    func validate(_ input: JSON) throws(PersonalizeError) {
        var check = ShapeCheck()
        check.check(input, self, at: "")
        if let fault = check.typeFault { throw PersonalizeError(.serialization, fault) }
        guard !check.faults.isEmpty else { return }
        let count = check.faults.count
        let heading = "\(count) validation error\(count == 1 ? "" : "s") detected: "
        throw PersonalizeError(.invalidInput, heading + check.faults.map(\.description).joined(separator: "; "))
    }

    /// Every fault of an input, members of a wrong type included.
    func faults(in input: JSON) -> [InputFault] {
        var check = ShapeCheck()
        check.check(input, self, at: "")
        return check.typeFaults + check.faults
    }
}

/// What is wrong with one member of an operation's input.
public struct InputFault: Sendable, Equatable, CustomStringConvertible {
    /// The member, from the input's root: `solutionConfig.hpoConfig.hpoObjective.type`.
    public let path: String
    /// Its value as text; `nil` when it is missing.
    public let value: String?
    /// What it must be, in the service's words: `Member must not be null`.
    public let constraint: String

    /// The fault in the service's words.
    public var description: String {
        "Value \(value.map { "'\($0)'" } ?? "null") at '\(path)' failed to satisfy constraint: \(constraint)"
    }
}

/// Walks an input along its shape and collects what is wrong.
private struct ShapeCheck {
    var faults: [InputFault] = []
    var typeFaults: [InputFault] = []
    var typeFault: String?

    mutating func check(_ value: JSON, _ shape: Shape, at place: String) {
        switch (shape, value) {
        case (.string(let rule), .string(let text)): check(text, rule, at: place)
        case (.integer(let range), _):
            guard let number = value.int else { return mistype(value, "an integer", place) }
            check(number, in: range, value, at: place)
        case (.double(let range), _):
            guard let number = value.double else { return mistype(value, "a number", place) }
            check(number, in: range, value, at: place)
        case (.boolean, .bool): break
        case (.list(let element, let maximum), .array(let values)):
            for (index, value) in values.enumerated() { check(value, element, at: "\(place).\(index + 1).member") }
            if values.count > maximum { refuse(value, place, Self.tooLong(maximum)) }
        case (.map(let key, let element, let maximum), .object(let members)):
            check(members, key: key, element: element, at: place)
            if members.count > maximum { refuse(value, place, Self.tooLong(maximum)) }
        case (.structure(let fields), .object(let members)): check(members, fields, at: place)
        case (.string, _): mistype(value, "a string", place)
        case (.boolean, _): mistype(value, "a boolean", place)
        case (.list, _): mistype(value, "a list", place)
        case (.map, _), (.structure, _): mistype(value, "an object", place)
        }
    }

    private mutating func check(_ members: JSONObject, _ fields: [Field], at place: String) {
        for field in fields {
            let inner = place.isEmpty ? field.name : "\(place).\(field.name)"
            if let value = members[field.name], !value.isNull {
                check(value, field.shape, at: inner)
            } else if field.isRequired {
                faults.append(InputFault(path: inner, value: nil, constraint: "Member must not be null"))
            }
        }
    }

    private mutating func check(_ members: JSONObject, key: Shape, element: Shape, at place: String) {
        for (name, value) in members {
            check(.string(name), key, at: "\(place).key")
            check(value, element, at: "\(place).\(name).member")
        }
    }

    private mutating func check(_ text: String, _ rule: StringRule, at place: String) {
        let length = text.unicodeScalars.count
        if !rule.words.isEmpty, !rule.words.contains(text) {
            let words = rule.words.joined(separator: ", ")
            refuse(.string(text), place, "Member must satisfy enum value set: [\(words)]")
        }
        if let pattern = rule.pattern, !pattern.matches(text) {
            refuse(.string(text), place, "Member must satisfy regular expression pattern: \(pattern.rawValue)")
        }
        if length > rule.length.upperBound { refuse(.string(text), place, Self.tooLong(rule.length.upperBound)) }
        if length < rule.length.lowerBound {
            refuse(
                .string(text),
                place,
                "Member must have length greater than or equal to \(rule.length.lowerBound)"
            )
        }
    }

    private mutating func check<Number: Comparable>(
        _ number: Number,
        in range: ClosedRange<Number>,
        _ value: JSON,
        at place: String
    ) {
        if number > range.upperBound {
            refuse(value, place, "Member must have value less than or equal to \(range.upperBound)")
        }
        if number < range.lowerBound {
            refuse(value, place, "Member must have value greater than or equal to \(range.lowerBound)")
        }
    }

    private mutating func refuse(_ value: JSON, _ place: String, _ constraint: String) {
        faults.append(InputFault(path: place, value: value.string ?? value.text, constraint: constraint))
    }

    private mutating func mistype(_ value: JSON, _ expected: String, _ place: String) {
        typeFaults.append(
            InputFault(path: place, value: value.string ?? value.text, constraint: "Member must be \(expected)")
        )
        let place = place.isEmpty ? "the input" : "'\(place)'"
        typeFault = typeFault ?? "Value of \(place) must be \(expected), but is \(value.typeName)"
    }

    private static func tooLong(_ maximum: Int) -> String {
        "Member must have length less than or equal to \(maximum)"
    }
}

public import JSON

extension Shape {
    /// Everything that is wrong with a value, in the words of AWS.
    ///
    /// Members that the shape does not know are passed over, and so is a member that is `null`.
    ///
    /// - Parameter value: The input of an operation.
    /// - Returns: The faults; none for a value of this shape.
    public func faults(in value: JSON) -> ShapeFaults {
        var check = ShapeCheck()
        check.check(value, self, at: "")
        return check.found
    }
}

/// What is wrong with the input of an operation.
public struct ShapeFaults: Sendable, Equatable {
    /// Members that are missing, or break a rule.
    public fileprivate(set) var faults: [InputFault] = []
    /// Members of another type than theirs.
    public fileprivate(set) var typeFaults: [TypeFault] = []

    /// All faults, those of types first.
    public var all: [InputFault] { typeFaults.map(\.fault) + faults }

    /// All faults in one sentence as AWS words it; `nil` when there is none but of types.
    public var message: String? {
        guard !faults.isEmpty else { return nil }
        let heading = "\(faults.count) validation error\(faults.count == 1 ? "" : "s") detected: "
        return heading + faults.map(\.description).joined(separator: "; ")
    }
}

/// What is wrong with one member of an operation's input.
public struct InputFault: Sendable, Equatable, CustomStringConvertible {
    /// The member, from the input's root: `solutionConfig.hpoConfig.hpoObjective.type`.
    public let path: String
    /// Its value as text; `nil` when it is missing or may not be shown.
    public let value: String?
    /// What it must be, in the service's words: `Member must not be null`.
    public let constraint: String
    /// Whether the value may not be shown.
    public var isSensitive = false

    /// The fault in the service's words.
    public var description: String {
        let shown = isSensitive ? "" : value.map { " '\($0)'" } ?? " null"
        return "Value\(shown) at '\(path)' failed to satisfy constraint: \(constraint)"
    }
}

/// A member of another type than its shape's.
public struct TypeFault: Sendable, Equatable {
    /// The member, from the input's root; empty for the input itself.
    public let path: String
    /// Its value.
    public let value: JSON
    /// What it must be: `a string`.
    public let expected: String

    /// The fault as one of the input's others.
    public var fault: InputFault {
        InputFault(path: path, value: value.string ?? value.text, constraint: "Member must be \(expected)")
    }
}

/// Walks an input along its shape and collects what is wrong.
private struct ShapeCheck {
    var found = ShapeFaults()

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
        case (.list(let element, let minimum, let maximum), .array(let values)):
            for (index, value) in values.enumerated() { check(value, element, at: "\(place).\(index + 1).member") }
            check(count: values.count, minimum...maximum, shape, value, at: place)
        case (.map(let key, let element, let maximum), .object(let members)):
            check(members, key: key, element: element, at: place)
            check(count: members.count, 0...maximum, shape, value, at: place)
        case (.structure(let fields, _), .object(let members)): check(members, fields, at: place)
        case (.string, _): mistype(value, "a string", place)
        case (.boolean, _): mistype(value, "a boolean", place)
        case (.list, _): mistype(value, "a list", place)
        case (.map, _), (.structure, _): mistype(value, "an object", place)
        }
    }

    private mutating func check(_ members: JSONObject, _ fields: [Field], at place: String) {
        // Most members are not there; only their names are looked at.
        for index in fields.indices {
            if let value = members[fields[index].name], !value.isNull {
                check(value, fields[index].shape, at: Self.place(of: fields[index], in: place))
            } else if fields[index].isRequired {
                let place = Self.place(of: fields[index], in: place)
                found.faults.append(InputFault(path: place, value: nil, constraint: "Member must not be null"))
            }
        }
    }

    private static func place(of field: Field, in place: String) -> String {
        place.isEmpty ? field.name : "\(place).\(field.name)"
    }

    private mutating func check(_ members: JSONObject, key: Shape, element: Shape, at place: String) {
        for (name, value) in members {
            check(.string(name), key, at: "\(place).key")
            check(value, element, at: "\(place).\(name).member")
        }
    }

    private mutating func check(_ text: String, _ rule: StringRule, at place: String) {
        if !rule.words.isEmpty, !rule.words.contains(text) {
            refuse(text, place, "Member must satisfy enum value set: [\(rule.words.joined(separator: ", "))]", rule)
        }
        if let pattern = rule.pattern, !pattern.matches(text) {
            refuse(text, place, "Member must satisfy regular expression pattern: \(pattern.text)", rule)
        }
        // Characters are counted only where there may be too many or too few of them.
        let length =
            text.utf8.count > rule.length.upperBound || rule.length.lowerBound > 0
            ? text.unicodeScalars.count : rule.length.lowerBound
        if length > rule.length.upperBound { refuse(text, place, Self.tooLong(rule.length.upperBound), rule) }
        if length < rule.length.lowerBound { refuse(text, place, Self.tooShort(rule.length.lowerBound), rule) }
    }

    private mutating func check(
        count: Int,
        _ range: ClosedRange<Int>,
        _ shape: Shape,
        _ value: JSON,
        at place: String
    ) {
        if count > range.upperBound { refuse(shape.show(value), place, Self.tooLong(range.upperBound)) }
        if count < range.lowerBound { refuse(shape.show(value), place, Self.tooShort(range.lowerBound)) }
    }

    private mutating func check<Number: Comparable>(
        _ number: Number,
        in range: ClosedRange<Number>,
        _ value: JSON,
        at place: String
    ) {
        if number > range.upperBound {
            refuse(value.text, place, "Member must have value less than or equal to \(range.upperBound)")
        }
        if number < range.lowerBound {
            refuse(value.text, place, "Member must have value greater than or equal to \(range.lowerBound)")
        }
    }

    private mutating func refuse(_ text: String, _ place: String, _ constraint: String, _ rule: StringRule? = nil) {
        let isSensitive = rule?.isSensitive ?? false
        let value = isSensitive ? nil : text
        found.faults.append(InputFault(path: place, value: value, constraint: constraint, isSensitive: isSensitive))
    }

    private mutating func mistype(_ value: JSON, _ expected: String, _ place: String) {
        found.typeFaults.append(TypeFault(path: place, value: value, expected: expected))
    }

    private static func tooLong(_ maximum: Int) -> String {
        "Member must have length less than or equal to \(maximum)"
    }

    private static func tooShort(_ minimum: Int) -> String {
        "Member must have length greater than or equal to \(minimum)"
    }
}

extension Shape {
    /// How many elements of a list are shown: far too many of them are a fault too.
    private static let shownElements = 20

    /// A value as AWS shows it in a fault: structures by their names, texts without quotes, secrets not at all.
    fileprivate func show(_ value: JSON) -> String {
        switch (self, value) {
        case (.string(let rule), .string) where rule.isSensitive: "***Sensitive Data Redacted***"
        case (.list(let element, _, _), .array(let values)):
            "[\(element.show(first: Self.shownElements, of: values))]"
        case (.structure(let fields, let name), .object(let members)) where !name.isEmpty:
            "\(name)(\(fields.map { "\($0.name)=\($0.shape.show(members[$0.name] ?? .null))" }.joined(separator: ", ")))"
        default: value.string ?? value.text
        }
    }

    private func show(first count: Int, of values: [JSON]) -> String {
        let shown = values.prefix(count).map(show).joined(separator: ", ")
        return values.count > count ? "\(shown), …" : shown
    }
}

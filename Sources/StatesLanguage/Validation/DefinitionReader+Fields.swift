import FoundationEssentials
import JSON

// Typed reading of one field: `nil` when it is absent or, after a report, when it is wrong.
extension DefinitionReader {
    /// Reports the fields that are missing, in one diagnostic.
    mutating func checkRequired(_ names: [String], in fields: Fields) {
        let missing = names.filter { !fields.has($0) }
        guard !missing.isEmpty else { return }
        report(fields.location, "These fields are required: [\(missing.joined(separator: ", "))]")
    }

    /// Reports the fields that do not belong here, or not in this language.
    mutating func checkNames(of fields: Fields, known: [String], checkingLanguage: Bool = true) {
        for (name, _) in fields.object {
            guard known.contains(name) else {
                reportUnknown(name, in: fields, among: known)
                continue
            }
            guard checkingLanguage, let only = StateFields.languages[name], only != fields.language else { continue }
            report(
                fields.location,
                "The QueryLanguage is set to '\(fields.language.rawValue)', but field '\(name)' is only supported for "
                    + "the '\(only.rawValue)' QueryLanguage"
            )
        }
    }

    mutating func reportUnknown(_ name: String, in fields: Fields, among known: [String]) {
        report(
            fields.location,
            "Field '\(name)' is not supported",
            remedy: suggestion(for: name, among: known.filter { !fields.has($0) || name != $0 })
        )
    }

    /// Reports fields of which at most one may be there.
    @discardableResult
    mutating func checkExclusive(_ names: [String], in fields: Fields) -> Bool {
        guard names.count(where: fields.has) > 1 else { return true }
        report(
            fields.location,
            "There should only be one of the following fields: [\(names.joined(separator: ", "))]"
        )
        return false
    }

    /// Reports fields of which exactly one must be there.
    mutating func checkExactlyOne(_ names: [String], in fields: Fields) -> Bool {
        guard checkExclusive(names, in: fields) else { return false }
        guard !names.contains(where: fields.has) else { return true }
        report(
            fields.location,
            "This object should have only one of the following fields: [\(names.joined(separator: ", "))]"
        )
        return false
    }

    /// Reports an array that has nothing in it.
    mutating func checkNotEmpty(_ name: String, in fields: Fields) {
        if fields.object[name]?.array?.isEmpty == true { report(fields.place(name), Self.empty) }
    }

    /// Reports a value that is none of those there are.
    @discardableResult
    mutating func checkChoice(_ value: String, _ choices: [String], at place: String) -> Bool {
        if choices.contains(value) { return true }
        report(
            place,
            "Value should be one of the following: [\(choices.joined(separator: ", "))]",
            remedy: suggestion(for: value, among: choices)
        )
        return false
    }

    mutating func string(_ name: String, in fields: Fields) -> String? {
        guard let value = fields.object[name] else { return nil }
        if let string = value.string { return string }
        report(fields.place(name), "Expected value of type String")
        return nil
    }

    /// One of a few words.
    mutating func choice(_ name: String, of choices: [String], in fields: Fields) -> String? {
        guard let text = string(name, in: fields), checkChoice(text, choices, at: fields.place(name)) else {
            return nil
        }
        return text
    }

    mutating func integer(_ name: String, in fields: Fields, in range: ClosedRange<Int>) -> Int? {
        guard let value = fields.object[name] else { return nil }
        guard let integer = value.wholeNumber else {
            warnOfPath(value, name, in: fields)
            report(fields.place(name), "Expected value of type Integer")
            return nil
        }
        guard range.contains(integer) else {
            report(
                fields.place(name),
                integer < range.lowerBound
                    ? "Minimum value is \(range.lowerBound)" : "Maximum value is \(range.upperBound)"
            )
            return nil
        }
        return integer
    }

    mutating func number(_ name: String, in fields: Fields, in range: ClosedRange<Double>) -> Double? {
        guard let value = fields.object[name] else { return nil }
        guard let number = value.double else {
            warnOfPath(value, name, in: fields)
            report(fields.place(name), "Expected value of type Number")
            return nil
        }
        guard range.contains(number) else {
            let isLow = number < range.lowerBound
            let bound = isLow ? range.lowerBound : range.upperBound
            report(fields.place(name), "\(isLow ? "Minimum" : "Maximum") value is \(JSON.double(bound).text)")
            return nil
        }
        return number
    }

    mutating func boolean(_ name: String, in fields: Fields) -> Bool? {
        guard let value = fields.object[name] else { return nil }
        if let bool = value.bool { return bool }
        report(fields.place(name), "Expected value of type Boolean")
        return nil
    }

    mutating func object(_ name: String, in fields: Fields) -> JSONObject? {
        guard let value = fields.object[name] else { return nil }
        if let object = value.object { return object }
        report(fields.place(name), "Expected value of type Object")
        return nil
    }

    /// An object with its place.
    mutating func fields(_ name: String, in fields: Fields) -> Fields? {
        object(name, in: fields).map { fields.inner($0, at: fields.place(name)) }
    }

    /// The objects of an array, each with its place: `/States/Train/Retry[0]`.
    mutating func objects(_ name: String, in fields: Fields) -> [Fields]? {
        guard let value = fields.object[name] else { return nil }
        guard let array = value.array else {
            report(fields.place(name), "Expected value of type Array")
            return nil
        }
        var all: [Fields] = []
        for (index, element) in array.enumerated() {
            let place = "\(fields.place(name))[\(index)]"
            guard let object = element.object else {
                report(place, "Expected value of type Object")
                continue
            }
            all.append(fields.inner(object, at: place))
        }
        return all
    }

    mutating func timestamp(_ name: String, in fields: Fields) -> Date? {
        guard let text = string(name, in: fields) else { return nil }
        if let date = Timestamp.parse(text) { return date }
        warnOfPath(.string(text), name, in: fields)
        report(fields.place(name), "String does not match RFC3339 timestamp")
        return nil
    }

    /// Warns of a value that was probably meant for the field's variant with `Path`.
    mutating func warnOfPath(_ value: JSON, _ name: String, in fields: Fields) {
        guard fields.language == .jsonPath, let text = value.string, Self.looksLikePath(text) else { return }
        report(
            fields.place(name),
            "Field value looks like a path, but field name does not end with 'Path'",
            code: .noPath,
            severity: .warning,
            remedy: "use '\(name)Path' for a value that is found at runtime"
        )
    }

    static func looksLikePath(_ text: String) -> Bool {
        text == "$" || ["$.", "$[", "$$."].contains(where: text.hasPrefix)
    }
}

extension JSON {
    /// An integer, however it is written: `5`, `5.0`.
    fileprivate var wholeNumber: Int? {
        if let int { return int }
        return double.flatMap { Int(exactly: $0) }
    }
}

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

    /// Reports the fields that do not belong here.
    mutating func checkNames(of fields: Fields, known: [String]) {
        for (name, _) in fields.object where !known.contains(name) {
            if let reason = Self.notSupported[name] {
                report(fields.place(name), "\(reason) not supported in this version", code: .notSupported)
            } else {
                let suggestion = NearestName.find(name, among: known).map { ", did you mean \"\($0)\"?" }
                report(fields.place(name), "Field is not supported" + (suggestion ?? ""))
            }
        }
    }

    /// The parts of the language that come later.
    private static let notSupported = [
        "Assign": "Variables (Assign) are", "Arguments": "Arguments of JSONata are", "Output": "Output of JSONata is",
        "Condition": "Conditions of JSONata are", "Items": "Items of JSONata are",
        "ItemReader": "ItemReader of distributed maps is", "ItemBatcher": "ItemBatcher of distributed maps is",
        "ResultWriter": "ResultWriter of distributed maps is", "Label": "Label of distributed maps is",
        "ToleratedFailureCount": "ToleratedFailureCount of distributed maps is",
        "ToleratedFailureCountPath": "ToleratedFailureCountPath of distributed maps is",
        "ToleratedFailurePercentage": "ToleratedFailurePercentage of distributed maps is",
        "ToleratedFailurePercentagePath": "ToleratedFailurePercentagePath of distributed maps is",
    ]

    /// Reports two fields of which only one may be there.
    mutating func checkExclusive(_ first: String, _ second: String, in fields: Fields) {
        guard fields.has(first), fields.has(second) else { return }
        report(fields.location, "Only one of the fields '\(first)' and '\(second)' may be given")
    }

    mutating func string(_ name: String, in fields: Fields) -> String? {
        guard let value = fields.object[name] else { return nil }
        if let string = value.string { return string }
        report(fields.place(name), "Expected value of type String")
        return nil
    }

    mutating func integer(_ name: String, in fields: Fields, in range: ClosedRange<Int>) -> Int? {
        guard let value = fields.object[name] else { return nil }
        guard let integer = value.int else {
            report(fields.place(name), "Expected value of type Integer")
            return nil
        }
        guard range.contains(integer) else {
            report(fields.place(name), "Value \(integer) must be from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return integer
    }

    mutating func number(_ name: String, in fields: Fields, atLeast minimum: Double) -> Double? {
        guard let value = fields.object[name] else { return nil }
        guard let number = value.double else {
            report(fields.place(name), "Expected value of type Number")
            return nil
        }
        guard number >= minimum else {
            report(fields.place(name), "Value \(value.text) must be \(JSON(minimum).text) or more")
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
            all.append(Fields(object: object, location: place))
        }
        return all
    }

    mutating func path(_ name: String, in fields: Fields) -> JSONPath? {
        guard let text = string(name, in: fields) else { return nil }
        do {
            return try JSONPathParser.parse(text)
        } catch {
            report(fields.place(name), "Value \"\(text)\" is not a valid JSONPath: \(error.message)")
            return nil
        }
    }

    /// `InputPath` or `OutputPath`.
    mutating func pathField(_ name: String, in fields: Fields) -> StateDefinition.PathField {
        if fields.object[name]?.isNull == true { return .discard }
        return .path(path(name, in: fields) ?? .input)
    }

    mutating func resultPath(in fields: Fields) -> ResultPath {
        guard let value = fields.object["ResultPath"] else { return .put(.input) }
        if value.isNull { return .discard }
        guard let text = string("ResultPath", in: fields) else { return .discard }
        do {
            return .put(try ReferencePath(text))
        } catch {
            report(fields.place("ResultPath"), "Value \"\(text)\" is not a Reference Path: \(error.message)")
            return .discard
        }
    }

    mutating func template(_ name: String, in fields: Fields) -> PayloadTemplate? {
        guard let value = fields.object[name] else { return nil }
        var faults: [String] = []
        let template = PayloadTemplate(value) { key, _ in faults.append(key) }
        for key in faults {
            report(
                fields.place(name),
                "The value for the field '\(key)' must be a valid JSONPath or a valid intrinsic function call"
            )
        }
        return template
    }

    mutating func timestamp(_ name: String, in fields: Fields) -> Date? {
        guard let text = string(name, in: fields) else { return nil }
        if let date = Timestamp.parse(text) { return date }
        report(fields.place(name), "String does not match RFC3339 timestamp")
        return nil
    }

    /// A number and its `…Path` variant, of which one may be there.
    mutating func limit(_ name: String, in fields: Fields, in range: ClosedRange<Int>) -> Limit? {
        checkExclusive(name, "\(name)Path", in: fields)
        if let value = integer(name, in: fields, in: range) { return .value(value) }
        return path("\(name)Path", in: fields).map(Limit.path)
    }
}

extension JSONPath {
    /// The path of the whole input.
    static let input = JSONPath(text: "$", root: .input, segments: [], function: nil)
}

extension ReferencePath {
    /// The path of the whole input.
    static let input = ReferencePath()

    private init() {
        text = "$"
        steps = []
    }
}

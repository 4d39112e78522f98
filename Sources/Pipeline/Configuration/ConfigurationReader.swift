internal import JSON

/// Walks a configuration and collects every fault with its path.
struct ConfigurationReader {
    private(set) var faults: [Fault] = []
    private var known: Set<Fault> = []

    mutating func refuse(_ path: String, _ message: String) { add(Fault(path: path, message: message)) }

    /// A fault in a sentence of its own.
    mutating func refuse(at path: String, sentence: String) { add(Fault(path: path, sentence: sentence)) }

    private mutating func add(_ fault: Fault) {
        if known.insert(fault).inserted { faults.append(fault) }
    }

    /// The members of the object at a path; a fault when it is no object.
    mutating func object(_ value: JSON?, at path: String) -> JSONObject? {
        guard let value, !value.isNull else {
            refuse(path, "is missing; it is required and must be an object")
            return nil
        }
        guard let object = value.object else {
            refuse(path, "must be an object, but is \(Self.described(value))")
            return nil
        }
        return object
    }

    /// The non-empty string at a path; a fault when it is missing or something else.
    mutating func string(_ value: JSON?, at path: String) -> String? {
        guard let value, !value.isNull else {
            refuse(path, "is missing; it is required and must be a string")
            return nil
        }
        guard let string = value.string else {
            refuse(path, "must be a string, but is \(Self.described(value))")
            return nil
        }
        if string.isEmpty { refuse(path, "must not be empty") }
        return string
    }

    /// The string at a path if there is one; a fault when there is something else.
    mutating func optionalString(_ value: JSON?, at path: String) -> String? {
        guard let value, !value.isNull else { return nil }
        return string(value, at: path)
    }

    /// A fault for each key that is not among those known, with the one probably meant.
    mutating func checkKeys(_ object: JSONObject, known: [String], at path: String) {
        for key in object.keys where !known.contains(key) {
            refuse(Self.join(path, key), "is not a known key, \(Self.hint(key, object, known: known))")
        }
    }

    /// What may have been meant by a key that is not known.
    static func hint(_ key: String, _ object: JSONObject, known: [String]) -> String {
        let missing = known.filter { object[$0] == nil }
        if let meant = NearestName.find(key, among: missing) ?? NearestName.find(key, among: known) {
            return "did you mean \"\(meant)\"?"
        }
        return "the keys known here are \(known.map { "\"\($0)\"" }.joined(separator: ", "))"
    }

    static func join(_ path: String, _ key: String) -> String {
        path.isEmpty ? key : "\(path).\(key)"
    }

    static func described(_ value: JSON) -> String {
        switch value {
        case .null: "null"
        case .array: "a list"
        case .object: "an object"
        case .string(let text): "the string \"\(text)\""
        case .bool, .integer, .double, .decimal: "\(value.typeName) \(value.text)"
        }
    }
}

internal import JSON

/// Walks a configuration and collects every fault with its path.
struct ConfigurationReader {
    private(set) var faults: [Fault] = []
    private var known: Set<Fault> = []

    mutating func refuse(_ path: String, _ message: String) {
        let fault = Fault(path: path, message: message)
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
            let missing = known.filter { object[$0] == nil }
            let hint =
                if let meant = NearestName.find(key, among: missing) ?? NearestName.find(key, among: known) {
                    "did you mean \"\(meant)\"?"
                } else {
                    "the keys known here are \(known.map { "\"\($0)\"" }.joined(separator: ", "))"
                }
            refuse(Self.join(path, key), "is not a known key, \(hint)")
        }
    }

    static func join(_ path: String, _ key: String) -> String {
        path.isEmpty ? key : "\(path).\(key)"
    }

    private static func described(_ value: JSON) -> String {
        switch value {
        case .null: "null"
        case .array: "a list"
        case .object: "an object"
        case .string(let text): "the string \"\(text)\""
        case .bool, .integer, .double, .decimal: "\(value.typeName) \(value.text)"
        }
    }
}

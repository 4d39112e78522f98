internal import FoundationEssentials
internal import JSON

/// Reads the members of a request, and words what is wrong with them as AWS does.
///
/// A member that is `null` counts as absent. One that is missing is a `ValidationException`; one of another type than
/// its shape says is a `SerializationException`.
struct OperationInput {
    private let members: JSON
    private let path: String

    init(_ members: JSON, at path: String = "") {
        self.members = members
        self.path = path
    }

    /// The value of a member as it is.
    func json(_ key: String) -> JSON? {
        guard let value = members[key], !value.isNull else { return nil }
        return value
    }

    /// A text that must be there and has so many characters.
    func string(_ key: String, length: ClosedRange<Int> = 0...Int.max) throws(WireError) -> String {
        guard let value = try optionalString(key, length: length) else { throw missing(key) }
        return value
    }

    /// A text that may be absent and has so many characters.
    func optionalString(_ key: String, length: ClosedRange<Int> = 0...Int.max) throws(WireError) -> String? {
        guard let text = try value(key, "a string", \.string) else { return nil }
        let count = text.unicodeScalars.count
        guard count >= length.lowerBound else {
            throw invalid(key, "'\(text)'", "Member must have length greater than or equal to \(length.lowerBound)")
        }
        guard count <= length.upperBound else {
            let shown = text.count > 100 ? "\(text.prefix(100))…" : text
            throw invalid(key, "'\(shown)'", "Member must have length less than or equal to \(length.upperBound)")
        }
        return text
    }

    /// Texts that must be there.
    func strings(_ key: String) throws(WireError) -> [String] {
        guard let values = try value(key, "an array", \.array) else { throw missing(key) }
        var texts: [String] = []
        for (index, value) in values.enumerated() {
            guard let text = value.string else {
                let place = "\(path)\(key)[\(index)]"
                throw WireError("SerializationException", "\(place) must be a string, it is \(value.typeName)")
            }
            texts.append(text)
        }
        return texts
    }

    /// A truth value that may be absent.
    func optionalBool(_ key: String) throws(WireError) -> Bool? {
        try value(key, "a boolean", \.bool)
    }

    /// A whole number within bounds that may be absent.
    func optionalInt(_ key: String, in range: ClosedRange<Int>) throws(WireError) -> Int? {
        guard let number = try value(key, "an integer", \.int) else { return nil }
        guard number >= range.lowerBound else {
            throw invalid(key, "\(number)", "Member must have value greater than or equal to \(range.lowerBound)")
        }
        guard number <= range.upperBound else {
            throw invalid(key, "\(number)", "Member must have value less than or equal to \(range.upperBound)")
        }
        return number
    }

    /// A moment in seconds since 1970 that may be absent.
    func optionalDate(_ key: String) throws(WireError) -> Date? {
        try value(key, "a number of seconds", \.double).map { Date(timeIntervalSince1970: $0) }
    }

    /// An object that may be absent.
    func optionalObject(_ key: String) throws(WireError) -> OperationInput? {
        guard try value(key, "an object", \.object) != nil, let value = json(key) else { return nil }
        return OperationInput(value, at: "\(path)\(key).")
    }

    /// A word of a closed set that may be absent.
    func optionalCase<Word: RawRepresentable<String> & CaseIterable>(
        _ key: String,
        of type: Word.Type
    ) throws(WireError) -> Word? {
        guard let text = try optionalString(key) else { return nil }
        guard let word = Word(rawValue: text) else {
            let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw invalid(key, "'\(text)'", "Member must satisfy enum value set: [\(words)]")
        }
        return word
    }

    private func value<Value>(
        _ key: String,
        _ wanted: String,
        _ read: (JSON) -> Value?
    ) throws(WireError) -> Value? {
        guard let json = json(key) else { return nil }
        guard let value = read(json) else {
            throw WireError("SerializationException", "\(path)\(key) must be \(wanted), it is \(json.typeName)")
        }
        return value
    }

    private func missing(_ key: String) -> WireError { invalid(key, "null", "Member must not be null") }

    private func invalid(_ key: String, _ value: String, _ constraint: String) -> WireError {
        WireError(
            "ValidationException",
            "1 validation error detected: Value \(value) at '\(path)\(key)' failed to satisfy constraint: \(constraint)"
        )
    }
}

extension Date {
    /// Seconds since 1970, to the millisecond, as the protocols write a moment.
    var epochSeconds: JSON { .double((timeIntervalSince1970 * 1000).rounded() / 1000) }
}

extension JSON {
    /// An object of the members that have a value.
    static func present(_ members: KeyValuePairs<String, JSON?>) -> JSON {
        var object = JSONObject()
        for (key, value) in members {
            if let value { object[key] = value }
        }
        return .object(object)
    }
}

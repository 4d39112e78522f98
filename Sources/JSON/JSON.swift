/// A JSON value.
///
/// Integers are kept apart from doubles, so `1` stays `1` and no identifier is rounded on its way through;
/// an object keeps the order of its keys, so text that is parsed and printed again reads as its author wrote it.
public enum JSON: Sendable {
    case null
    case bool(Bool)
    /// A number written without fraction or exponent that fits 64 bits.
    case integer(Int64)
    /// Any other number that a double holds.
    case double(Double)
    /// A number that neither of the two holds, as it was written: no digit of it is lost on its way through.
    case decimal(String)
    case string(String)
    case array([JSON])
    case object(JSONObject)
}

// MARK: - Equality

extension JSON: Equatable, Hashable {
    /// Compares by value: `1` equals `1.0`, and objects are equal whatever the order of their keys.
    public static func == (left: JSON, right: JSON) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.integer(let a), .integer(let b)): a == b
        case (.double(let a), .double(let b)): a == b
        case (.integer(let a), .double(let b)), (.double(let b), .integer(let a)): Double(a) == b
        case (.decimal(let a), .decimal(let b)): a == b || DecimalDigits(a) == DecimalDigits(b)
        case (.decimal(let a), .double(let b)), (.double(let b), .decimal(let a)): Double(a) == b
        case (.string(let a), .string(let b)): a == b
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a == b
        default: false
        }
    }

    /// Hashes so that equal values have equal hashes.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .integer(let value): hasher.combine(Optional(Double(value)))
        case .double(let value): hasher.combine(Optional(value))
        case .decimal(let text): hasher.combine(Double(text))
        case .string(let value): hasher.combine(value)
        case .array(let values): hasher.combine(values)
        case .object(let object): hasher.combine(object.count)
        }
    }
}

// MARK: - Order

extension JSON {
    /// How two numbers or two strings are ordered (-1, 0, 1); `nil` for any other two values.
    public func compared(to other: JSON) -> Int? {
        switch (self, other) {
        case (.integer(let a), .integer(let b)): return a < b ? -1 : a == b ? 0 : 1
        case (.string(let a), .string(let b)): return a < b ? -1 : a == b ? 0 : 1
        case (.decimal, _), (_, .decimal): return comparedByDigits(to: other)
        default:
            guard let a = double, let b = other.double else { return nil }
            return a < b ? -1 : a == b ? 0 : 1
        }
    }

    private func comparedByDigits(to other: JSON) -> Int? {
        guard double != nil, other.double != nil else { return nil }
        let (a, b) = (DecimalDigits(text), DecimalDigits(other.text))
        return a < b ? -1 : a == b ? 0 : 1
    }
}

// MARK: - Literals

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// `nil` is JSON's `null`.
    public init(nilLiteral: ()) { self = .null }
    /// A boolean literal.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An integer literal.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A floating-point literal.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// A string literal.
    public init(stringLiteral value: String) { self = .string(value) }
    /// An array literal.
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    /// A dictionary literal; a key given twice keeps its last value.
    public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(JSONObject(elements)) }
}

extension JSON {
    /// An integer value of any width that fits 64 bits.
    public init(_ value: some BinaryInteger) { self = .integer(Int64(value)) }
    /// A double; values that JSON cannot write (NaN, infinities) print as `null`.
    public init(_ value: Double) { self = .double(value) }
    /// A string value, or `null`.
    public init(_ value: String?) { self = value.map(JSON.string) ?? .null }
}

// MARK: - Access

extension JSON {
    /// The member of an object; `nil` when this is no object or has no such key.
    ///
    /// Setting makes an object of `null`.
    public subscript(key: String) -> JSON? {
        get {
            guard case .object(let object) = self else { return nil }
            return object[key]
        }
        set {
            switch self {
            case .object(var object):
                self = .null
                object[key] = newValue
                self = .object(object)
            case .null:
                var object = JSONObject()
                object[key] = newValue
                self = .object(object)
            default:
                preconditionFailure("cannot set \"\(key)\" on a JSON value that is no object")
            }
        }
    }

    /// The element of an array; `nil` when this is no array or the index is outside.
    public subscript(index: Int) -> JSON? {
        guard case .array(let values) = self, values.indices.contains(index) else { return nil }
        return values[index]
    }

    /// The string, if this is one.
    public var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    /// The boolean, if this is one.
    public var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// The number as an integer, if it is one without loss (`2.0` counts).
    public var int: Int? {
        switch self {
        case .integer(let value): Int(value)
        case .double(let value): Int(exactly: value)
        default: nil
        }
    }

    /// The number as a double, if this is a number.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        case .decimal(let text): Double(text)
        default: nil
        }
    }

    /// The elements, if this is an array.
    public var array: [JSON]? {
        guard case .array(let values) = self else { return nil }
        return values
    }

    /// The members, if this is an object.
    public var object: JSONObject? {
        guard case .object(let object) = self else { return nil }
        return object
    }

    /// Whether this is `null`.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// What kind of value this is, in the words of the JSON specification.
    public var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .integer, .double, .decimal: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

import JSON

/// A value while an expression is evaluated; where there is none, an optional of it is `nil`.
enum Value {
    case null
    case bool(Bool)
    case number(Double)
    /// An integer that a double cannot hold, passed through untouched.
    case bigInteger(Int64)
    case string(String)
    case array(ValueArray)
    case object(ObjectValue)
    case function(Function)
}

// MARK: - Kinds

extension Value {
    /// The letter of the value's type in a signature.
    var typeSymbol: Character {
        switch self {
        case .null: "l"
        case .bool: "b"
        case .number, .bigInteger: "n"
        case .string: "s"
        case .array: "a"
        case .object: "o"
        case .function: "f"
        }
    }

    /// How deep values are nested in this one; nothing for a plain value.
    var depth: Int {
        switch self {
        case .array(let array): array.depth
        case .object(let object): object.depth
        case .function(let function): function.depth
        default: 0
        }
    }

    /// Whether this is a function or holds one.
    var holdsFunction: Bool {
        switch self {
        case .array(let array): array.holdsFunction
        case .object(let object): object.holdsFunction
        case .function: true
        default: false
        }
    }

    /// How many values there are in this one, itself counted; a long text counts as many.
    var weight: Float {
        switch self {
        case .array(let array): array.weight
        case .object(let object): object.weight
        case .string(let text): Float(1 + text.utf8.count >> 5)
        default: 1
        }
    }

    /// The type as `$type` names it.
    var typeName: String { Self.typeName(typeSymbol) }

    static func typeName(_ symbol: Character) -> String {
        switch symbol {
        case "l": "null"
        case "b": "boolean"
        case "n": "number"
        case "s": "string"
        case "a": "array"
        case "o": "object"
        default: "function"
        }
    }

    /// The number, if this is one.
    var double: Double? {
        switch self {
        case .number(let number): number
        case .bigInteger(let number): Double(number)
        default: nil
        }
    }

    /// The members of an array, or the value as the only one.
    var elements: [Value] {
        if case .array(let array) = self { array.items } else { [self] }
    }

    /// The truth that JSONata sees in a value: empty things, zero and functions are false.
    var isTrue: Bool {
        switch self {
        case .null, .function: false
        case .bool(let value): value
        case .number(let number): number != 0 && !number.isNaN
        case .bigInteger: true
        case .string(let text): !text.isEmpty
        case .array(let array): array.items.contains(where: \.isTrue)
        case .object(let object): object.count > 0
        }
    }

    /// A sequence as a result: nothing, its only member, or itself.
    var unwrapped: Value? {
        guard case .array(let array) = self, array.isSequence else { return self }
        if array.items.isEmpty { return nil }
        if array.items.count == 1, !array.keepsSingleton { return array.items[0] }
        return self
    }

    /// A sequence of results, unwrapped.
    static func sequence(_ items: [Value]) -> Value? { Value.array(.sequence(items)).unwrapped }

    /// Two values behind one another, each an array or a single value.
    static func appending(_ left: Value?, _ right: Value?) -> Value? {
        guard let left else { return right }
        guard let right else { return left }
        return .array(ValueArray(left.elements + right.elements))
    }
}

extension Value: Equatable {
    static func == (left: Value, right: Value) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.bigInteger(let a), .bigInteger(let b)): a == b
        case (.number, .number), (.number, .bigInteger), (.bigInteger, .number): left.double == right.double
        case (.string(let a), .string(let b)): a == b && a.utf8.count == b.utf8.count
        case (.array(let a), .array(let b)): a.items == b.items
        case (.object(let a), .object(let b)): a.count == b.count && a.members.allSatisfy { b[$0.key] == $0.value }
        case (.function(let a), .function(let b)): a.isSame(as: b)
        default: false
        }
    }
}

// MARK: - JSON

extension Value {
    init(_ json: JSON) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value):
            let double = Double(value)
            self = value.magnitude <= 1 << 53 || Int64(exactly: double) == value ? .number(double) : .bigInteger(value)
        case .double(let value): self = .number(value)
        case .decimal(let text): self = .number(Double(text) ?? .nan)
        case .string(let value): self = .string(value)
        case .array(let values): self = .array(ValueArray(json: values))
        case .object(let object): self = .object(ObjectValue(object))
        }
    }

    /// The value as JSON; a function is an empty string, as `$string` has it.
    var json: JSON {
        switch self {
        case .null: .null
        case .bool(let value): .bool(value)
        case .number(let number):
            if number.rounded() == number, abs(number) <= 9_007_199_254_740_992 {
                .integer(Int64(number))
            } else if !number.isFinite {
                .null
            } else {
                .double(number)
            }
        case .bigInteger(let number): .integer(number)
        case .string(let text): .string(text)
        case .array(let array): .array(array.json ?? array.items.map(\.json))
        case .object(let object): .object(object.source ?? JSONObject(object.members.map { ($0.key, $0.value.json) }))
        case .function: .string("")
        }
    }

    /// The value as JSON as far as there are no functions in it.
    var jsonWithoutFunctions: JSON? {
        guard holdsFunction else { return json }
        switch self {
        case .array(let array): return .array(array.items.map { $0.jsonWithoutFunctions ?? .null })
        case .object(let object):
            let members = object.members.compactMap { key, value in value.jsonWithoutFunctions.map { (key, $0) } }
            return .object(JSONObject(members))
        default: return nil
        }
    }

    /// Whether this is a function or holds one now.
    var containsFunction: Bool {
        guard holdsFunction else { return false }
        return switch self {
        case .function: true
        case .array(let array): array.items.contains(where: \.containsFunction)
        case .object(let object): object.members.contains { $0.value.containsFunction }
        default: false
        }
    }

    /// The value with boxes of its own.
    var copy: Value {
        switch self {
        case .array(let array): return .array(ValueArray(array.items.map(\.copy)))
        case .object(let object):
            let box = ObjectValue()
            for (key, value) in object.members { box.append(key, value.copy) }
            return .object(box)
        default: return self
        }
    }
}

import JSON

/// An array, or a sequence of results, which is an array only where it does not have exactly one member.
struct ValueArray {
    private enum Source {
        case values([Value])
        case json(JSONItems)
    }

    private struct Flags: OptionSet {
        let rawValue: UInt8
        static let sequence = Flags(rawValue: 1)
        static let singleton = Flags(rawValue: 2)
        static let constructed = Flags(rawValue: 4)
        static let wrapper = Flags(rawValue: 8)
        static let function = Flags(rawValue: 16)
    }

    private var source: Source
    /// How many values there are in it, those in shared parts counted for each place.
    private(set) var weight: Float = 1
    private var storedDepth: UInt16 = 1
    private var flags: Flags = []

    init(_ items: [Value]) {
        source = .values(items)
        measure(items)
    }

    /// An array of JSON values, which are looked at when they are asked for.
    init(json: [JSON]) {
        source = .json(JSONItems(json))
        weight = Float(json.count + 1)
    }

    /// The same array as part of no sequence.
    static func sequence(_ items: [Value]) -> ValueArray {
        var array = ValueArray(items)
        array.isSequence = true
        return array
    }

    /// A sequence of numbers one after the other.
    init(_ range: ClosedRange<Int>) {
        source = .values(range.map { .number(Double($0)) })
        flags = .sequence
        weight = Float(range.count + 1)
    }

    /// The input of an expression that is an array, so that paths do not walk through it by themselves.
    init(wrapping input: Value) {
        source = .values([input])
        flags = [.sequence, .wrapper]
    }

    private mutating func measure(_ items: [Value]) {
        storedDepth = 1
        var heavy: Float = 0
        // A plain loop: arrays may have millions of members.
        for item in items {
            switch item {
            case .array, .object, .function:
                storedDepth = max(storedDepth, UInt16(clamping: item.depth + 1))
                if item.holdsFunction { flags.insert(.function) }
                heavy += item.weight
            case .string: heavy += item.weight
            default: break
            }
        }
        weight = heavy + Float(items.count + 1)
    }

    var items: [Value] {
        get {
            switch source {
            case .values(let values): values
            case .json(let items): items.values
            }
        }
        set {
            source = .values(newValue)
            measure(newValue)
        }
    }

    var count: Int {
        switch source {
        case .values(let values): values.count
        case .json(let items): items.json.count
        }
    }

    subscript(index: Int) -> Value {
        switch source {
        case .values(let values): values[index]
        case .json(let items): items.values[index]
        }
    }

    /// The JSON that this is, untouched.
    var json: [JSON]? {
        if case .json(let items) = source { items.json } else { nil }
    }

    /// How deep values are nested in it, itself counted; JSON that came in counts as one.
    var depth: Int { Int(storedDepth) }

    var holdsFunction: Bool { flags.contains(.function) }

    /// Made by a path: flattened into others, and unwrapped when it has one member.
    var isSequence: Bool {
        get { flags.contains(.sequence) }
        set { set(.sequence, newValue) }
    }

    /// Not unwrapped, though a sequence.
    var keepsSingleton: Bool {
        get { flags.contains(.singleton) }
        set { set(.singleton, newValue) }
    }

    /// Made by `[…]` as a step of a path: not flattened.
    var isConstructed: Bool {
        get { flags.contains(.constructed) }
        set { set(.constructed, newValue) }
    }

    /// Whether this holds the whole input, an array.
    var isInputWrapper: Bool { flags.contains(.wrapper) }

    private mutating func set(_ flag: Flags, _ isOn: Bool) {
        if isOn { flags.insert(flag) } else { flags.remove(flag) }
    }
}

/// The members of an array that came in as JSON, made values once.
private final class JSONItems {
    let json: [JSON]
    private(set) lazy var values = json.map(Value.init)

    init(_ json: [JSON]) { self.json = json }
}

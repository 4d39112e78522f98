import FoundationEssentials
import JSON

/// The fields of a Choice state.
struct ChoiceState: Sendable {
    var rules: [Rule]
    /// `Default`.
    var fallback: String?

    struct Rule: Sendable {
        var condition: Condition
        var next: String
        var assign: Template?
        /// `Output` of JSONata.
        var output: JSONataTemplate?
    }

    indirect enum Condition: Sendable {
        case and([Condition])
        case or([Condition])
        case not(Condition)
        case test(JSONPath, Test)
        /// `Condition` of JSONata.
        case expression(JSONataExpression)
    }

    enum Test: Sendable {
        case string(Order, Operand<String>)
        case numeric(Order, Operand<JSON>)
        case timestamp(Order, Operand<Date>)
        case boolean(Operand<Bool>)
        case matches(StringPattern)
        case isPresent(Bool)
        case isKind(Kind, Bool)
    }

    /// A value that is written down or found by a path.
    enum Operand<Value: Sendable>: Sendable {
        case value(Value)
        case path(JSONPath)
    }

    enum Order: String, Sendable, CaseIterable {
        case equals = "Equals"
        case lessThan = "LessThan"
        case greaterThan = "GreaterThan"
        case lessThanEquals = "LessThanEquals"
        case greaterThanEquals = "GreaterThanEquals"

        func holds<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
            switch self {
            case .equals: left == right
            case .lessThan: left < right
            case .greaterThan: left > right
            case .lessThanEquals: left <= right
            case .greaterThanEquals: left >= right
            }
        }
    }

    enum Kind: String, Sendable, CaseIterable {
        case null = "IsNull"
        case string = "IsString"
        case numeric = "IsNumeric"
        case boolean = "IsBoolean"
        case timestamp = "IsTimestamp"

        func holds(_ value: JSON) -> Bool {
            switch (self, value) {
            case (.null, .null), (.string, .string), (.numeric, .integer), (.numeric, .double), (.boolean, .bool): true
            case (.timestamp, .string(let text)): Timestamp.parse(text) != nil
            default: false
            }
        }
    }
}

/// A text that is compared code unit by code unit, as AWS does, so that letters of another make differ.
struct CodeUnits: Comparable {
    let text: String

    static func == (left: CodeUnits, right: CodeUnits) -> Bool { left.text.utf16.elementsEqual(right.text.utf16) }

    static func < (left: CodeUnits, right: CodeUnits) -> Bool {
        left.text.utf16.lexicographicallyPrecedes(right.text.utf16)
    }
}

/// The pattern of `StringMatches`: `*` stands for any text, a backslash takes the next character as it is.
struct StringPattern: Sendable, Equatable {
    private let pieces: [[UInt16]]

    /// Reads a pattern; `nil` when a backslash quotes anything but `*` and itself.
    init?(_ text: String) {
        let (star, backslash) = (UInt16(UInt8(ascii: "*")), UInt16(UInt8(ascii: "\\")))
        var pieces: [[UInt16]] = [[]]
        var units = Array(text.utf16)[...]
        while let unit = units.popFirst() {
            switch unit {
            case star: pieces.append([])
            case backslash:
                guard let quoted = units.popFirst(), quoted == star || quoted == backslash else { return nil }
                pieces[pieces.count - 1].append(quoted)
            default: pieces[pieces.count - 1].append(unit)
            }
        }
        self.pieces = pieces
    }

    /// Whether a whole text matches: the first piece begins it, the last ends it, the others come in order between.
    func matches(_ text: String) -> Bool {
        var rest = Array(text.utf16)[...]
        guard pieces.count > 1 else { return rest.elementsEqual(pieces[0]) }
        guard rest.starts(with: pieces[0]) else { return false }
        rest = rest.dropFirst(pieces[0].count)
        let last = pieces[pieces.count - 1]
        guard rest.count >= last.count, rest.suffix(last.count).elementsEqual(last) else { return false }
        rest = rest.dropLast(last.count)
        for piece in pieces[1..<pieces.count - 1] {
            guard let found = Self.end(of: piece, in: rest) else { return false }
            rest = rest[found...]
        }
        return true
    }

    /// The position after the first occurrence of a piece.
    private static func end(of piece: [UInt16], in text: ArraySlice<UInt16>) -> Int? {
        var rest = text
        while rest.count >= piece.count {
            if rest.starts(with: piece) { return rest.startIndex + piece.count }
            rest = rest.dropFirst()
        }
        return nil
    }
}

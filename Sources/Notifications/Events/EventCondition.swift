internal import JSON

/// One condition of a leaf of an event pattern.
indirect enum EventCondition: Sendable {
    case equals(JSON)
    case equalsIgnoringCase(String)
    case prefix(String, ignoresCase: Bool)
    case suffix(String, ignoresCase: Bool)
    case wildcard(Wildcard)
    case numeric([(comparison: Comparison, number: Double)])
    case exists(Bool)
    case anythingBut([EventCondition])
    case addresses(AddressRange)

    enum Comparison: String, Sendable {
        case less = "<"
        case atMost = "<="
        case equal = "="
        case atLeast = ">="
        case greater = ">"
    }

    /// Whether a value that is there fulfils it.
    func matches(_ value: JSON) -> Bool {
        switch self {
        case .equals(let wanted): value == wanted
        case .equalsIgnoringCase(let text): value.string?.lowercased() == text
        case .prefix(let text, let ignoresCase): Self.text(value, ignoresCase)?.hasBytePrefix(text) == true
        case .suffix(let text, let ignoresCase): Self.text(value, ignoresCase)?.hasByteSuffix(text) == true
        case .wildcard(let wildcard): value.string.map(wildcard.matches) == true
        case .numeric(let comparisons):
            value.double.map { number in comparisons.allSatisfy { $0.comparison.holds(number, $0.number) } } == true
        case .exists(let isWanted): isWanted
        case .anythingBut(let conditions): !conditions.contains { $0.matches(value) }
        case .addresses(let range): value.string.map(range.contains) == true
        }
    }

    /// Whether a field that is not there fulfils it.
    var matchesAbsence: Bool { if case .exists(false) = self { true } else { false } }

    private static func text(_ value: JSON, _ ignoresCase: Bool) -> String? {
        ignoresCase ? value.string?.lowercased() : value.string
    }
}

extension EventCondition.Comparison {
    fileprivate func holds(_ left: Double, _ right: Double) -> Bool {
        switch self {
        case .less: left < right
        case .atMost: left <= right
        case .equal: left == right
        case .atLeast: left >= right
        case .greater: left > right
        }
    }
}

extension String {
    /// Compared byte for byte: `é` in two codings is two texts, as in an event's JSON.
    fileprivate func hasBytePrefix(_ other: String) -> Bool { utf8.starts(with: other.utf8) }

    fileprivate func hasByteSuffix(_ other: String) -> Bool { utf8.reversed().starts(with: other.utf8.reversed()) }
}

/// A text in which `*` stands for any characters; `\*` and `\\` stand for themselves.
struct Wildcard: Sendable {
    private let parts: [[UInt8]]

    /// Reads one; `nil` where two stars follow each other or a backslash stands before anything else.
    init?(_ text: String) {
        var parts: [[UInt8]] = [[]]
        var isEscaped = false
        var endsInStar = false
        for byte in text.utf8 {
            if isEscaped {
                guard byte == UInt8(ascii: "*") || byte == UInt8(ascii: "\\") else { return nil }
                parts[parts.count - 1].append(byte)
                (isEscaped, endsInStar) = (false, false)
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "*") {
                if endsInStar { return nil }
                parts.append([])
                endsInStar = true
            } else {
                parts[parts.count - 1].append(byte)
                endsInStar = false
            }
        }
        if isEscaped { return nil }
        self.parts = parts
    }

    func matches(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard parts.count > 1 else { return bytes == parts[0] }
        let (first, last) = (parts[0], parts[parts.count - 1])
        guard bytes.count >= first.count + last.count, bytes.starts(with: first), bytes.suffix(last.count) == last[...]
        else { return false }
        var rest = bytes[first.count..<bytes.count - last.count]
        for part in parts.dropFirst().dropLast() {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return true
    }
}

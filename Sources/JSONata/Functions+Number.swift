import Glibc

extension Builtin {
    static let numbers: [Entry] = [
        ("number", "<(nsb)-:n>", number),
        ("abs", "<n-:n>", { (call) throws(JSONataError) in call.number(0).map { .number(abs($0)) } }),
        ("floor", "<n-:n>", { (call) throws(JSONataError) in call.number(0).map { .number($0.rounded(.down)) } }),
        ("ceil", "<n-:n>", { (call) throws(JSONataError) in call.number(0).map { .number($0.rounded(.up)) } }),
        ("round", "<n-n?:n>", round),
        ("power", "<n-n:n>", power),
        ("sqrt", "<n-:n>", squareRoot),
        ("sum", "<a<n>:n>", sum),
        ("max", "<a<n>:n>", { (call) throws(JSONataError) in call.numbers?.max().map(Value.number) }),
        ("min", "<a<n>:n>", { (call) throws(JSONataError) in call.numbers?.min().map(Value.number) }),
        ("average", "<a<n>:n>", average),
    ]

    @Sendable private static func number(_ call: Invocation) throws(JSONataError) -> Value? {
        switch call[0] {
        case nil: return nil
        case .bool(let value): return .number(value ? 1 : 0)
        case .string(let text):
            guard let number = parse(text), number.isFinite else {
                throw call.fault("D3030", "the text \"\(text)\" is not a number")
            }
            return .number(number)
        case let value: return value
        }
    }

    /// A decimal number as JSON writes it, or an integer behind `0x`, `0o` or `0b`.
    private static func parse(_ text: String) -> Double? {
        for (prefix, radix) in [("0x", 16), ("0X", 16), ("0o", 8), ("0O", 8), ("0b", 2), ("0B", 2)]
        where text.hasPrefix(prefix) {
            let digits = text.dropFirst(2)
            return digits.first?.isHexDigit == true ? Int(digits, radix: radix).map(Double.init) : nil
        }
        let isDecimal = text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
        return isDecimal && hasDigitsAtPoint(text) ? Double(text) : nil
    }

    /// Whether a number begins with a digit or a minus sign, and has digits on both sides of its point.
    private static func hasDigitsAtPoint(_ text: String) -> Bool {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let unsigned = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        guard let first = unsigned.first, digits.contains(first) else { return false }
        guard let point = unsigned.firstIndex(of: UInt8(ascii: ".")) else { return true }
        return unsigned[unsigned.index(after: point)...].first.map(digits.contains) ?? false
    }

    @Sendable private static func round(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let number = call.number(0) else { return nil }
        return .number(number.rounded(places: Int(clamping: call.number(1) ?? 0)))
    }

    @Sendable private static func power(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let base = call.number(0) else { return nil }
        let exponent = call.number(1) ?? .nan
        let result = pow(base, exponent)
        guard result.isFinite else {
            throw call.fault(
                "D3061",
                "$power(\(base.jsonataText), \(exponent.jsonataText)) is no number that can be held"
            )
        }
        return .number(result)
    }

    @Sendable private static func squareRoot(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let number = call.number(0) else { return nil }
        guard number >= 0 else {
            throw call.fault("D3060", "$sqrt cannot take the negative number \(number.jsonataText)")
        }
        return .number(number.squareRoot())
    }

    @Sendable private static func sum(_ call: Invocation) throws(JSONataError) -> Value? {
        call.numbers.map { .number($0.reduce(0, +)) }
    }

    @Sendable private static func average(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let numbers = call.numbers, !numbers.isEmpty else { return nil }
        return .number(numbers.reduce(0, +) / Double(numbers.count))
    }
}

extension Invocation {
    fileprivate var numbers: [Double]? { array(0)?.compactMap(\.double) }
}

extension Double {
    /// The nearest number with so many places after its point, that with an even digit where two are as near.
    func rounded(places: Int) -> Double {
        guard places != 0 else { return rounded(.toNearestOrEven) + 0 }
        let result = shifted(by: places).rounded(.toNearestOrEven).shifted(by: -places)
        return result.isFinite ? result + 0 : self
    }

    /// The number with its decimal point moved, without the error of a multiplication.
    fileprivate func shifted(by places: Int) -> Double {
        let parts = description.split(separator: "e")
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        return Double("\(parts[0])e\(exponent + places)") ?? self
    }
}

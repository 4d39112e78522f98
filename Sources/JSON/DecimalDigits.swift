/// The digits of a number in the text of JSON: equal for `1.50`, `15e-1` and `1.5`.
struct DecimalDigits: Equatable, Comparable {
    let isNegative: Bool
    /// The digits without zeros at either end; none for zero.
    let digits: [UInt8]
    /// The power of ten of the place before the first digit: `0.digits × 10^exponent`.
    let exponent: Int

    init(_ number: String) {
        var digits: [UInt8] = []
        var exponent = 0
        var hasPoint = false
        var rest = number.utf8[...]
        let minus = rest.first == UInt8(ascii: "-")
        if minus { rest = rest.dropFirst() }
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "."): hasPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                exponent += Self.exponent(rest)
                rest = rest.suffix(0)
            default:
                if !hasPoint { exponent += 1 }
                digits.append(byte)
            }
        }
        let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(zeros)
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        self.digits = digits
        self.exponent = digits.isEmpty ? 0 : exponent - zeros
        isNegative = minus && !digits.isEmpty
    }

    /// An exponent of many digits stands for one that is large enough.
    private static func exponent(_ text: Substring.UTF8View.SubSequence) -> Int {
        let limit = 1_000_000_000
        guard let value = Int(Substring(text)) else { return text.first == UInt8(ascii: "-") ? -limit : limit }
        return max(-limit, min(limit, value))
    }

    static func < (left: DecimalDigits, right: DecimalDigits) -> Bool {
        if left.isNegative != right.isNegative { return left.isNegative }
        return left.isNegative ? right.isSmaller(than: left) : left.isSmaller(than: right)
    }

    /// Compares without the signs.
    private func isSmaller(than other: DecimalDigits) -> Bool {
        if digits.isEmpty || other.digits.isEmpty { return digits.isEmpty && !other.digits.isEmpty }
        if exponent != other.exponent { return exponent < other.exponent }
        return digits.lexicographicallyPrecedes(other.digits)
    }
}

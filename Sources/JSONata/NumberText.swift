extension Double {
    /// The number as JSONata prints it: a fraction with 15 significant digits at most, an exponent from 1e21 on and below 1e-6.
    var jsonataText: String {
        guard rounded() != self else { return shortestText }
        // Most fractions are short, and read as they should.
        let text = description
        if text.utf8.count <= 16, !text.utf8.contains(UInt8(ascii: "e")), isFinite { return text }
        return rounded(toSignificantDigits: 15).shortestText
    }

    /// The nearest number that has so few decimal digits.
    func rounded(toSignificantDigits count: Int) -> Double {
        guard isFinite, self != 0 else { return self }
        var (digits, exponent) = magnitude.decimalDigits
        guard digits.count > count else { return self }
        // The shortest digits may end in a five that stands for a little more or less.
        if digits.count == count + 1, digits[count] == 5, exponent < count,
            let rounded = Double(magnitude.fixed(places: count - 1 - exponent))
        {
            return sign == .minus ? -rounded : rounded
        }
        let roundsUp = digits[count] >= 5
        digits = Array(digits[..<count])
        if roundsUp { exponent += Self.increment(&digits) }
        let text = digits.map(String.init).joined()
        guard let rounded = Double("\(text)e\(exponent - text.utf8.count + 1)") else { return self }
        return sign == .minus ? -rounded : rounded
    }

    /// Adds one in the last place; returns 1 when a digit was gained in front.
    private static func increment(_ digits: inout [Int]) -> Int {
        for index in digits.indices.reversed() {
            if digits[index] < 9 {
                digits[index] += 1
                return 0
            }
            digits[index] = 0
        }
        digits.insert(1, at: 0)
        return 1
    }

    /// The shortest digits that name this number, which is not negative, and the power of ten of the first.
    private var decimalDigits: (digits: [Int], exponent: Int) {
        let parts = description.split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let whole = mantissa[0].compactMap(\.wholeNumberValue)
        let fraction = mantissa.count > 1 ? mantissa[1].compactMap(\.wholeNumberValue) : []
        var digits = whole + fraction
        var first = exponent + whole.count - 1
        while digits.count > 1, digits[0] == 0 {
            digits.removeFirst()
            first -= 1
        }
        while digits.count > 1, digits.last == 0 { digits.removeLast() }
        return (digits, first)
    }

    private var shortestText: String {
        if let integer = Int64(exactly: self), Swift.abs(integer) < 1 << 53 { return "\(integer)" }
        guard isFinite else { return "null" }
        let (digits, exponent) = magnitude.decimalDigits
        let text = digits.map(String.init).joined()
        let minus = self < 0 ? "-" : ""
        switch exponent {
        case 21..., ..<(-6):
            let fraction = text.dropFirst().isEmpty ? "" : ".\(text.dropFirst())"
            return "\(minus)\(text.prefix(1))\(fraction)e\(exponent < 0 ? "-" : "+")\(Swift.abs(exponent))"
        case ..<0: return "\(minus)0.\(String(repeating: "0", count: -exponent - 1))\(text)"
        default:
            let whole = text.prefix(exponent + 1)
            let zeros = String(repeating: "0", count: max(0, exponent + 1 - text.utf8.count))
            let fraction = text.dropFirst(exponent + 1)
            return "\(minus)\(whole)\(zeros)\(fraction.isEmpty ? "" : ".\(fraction)")"
        }
    }
}

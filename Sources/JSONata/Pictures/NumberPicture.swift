import Glibc

/// A picture of `$formatNumber`, as in chapter 4.7 of "XPath and XQuery Functions and Operators 3.1".
struct NumberPicture {
    private let symbols: NumberSymbols
    private let positive: Part
    private let negative: Part

    init(_ text: String, _ symbols: NumberSymbols) throws(PictureFault) {
        self.symbols = symbols
        let separator = symbols.patternSeparator
        var parts = text.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
        if separator.isEmpty { parts = [text] }
        guard parts.count <= 2 else {
            throw PictureFault("D3080", "must not have more than one \"\(symbols.patternSeparator)\"")
        }
        positive = try Part(parts[0], symbols)
        negative = parts.count == 2 ? try Part(parts[1], symbols) : positive.negated(symbols)
    }

    /// The number as the picture has it.
    func text(of number: Double) -> String {
        let part = number >= 0 ? positive : negative
        var mantissa = number * part.factor
        let exponent = part.minimumExponentSize > 0 ? Self.scale(&mantissa, part.scale) : nil
        var digits = digits(of: mantissa, part)
        group(&digits, part)
        if !part.hasPoint || digits.last == symbols.decimalSeparator { digits.removeLast() }
        return part.prefix + digits.joined() + exponentText(exponent, part) + part.suffix
    }

    /// Moves the point so that as many digits stand before it as the picture has; returns by how many places.
    private static func scale(_ mantissa: inout Double, _ size: Int) -> Int {
        guard mantissa != 0, mantissa.isFinite else { return 0 }
        let isNegative = mantissa < 0
        var exponent = 0
        mantissa = mantissa.magnitude
        while mantissa < pow(10, Double(size - 1)) {
            mantissa *= 10
            exponent -= 1
        }
        while mantissa > pow(10, Double(size)) {
            mantissa /= 10
            exponent += 1
        }
        if isNegative { mantissa.negate() }
        return exponent
    }

    private func exponentText(_ exponent: Int?, _ part: Part) -> String {
        guard let exponent else { return "" }
        let digits = symbols.inFamily("\(abs(exponent))")
        let padding = String(repeating: String(symbols.zero), count: max(0, part.minimumExponentSize - digits.count))
        return symbols.exponentSeparator + (exponent < 0 ? symbols.minusSign : "") + padding + digits.joined()
    }

    /// The digits and the point among them, with zeros as the picture asks for.
    private func digits(of number: Double, _ part: Part) -> [String] {
        let zero = String(symbols.zero)
        let rounded = number.rounded(places: part.maximumFractionSize)
        var digits = symbols.inFamily(rounded.magnitude.fixed(places: part.maximumFractionSize))
        if let point = digits.firstIndex(of: ".") {
            digits[point] = symbols.decimalSeparator
        } else {
            digits.append(symbols.decimalSeparator)
        }
        digits = Array(digits.drop { $0 == zero })
        while digits.last == zero { digits.removeLast() }
        let point = digits.firstIndex(of: symbols.decimalSeparator) ?? digits.count
        let missing = part.minimumFractionSize - (digits.count - point - 1)
        digits.insert(contentsOf: Array(repeating: zero, count: max(0, part.minimumIntegerSize - point)), at: 0)
        return digits + Array(repeating: zero, count: max(0, missing))
    }

    private func group(_ digits: inout [String], _ part: Part) {
        let separator = symbols.groupingSeparator
        var point = digits.firstIndex(of: symbols.decimalSeparator) ?? digits.count
        if part.regularGroup > 0 {
            for position in stride(from: part.regularGroup, to: point, by: part.regularGroup) {
                digits.insert(separator, at: point - position)
            }
        } else {
            for position in part.integerGroups {
                digits.insert(separator, atSlice: point - position)
                point += 1
            }
        }
        point = digits.firstIndex(of: symbols.decimalSeparator) ?? digits.count
        for position in part.fractionGroups { digits.insert(separator, at: min(digits.count, point + 1 + position)) }
    }
}

extension [String] {
    /// Inserts where a negative place counts from the end, as JavaScript's `slice` has it.
    fileprivate mutating func insert(_ element: String, atSlice place: Int) {
        insert(element, at: place < 0 ? Swift.max(0, count + place) : Swift.min(place, count))
    }
}

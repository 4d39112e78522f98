extension RegexParser {
    // MARK: - Escapes

    /// `\d` and its kin, behind the backslash.
    mutating func classEscape() -> UnitSet? {
        let set: UnitSet
        switch units.first.flatMap(Unicode.Scalar.init) {
        case "d": set = .digits
        case "D": set = UnitSet.digits.inverted
        case "w": set = .words
        case "W": set = UnitSet.words.inverted
        case "s": set = .spaces
        case "S": set = UnitSet.spaces.inverted
        default: return nil
        }
        units.removeFirst()
        return set
    }

    /// The character behind a backslash; there is one.
    mutating func characterEscape(inClass: Bool) -> UInt16 {
        let unit = units.removeFirst()
        switch Unicode.Scalar(unit) ?? " " {
        case "t": return 9
        case "n": return 10
        case "v": return 11
        case "f": return 12
        case "r": return 13
        case "x": return takeHexadecimal(2) ?? unit
        case "u": return takeHexadecimal(4) ?? unit
        case "c": return control(inClass: inClass)
        case "0"..."7": return octal(from: unit - 0x30)
        default: return unit
        }
    }

    private mutating func takeHexadecimal(_ count: Int) -> UInt16? {
        let digits = units.prefix(count)
        guard digits.count == count, digits.allSatisfy({ Unicode.Scalar($0)?.properties.isASCIIHexDigit == true })
        else {
            return nil
        }
        units = units.dropFirst(count)
        return UInt16(String(decoding: digits, as: UTF16.self), radix: 16)
    }

    /// `\cA`; without a letter the backslash stands for itself, and the `c` is read again.
    private mutating func control(inClass: Bool) -> UInt16 {
        if let unit = units.first, let scalar = Unicode.Scalar(unit), scalar.isASCII {
            let isWord = ("0"..."9").contains(scalar) || scalar == "_"
            if scalar.properties.isAlphabetic || (inClass && isWord) {
                units.removeFirst()
                return unit % 32
            }
        }
        units = [0x63] + units
        return 0x5C
    }

    /// A character by its number in up to three octal digits.
    private mutating func octal(from first: UInt16) -> UInt16 {
        var value = first
        for _ in 0..<2 {
            guard let digit = units.first, digit >= 0x30, digit <= 0x37, value * 8 + digit - 0x30 <= 0xFF else { break }
            value = value * 8 + digit - 0x30
            units.removeFirst()
        }
        return value
    }

    // MARK: - Classes

    /// `[…]` behind its opening bracket.
    mutating func characterClass() throws(Fault) -> UnitSet {
        let isNegative = take("^")
        var ranges: [ClosedRange<UInt16>] = []
        while !take("]") {
            let first = try classMember()
            guard next(is: "-"), units.dropFirst().first != 0x5D else {
                ranges += first.ranges
                continue
            }
            units.removeFirst()
            let last = try classMember()
            if let low = first.only, let high = last.only {
                guard low <= high else { throw Fault(fact: "a range of a class is out of order") }
                ranges.append(low...high)
            } else {
                ranges += first.ranges + [0x2D...0x2D] + last.ranges
            }
        }
        let set = UnitSet(ranges)
        return matched(set, isNegative: isNegative)
    }

    private mutating func classMember() throws(Fault) -> UnitSet {
        guard let unit = units.popFirst() else { throw Fault(fact: "a class is not closed") }
        guard unit == 0x5C else { return UnitSet(unit) }
        if let escaped = classEscape() { return escaped }
        guard !units.isEmpty else { throw Fault(fact: "the expression ends with a backslash") }
        if take("b") { return UnitSet(8) }
        return UnitSet(characterEscape(inClass: true))
    }
}

extension Double {
    /// The number, which is not negative, with so many digits after its point, the nearest there is.
    func fixed(places: Int) -> String {
        guard magnitude < 1e21 else { return jsonataText }
        let integer = significandBitPattern | (isNormal ? 1 << 52 : 0)
        let power = (isNormal ? Int(exponentBitPattern) : 1) - 1_075
        var number = ExactNatural(integer)
        for _ in 0..<places { number.multiply(by: 10) }
        if power >= 0 {
            for _ in 0..<power { number.multiply(by: 2) }
        } else {
            number.halve(times: -power)
        }
        var digits = number.decimalDigits
        guard places > 0 else { return digits }
        if digits.utf8.count <= places {
            digits = String(repeating: "0", count: places + 1 - digits.utf8.count) + digits
        }
        return "\(digits.dropLast(places)).\(digits.suffix(places))"
    }
}

/// A natural number of any size, as many as exact decimals need.
private struct ExactNatural {
    /// In base 2³², the lowest first.
    private var limbs: [UInt32]

    init(_ number: UInt64) { limbs = [UInt32(truncatingIfNeeded: number), UInt32(number >> 32)] }

    mutating func multiply(by factor: UInt32) {
        var carry: UInt64 = 0
        for index in limbs.indices {
            let product = UInt64(limbs[index]) * UInt64(factor) + carry
            limbs[index] = UInt32(truncatingIfNeeded: product)
            carry = product >> 32
        }
        if carry > 0 { limbs.append(UInt32(carry)) }
    }

    /// Divides by two again and again, and rounds halves up at the end.
    mutating func halve(times: Int) {
        let (words, bits) = ((times - 1) / 32, (times - 1) % 32)
        limbs = Array(limbs.dropFirst(words))
        for index in limbs.indices {
            let next = index + 1 < limbs.count ? UInt64(limbs[index + 1]) << 32 : 0
            limbs[index] = UInt32(truncatingIfNeeded: (UInt64(limbs[index]) | next) >> UInt64(bits))
        }
        increment()
        for index in limbs.indices {
            let next = index + 1 < limbs.count ? limbs[index + 1] << 31 : 0
            limbs[index] = limbs[index] >> 1 | next
        }
    }

    private mutating func increment() {
        for index in limbs.indices {
            limbs[index] &+= 1
            if limbs[index] != 0 { return }
        }
        limbs.append(1)
    }

    /// Divides, and returns the remainder.
    private mutating func divide(by divisor: UInt64) -> UInt64 {
        var remainder: UInt64 = 0
        for index in limbs.indices.reversed() {
            let current = remainder << 32 | UInt64(limbs[index])
            limbs[index] = UInt32(current / divisor)
            remainder = current % divisor
        }
        while limbs.last == 0 { limbs.removeLast() }
        return remainder
    }

    var decimalDigits: String {
        var rest = self
        var groups: [String] = []
        while rest.limbs.contains(where: { $0 != 0 }) {
            let group = String(rest.divide(by: 1_000_000_000))
            groups.append(String(repeating: "0", count: 9 - group.utf8.count) + group)
        }
        let digits = groups.reversed().joined().drop { $0 == "0" }
        return digits.isEmpty ? "0" : String(digits)
    }
}

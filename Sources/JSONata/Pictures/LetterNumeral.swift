import Glibc

/// Numbers in letters: a to z, then aa, ab and so on.
enum LetterNumeral {
    /// The number; nothing for zero.
    static func text(of number: Double, isUpper: Bool) -> String {
        guard number.isFinite else { return "" }
        let first: UInt8 = isUpper ? 65 : 97
        var rest = number
        var letters: [UInt8] = []
        while rest > 0 {
            letters.append(first + UInt8((rest - 1).truncatingRemainder(dividingBy: 26)))
            rest = ((rest - 1) / 26).rounded(.down)
        }
        return String(decoding: letters.reversed(), as: UTF8.self)
    }

    static func number(in text: String, isUpper: Bool) -> Double {
        let first: Double = isUpper ? 65 : 97
        var sum = 0.0
        for (index, unit) in text.utf16.reversed().enumerated() {
            sum += (Double(unit) - first + 1) * pow(26, Double(index))
        }
        return sum
    }
}

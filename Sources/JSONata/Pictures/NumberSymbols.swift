/// The characters that pictures of `$formatNumber` are written with, and their results.
struct NumberSymbols {
    var decimalSeparator = "."
    var groupingSeparator = ","
    var exponentSeparator = "e"
    var minusSign = "-"
    var percent = "%"
    var perMille = "\u{2030}"
    var digit = "#"
    var patternSeparator = ";"
    private(set) var zero: Unicode.Scalar = "0"

    /// The usual ones, but those that the options set by name.
    init(_ options: [(key: String, value: Value)]) {
        for case (let key, .string(let text)) in options {
            switch key {
            case "decimal-separator": decimalSeparator = text
            case "grouping-separator": groupingSeparator = text
            case "exponent-separator": exponentSeparator = text
            case "minus-sign": minusSign = text
            case "percent": percent = text
            case "per-mille": perMille = text
            case "zero-digit": zero = text.unicodeScalars.first ?? zero
            case "digit": digit = text
            case "pattern-separator": patternSeparator = text
            default: break
            }
        }
    }

    /// Whether a character is one of the ten digits of the family that begins with the zero.
    func isDecimal(_ scalar: Unicode.Scalar) -> Bool { scalar.value >= zero.value && scalar.value < zero.value + 10 }

    /// Whether a character stands for a digit, which must be there or may be.
    func isDigit(_ scalar: Unicode.Scalar) -> Bool { isDecimal(scalar) || digit == String(scalar) }

    /// Whether a character belongs to the part of a picture that a number takes the place of.
    func isActive(_ scalar: Unicode.Scalar) -> Bool {
        let text = String(scalar)
        return isDigit(scalar) || text == decimalSeparator || text == exponentSeparator || text == groupingSeparator
            || text == patternSeparator
    }

    /// ASCII digits written in the family.
    func inFamily(_ text: String) -> [String] {
        text.unicodeScalars.map { scalar in
            guard let digit = Character(scalar).wholeNumberValue, scalar.isASCII else { return String(scalar) }
            return Unicode.Scalar(zero.value + UInt32(digit)).map { String($0) } ?? String(scalar)
        }
    }
}

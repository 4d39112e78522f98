/// A picture of `$formatInteger` and `$parseInteger`, and of the numbers in those of dates.
struct IntegerPicture {
    enum Letters { case lower, upper, title }

    enum Form {
        case digits
        case letters
        case roman
        case words
        /// A numbering that the reference does not have either, such as `α`.
        case unknown(String)
    }

    /// A sign that stands before so many digits, counted from the right.
    struct Separator {
        let position: Int
        let text: String
    }

    private(set) var form: Form
    private(set) var letters = Letters.lower
    private(set) var isOrdinal = false
    var mandatoryDigits = 0
    private(set) var optionalDigits = 0
    /// The digit zero of the family in which the digits are written.
    private(set) var zero: UInt32 = 0x30
    /// The signs between digits, from right to left.
    private(set) var separators: [Separator] = []
    /// The distance at which one sign repeats, or nothing.
    private(set) var regularGroup = 0
    /// How many digits are read when another number follows at once.
    var parsedWidth: Int?

    init(_ text: String) throws(PictureFault) {
        let scalars = Array(text.unicodeScalars)
        let semicolon = scalars.lastIndex(of: ";")
        let primary = String(scalars[..<(semicolon ?? scalars.count)])
        form = .digits
        if let semicolon, semicolon + 1 < scalars.count { isOrdinal = scalars[semicolon + 1] == "o" }
        switch primary {
        case "A", "a": form = .letters
        case "I", "i": form = .roman
        case "W", "w", "Ww": form = .words
        default: try readDigits(primary)
        }
        letters = primary == "Ww" ? .title : ["A", "I", "W"].contains(primary) ? .upper : .lower
    }

    private mutating func readDigits(_ text: String) throws(PictureFault) {
        var family: UInt32?
        var position = 0
        for scalar in text.unicodeScalars.reversed() {
            if let zero = Self.zeros.last(where: { $0 <= scalar.value }), scalar.value < zero + 10 {
                guard family ?? zero == zero else {
                    throw PictureFault("D3131", "must not mix digits of different scripts")
                }
                family = zero
                mandatoryDigits += 1
                position += 1
            } else if scalar == "#" {
                optionalDigits += 1
                position += 1
            } else {
                separators.append(Separator(position: position, text: String(scalar)))
            }
        }
        guard let family else {
            form = .unknown(text)
            return
        }
        zero = family
        guard Set(separators.map(\.text)).count == 1 else { return }
        regularGroup = NumberPicture.Part.regularDistance(of: separators.map(\.position))
    }

    /// The digit zero of each family of digits.
    private static let zeros: [UInt32] = [
        0x30, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6,
        0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40,
        0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
    ]

    // MARK: - Writing

    /// The number, which has no fraction, as the picture has it.
    func text(of number: Double) throws(PictureFault) -> String {
        let magnitude = number.magnitude
        let text: String
        switch form {
        case .digits: text = digits(of: magnitude)
        case .letters: text = LetterNumeral.text(of: magnitude, isUpper: letters == .upper)
        case .roman:
            guard magnitude < 1_000_000 else {
                throw PictureFault("D3130", "writes Roman numerals, which end below a million")
            }
            let roman = RomanNumeral.text(of: Int(magnitude))
            text = letters == .upper ? roman.uppercased() : roman
        case .words:
            let words = NumberWords.text(of: magnitude, isOrdinal: isOrdinal)
            text = letters == .title ? words : letters == .upper ? words.uppercased() : words.lowercased()
        case .unknown(let token):
            throw PictureFault("D3130", "has no numbering that is known, \"\(token)\"")
        }
        return number < 0 ? "-\(text)" : text
    }

    private func digits(of magnitude: Double) -> String {
        let plain = magnitude.jsonataText
        var digits = plain.unicodeScalars.map { scalar -> String in
            Unicode.Scalar(scalar.value &+ zero &- 0x30).map { String($0) } ?? String(scalar)
        }
        let zeroDigit = Unicode.Scalar(zero).map { String($0) } ?? "0"
        digits = Array(repeating: zeroDigit, count: max(0, mandatoryDigits - digits.count)) + digits
        if regularGroup > 0, let separator = separators.first?.text {
            for position in stride(from: regularGroup, to: digits.count, by: regularGroup) {
                digits.insert(separator, at: digits.count - position - (position / regularGroup - 1))
            }
        } else {
            for separator in separators.reversed() { digits.split(at: separator.position, by: separator.text) }
        }
        return digits.joined() + (isOrdinal ? Self.ordinalSuffix(digits) : "")
    }

    private static func ordinalSuffix(_ digits: [String]) -> String {
        if digits.count > 1, digits[digits.count - 2] == "1" { return "th" }
        return switch digits.last {
        case "1": "st"
        case "2": "nd"
        case "3": "rd"
        default: "th"
        }
    }

    // MARK: - Reading

    /// The expression that a number in a text must match.
    var pattern: String {
        get throws(PictureFault) {
            switch form {
            case .digits: "[0-9]" + (parsedWidth.map { "{\($0)}" } ?? "+") + (isOrdinal ? "(?:th|st|nd|rd)" : "")
            case .letters: letters == .upper ? "[A-Z]+" : "[a-z]+"
            case .roman: letters == .upper ? "[MDCLXVI]+" : "[mdclxvi]+"
            case .words: NumberWords.pattern
            case .unknown(let token): throw PictureFault("D3130", "has no numbering that is known, \"\(token)\"")
            }
        }
    }

    /// The number that a text is in this picture; not a number if it is none.
    func number(in text: String) throws(PictureFault) -> Double {
        switch form {
        case .digits: return integer(at: text)
        case .letters: return LetterNumeral.number(in: text, isUpper: letters == .upper)
        case .roman: return RomanNumeral.number(in: letters == .upper ? text : text.uppercased())
        case .words: return NumberWords.number(in: text.lowercased())
        case .unknown(let token): throw PictureFault("D3130", "has no numbering that is known, \"\(token)\"")
        }
    }

    /// The digits of a text in ASCII, without suffix and separators.
    func plainDigits(of text: String) -> String {
        var scalars = Array(text.unicodeScalars)
        if isOrdinal { scalars.removeLast(min(2, scalars.count)) }
        let signs = regularGroup > 0 ? [","] : separators.map(\.text)
        scalars.removeAll { signs.contains(String($0)) }
        return String(scalars.compactMap { Unicode.Scalar($0.value &- zero &+ 0x30) })
    }

    private func integer(at text: String) -> Double { Double(leadingIntegerOf: plainDigits(of: text)) }
}

extension Double {
    /// The integer that a text begins with, as JavaScript's `parseInt` reads it; not a number if there is none.
    init(leadingIntegerOf text: String) {
        let trimmed = text.unicodeScalars.drop { $0.properties.isWhitespace }
        let sign = trimmed.first == "-" ? -1.0 : 1.0
        let digits = trimmed.first == "-" || trimmed.first == "+" ? trimmed.dropFirst() : trimmed
        if digits.starts(with: "0x".unicodeScalars) || digits.starts(with: "0X".unicodeScalars) {
            let hexadecimal = String(digits.dropFirst(2).prefix { $0.properties.isASCIIHexDigit })
            self = (UInt64(hexadecimal, radix: 16).map { Double($0) } ?? .nan) * sign
            return
        }
        let decimal = String(digits.prefix { ("0"..."9").contains($0) })
        self = (Double(decimal) ?? .nan) * sign
    }
}

extension [String] {
    /// Puts a sign before so many of the last elements, as the reference does it with `substr`.
    fileprivate mutating func split(at position: Int, by sign: String) {
        let place = count - position
        guard place < 0 else { return insert(sign, at: place) }
        self = [sign] + suffix(-place)
    }
}

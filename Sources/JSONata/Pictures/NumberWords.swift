import Glibc

/// Numbers in English words.
enum NumberWords {
    private static let few = [
        "Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve",
        "Thirteen", "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen",
    ]
    private static let ordinals = [
        "Zeroth", "First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth",
        "Eleventh", "Twelfth", "Thirteenth", "Fourteenth", "Fifteenth", "Sixteenth", "Seventeenth", "Eighteenth",
        "Nineteenth",
    ]
    private static let decades = ["Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety"]
    private static let magnitudes = ["Thousand", "Million", "Billion", "Trillion"]

    /// A number without fraction, such as `One Hundred and Twenty-First`.
    static func text(of number: Double, isOrdinal: Bool) -> String {
        text(of: number, follows: false, isOrdinal)
    }

    private static func text(of number: Double, follows: Bool, _ isOrdinal: Bool) -> String {
        guard number.isFinite else { return "" }
        switch number {
        case ..<20: return (follows ? " and " : "") + (isOrdinal ? ordinals : few)[Int(number)]
        case ..<100: return (follows ? " and " : "") + tens(Int(number), isOrdinal)
        case ..<1_000:
            let hundreds = (follows ? ", " : "") + few[Int(number) / 100] + " Hundred"
            return hundreds + rest(Double(Int(number) % 100), isOrdinal)
        default:
            let magnitude = min(Int((log10(number) / 3).rounded(.down)), magnitudes.count)
            let factor = pow(10, Double(magnitude * 3))
            let count = (number / factor).rounded(.down)
            let thousands = text(of: count, follows: false, false) + " " + magnitudes[magnitude - 1]
            return (follows ? ", " : "") + thousands + rest(number - count * factor, isOrdinal)
        }
    }

    private static func rest(_ number: Double, _ isOrdinal: Bool) -> String {
        number > 0 ? text(of: number, follows: true, isOrdinal) : isOrdinal ? "th" : ""
    }

    private static func tens(_ number: Int, _ isOrdinal: Bool) -> String {
        let decade = decades[number / 10 - 2]
        if number % 10 > 0 { return "\(decade)-\((isOrdinal ? ordinals : few)[number % 10])" }
        return isOrdinal ? "\(decade.dropLast())ieth" : decade
    }

    /// All words in the order in which they are tried, each with its value.
    private static let words: [(word: String, value: Double)] = {
        var words = few.enumerated().map { ($1.lowercased(), Double($0)) }
        words += ordinals.enumerated().map { ($1.lowercased(), Double($0)) }
        for (index, decade) in (decades + ["Hundred"]).enumerated() {
            let value = Double((index + 2) * 10)
            words += [(decade.lowercased(), value), (decade.lowercased().dropLast() + "ieth", value)]
        }
        words.append(("hundredth", 100))
        for (index, magnitude) in magnitudes.enumerated() {
            let value = pow(10, Double(index * 3 + 3))
            words += [(magnitude.lowercased(), value), (magnitude.lowercased() + "th", value)]
        }
        return words
    }()

    private static let values = Dictionary(uniqueKeysWithValues: words.map { ($0.word, $0.value) })

    /// The expression that a number in words matches.
    static let pattern = "(?:" + (words.map(\.word) + ["and", "[\\-, ]"]).joined(separator: "|") + ")+"

    /// The number that small letters spell; not a number if a word is unknown.
    static func number(in text: String) -> Double {
        var segments = [0.0]
        for word in split(text) {
            let value = values[word] ?? .nan
            let last = segments.removeLast()
            if value < 100 {
                segments += last >= 1_000 ? [last, value] : [last + value]
            } else {
                segments.append(last * value)
            }
        }
        return segments.reduce(0, +)
    }

    /// The words between `, `, ` and `, spaces, hyphens and backslashes.
    private static func split(_ text: String) -> [String] {
        var words = [""]
        var rest = Substring(text)
        while let character = rest.first {
            if let separator = [", ", " and "].first(where: rest.hasPrefix) {
                words.append("")
                rest = rest.dropFirst(separator.count)
            } else {
                rest.removeFirst()
                if character.isWhitespace || character == "-" || character == "\\" {
                    words.append("")
                } else {
                    words[words.count - 1].append(character)
                }
            }
        }
        return words
    }
}

/// A length of time as people write it: "1 day", "two days", "0.5 days", "1 week and 2 hours".
public struct TimeSpan: Sendable, Hashable, CustomStringConvertible {
    /// As it was written.
    public let text: String
    /// How long it is.
    public let seconds: Double

    /// As it was written.
    public var description: String { text }

    /// Reads a length of time; `nil` for what is none.
    ///
    /// - Parameter text: Amounts, in digits or words, each with its unit, from seconds to years; a month is 30 days, a
    ///   year 365.
    public init?(_ text: String) {
        var words = text.lowercased().split { $0.isWhitespace || $0 == "," }.flatMap(Self.parted)
            .filter { $0 != "and" }
        guard !words.isEmpty else { return nil }
        var seconds = 0.0
        while !words.isEmpty {
            guard let unit = words.firstIndex(where: { Self.unit($0) != nil }), unit > 0,
                let amount = Self.amount(words[..<unit]), let length = Self.unit(words[unit])
            else { return nil }
            seconds += amount * length
            words.removeSubrange(...unit)
        }
        guard seconds.isFinite, seconds >= 0 else { return nil }
        self.text = text
        self.seconds = seconds
    }

    /// `12h` as `12` and `h`, `twenty-one` as its two.
    private static func parted(_ word: Substring) -> [String] {
        if word.first?.isLetter == true { return word.split(separator: "-").map(String.init) }
        let digits = word.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        return digits.isEmpty || digits.count == word.count
            ? [String(word)] : [String(digits), String(word.dropFirst(digits.count))]
    }

    private static func unit(_ word: String) -> Double? {
        let singular = word.count > 1 && word.hasSuffix("s") ? String(word.dropLast()) : word
        return switch singular {
        case "s", "sec", "second": 1
        case "m", "min", "minute": 60
        case "h", "hr", "hour": 3600
        case "d", "day": 86_400
        case "w", "week": 7 * 86_400
        case "month": 30 * 86_400
        case "y", "year": 365 * 86_400
        default: nil
        }
    }

    /// A number in digits, or one up to 999 in words.
    private static func amount(_ words: ArraySlice<String>) -> Double? {
        if words.count == 1, let word = words.first, word.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }) {
            return Double(word)
        }
        var total = 0.0
        for word in words {
            if word == "hundred" {
                total = max(total, 1) * 100
            } else if word == "half" {
                total += 0.5
            } else if word == "a" || word == "an" {
                if words.count == 1 { total += 1 }
            } else if let index = units.firstIndex(of: word) {
                total += Double(index)
            } else if let index = tens.firstIndex(of: word) {
                total += Double((index + 2) * 10)
            } else {
                return nil
            }
        }
        return total
    }

    private static let units = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ]
    private static let tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
}

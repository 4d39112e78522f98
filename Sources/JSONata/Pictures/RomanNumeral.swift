/// Numbers in Roman letters.
enum RomanNumeral {
    private static let numerals: [(value: Int, letters: String)] = [
        (1_000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
        (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
    ]

    /// The number in small letters; nothing for zero.
    static func text(of number: Int) -> String {
        var (rest, text) = (number, "")
        for (value, letters) in numerals {
            text += String(repeating: letters, count: rest / value)
            rest %= value
        }
        return text
    }

    /// The number that capital letters spell; not a number if there is another letter.
    static func number(in text: String) -> Double {
        var (sum, largest) = (0.0, 1.0)
        for letter in text.reversed() {
            let value = value(of: letter)
            if value < largest {
                sum -= value
            } else {
                largest = value
                sum += value
            }
        }
        return sum
    }

    private static func value(of letter: Character) -> Double {
        let numeral = numerals.first { $0.letters == letter.lowercased() && letter.isUppercase }
        return numeral.map { Double($0.value) } ?? .nan
    }
}

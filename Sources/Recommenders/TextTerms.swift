/// The terms of texts: what texts are compared by.
public enum TextTerms {
    /// The terms of a text, in their order: words in small letters, an English plural as its singular.
    ///
    /// Scripts that are written without spaces give pairs of neighbouring characters.
    /// [Harman: "How effective is suffixing?", 1991, for plurals; Nie, Brisebois, Ren: "On Chinese text retrieval", 1996,
    /// for pairs]
    ///
    /// - Parameter text: The text.
    /// - Returns: Its terms; none of a text without letters and digits.
    public static func of(_ text: String) -> [String] {
        var terms: [String] = []
        var run: [Character] = []
        var isIdeographic = false
        for character in text.lowercased() {
            let isNext = character.isLetter || character.isNumber
            let isOther = isNext && character.isIdeographic
            if !run.isEmpty, !isNext || isOther != isIdeographic {
                terms += isIdeographic ? pairs(run) : [singular(String(run))]
                run.removeAll(keepingCapacity: true)
            }
            if isNext {
                run.append(character)
                isIdeographic = isOther
            }
        }
        guard !run.isEmpty else { return terms }
        return terms + (isIdeographic ? pairs(run) : [singular(String(run))])
    }

    private static func pairs(_ run: [Character]) -> [String] {
        run.count == 1 ? [String(run)] : zip(run, run.dropFirst()).map { "\($0)\($1)" }
    }

    private static func singular(_ word: String) -> String {
        let bytes = Array(word.utf8)
        guard bytes.count > 3, bytes.last == UInt8(ascii: "s") else { return word }
        let stem = word.dropLast()
        let before = bytes[bytes.count - 2]
        if before == UInt8(ascii: "e") {
            let third = bytes[bytes.count - 3]
            if third == UInt8(ascii: "i"), bytes.count > 4, !isVowel(bytes[bytes.count - 4], among: "ae") {
                return "\(stem.dropLast(2))y"
            }
            return isVowel(third, among: "aeo") ? word : String(stem)
        }
        return before == UInt8(ascii: "u") || before == UInt8(ascii: "s") ? word : String(stem)
    }

    private static func isVowel(_ byte: UInt8, among letters: StaticString) -> Bool {
        letters.description.utf8.contains(byte)
    }
}

extension Character {
    /// Whether it is of a script that puts no spaces between words: Han, kana, Thai.
    fileprivate var isIdeographic: Bool {
        guard let scalar = unicodeScalars.first?.value else { return false }
        return switch scalar {
        case 0x3040...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x323AF: true
        case 0x0E00...0x0E7F: true
        default: false
        }
    }
}

/// What an unknown word may have been meant to be.
enum Suggestion {
    /// The known word that is at most two edits away, one for short words; case does not count.
    static func closest(to word: String, among known: [String]) -> String? {
        let lowercased = Array(word.lowercased())
        let candidates = known.map { ($0, distance(lowercased, Array($0.lowercased()))) }
        guard let best = candidates.min(by: { $0.1 < $1.1 }), best.1 <= (word.count > 4 ? 2 : 1) else { return nil }
        return best.0
    }

    /// The edits between two words (Levenshtein 1966), a row at a time.
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var row = Array(0...b.count)
        for (i, left) in a.enumerated() {
            var diagonal = i
            row[0] = i + 1
            for (j, right) in b.enumerated() {
                let substitution = diagonal + (left == right ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substitution, row[j] + 1, diagonal + 1)
            }
        }
        return row[b.count]
    }
}

/// Finds the name that a mistyped one was meant to be.
enum Suggestion {
    /// `, did you mean "…"?`, or nothing when no name is near.
    static func clause(for name: String, among names: some Sequence<String>) -> String {
        nearest(to: name, among: names).map { ", did you mean \"\($0)\"?" } ?? ""
    }

    /// The nearest name by edit distance, case ignored; `nil` when more than a third of the letters differ.
    static func nearest(to name: String, among names: some Sequence<String>) -> String? {
        guard name.utf8.count <= longestName else { return nil }
        let limit = max(1, name.utf8.count / 3)
        let letters = Array(name.lowercased().utf8)
        return names.map { (name: $0, distance: distance(letters, Array($0.lowercased().utf8))) }
            .filter { $0.distance <= limit }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
    }

    /// A longer name is no slip of the hand, and comparing it would cost.
    private static let longestName = 64

    /// Levenshtein's distance, a row at a time.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let replaced = diagonal + (a == b ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[right.count]
    }
}

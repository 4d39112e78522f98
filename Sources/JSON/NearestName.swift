/// The known name that a mistyped one was probably meant to be: for errors about unknown keys and values.
public enum NearestName {
    /// The nearest of some names by edit distance, where a swap of neighbours counts once and case counts nothing.
    ///
    /// - Parameters:
    ///   - name: What was written.
    ///   - names: What it may have been meant to be.
    /// - Returns: The nearest, if at most a quarter of the letters differ, and no more than three; never the name itself.
    public static func find(_ name: String, among names: some Sequence<String>) -> String? {
        let typed = Array(name.lowercased())
        guard typed.count <= longestName else { return nil }
        let limit = max(1, min(typed.count / 4, 3))
        var best: (name: String, distance: Int)?
        for candidate in names where candidate != name {
            let distance = distance(typed, Array(candidate.lowercased()))
            if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.name
    }

    /// A longer name is no slip of the hand, and comparing it would cost.
    private static let longestName = 128

    /// Damerau's restricted distance: letters to insert, remove, replace or swap with their neighbour.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var rows = [Array(0...right.count)]
        for i in left.indices {
            var row = [i + 1]
            for j in right.indices {
                var best = min(rows[i][j + 1], row[j]) + 1
                best = min(best, rows[i][j] + (left[i] == right[j] ? 0 : 1))
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    best = min(best, rows[i - 1][j - 1] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}

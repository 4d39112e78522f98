/// Finds what a mistyped name was meant to be.
enum Spelling {
    /// The nearest of some names; nil when none is near.
    static func nearest(to name: String, among names: [String]) -> String? {
        let typed = Array(name.lowercased().utf8.prefix(128))
        let ranked = names.map { (name: $0, distance: distance(typed, Array($0.lowercased().utf8))) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }), best.distance <= max(2, typed.count / 3) else {
            return nil
        }
        return best.name
    }

    /// How many bytes must be put in, taken out or replaced. [Wagner, Fischer: "The string-to-string correction
    /// problem", 1974]
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var previous = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                let replaced = previous[column] + (letter == other ? 0 : 1)
                current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[right.count]
    }
}

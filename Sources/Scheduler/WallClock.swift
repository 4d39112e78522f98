import Foundation

/// The clock on the wall of a time zone: seconds since 1970-01-01T00:00:00 *as shown there*.
///
/// A shown time may belong to no instant (the gap when clocks go forward) or to two (the overlap when they go back).
struct WallClock {
    static let secondsPerDay = 86_400

    let timeZone: TimeZone

    /// What the wall shows at an instant.
    func reading(at instant: Int) -> Int { instant + offset(at: instant) }

    /// The instants at which the wall shows a reading, in order: none in a gap, two in an overlap.
    func instants(showing reading: Int) -> [Int] {
        let before = offset(at: reading - Self.secondsPerDay)
        let after = offset(at: reading + Self.secondsPerDay)
        let candidates =
            before == after ? [reading - before] : [reading - max(before, after), reading - min(before, after)]
        return candidates.filter { self.reading(at: $0) == reading }
    }

    /// The one offset that holds all through a day on the wall, or `nil` when clocks are changed near it.
    func constantOffset(onDay dayNumber: Int) -> Int? {
        let start = dayNumber * Self.secondsPerDay
        let first = offset(at: start - 15 * 3_600)
        return first == offset(at: start + 39 * 3_600) ? first : nil
    }

    /// The first instant after the gap that swallows a reading.
    func endOfGap(around reading: Int) -> Int {
        let before = offset(at: reading - Self.secondsPerDay)
        var low = reading - Self.secondsPerDay
        var high = reading + Self.secondsPerDay
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offset(at: middle) == before { low = middle } else { high = middle }
        }
        return high
    }

    private func offset(at instant: Int) -> Int {
        timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant)))
    }
}

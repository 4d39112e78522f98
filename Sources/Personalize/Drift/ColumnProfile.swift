internal import Glibc
internal import JSON

/// How the values of one column are distributed: how many fall into each of a few bins.
struct ColumnProfile: Sendable, Equatable {
    /// Which values belong together.
    enum Bins: Sendable, Equatable {
        /// One a category, and one for all others.
        case categories([String])
        /// One up to each bound, the bounds ascending, and one above the last.
        case numbers([Double])
        /// One for all that has a value.
        case presence

        /// How many there are.
        var count: Int {
            switch self {
            case .categories(let names): names.count + 1
            case .numbers(let bounds): bounds.count + 1
            case .presence: 1
            }
        }
    }

    let bins: Bins
    /// How many values fall into each bin.
    var counts: [Int]
    /// How many records have no value.
    var nulls = 0

    init(_ bins: Bins) {
        self.bins = bins
        counts = [Int](repeating: 0, count: bins.count)
    }

    /// How many values and records without one were counted.
    var total: Int { counts.reduce(nulls, +) }

    /// The share of records without a value.
    var nullShare: Double { total == 0 ? 0 : Double(nulls) / Double(total) }

    /// The same column where no record has a value.
    func emptied() -> ColumnProfile {
        var profile = ColumnProfile(bins)
        profile.nulls = total
        return profile
    }

    /// Counts a number.
    mutating func count(_ value: Double) {
        guard case .numbers(let bounds) = bins else { return }
        var (low, high) = (0, bounds.count)
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] < value { low = middle + 1 } else { high = middle }
        }
        counts[low] += 1
    }

    /// The population stability index of other data in the same bins, less what chance alone makes of samples of these
    /// sizes; 0 or more.
    ///
    /// By the usual reading below 0.1 little has changed, above 0.25 much has.
    ///
    /// - Parameter other: The profile of the other data, in the same bins.
    /// - Returns: The index; 0 when either is of no records.
    func stability(of other: ColumnProfile) -> Double {
        precondition(bins == other.bins, "profiles in different bins")
        guard total > 0, other.total > 0 else { return 0 }
        let (mine, theirs) = (counts + [nulls], other.counts + [other.nulls])
        let places = mine.indices.filter { mine[$0] + theirs[$0] > 0 }
        // Half a record in each bin keeps an empty one from weighing without end.
        let half = 0.5
        let halves = half * Double(places.count)
        let (sum, otherSum) = (Double(total) + halves, Double(other.total) + halves)
        var index = 0.0
        for place in places {
            let share = (Double(mine[place]) + half) / sum
            let otherShare = (Double(theirs[place]) + half) / otherSum
            index += (otherShare - share) * log(otherShare / share)
        }
        let chance = Double(places.count - 1) * (1 / Double(total) + 1 / Double(other.total))
        return max(0, index - chance)
    }
}

// MARK: - Bins of a reference

extension ColumnProfile.Bins {
    /// As many categories as have a bin of their own.
    static let categoryLimit = 50

    /// The most frequent categories.
    static func categories(of counts: [String: Int]) -> ColumnProfile.Bins {
        let names = counts.sorted { $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value }
        return .categories(names.prefix(categoryLimit).map(\.key))
    }

    /// Tenths of a sample, and what is beyond it to either side.
    static func numbers(of sample: [Double]) -> ColumnProfile.Bins {
        let sorted = sample.sorted()
        guard let least = sorted.first, let greatest = sorted.last else { return .numbers([]) }
        var bounds = [least.nextDown]
        for tenth in 1...9 {
            let bound = sorted[min(sorted.count - 1, sorted.count * tenth / 10)]
            if bound > bounds[bounds.count - 1] { bounds.append(bound) }
        }
        if greatest > bounds[bounds.count - 1] { bounds.append(greatest) }
        return .numbers(bounds)
    }
}

// MARK: - JSON

extension ColumnProfile {
    var json: JSON {
        var json: JSON = ["counts": .array(counts.map { JSON($0) }), "nulls": JSON(nulls)]
        switch bins {
        case .categories(let names): json["categories"] = .array(names.map(JSON.string))
        case .numbers(let bounds): json["bounds"] = .array(bounds.map(JSON.double))
        case .presence: break
        }
        return json
    }

    init?(_ json: JSON) {
        if let names = json["categories"]?.array {
            self.init(.categories(names.compactMap(\.string)))
        } else if let bounds = json["bounds"]?.array {
            self.init(.numbers(bounds.compactMap(\.double)))
        } else {
            self.init(.presence)
        }
        guard let counts = json["counts"]?.array?.compactMap(\.int), counts.count == bins.count,
            let nulls = json["nulls"]?.int
        else { return nil }
        self.counts = counts
        self.nulls = nulls
    }
}

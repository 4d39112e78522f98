internal import JSON

/// A set of ids, small enough to be kept: its size and its least hashes, by which the overlap of two sets is estimated.
///
/// K. Beyer et al., On Synopses for Distinct-Value Estimation Under Multiset Operations, 2007. With 4,096 hashes the
/// estimate is off by less than two in a hundred; sets of so few ids are compared exactly.
struct IdentitySketch: Sendable, Equatable {
    /// How many ids there are.
    private(set) var count = 0
    /// The least hashes, ascending.
    private(set) var hashes: [UInt64] = []

    static let limit = 4096

    init() {}

    /// The sketch of distinct ids' hashes.
    init(_ all: [UInt64]) {
        count = all.count
        hashes = Array(all.sorted().prefix(Self.limit))
    }

    /// The hash of an id's bytes; spread evenly, and the same in every process.
    static func hash(_ bytes: Span<UInt8>) -> UInt64 {
        var hash = ByteScanning.hash(bytes) &+ 0x9e37_79b9_7f4a_7c15
        hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
        return hash ^ (hash >> 31)
    }

    /// How many ids of this set are gone from another, and how many of the other are new, as shares of what is in either.
    func churn(to other: IdentitySketch) -> (gone: Double, new: Double) {
        guard count > 0, other.count > 0 else { return (count > 0 ? 1 : 0, other.count > 0 ? 1 : 0) }
        let (mine, theirs) = (Set(hashes), Set(other.hashes))
        // Within the least hashes of the union each set is known whole, for as far as both sketches reach.
        var union = mine.union(theirs).sorted()
        if max(count, other.count) > Self.limit { union = Array(union.prefix(Self.limit)) }
        let total = Double(union.count)
        let gone = union.count { !theirs.contains($0) }
        let new = union.count { !mine.contains($0) }
        return (Double(gone) / total, Double(new) / total)
    }

    var json: JSON {
        ["count": JSON(count), "hashes": .array(hashes.map { .integer(Int64(bitPattern: $0)) })]
    }

    init?(_ json: JSON) {
        guard let count = json["count"]?.int, let hashes = json["hashes"]?.array else { return nil }
        self.count = count
        for hash in hashes {
            guard case .integer(let bits) = hash else { return nil }
            self.hashes.append(UInt64(bitPattern: bits))
        }
    }
}

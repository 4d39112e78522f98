internal import Kernels

/// How much else than nearness counts among related items: `rankingInfluence` of a campaign.
///
/// Both are from 0 to 1; what they leave of 1 is nearness. Where they are more than 1 together, they share it.
public struct RankingInfluence: Sendable, Equatable {
    /// How much it counts that many users have met an item.
    public var popularity: Double
    /// How much it counts that an item is new.
    public var freshness: Double

    /// An influence.
    ///
    /// - Parameters:
    ///   - popularity: How much it counts that many users have met an item.
    ///   - freshness: How much it counts that an item is new.
    public init(popularity: Double = 0, freshness: Double = 0) {
        self.popularity = popularity
        self.freshness = freshness
    }

    /// The shares of nearness, popularity and freshness, which add up to 1.
    var shares: (nearness: Double, popularity: Double, freshness: Double) {
        let total = max(popularity + freshness, 1)
        return ((total - popularity - freshness) / total, popularity / total, freshness / total)
    }
}

extension ItemSimilarity {
    /// Neighbours in the order that an influence gives them; each part is scaled to what is greatest among them.
    func influenced(_ neighbours: [(item: UInt32, similarity: Float)], by influence: RankingInfluence) -> [UInt32] {
        let shares = influence.shares
        let nearest = Double(neighbours.map(\.similarity).max() ?? 1)
        let users = neighbours.map { Logarithm.of(1 + Double(popularity.popularity(of: $0.item))) }
        let most = max(users.max() ?? 0, 1e-9)
        let times = neighbours.map { creations.isEmpty ? 0 : Double(creations[Int($0.item)]) }
        let (oldest, newest) = (times.min() ?? 0, times.max() ?? 0)
        let span = max(newest - oldest, 1)
        let scores = neighbours.indices.map { index in
            shares.nearness * Double(neighbours[index].similarity) / nearest + shares.popularity * users[index] / most
                + shares.freshness * (times[index] - oldest) / span
        }
        return neighbours.indices.map { $0 }.stablySorted { scores[$0] > scores[$1] }.map { neighbours[$0].item }
    }
}

extension Interactions {
    /// When each item came to be: as it is told, else when it was first met, else when the newest event happened.
    func creations() -> [Int64] {
        var first = [Int64?](repeating: nil, count: itemCount)
        for (item, time) in zip(items, timestamps) { first[Int(item)] = min(first[Int(item)] ?? time, time) }
        let latest = timestamps.max() ?? itemCreations.lazy.compactMap(\.self).max() ?? 0
        return (0..<itemCount).map { item in
            (item < itemCreations.count ? itemCreations[item] : nil) ?? first[item] ?? latest
        }
    }
}

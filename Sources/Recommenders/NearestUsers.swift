internal import Kernels

/// What the users liked whose taste is nearest: `millrace-neighbors`.
///
/// A user's vector is the sum of the vectors of the items he liked, at unit length; an item's vector is made of its
/// features, or of the item itself where there are none. The nearest users of a user, or of any list of items, are found
/// in a graph, and the items are counted that they liked.
/// [Resnick, Iacovou, Suchak, Bergstrom, Riedl: "GroupLens: an open architecture for collaborative filtering of netnews",
/// 1994; Herlocker, Konstan, Borchers, Riedl: "An algorithmic framework for performing collaborative filtering", 1999]
public struct NearestUsers: Recommender, Equatable {
    let configuration: Configuration
    /// The items each user liked: a row a user.
    let likes: Lists
    /// The vectors of the items.
    let features: FeatureRows
    /// The users with a vector, in the order of the graph's rows.
    let users: MappedArray<UInt32>
    let graph: NeighbourGraph
    let popularity: Popularity

    /// Rows of codes, one after another.
    struct Lists: Sendable, Equatable {
        let offsets: MappedArray<Int>
        let codes: MappedArray<UInt32>

        func row(_ number: UInt32) -> Slice<MappedArray<UInt32>> {
            guard Int(number) < offsets.count - 1 else { return codes[0..<0] }
            return codes[offsets[Int(number)]..<offsets[Int(number) + 1]]
        }
    }

    /// Items for a user or any list of items, by how many of the nearest users liked them; or the candidates likewise.
    ///
    /// Scores are shares of the nearest users. When they liked too few items that are not excluded, more users are asked,
    /// then popular items follow with a score of 0.
    public func recommend(_ query: Query) -> [ScoredItem] {
        let liked = query.history ?? query.item.map { [$0] } ?? query.user.map { Array(likes.row($0)) } ?? []
        let own = query.item == nil || query.history != nil ? query.user : nil
        guard let vector = features.vector(of: liked) else { return unknown(query) }
        if let candidates = query.candidates {
            return rank(candidates, Counts(nearest(to: vector, configuration.neighbours, except: own), likes))
        }
        guard query.count > 0 else { return [] }
        var (wanted, best) = (configuration.neighbours, [ScoredItem]())
        while true {
            let nearest = nearest(to: vector, wanted, except: own)
            best = Counts(nearest, likes).best(query.count, excluding: query.excluded)
            guard best.count < query.count, nearest.count == wanted, wanted < 8 * configuration.neighbours else {
                break
            }
            wanted *= 2
        }
        return filledUp(best, query)
    }

    /// The nearest users of a vector and the cosines, the nearest first; none at a right angle or more.
    func nearest(
        to vector: UnitVectors,
        _ count: Int,
        except user: UInt32?
    ) -> [(user: UInt32, cosine: Float)] {
        let found = graph.nearest(to: vector, count: count + (user == nil ? 0 : 1)).first ?? []
        let others = found.map { (user: users[Int($0.row)], cosine: $0.cosine) }
        return Array(others.filter { $0.user != user && $0.cosine > 0 }.prefix(count))
    }

    private func unknown(_ query: Query) -> [ScoredItem] {
        guard let candidates = query.candidates else { return popularity.scored(query) }
        return rank(candidates, Counts([], likes))
    }

    private func rank(_ candidates: [UInt32], _ counts: Counts) -> [ScoredItem] {
        candidates
            .stablySorted { left, right in
                let (first, second) = (counts.weight(of: left), counts.weight(of: right))
                if first != second { return first > second }
                return popularity.popularity(of: left) > popularity.popularity(of: right)
            }
            .map { ScoredItem(item: $0, score: counts.share(of: $0)) }
    }

    private func filledUp(_ items: [ScoredItem], _ query: Query) -> [ScoredItem] {
        guard items.count < query.count else { return items }
        var excluded = query.excluded
        for item in items { excluded.insert(item.item) }
        let popular = popularity.popular(query.count - items.count, excluding: excluded)
        return items + popular.map { ScoredItem(item: $0, score: 0) }
    }
}

/// How many of the nearest users liked each item.
private struct Counts {
    private var weights: [UInt32: Float] = [:]
    private var counts: [UInt32: Int] = [:]
    private let total: Int

    init(_ nearest: [(user: UInt32, cosine: Float)], _ likes: NearestUsers.Lists) {
        total = nearest.count
        for (user, cosine) in nearest {
            for item in likes.row(user) {
                counts[item, default: 0] += 1
                weights[item, default: 0] += 1 + cosine / 1024
            }
        }
    }

    /// By what items are put in order: the count, and of equal counts how near the users are.
    func weight(of item: UInt32) -> Float { weights[item] ?? 0 }

    func share(of item: UInt32) -> Double { total > 0 ? Double(counts[item] ?? 0) / Double(total) : 0 }

    func best(_ count: Int, excluding excluded: ItemSet) -> [ScoredItem] {
        var best = TopK(capacity: count)
        for (item, weight) in weights where !excluded.contains(item) { best.insert(item, score: weight) }
        return best.sorted().map { ScoredItem(item: $0.item, score: share(of: $0.item)) }
    }
}

internal import JSON
internal import Kernels
internal import Recommenders

/// A share of an answer that is given to items of a promotion.
struct Promotion: Sendable {
    /// What its items are marked with.
    let name: String?
    let percent: Int
    let filters: AnswerFilters

    /// How many of so many items it has: the nearest number, and one at least.
    func count(of total: Int) -> Int { max((total * percent + 50) / 100, min(total, 1)) }
}

/// An item of an answer.
struct AnsweredItem: Sendable {
    let item: ScoredItem
    /// The id of an item that the model does not know, whose code then says nothing.
    var unknownID: String?
    var promotionName: String?
    var isPromoted = false
    var isExplored = false
}

extension ServedCampaign {
    /// Items for a query: those of the promotion at places drawn at random, the others around them, each in their order.
    ///
    /// The request's filter applies to the others only, the promotion's to its items only. When the promotion has too few
    /// items the others fill the answer.
    ///
    /// - Parameters:
    ///   - query: What is asked.
    ///   - filter: What the request's filter leaves.
    ///   - promotion: The promotion, if there is one.
    ///   - seed: Of the places.
    /// - Returns: The items, no more than were asked for.
    func recommend(
        _ query: Query,
        _ filter: FilterRestriction?,
        _ promotion: Promotion?,
        seed: UInt64
    ) -> [AnsweredItem] {
        guard let promotion else {
            return served.model.recommend(query.restricted(by: filter)).map { AnsweredItem(item: $0) }
        }
        var promoted = query.restricted(by: promotion.filters.restriction)
        promoted.count = promotion.count(of: query.count)
        let first = served.model.recommend(promoted)
        var others = query.restricted(by: filter)
        others.count = query.count - first.count
        for item in first { others.excluded.insert(item.item) }
        let second = others.count > 0 ? served.model.recommend(others) : []
        return Self.mix(
            first.map { AnsweredItem(item: $0, promotionName: promotion.name, isPromoted: true) },
            second.map { AnsweredItem(item: $0) },
            seed: seed
        )
    }

    /// Two lists as one, each in its order; all ways to do so are equally likely.
    static func mix(
        _ first: [AnsweredItem],
        _ second: [AnsweredItem],
        seed: UInt64,
        stream: UInt64 = 0
    ) -> [AnsweredItem] {
        let random = CounterRandom(seed: seed, stream: stream)
        var mixed: [AnsweredItem] = []
        var (taken, total) = (0, first.count + second.count)
        while total > 0 {
            let share = Double(first.count - taken) / Double(total)
            if random.uniform(at: UInt64(total)) < share {
                mixed.append(first[taken])
                taken += 1
            } else {
                mixed.append(second[mixed.count - taken])
            }
            total -= 1
        }
        return mixed
    }
}

extension Query {
    /// The same question about what a filter leaves.
    func restricted(by filter: FilterRestriction?) -> Query {
        guard let filter else { return self }
        var query = self
        if filter.wantsMetItems { query.excluded = [] }
        query.excluded.formUnion(filter.excluded)
        return query
    }
}

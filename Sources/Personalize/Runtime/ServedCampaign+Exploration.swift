internal import Kernels
internal import Recommenders

/// The filters that hold for an answer, or for the promoted part of one.
struct AnswerFilters: Sendable {
    var requests: [FilterRequest] = []
    /// What they leave of the items that the model knows; nil when there are none.
    var restriction: FilterRestriction?
}

extension ServedCampaign {
    /// Items for a query, new ones at their share of the places; the promotion's at places drawn at random.
    ///
    /// The new items of the promoted part are of the promotion, those of the rest pass the request's filter.
    ///
    /// - Parameters:
    ///   - query: What is asked.
    ///   - user: Who asks; what he has met is left out where the recipe does so.
    ///   - filters: The request's filters.
    ///   - promotion: The promotion, if there is one.
    ///   - seed: Of all that is drawn.
    /// - Returns: The items, no more than were asked for.
    /// - Throws: `PersonalizeError` with `invalidInput` for values that a filter cannot take.
    func recommend(
        _ query: Query,
        for user: String?,
        _ filters: AnswerFilters,
        _ promotion: Promotion?,
        seed: UInt64
    ) throws(PersonalizeError) -> [AnsweredItem] {
        guard let exploration, let newItems else { return recommend(query, filters.restriction, promotion, seed: seed) }
        var part = ExploredPart(campaign: self, exploration: exploration, newItems: newItems, user: user)
        guard let promotion else { return try part.items(query, filters, seed: seed, stream: 1) }
        var promoted = query
        promoted.count = promotion.count(of: query.count)
        let first = try part.items(promoted, promotion.filters, seed: seed, stream: 1)
        part.taken = first
        var others = query
        others.count = query.count - first.count
        let second = try part.items(others, filters, seed: seed, stream: 4)
        let named = first.map { item in
            var item = item
            item.promotionName = promotion.name
            item.isPromoted = true
            return item
        }
        return Self.mix(named, second, seed: seed)
    }
}

/// What one part of an answer is made of.
private struct ExploredPart {
    let campaign: ServedCampaign
    let exploration: Exploration
    let newItems: NewItems
    let user: String?
    /// What the answer has already.
    var taken: [AnsweredItem] = []

    func items(
        _ query: Query,
        _ filters: AnswerFilters,
        seed: UInt64,
        stream: UInt64
    ) throws(PersonalizeError) -> [AnsweredItem] {
        guard query.count > 0 else { return [] }
        var query = query.restricted(by: filters.restriction)
        for item in taken where item.unknownID == nil { query.excluded.insert(item.item.item) }
        let share = CounterRandom(seed: seed, stream: stream).uniform(at: 0)
        let isMetLeftOut = campaign.served.index.excludesMetItems
        let explored = try newItems.draw(
            exploration.count(of: query.count, draw: share) + taken.count,
            CounterRandom(seed: seed, stream: stream + 1),
            isLeft: { !query.excluded.contains($0) },
            filters.requests,
            met: isMetLeftOut ? user : nil
        )
        .filter { item in !taken.contains { $0.unknownID != nil && $0.unknownID == item.unknownID } }
        .prefix(exploration.count(of: query.count, draw: share))
        for item in explored where item.unknownID == nil { query.excluded.insert(item.item.item) }
        query.count -= explored.count
        let best = query.count > 0 ? campaign.served.model.recommend(query).map { AnsweredItem(item: $0) } : []
        return ServedCampaign.mix(Array(explored), best, seed: seed, stream: stream + 2)
    }
}

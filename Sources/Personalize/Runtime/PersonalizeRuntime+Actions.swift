internal import FoundationEssentials
public import JSON
internal import Kernels
internal import Recommenders
internal import Shapes

extension PersonalizeRuntime {
    /// Recommends the actions that a user will most likely take.
    ///
    /// Actions that have expired are left out, and those that the user took less than their REPEAT_FREQUENCY ago. A score
    /// is the chance that he takes the action, 0 for what is explored and where nobody has done anything with actions.
    ///
    /// - Parameter input: The request `GetActionRecommendations`.
    /// - Returns: Its answer: `actionList` and `recommendationId`.
    /// - Throws: `PersonalizeError` with `InvalidInputException` or `ResourceNotFoundException`.
    public func getActionRecommendations(_ input: JSON) throws(PersonalizeError) -> JSON {
        try Shape.getActionRecommendations.validate(input)
        let campaign = try campaign(input)
        let requests = try [filterRequest(input, input, campaign, about: .action)].compactMap(\.self)
        guard let actions = campaign.actions else {
            throw PersonalizeError(
                .invalidInput,
                "Campaign \"\(campaign.arn)\" recommends no actions; its recipe is \(campaign.served.entry.name)"
            )
        }
        let user = try campaign.id("userId", input)
        let wanted = input["numResults"]?.int ?? 0
        guard wanted <= 100 else {
            throw PersonalizeError(.invalidInput, "numResults \"\(wanted)\" must be 100 or less")
        }
        let id = recommendationID(of: campaign)
        let question = ActionQuestion(
            campaign: campaign,
            actions: actions,
            user: user,
            count: wanted == 0 ? 5 : wanted,
            requests: requests,
            now: Int64(now().timeIntervalSince1970)
        )
        let list = try question.answer(seed: id.seed)
        note(campaign, input) { list.compactMap { $0["itemId"]?.string } }
        return ["actionList": .array(list), "recommendationId": .string(id)]
    }
}

/// A request for actions.
private struct ActionQuestion {
    let campaign: ServedCampaign
    let actions: ServedActions
    let user: String
    let count: Int
    let requests: [FilterRequest]
    let now: Int64

    func answer(seed: UInt64) throws(PersonalizeError) -> [JSON] {
        let events = actions.events(of: user)
        var query = campaign.query(user: user, count: count)
        query.excluded = actions.unavailable(events, at: now)
        if let restriction = try actions.filters.restriction(requests) {
            query.excluded.formUnion(restriction.excluded)
        }
        let explored = try explored(query, seed: seed)
        for item in explored where item.unknownID == nil { query.excluded.insert(item.item.item) }
        query.count -= explored.count
        let best = ranked(query, events).map { AnsweredItem(item: $0) }
        // What is explored has no chance to be told of, so that it comes last.
        return (best + explored).map(json)
    }

    private func ranked(_ query: Query, _ events: [ActionEvents.Event]) -> [ScoredItem] {
        guard query.count > 0, case .nextBestAction(let model) = campaign.served.model else { return [] }
        return model.recommend(query, events: events, at: now)
    }

    private func explored(_ query: Query, seed: UInt64) throws(PersonalizeError) -> [AnsweredItem] {
        guard let exploration = campaign.exploration, let newItems = campaign.newItems else { return [] }
        let draw = CounterRandom(seed: seed, stream: 1).uniform(at: 0)
        return try newItems.draw(
            exploration.count(of: count, draw: draw),
            CounterRandom(seed: seed, stream: 2),
            isLeft: { !query.excluded.contains($0) },
            requests,
            met: user
        )
        .filter { action in action.unknownID.map { !actions.hasExpired($0, at: now) } ?? true }
    }

    private func json(_ action: AnsweredItem) -> JSON {
        let id = action.unknownID ?? actions.filters.ids[action.item.item]
        let score = actions.isScored ? action.item.score ?? 0 : 0
        return ["actionId": .string(id), "score": .double(score)]
    }
}

extension Shape {
    static let getActionRecommendations = Shape.structure([
        .optional("campaignArn", .arn), .optional("userId", .words), .optional("numResults", .integer(0...Int.max)),
        .optional("filterArn", .arn), .optional("filterValues", filterValues),
    ])
}

public import JSON
internal import Recommenders
internal import Shapes

extension PersonalizeRuntime {
    /// What an item's score for a user is made of, which of his interactions contributed, and what would take it out.
    ///
    /// - Parameter input: `campaignArn` or `recommenderArn`, `itemId`; `userId`; for recipes of related items `relatedItemId`, the item that
    ///   related ones are asked for; `filterArn` and `filterValues` as requests have them.
    /// - Returns: `score` and `rank`, as an answer that held all items but those that are left out would give them;
    ///   `measure`, `parts` and `total`, which is what the parts add up to; `statement`, how to read it; `removedBy`, what
    ///   leaves the item out of answers.
    /// - Throws: `PersonalizeError` with `InvalidInputException` or `ResourceNotFoundException`.
    public func explain(_ input: JSON) throws(PersonalizeError) -> JSON {
        try Shape.explain.validate(input)
        let campaign = try campaign(input)
        let item = try input.required("itemId")
        let query = try campaign.explainedQuery(input)
        var answer: JSON = [
            campaign.member: .string(campaign.arn), "solutionVersionArn": .string(campaign.served.versionArn),
            "recipe": .string(campaign.served.entry.name), "itemId": .string(item),
        ]
        answer["userId"] = input["userId"]
        let code = campaign.served.index.items.code(of: item)
        answer["isKnownItem"] = .bool(code != nil)
        let removed = try removals(of: item, code, query, input, campaign)
        answer["removedBy"] = .array(removed)
        guard let code else {
            answer["statement"] =
                "The model does not know the item: nothing that counts was done with it before the training."
            return answer
        }
        campaign.explain(code, query, user: input["userId"]?.string, into: &answer)
        return answer
    }

    /// What leaves an item out of answers.
    private func removals(
        of item: String,
        _ code: UInt32?,
        _ query: Query,
        _ input: JSON,
        _ campaign: ServedCampaign
    ) throws(PersonalizeError) -> [JSON] {
        var removed: [JSON] = []
        let own = try filterRequest(input, input, campaign)
        let catalog = code == nil ? campaign.filters.catalog(of: [item]) : campaign.filters
        for (request, kind) in [(own, "FILTER"), (campaign.automaticRequest(input), "AUTOMATIC_FILTER")] {
            guard let request, try catalog.restriction(request).excluded.contains(code ?? 0) else { continue }
            removed.append(["kind": .string(kind), "filterArn": .string(request.filter.arn)])
        }
        let wantsMet = try campaign.filters.restriction([own].compactMap(\.self))?.wantsMetItems == true
        if let code, !wantsMet, query.excluded.contains(code) { removed.append(["kind": "ALREADY_MET"]) }
        return removed
    }
}

extension ServedCampaign {
    /// The member of a request that names it.
    fileprivate var member: String { ARN.isRecommender(arn) ? "recommenderArn" : "campaignArn" }

    /// The question whose answer is explained.
    fileprivate func explainedQuery(_ input: JSON) throws(PersonalizeError) -> Query {
        let count = served.index.items.count
        guard actions == nil else {
            throw PersonalizeError(
                .invalidInput,
                "Campaign \"\(arn)\" recommends actions; the score of an action is the chance that it is taken"
            )
        }
        switch served.entry.recipe.kind {
        case .personalizedRanking: return query(user: try id("userId", input), count: count)
        case .relatedItems:
            var related = input
            related["itemId"] = .string(try id("relatedItemId", input))
            return try recommendationQuery(related, count: count)
        case .userPersonalization, .popularItems, .personalizedActions, .userSegmentation:
            return try recommendationQuery(input, count: count)
        }
    }

    fileprivate func explain(_ item: UInt32, _ query: Query, user: String?, into answer: inout JSON) {
        var open = query
        open.excluded = []
        let ranked = served.model.recommend(open)
        let place = ranked.firstIndex { $0.item == item }
        answer["rank"] = place.map { JSON($0 + 1) }
        answer["score"] = place.flatMap { ranked[$0].score }.map(JSON.double)
        let met = user.map { self.met(by: $0) } ?? []
        let explanation = served.model.explain(item, for: query, met: Array(met.suffix(historyLength)))
        answer["measure"] = .string(explanation.measure)
        answer["total"] = .double(explanation.total)
        answer["statement"] = .string(explanation.statement)
        let sorted = explanation.parts.enumerated().sorted {
            (abs($1.element.value), $0.offset) < (abs($0.element.value), $1.offset)
        }
        answer["parts"] = .array(sorted.map { json($0.element) })
    }

    private func json(_ part: Explanation.Part) -> JSON {
        var answer: JSON
        switch part.source {
        case .item(let item): answer = ["kind": "INTERACTION", "itemId": .string(served.index.items[item])]
        case .user(let user): answer = ["kind": "NEIGHBOUR", "userId": .string(served.index.users[user])]
        case .term(let name): answer = ["kind": "TERM", "name": .string(name)]
        }
        answer["weight"] = part.weight.map(JSON.double)
        answer["value"] = .double(part.value)
        return answer
    }
}

extension Shape {
    fileprivate static let explain = Shape.structure([
        .optional("campaignArn", .arn), .optional("recommenderArn", .arn), .required("itemId", .words),
        .optional("userId", .words), .optional("relatedItemId", .words), .optional("filterArn", .arn),
        .optional("filterValues", filterValues),
    ])
}

public import JSON
internal import Recommenders

extension PersonalizeRuntime {
    /// The most items that stand for a taste, and the most tastes of one request.
    private static let limits = (items: 100, sets: 1000)

    /// Recommends items to whoever likes some others: as to a user who has done nothing but met these.
    ///
    /// - Parameter input: `campaignArn`, of a campaign that recommends to users; `itemIds`, up to a hundred, none for what is
    ///   liked by most; `numResults`; `metadataColumns`, a list of columns of the Items dataset.
    /// - Returns: `solutionVersionArn`, what has answered; `items`, those that were asked about, and `itemList`, each with
    ///   `itemId` and `metadata`, the latter also with `score`; `unknownItemIds`, those that the model does not know;
    ///   `recommendationId`.
    /// - Throws: `PersonalizeError` with `invalidInput` or `resourceNotFound`.
    public func recommendForItems(_ input: JSON) throws(PersonalizeError) -> JSON {
        let campaign = try campaignForSets(input)
        let ids = try Self.ids(input["itemIds"], at: "itemIds")
        let columns = try Self.columns(input, campaign)
        let query = campaign.query(likes: ids, count: try count(of: input))
        let items = query.count > 0 ? campaign.served.model.recommend(query) : []
        func described(_ id: String) -> JSON {
            var item: JSON = ["itemId": .string(id)]
            if let columns, let row = campaign.metadata?.row(id, columns: columns) { item["metadata"] = row }
            return item
        }
        return [
            "solutionVersionArn": .string(campaign.served.versionArn),
            "items": .array(ids.map(described)),
            "unknownItemIds": .array(
                ids.filter { campaign.served.index.items.code(of: $0) == nil }.map(JSON.string)
            ),
            "itemList": .array(
                items.map { found in
                    var item = described(campaign.served.index.items[found.item])
                    item["score"] = found.score.map(JSON.double)
                    return item
                }
            ),
            "recommendationId": .string(recommendationID(of: campaign)),
        ]
    }

    /// The same for many tastes at once.
    ///
    /// - Parameter input: `campaignArn`; `itemIdSets`, a list of up to a thousand lists of items; `numResults`.
    /// - Returns: `solutionVersionArn`; `answers`, one a list, each with `itemIds` as they were given, `recommendedItems` and
    ///   their `scores`, which are `null` where the recipe gives none.
    /// - Throws: `PersonalizeError` with `invalidInput` or `resourceNotFound`.
    public func recommendForItemSets(_ input: JSON) throws(PersonalizeError) -> JSON {
        let campaign = try campaignForSets(input)
        let count = try count(of: input)
        guard let sets = input["itemIdSets"]?.array, (1...Self.limits.sets).contains(sets.count) else {
            throw PersonalizeError(
                .invalidInput,
                "itemIdSets must be a list of 1 to \(Self.limits.sets) lists of items"
            )
        }
        var answers: [JSON] = []
        for (index, set) in sets.enumerated() {
            let ids = try Self.ids(set, at: "itemIdSets[\(index)]")
            let items = campaign.served.model.recommend(campaign.query(likes: ids, count: count))
            answers.append([
                "itemIds": .array(ids.map(JSON.string)),
                "recommendedItems": .array(items.map { .string(campaign.served.index.items[$0.item]) }),
                "scores": .array(items.map { $0.score.map(JSON.double) ?? .null }),
            ])
        }
        return ["solutionVersionArn": .string(campaign.served.versionArn), "answers": .array(answers)]
    }

    private func campaignForSets(_ input: JSON) throws(PersonalizeError) -> ServedCampaign {
        let campaign = try campaign(["campaignArn": input["campaignArn"] ?? .null])
        guard campaign.served.entry.recipe.kind == .userPersonalization else {
            throw PersonalizeError(
                .invalidInput,
                "Campaign \"\(campaign.arn)\" recommends nothing to a taste; its recipe is \(campaign.served.entry.name)"
            )
        }
        return campaign
    }

    private func count(of input: JSON) throws(PersonalizeError) -> Int {
        if let given = input["numResults"], !given.isNull, given.int.map({ $0 < 1 }) ?? true {
            throw PersonalizeError(.invalidInput, "numResults \"\(given.text)\" must be a whole number from 1 to 500")
        }
        return try count(input)
    }

    private static func ids(_ value: JSON?, at place: String) throws(PersonalizeError) -> [String] {
        guard let list = value?.array, list.count <= limits.items, list.allSatisfy({ $0.string?.isEmpty == false })
        else {
            throw PersonalizeError(.invalidInput, "\(place) must be a list of up to \(limits.items) ids of items")
        }
        var seen: Set<RecordID> = []
        return list.compactMap(\.string).filter { seen.insert(RecordID($0)).inserted }
    }

    private static func columns(_ input: JSON, _ campaign: ServedCampaign) throws(PersonalizeError) -> [String]? {
        guard let given = input["metadataColumns"], !given.isNull else { return nil }
        guard let columns = given.array?.map(\.string), !columns.contains(nil) else {
            throw PersonalizeError(.invalidInput, "metadataColumns must be a list of columns of the Items dataset")
        }
        let names = columns.compactMap(\.self)
        for column in names where campaign.metadata?.hasColumn(column) != true {
            throw PersonalizeError(.invalidInput, "metadataColumns: \"\(column)\" is no column of the Items dataset")
        }
        return names
    }
}

extension ServedCampaign {
    /// A question of somebody of whom nothing is known but the items that he likes, which are not recommended to him.
    fileprivate func query(likes ids: [String], count: Int) -> Query {
        let codes = ids.compactMap { served.index.items.code(of: $0) }
        var query = Query(count: count)
        if !codes.isEmpty { query.history = codes }
        query.excluded = ItemSet(codes)
        return query
    }
}

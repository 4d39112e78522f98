internal import JSON
internal import Recommenders

extension ServedCampaign {
    /// What to ask the recommender for a request `GetRecommendations`.
    func recommendationQuery(_ input: JSON, count: Int) throws(PersonalizeError) -> Query {
        for member in served.entry.useCase?.requires ?? [] { _ = try id(member, input) }
        switch served.entry.recipe.kind {
        case .userPersonalization: return query(user: try id("userId", input), count: count)
        case .relatedItems:
            let item = try id("itemId", input)
            var query = Query(item: served.index.items.code(of: item), count: count)
            query.influence = influence
            return query
        case .popularItems: return Query(count: count)
        case .personalizedActions:
            throw PersonalizeError(
                .invalidInput,
                "Campaign \"\(arn)\" recommends actions; use GetActionRecommendations"
            )
        case .userSegmentation: throw served.entry.onlySegments
        case .personalizedRanking:
            throw PersonalizeError(
                .invalidInput,
                "Campaign \"\(arn)\" ranks a given list of items; use GetPersonalizedRanking"
            )
        }
    }

    /// What a campaign's `rankingInfluence` says; nil when it says nothing, or to a model that is not of texts.
    static func influence(_ config: JSON?, on served: ServedModel) -> RankingInfluence? {
        guard served.entry.recipe.usesItemTexts, let given = config?["rankingInfluence"]?.object, !given.isEmpty else {
            return nil
        }
        return RankingInfluence(
            popularity: given["POPULARITY"]?.double ?? 0,
            freshness: given["FRESHNESS"]?.double ?? 0
        )
    }

    /// The input list of a request `GetPersonalizedRanking`, in order; unknown items last and without a score, and
    /// without those that a filter takes out.
    func ranking(
        _ input: JSON,
        _ columns: [String]?,
        _ filter: FilterRequest?
    ) throws(PersonalizeError) -> [JSON] {
        guard served.entry.recipe.kind == .personalizedRanking || served.entry.recipe.kind == .userPersonalization
        else {
            throw PersonalizeError(
                .invalidInput,
                "Campaign \"\(arn)\" does not rank items; its recipe is \(served.entry.name)"
            )
        }
        let ids = distinctIDs(input)
        let limit = columns == nil ? 500 : 50
        guard (1...limit).contains(ids.count) else {
            throw PersonalizeError(.invalidInput, "inputList has \(ids.count) items; it must have 1 to \(limit)")
        }
        var query = query(user: try id("userId", input), count: ids.count)
        let left = try left(of: ids, filter)
        query.excluded = []
        query.candidates = left.known
        let known = served.model.recommend(query).map { answer(AnsweredItem(item: $0), columns) }
        return known + left.unknown.map { answer(id: $0, score: nil, columns) }
    }

    /// Items that the model knows and items that it does not, without those that a filter takes out.
    private func left(
        of ids: [String],
        _ filter: FilterRequest?
    ) throws(PersonalizeError) -> (known: [UInt32], unknown: [String]) {
        let codes = ids.map { served.index.items.code(of: $0) }
        let known = codes.compactMap(\.self)
        let unknown = zip(ids, codes).filter { $0.1 == nil }.map(\.0)
        guard let filter else { return (known, unknown) }
        let excluded = try filters.restriction(filter).excluded
        let left = known.filter { !excluded.contains($0) }
        guard !unknown.isEmpty else { return (left, []) }
        let others = try filters.catalog(of: unknown).restriction(filter).excluded
        return (left, zip(UInt32(0)..., unknown).filter { !others.contains($0.0) }.map(\.1))
    }

    /// The metadata columns a request asks for; `nil` when it asks for none.
    func metadataColumns(_ input: JSON) throws(PersonalizeError) -> [String]? {
        guard let wanted = input["metadataColumns"]?.object else { return nil }
        guard isMetadataEnabled else {
            throw PersonalizeError(
                .invalidInput,
                "Campaign \"\(arn)\" gives no metadata; set enableMetadataWithRecommendations in its campaignConfig"
            )
        }
        guard wanted.count == 1, let columns = wanted["ITEMS"]?.array?.compactMap(\.string) else {
            throw PersonalizeError(.invalidInput, "metadataColumns must have the one member \"ITEMS\"")
        }
        guard columns.count <= 10 else {
            throw PersonalizeError(
                .invalidInput,
                "metadataColumns.ITEMS names \(columns.count) columns; 10 are allowed"
            )
        }
        for column in columns where metadata?.hasColumn(column) != true {
            throw PersonalizeError(.invalidInput, "metadataColumns.ITEMS: \"\(column)\" is no column of the dataset")
        }
        return columns
    }

    /// One item of the answer.
    func answer(_ answered: AnsweredItem, _ columns: [String]?, isKnown: Bool = true) -> JSON {
        var answer = answer(id: id(answered), score: score(answered), columns, answered.promotionName)
        if let reasons = reasons(answered, isKnown: isKnown) { answer["reason"] = reasons }
        return answer
    }

    /// The text of one item of the answer, as that of `answer(_:_:isKnown:)`.
    func write(_ answered: AnsweredItem, _ columns: [String]?, isKnown: Bool, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("itemId")
        writeID(of: answered, to: &writer)
        if let score = score(answered) {
            writer.key("score")
            writer.number(score)
        }
        if let promotion = answered.promotionName {
            writer.key("promotionName")
            writer.string(promotion)
        }
        if let columns, let row = metadata?.row(id(answered), columns: columns) {
            writer.key("metadata")
            writer.value(row)
        }
        if let reasons = reasons(answered, isKnown: isKnown) {
            writer.key("reason")
            writer.value(reasons)
        }
        writer.endObject()
    }

    /// The text of an item's id.
    func writeID(of answered: AnsweredItem, to writer: inout JSONWriter) {
        guard let id = answered.unknownID else {
            return served.index.items.withBytes(of: answered.item.item) { writer.string(utf8: $0) }
        }
        writer.string(id)
    }

    /// The id under which an item is answered.
    func id(_ answered: AnsweredItem) -> String {
        answered.unknownID ?? served.index.items[answered.item.item]
    }

    /// Recommenders of the domains give no scores.
    private func score(_ answered: AnsweredItem) -> Double? {
        served.entry.useCase == nil ? answered.item.score : nil
    }

    private func reasons(_ answered: AnsweredItem, isKnown: Bool) -> JSON? {
        guard givesReasons else { return nil }
        let reasons = answered.reasons(isKnown: isKnown)
        return reasons.isEmpty ? nil : .array(reasons.map(JSON.string))
    }

    private func answer(id: String, score: Double?, _ columns: [String]?, _ promotion: String? = nil) -> JSON {
        var answer: JSONObject = ["itemId": .string(id)]
        if let score { answer["score"] = .double(score) }
        if let promotion { answer["promotionName"] = .string(promotion) }
        if let columns, let row = metadata?.row(id, columns: columns) { answer["metadata"] = row }
        return .object(answer)
    }

    private func distinctIDs(_ input: JSON) -> [String] {
        var seen: Set<RecordID> = []
        return (input["inputList"]?.array ?? []).compactMap(\.string).filter { seen.insert(RecordID($0)).inserted }
    }

    func id(_ member: String, _ input: JSON) throws(PersonalizeError) -> String {
        guard let id = input[member]?.string, !id.isEmpty else {
            throw PersonalizeError(.invalidInput, "'\(member)' must be given for recipe \(served.entry.name)")
        }
        return id
    }
}

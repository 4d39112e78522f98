internal import JSON
public import Personalize

extension OperationTable {
    /// `Millrace.…`: what the API of Personalize does not tell.
    ///
    /// | Operation | Members | Answer |
    /// | --- | --- | --- |
    /// | `GetProgress` | `arn` of a solution version or an import job | `progress`, absent when none is going on |
    /// | `DescribeRecommendationLineage` | `recommendationId` of an answer | what gave it, version, configuration, files |
    /// | `ExplainRecommendation` | `campaignArn` or `recommenderArn`, `itemId`, a user, a filter | parts of the score |
    /// | `GetItemMetadata` | `campaignArn` of a campaign or a recommender, `itemIds` | `items`: the columns of each known item |
    /// | `RecommendForItems` | `campaignArn`, `itemIds` (`numResults`, `metadataColumns`) | `itemList` for who likes those |
    /// | `RecommendForItemSets` | `campaignArn`, `itemIdSets` (`numResults`) | `answers`, one a set |
    /// | `PublishAnswers` | `source`, `database`, `run`, `solutionVersionArn` | `table`, `questionCount`, `rowCount` |
    /// | `ListMetricWindows` | `metricAttributionArn` (`startTime`, `endTime`, `maxResults`) | `windows`, newest first |
    public mutating func addRecommender(_ service: PersonalizeService) {
        self["GetProgress"] = { input in
            let arn = try OperationInput(input).string("arn")
            return .present(["progress": service.progress(of: arn)?.json])
        }
        self["DescribeRecommendationLineage"] = { input in
            try await service.lineage(OperationInput(input).string("recommendationId"))
        }
        self["ExplainRecommendation"] = { input in try service.runtime.explain(input) }
        self["GetItemMetadata"] = { input in
            let members = OperationInput(input)
            let ids = try members.strings("itemIds")
            return ["items": try service.runtime.itemMetadata(members.string("campaignArn"), ids: ids)]
        }
        self["RecommendForItems"] = { input in try service.runtime.recommendForItems(input) }
        self["RecommendForItemSets"] = { input in try service.runtime.recommendForItemSets(input) }
        self["PublishAnswers"] = { input in try await service.publishAnswers(input) }
        self["ListMetricWindows"] = { input in
            let members = OperationInput(input)
            let windows = try await service.metricWindows(
                of: members.string("metricAttributionArn"),
                from: members.optionalInt("startTime", in: Int.min...Int.max).map(Int64.init) ?? .min,
                until: members.optionalInt("endTime", in: Int.min...Int.max).map(Int64.init) ?? .max,
                limit: members.optionalInt("maxResults", in: 1...10_000) ?? 1000
            )
            return ["windows": .array(windows)]
        }
    }
}

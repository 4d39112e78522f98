internal import JSON

/// An answer to `GetRecommendations`: as a value for those who look into it, as text for those who send it on.
struct RecommendationAnswer {
    let campaign: ServedCampaign
    let items: [AnsweredItem]
    /// The metadata columns that are asked for; `nil` when none are.
    let columns: [String]?
    /// Whether the model knows anything of who asks.
    let isKnown: Bool
    let id: String

    var json: JSON {
        let list = items.map { campaign.answer($0, columns, isKnown: isKnown) }
        return ["itemList": .array(list), "recommendationId": .string(id)]
    }

    /// The text of `json`, without making it.
    var utf8: [UInt8] {
        var writer = JSONWriter(capacity: 96 + 64 * items.count)
        writer.beginObject()
        writer.key("itemList")
        writer.beginArray()
        for item in items { campaign.write(item, columns, isKnown: isKnown, to: &writer) }
        writer.endArray()
        writer.key("recommendationId")
        writer.string(id)
        writer.endObject()
        return writer.utf8
    }
}

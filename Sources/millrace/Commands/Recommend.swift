import ArgumentParser
import HTTPAPI
import JSON

/// The command `millrace recommend`.
struct Recommend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask a campaign or a recommender for recommendations.",
        discussion: """
            Which of --user and --item are needed depends on the recipe: recommendations for a user need --user, \
            items related to an item need --item; some recommenders of a domain need both.
            """
    )

    @OptionGroup var options: ClientOptions
    @Argument(help: "The name or ARN of the campaign or the recommender.")
    var campaign: String
    @Option(name: [.short, .long], help: "The user to recommend to.")
    var user: String?
    @Option(name: [.short, .long], help: "The item to find related items of.")
    var item: String?
    @Option(name: [.customShort("n"), .long], help: "How many.")
    var count = 10

    func run() async throws {
        try await reporting {
            let client = try options.client
            let served = try await client.served(named: campaign)
            var request: JSON = [served.member: .string(served.arn), "numResults": .init(count)]
            if let user { request["userId"] = .string(user) }
            if let item { request["itemId"] = .string(item) }
            let answer = try await client.post("/recommendations", request)
            try await ItemList(options: options, key: "itemList").show(answer, campaignARN: served.arn)
        }
    }
}

/// The command `millrace rank`.
struct Rank: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Rank a list of items for a user.",
        discussion: "The campaign must serve a PERSONALIZED_RANKING recipe."
    )

    @OptionGroup var options: ClientOptions
    @Argument(help: "The name or ARN of the campaign.")
    var campaign: String
    @Option(name: [.short, .long], help: "The user to rank for.")
    var user: String
    @Argument(help: "The items to rank.")
    var items: [String]

    func run() async throws {
        try await reporting {
            let client = try options.client
            let arn = try await client.campaignARN(of: campaign)
            let request: JSON = [
                "campaignArn": .string(arn), "userId": .string(user), "inputList": .array(items.map(JSON.string)),
            ]
            let answer = try await client.post("/personalize-ranking", request)
            try await ItemList(options: options, key: "personalizedRanking").show(answer, campaignARN: arn)
        }
    }
}

/// Recommended items, with titles where the items have them.
struct ItemList {
    let options: ClientOptions
    let key: String

    func show(_ answer: JSON, campaignARN: String) async throws {
        guard options.output == .table else { return Terminal.print(answer.prettyText) }
        let items = answer[key]?.array ?? []
        guard !items.isEmpty else { return Terminal.print("No items.") }
        let ids = items.compactMap { $0["itemId"] }
        let described = try await options.client.millrace(
            "GetItemMetadata",
            ["campaignArn": .string(campaignARN), "itemIds": .array(ids)]
        )
        Self.table(of: items, described: described["items"] ?? [:]).print()
    }

    static func table(of items: [JSON], described: JSON) -> Table {
        var table = Table("#", "Item", "Score", "Title", "About")
        for (index, item) in items.enumerated() {
            let id = item["itemId"]?.string ?? ""
            let members = described[id]?.object ?? [:]
            let title = members.first { ["TITLE", "NAME", "ITEM_NAME"].contains($0.key) }
            let about = members.filter { $0.key != title?.key && !$0.value.isNull }.prefix(3)
                .map { $0.value.string ?? $0.value.text }
            table.add(
                "\(index + 1)",
                id,
                item["score"]?.double.map(MetricsTable.rounded) ?? "",
                title?.value.string ?? "",
                Style.dim(about.joined(separator: "  ").truncated(to: 48))
            )
        }
        return table
    }
}

import ArgumentParser
import HTTPAPI
import JSON

/// The command `millrace explain`.
struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what an item's score for a user is made of.",
        discussion: """
            The parts add up to the total, by which the campaign or recommender ranks the item: the user's interactions with what each \
            adds, neighbours, biases or counts, as the recipe has them. It is also told what leaves the item out of \
            answers: that the user has met it, or a filter.

              millrace explain films --user 42 --item 318
              millrace explain films --user 42 --item 318 --filter unseen
              millrace explain similar --related-to 16 --item 318 --json
            """
    )

    @OptionGroup var options: ClientOptions
    @Flag(help: "The same as --output json.")
    var json = false
    @Argument(help: "The name or ARN of the campaign or the recommender.")
    var campaign: String
    @Option(name: [.short, .long], help: "The user.")
    var user: String?
    @Option(name: [.short, .long], help: "The item whose score is explained.")
    var item: String
    @Option(help: "The item that related ones are asked for, where the recipe is for related items.")
    var relatedTo: String?
    @Option(help: "The name or ARN of a filter that may take the item out.")
    var filter: String?
    @Option(help: "A value for a parameter of the filter, as NAME=\"value\"; may be given several times.")
    var filterValue: [String] = []

    func run() async throws {
        try await reporting {
            let client = try options.client
            let served = try await client.served(named: campaign)
            let arn = served.arn
            var request: JSON = [served.member: .string(arn), "itemId": .string(item)]
            request["userId"] = user.map(JSON.string)
            request["relatedItemId"] = relatedTo.map(JSON.string)
            if let filter { request["filterArn"] = .string(try await client.filterARN(of: filter, beside: arn)) }
            if !filterValue.isEmpty { request["filterValues"] = try Self.values(filterValue) }
            let answer = try await client.millrace("ExplainRecommendation", request)
            guard !json else { return Terminal.print(answer.prettyText) }
            let described = try await client.millrace(
                "GetItemMetadata",
                ["campaignArn": .string(arn), "itemIds": .array(Self.items(of: answer).map(JSON.string))]
            )
            options.show(answer) {
                Self.facts(answer).print()
                let parts = Self.parts(answer, described["items"] ?? [:])
                guard !parts.isEmpty else { return }
                Terminal.print("")
                parts.print()
            }
        }
    }

    static func values(_ pairs: [String]) throws -> JSON {
        var values = JSONObject()
        for pair in pairs {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw CommandError(message: "--filter-value \"\(pair)\" must be NAME=\"value\"")
            }
            values[String(parts[0])] = .string(String(parts[1]))
        }
        return .object(values)
    }

    private static func items(of answer: JSON) -> [String] {
        (answer["parts"]?.array ?? []).compactMap { $0["itemId"]?.string }
    }

    static func facts(_ answer: JSON) -> Table {
        var table = Table(of: "Item", answer["itemId"]?.string ?? "")
        if let user = answer["userId"]?.string { table.add("User", user) }
        table.add("Version", answer["solutionVersionArn"]?.string ?? "")
        table.add("Recipe", answer["recipe"]?.string ?? "")
        if let score = answer["score"]?.double { table.add("Score", "\(score)") }
        if let rank = answer["rank"]?.int { table.add("Rank", "\(rank) of all items") }
        if let total = answer["total"]?.double { table.add("Total", "\(total) (\(answer["measure"]?.string ?? ""))") }
        let removed = (answer["removedBy"]?.array ?? []).map { removal in
            [removal["kind"]?.string, removal["filterArn"]?.string].compactMap(\.self).joined(separator: " ")
        }
        table.add("Left out by", removed.isEmpty ? "nothing" : Style.red(removed.joined(separator: ", ")))
        table.add("Reading", answer["statement"]?.string ?? "")
        return table
    }

    static func parts(_ answer: JSON, _ described: JSON) -> Table {
        var table = Table("Part", "Weight", "Adds", "Title")
        for part in answer["parts"]?.array ?? [] {
            let id = part["itemId"]?.string
            let members = id.flatMap { described[$0]?.object } ?? [:]
            let title = members.first { ["TITLE", "NAME", "ITEM_NAME"].contains($0.key) }?.value.string ?? ""
            let name = id ?? part["userId"]?.string.map { "user \($0)" } ?? part["name"]?.string ?? ""
            table.add(
                name,
                part["weight"]?.double.map(MetricsTable.rounded) ?? "",
                part["value"]?.double.map { "\($0)" } ?? "",
                title
            )
        }
        return table
    }
}

extension Client {
    /// The ARN of a filter by its ARN or its name; filters are named alike in all dataset groups of an account.
    fileprivate func filterARN(of name: String, beside campaign: String) async throws -> String {
        guard !name.hasPrefix("arn:") else { return name }
        let parts = campaign.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        return parts.prefix(5).joined(separator: ":") + ":filter/\(name)"
    }
}

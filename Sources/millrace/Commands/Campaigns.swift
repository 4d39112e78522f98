import ArgumentParser
import HTTPAPI
import JSON

/// The command `millrace campaigns …`.
struct Campaigns: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "See the campaigns and what they serve, and decide about it.",
        subcommands: [
            ListCampaigns.self, ShowCampaign.self, Promote.self, Rollback.self, Hold.self, Policy.self,
            RunExperiment.self,
        ],
        defaultSubcommand: ListCampaigns.self
    )

    /// The command `millrace campaigns list`.
    struct ListCampaigns: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List the campaigns.")

        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await reporting {
                let campaigns = try await options.client.campaigns()
                options.show(["campaigns": .array(campaigns)]) {
                    guard !campaigns.isEmpty else { return Terminal.print("No campaigns yet.") }
                    var table = Table("Name", "Status", "Updated", "Arn")
                    for campaign in campaigns {
                        table.add(
                            campaign["name"]?.string ?? "",
                            Style.status(campaign["status"]?.string ?? ""),
                            Moment.text(campaign["lastUpdatedDateTime"]),
                            campaign["campaignArn"]?.string ?? ""
                        )
                    }
                    table.print()
                }
            }
        }
    }

    /// The command `millrace campaigns show`.
    struct ShowCampaign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Show a campaign: its version, recipe, metrics, and what was decided about it."
        )

        @OptionGroup var options: ClientOptions
        @Argument(help: "The name or ARN of the campaign.")
        var campaign: String

        func run() async throws {
            try await reporting {
                let client = try options.client
                let arn = try await client.campaignARN(of: campaign)
                var value = try await client.personalize("DescribeCampaign", ["campaignArn": .string(arn)])
                let version = value["campaign"]?["solutionVersionArn"] ?? .null
                let description = try await client.personalize(
                    "DescribeSolutionVersion",
                    ["solutionVersionArn": version]
                )
                let metrics = try await client.personalize("GetSolutionMetrics", ["solutionVersionArn": version])
                value["solutionVersion"] = description["solutionVersion"]
                value["metrics"] = metrics["metrics"]
                value["rollout"] = try await client.millrace("DescribeRollout", ["campaignArn": .string(arn)])
                options.show(value) { print(value) }
            }
        }

        private func print(_ value: JSON) {
            let campaign = value["campaign"] ?? [:]
            var table = Table(of: "Campaign", campaign["name"]?.string ?? "")
            table.add("Arn", campaign["campaignArn"]?.string ?? "")
            table.add("Status", Style.status(campaign["status"]?.string ?? ""))
            table.add("Version", campaign["solutionVersionArn"]?.string ?? "")
            table.add("Recipe", value["solutionVersion"]?["recipeArn"]?.string ?? "chosen by AutoML")
            table.add("Updated", Moment.text(campaign["lastUpdatedDateTime"]))
            if let update = campaign["latestCampaignUpdate"] {
                table.add("Last move", "\(update["status"]?.string ?? "") \(update["failureReason"]?.string ?? "")")
            }
            table.print()
            Terminal.print()
            MetricsTable.table(of: value["metrics"] ?? [:]).print()
            Terminal.print()
            Rollouts.print(value["rollout"] ?? [:])
        }
    }
}

/// Offline metrics for people.
enum MetricsTable {
    static func table(of metrics: JSON) -> Table {
        var table = Table("Metric", "Value")
        for (name, value) in metrics.object ?? [:] {
            table.add(name, value.double.map { rounded($0) } ?? value.text)
        }
        return table
    }

    /// Four places after the point.
    static func rounded(_ value: Double) -> String {
        let scaled = Int((value * 10_000).rounded())
        let fraction = String(abs(scaled) % 10_000)
        let sign = scaled < 0 ? "-" : ""
        return "\(sign)\(abs(scaled) / 10_000).\(String(repeating: "0", count: 4 - fraction.count))\(fraction)"
    }
}

extension Client {
    /// All campaigns.
    func campaigns() async throws -> [JSON] {
        try await pages(of: "campaigns", { try await $0.personalize("ListCampaigns", $1) }, input: ["maxResults": 100])
    }

    /// All recommenders.
    func recommenders() async throws -> [JSON] {
        try await pages(
            of: "recommenders",
            { try await $0.personalize("ListRecommenders", $1) },
            input: ["maxResults": 100]
        )
    }

    /// The ARN of a campaign by name or ARN.
    func campaignARN(of name: String) async throws -> String {
        if name.hasPrefix("arn:") { return name }
        let campaigns = try await campaigns()
        if let arn = campaigns.first(where: { $0["name"]?.string == name })?["campaignArn"]?.string { return arn }
        throw Self.unknown("campaign", name, among: campaigns)
    }

    /// What answers requests for recommendations, by name or ARN; the campaign where a recommender has the same name.
    func served(named name: String) async throws -> ServedName {
        if name.hasPrefix("arn:") { return ServedName(arn: name) }
        let campaigns = try await campaigns()
        let recommenders = try await recommenders()
        for (list, member) in [(campaigns, "campaignArn"), (recommenders, "recommenderArn")] {
            let found = list.first { $0["name"]?.string == name }
            if let arn = found?[member]?.string { return ServedName(arn: arn) }
        }
        throw Self.unknown("campaign or recommender", name, among: campaigns + recommenders)
    }

    private static func unknown(_ kind: String, _ name: String, among resources: [JSON]) -> CommandError {
        let names = resources.compactMap { $0["name"]?.string }
        let known = names.isEmpty ? "there is none yet" : "there are \(names.joined(separator: ", "))"
        let hint = NearestName.find(name, among: names).map { "did you mean \"\($0)\"?" } ?? known
        return CommandError(message: "no \(kind) is named \"\(name)\", \(hint)")
    }
}

/// A campaign or a recommender, as requests name it.
struct ServedName {
    let arn: String

    /// The member of a request that names it.
    var member: String {
        arn.split(separator: ":").last?.hasPrefix("recommender/") == true ? "recommenderArn" : "campaignArn"
    }
}

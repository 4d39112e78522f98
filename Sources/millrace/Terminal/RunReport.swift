import Foundation
import HTTPAPI
import JSON

/// What a finished run brought: the metrics of each solution, and an answer of each campaign.
struct RunReport {
    let client: Client
    let executionARN: String
    let count: Int

    /// Prints metrics, and recommendations for a user where one is named.
    func print(user: String?) async throws {
        let execution = try await client.stepFunctions("DescribeExecution", ["executionArn": .string(executionARN)])
        let output = try JSON(parsing: execution["output"]?.string ?? "{}")
        let deployments = output["deployments"]?.array ?? []
        printMetrics(deployments)
        var sample: [JSON] = []
        for deployment in deployments {
            guard let campaign = deployment["campaignArn"]?.string else { continue }
            let type = try await recipeType(of: deployment)
            sample = try await printAnswer(of: campaign, type, user: user, sample: sample)
        }
    }

    private func printMetrics(_ deployments: [JSON]) {
        Terminal.print("\n\(Style.bold("Metrics"))")
        var table = Table("Solution", "NDCG@10", "NDCG@25", "MRR@25", "Precision@10", "Coverage")
        let keys = [
            "normalized_discounted_cumulative_gain_at_10", "normalized_discounted_cumulative_gain_at_25",
            "mean_reciprocal_rank_at_25", "precision_at_10", "coverage",
        ]
        for deployment in deployments {
            let metrics = deployment["metrics"] ?? [:]
            let cells = keys.map { metrics[$0]?.double.map(MetricsTable.rounded) ?? "" }
            table.add(
                Self.name(deployment["solutionVersionArn"], after: "solution/"),
                cells[0],
                cells[1],
                cells[2],
                cells[3],
                cells[4]
            )
        }
        table.print()
    }

    private func recipeType(of deployment: JSON) async throws -> String {
        let version = deployment["solutionVersionArn"] ?? .null
        let description = try await client.personalize("DescribeSolutionVersion", ["solutionVersionArn": version])
        guard let recipe = description["solutionVersion"]?["recipeArn"] else { return "USER_PERSONALIZATION" }
        return try await client.personalize("DescribeRecipe", ["recipeArn": recipe])["recipe"]?["recipeType"]?.string
            ?? "USER_PERSONALIZATION"
    }

    /// Asks a campaign what its recipe answers; later campaigns are asked about the items of earlier ones.
    private func printAnswer(of campaign: String, _ type: String, user: String?, sample: [JSON]) async throws -> [JSON]
    {
        var request: JSON = ["campaignArn": .string(campaign), "numResults": .init(count)]
        let title: String
        var path = "/recommendations"
        var key = "itemList"
        switch type {
        case "RELATED_ITEMS":
            guard let item = sample.first else { return sample }
            request["itemId"] = item
            title = "like item \(item.string ?? "")"
        case "PERSONALIZED_RANKING":
            guard let user, !sample.isEmpty else { return sample }
            request = ["campaignArn": .string(campaign), "userId": .string(user), "inputList": .array(sample)]
            title = "ranked for user \(user)"
            (path, key) = ("/personalize-ranking", "personalizedRanking")
        default:
            if let user { request["userId"] = .string(user) }
            title = user.map { "for user \($0)" } ?? "for everybody"
        }
        let items = try await client.post(path, request)[key]?.array ?? []
        let ids = items.compactMap { $0["itemId"] }
        let described = try await client.millrace(
            "GetItemMetadata",
            ["campaignArn": .string(campaign), "itemIds": .array(ids)]
        )
        Terminal.print("\n\(Style.bold(Self.name(.string(campaign), after: "campaign/"))) \(title)")
        ItemList.table(of: items, described: described["items"] ?? [:]).print()
        return sample.isEmpty ? ids : sample
    }

    private static func name(_ arn: JSON?, after kind: String) -> String {
        let text = arn?.string ?? ""
        guard let range = text.range(of: kind) else { return text }
        return String(text[range.upperBound...])
    }
}

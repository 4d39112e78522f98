import FoundationEssentials
import JSON
import Personalize
import TestSupport

/// Generated data: users and items are of two camps, and each user has seen most items of his own.
///
/// User `u3` and item `i5` are of the odd camp; what a user has not seen of his camp must be recommended to him.
struct Films {
    var users = 40
    var items = 24

    /// The items a user has not seen of his own camp.
    func unseen(_ user: Int) -> Set<String> {
        Set((0..<items).filter { $0 % 2 == user % 2 && hasMissed(user, $0) }.map { "i\($0)" })
    }

    private func hasMissed(_ user: Int, _ item: Int) -> Bool { (user / 2 + item / 2) % 4 == 0 }

    /// The interactions as a CSV file.
    func interactions(startingAt start: Int = 1_700_000_000) -> String {
        var lines = ["USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE"]
        for user in 0..<users {
            for item in 0..<items where item % 2 == user % 2 && !hasMissed(user, item) {
                let type = item % 3 == 0 ? "buy" : "watch"
                lines.append("u\(user),i\(item),\(start + item * 60 + user),\(type),\(Double(item % 5) + 1)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The items as a CSV file.
    var itemsFile: String {
        let rows = (0..<items).map { "i\($0),\($0 % 2 == 0 ? "drama|war" : "comedy"),\($0).5" }
        return "ITEM_ID,GENRES,PRICE\n" + rows.joined(separator: "\n") + "\n"
    }
}

extension ServiceUnderTest {
    /// Makes the group `films` with both datasets and imports the generated files.
    func prepareFilms(_ films: Films = Films()) async throws {
        try await create("CreateDatasetGroup", ["name": "films"])
        let group = JSON.string(arn("dataset-group/films"))
        for (name, type, schema) in [
            ("seen", "Interactions", interactionsSchema), ("things", "Items", itemsSchema),
        ] {
            try await call("CreateSchema", ["name": .string(name), "schema": .string(schema)])
            let dataset: JSON = [
                "name": .string(name), "schemaArn": .string(arn("schema/\(name)")), "datasetGroupArn": group,
                "datasetType": .string(type),
            ]
            try await create("CreateDataset", dataset)
        }
        try directory.write(films.interactions(), to: "bucket/Interactions/a.csv")
        try directory.write(films.itemsFile, to: "bucket/Items/a.csv")
        try await importFiles("items-1", "ITEMS", "s3://bucket/Items/")
        try await importFiles("seen-1", "INTERACTIONS", "s3://bucket/Interactions/")
    }

    /// Imports the files at a location and waits for the end.
    @discardableResult
    func importFiles(
        _ name: String,
        _ type: String,
        _ location: String,
        mode: String = "FULL"
    ) async throws -> (arn: String, status: ResourceStatus?) {
        try await create(
            "CreateDatasetImportJob",
            [
                "jobName": .string(name), "datasetArn": .string(arn("dataset/films/\(type)")),
                "dataSource": ["dataLocation": .string(location)], "importMode": .string(mode),
            ]
        )
    }

    /// Makes a solution and trains a version of it.
    func train(
        _ name: String,
        recipe: String? = "aws-popularity-count",
        _ more: JSONObject = [:]
    ) async throws -> (arn: String, status: ResourceStatus?) {
        var input: JSON = ["name": .string(name), "datasetGroupArn": .string(arn("dataset-group/films"))]
        if let recipe { input["recipeArn"] = .string("arn:aws:personalize:::recipe/\(recipe)") }
        if recipe?.contains("personaliz") == true {
            // Two camps need few dimensions.
            input["solutionConfig"] = [
                "algorithmHyperParameters": ["hidden_dimension": "2", "regularization": "0.1"]
            ]
        }
        for (key, value) in more { input[key] = value }
        try await create("CreateSolution", input)
        return try await create("CreateSolutionVersion", ["solutionArn": .string(arn("solution/\(name)"))])
    }

    /// Trains a version and serves it in a campaign of the same name.
    func serve(
        _ name: String,
        recipe: String = "aws-popularity-count",
        campaignConfig: JSON = [:]
    ) async throws -> String {
        let version = try await train(name, recipe: recipe)
        return try await create(
            "CreateCampaign",
            [
                "name": .string(name), "solutionVersionArn": .string(version.arn), "campaignConfig": campaignConfig,
            ]
        ).arn
    }

    /// The ids a campaign recommends.
    func recommend(_ campaign: String, _ more: JSONObject = [:]) throws -> [String] {
        var input: JSON = ["campaignArn": .string(campaign)]
        for (key, value) in more { input[key] = value }
        return try service.runtime.getRecommendations(input)["itemList"]?.array?.compactMap { $0["itemId"]?.string }
            ?? []
    }

    /// The scores of all items a campaign recommends to a user.
    func scores(_ campaign: String, user: String) throws -> [String: Double] {
        let input: JSON = ["campaignArn": .string(campaign), "userId": .string(user), "numResults": 500]
        let items = try service.runtime.getRecommendations(input)["itemList"]?.array ?? []
        return items.reduce(into: [:]) { scores, item in
            if let id = item["itemId"]?.string { scores[id] = item["score"]?.double }
        }
    }

    /// The reason a resource failed for.
    func failureReason(_ kind: String, _ arn: String) async throws -> String? {
        let member = kind.prefix(1).lowercased() + kind.dropFirst()
        let answer = try await call("Describe\(kind)", .object(["\(member)Arn": .string(arn)]))
        return answer[String(member)]?["failureReason"]?.string
    }
}

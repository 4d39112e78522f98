import Foundation
import HTTPAPI
import JSON
import TestSupport
import Testing

/// Recommenders of a domain on the command line.
@Suite struct RecommenderCommandTests {
    private static let recommender = "arn:aws:personalize:us-east-1:000000000000:recommender/mine"

    @Test func `a recommender is asked by its name, explained, and told where its answers come from`() async throws {
        let stage = try await Stage()
        let items = (0..<40).map { "\($0),\($0).5,\($0 % 2 == 0 ? "books" : "tools")\n" }
        try stage.directory.write("ITEM_ID,PRICE,CATEGORY_L1\n" + items.joined(), to: "films/Items/items.csv")
        let events = (0..<60).flatMap { user in
            (0..<20).map { "u\(user),\(2 * $0 + user % 2),View,\(1_700_000_000 + user + $0 * 100)\n" }
        }
        let header = "USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP\n"
        try stage.directory.write(header + events.joined(), to: "films/Views/views.csv")
        try await Self.makeRecommender(stage.service.client)
        func millrace(_ arguments: String...) throws -> String {
            try run(MillraceProcess.program.path, arguments, environment: ["MILLRACE_ENDPOINT": stage.service.endpoint])
        }
        let named = try JSON(parsing: millrace("recommend", "mine", "--user", "u1", "-n", "5", "--output", "json"))
        let known = named["itemList"]?.array?.compactMap { $0["itemId"]?.string } ?? []
        #expect(known.count == 5)
        let table = try millrace("recommend", Self.recommender, "--user", "u1", "-n", "3")
        #expect(table.split(separator: "\n").count == 4, "\(table)")

        let explained = try millrace("explain", "mine", "--user", "u1", "--item", "3")
        #expect(explained.contains("\(Self.recommender)/") && explained.contains("aws-ecomm-recommended-for-you"))

        let lineage = try millrace("lineage", named["recommendationId"]?.string ?? "")
        for fact in [Self.recommender, "aws-ecomm-recommended-for-you", "s3://films/Views/views.csv", "2–1201", "42"] {
            #expect(lineage.contains(fact), "\(fact) in \(lineage)")
        }
        for command in [["recommend", "mime", "--user", "u1"], ["explain", "mime", "--user", "u1", "--item", "3"]] {
            let failure = #expect(throws: ProgramError.self) {
                try run(
                    MillraceProcess.program.path,
                    command,
                    environment: ["MILLRACE_ENDPOINT": stage.service.endpoint]
                )
            }
            let complaint = failure?.complaint ?? ""
            #expect(
                complaint.contains(#"no campaign or recommender is named "mime", did you mean "mine"?"#),
                "\(complaint)"
            )
        }
    }

    /// Imports what was written and makes the recommender `mine`, which does not explore.
    private static func makeRecommender(_ client: Client) async throws {
        func call(_ operation: String, _ input: JSON) async throws -> JSON {
            try await client.call("AmazonPersonalize", operation, input)
        }
        func settled(_ kind: String, _ arn: JSON) async throws {
            let member = kind.prefix(1).lowercased() + kind.dropFirst()
            _ = try await client.until("\(kind) is ACTIVE") { () -> Bool? in
                let found = try await call("Describe\(kind)", .object(["\(member)Arn": arn]))[String(member)]
                try #require(found?["status"] != "CREATE FAILED", "\(found ?? .null)")
                return found?["status"] == "ACTIVE" ? true : nil
            }
        }
        let group = try await call("CreateDatasetGroup", ["name": "shop", "domain": "ECOMMERCE"])["datasetGroupArn"]
        let groupArn = try #require(group)
        try await settled("DatasetGroup", groupArn)
        for (type, folder, fields) in [
            (
                "Interactions", "Views",
                [("USER_ID", "string"), ("ITEM_ID", "string"), ("EVENT_TYPE", "string"), ("TIMESTAMP", "long")]
            ),
            ("Items", "Items", [("ITEM_ID", "string"), ("PRICE", "float"), ("CATEGORY_L1", "string")]),
        ] {
            let columns: [JSON] = fields.map { name, type in
                var field: JSON = ["name": .string(name), "type": .string(type)]
                if name == "CATEGORY_L1" { field["categorical"] = true }
                return field
            }
            let schema: JSON = [
                "type": "record", "name": .string(type), "namespace": "com.amazonaws.personalize.schema",
                "fields": .array(columns), "version": "1.0",
            ]
            let name = JSON.string("shop-\(folder.lowercased())")
            let made = try await call(
                "CreateSchema",
                ["name": name, "schema": .string(schema.text), "domain": "ECOMMERCE"]
            )
            let dataset = try await call(
                "CreateDataset",
                [
                    "name": name, "schemaArn": made["schemaArn"] ?? .null, "datasetGroupArn": groupArn,
                    "datasetType": .string(type),
                ]
            )["datasetArn"]
            let datasetArn = try #require(dataset)
            try await settled("Dataset", datasetArn)
            let job = try await call(
                "CreateDatasetImportJob",
                [
                    "jobName": name, "datasetArn": datasetArn,
                    "dataSource": ["dataLocation": .string("s3://films/\(folder)/")],
                ]
            )["datasetImportJobArn"]
            try await settled("DatasetImportJob", try #require(job))
        }
        let input: JSON = [
            "name": "mine", "datasetGroupArn": groupArn,
            "recipeArn": "arn:aws:personalize:::recipe/aws-ecomm-recommended-for-you",
            "recommenderConfig": ["itemExplorationConfig": ["explorationWeight": "0"]],
        ]
        try await settled("Recommender", try #require(try await call("CreateRecommender", input)["recommenderArn"]))
    }
}

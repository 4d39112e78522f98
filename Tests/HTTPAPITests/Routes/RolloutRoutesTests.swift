import FoundationEssentials
import HTTPAPI
import JSON
import TestSupport
import Testing

/// `Millrace.…`: what is decided about campaigns, over HTTP.
@Suite(.timeLimit(.minutes(5))) struct RolloutRoutesTests {
    private static func arn(_ path: String) -> String { "arn:aws:personalize:us-east-1:000000000000:\(path)" }
    private static let campaign: JSON = ["campaignArn": .string(arn("campaign/pick"))]

    /// A service behind its door.
    private struct Door {
        let client: Client

        func millrace(_ operation: String, _ more: JSONObject = [:]) async throws -> JSON {
            var input = RolloutRoutesTests.campaign
            for (key, value) in more { input[key] = value }
            return try await client.call("Millrace", operation, input)
        }

        /// The code and the text of a refusal.
        func refusal(_ operation: String, _ input: JSON) async -> String {
            do throws(ClientError) {
                return "answered \(try await client.call("Millrace", operation, input))"
            } catch {
                return "\(error)"
            }
        }

        func create(_ operation: String, _ kind: String, _ input: JSON) async throws -> String {
            let answer = try await client.call("AmazonPersonalize", "Create\(operation)", input)
            let arn = answer["\(kind)Arn"] ?? .null
            while true {
                let described = try await client.call(
                    "AmazonPersonalize",
                    "Describe\(operation)",
                    .object(["\(kind)Arn": arn])
                )
                let status = described[kind]?["status"]?.string ?? "ACTIVE"
                if status == "ACTIVE" { return arn.string ?? "" }
                try #require(status != "CREATE FAILED", "\(described)")
                await Task.yield()
            }
        }

        /// Waits until the campaign serves a version and is not being moved.
        func served() async throws -> String {
            while true {
                let input = RolloutRoutesTests.campaign
                let described = try await client.call("AmazonPersonalize", "DescribeCampaign", input)["campaign"]
                let update = described?["latestCampaignUpdate"]?["status"]?.string ?? "ACTIVE"
                if described?["status"] == "ACTIVE", update == "ACTIVE" {
                    return described?["solutionVersionArn"]?.string ?? ""
                }
                await Task.yield()
            }
        }
    }

    /// A group with data, a solution with two versions, and a campaign that serves the first.
    private static func prepare(_ door: Door, _ bucket: String) async throws -> (first: String, second: String) {
        var lines = ["USER_ID,ITEM_ID,TIMESTAMP"]
        for user in 0..<30 {
            for item in 0..<12 where item % 2 == user % 2 { lines.append("u\(user),i\(item),\(1_700_000_000 + item)") }
        }
        try FileManager.default.createDirectory(atPath: "\(bucket)/seen", withIntermediateDirectories: true)
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: "\(bucket)/seen/a.csv"))
        let schema = #"""
            {"type":"record","name":"Interactions","namespace":"x","fields":[{"name":"USER_ID","type":"string"},
            {"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"}],"version":"1.0"}
            """#
        let group = try await door.create("DatasetGroup", "datasetGroup", ["name": "films"])
        let seen = try await door.create("Schema", "schema", ["name": "seen", "schema": .string(schema)])
        let dataset = try await door.create(
            "Dataset",
            "dataset",
            [
                "name": "seen", "schemaArn": .string(seen), "datasetGroupArn": .string(group),
                "datasetType": "Interactions",
            ]
        )
        _ = try await door.create(
            "DatasetImportJob",
            "datasetImportJob",
            [
                "jobName": "one", "datasetArn": .string(dataset), "dataSource": ["dataLocation": "s3://walk/seen/"],
                "roleArn": "arn:aws:iam::000000000000:role/x",
            ]
        )
        let solution = try await door.create(
            "Solution",
            "solution",
            [
                "name": "pick", "datasetGroupArn": .string(group), "performAutoTraining": false,
                "recipeArn": "arn:aws:personalize:::recipe/aws-popularity-count",
            ]
        )
        let wish: JSON = ["solutionArn": .string(solution)]
        let first = try await door.create("SolutionVersion", "solutionVersion", wish)
        let second = try await door.create("SolutionVersion", "solutionVersion", wish)
        _ = try await door.create("Campaign", "campaign", ["name": "pick", "solutionVersionArn": .string(first)])
        return (first, second)
    }

    @Test func `a campaign is held, promoted, rolled back and tried out over HTTP`() async throws {
        try await withPersonalize { port, bucket in
            let door = Door(client: Client(endpoint: try #require(URL(string: "http://127.0.0.1:\(port)"))))
            let (first, second) = try await Self.prepare(door, bucket)
            #expect(try await door.served() == first)

            #expect(try await door.millrace("PutPromotionPolicy", ["promotionPolicy": "manual"]) == [:])
            #expect(try await door.millrace("DescribeRollout")["policy"]?["rule"] == "manual")
            #expect(try await door.millrace("HoldCampaign")["decision"]?["decision"] == "HELD")
            #expect(try await door.millrace("DescribeRollout")["isHeld"] == true)
            let released = try await door.millrace("HoldCampaign", ["isHeld": false])
            #expect(released["decision"]?["decision"] == "RELEASED")

            let promoted = try await door.millrace("PromoteCampaign", ["solutionVersionArn": .string(second)])
            #expect(promoted["decision"]?["decision"] == "PROMOTED")
            #expect(try await door.served() == second)
            let rolledBack = try await door.millrace("RollBackCampaign")
            #expect(rolledBack["decision"]?["decision"] == "ROLLED_BACK")
            #expect(try await door.served() == first)

            let begun = try await door.millrace(
                "StartExperiment",
                ["solutionVersionArn": .string(second), "mode": "shadow"]
            )
            #expect(begun["settings"]?["mode"] == "shadow")
            let running = try await door.millrace("DescribeExperiment")
            #expect(running["report"] != nil && running["endedAt"] == nil)
            let ended = try await door.millrace("StopExperiment")
            #expect(ended["endedAt"] != nil)

            #expect(try await door.millrace("PutPromotionPolicy") == [:])
            let rollout = try await door.millrace("DescribeRollout")
            #expect(rollout["policy"]?["rule"] == "always")
            #expect(
                rollout["decisions"]?.array?.reversed().map { $0["decision"]?.string ?? "" } == [
                    "HELD", "RELEASED", "PROMOTED", "ROLLED_BACK", "EXPERIMENT_STARTED", "EXPERIMENT_ENDED",
                ]
            )
            let refused = await door.refusal("DeleteSolutionVersion", ["solutionVersionArn": .string(first)])
            #expect(refused.contains("ResourceInUseException"), "\(refused)")
            let deleted: JSON = ["solutionVersionArn": .string(second)]
            #expect(try await door.client.call("Millrace", "DeleteSolutionVersion", deleted) == [:])
        }
    }

    @Test func `what cannot be done is refused with its code and reason`() async throws {
        try await withPersonalize { port, bucket in
            let door = Door(client: Client(endpoint: try #require(URL(string: "http://127.0.0.1:\(port)"))))
            let missing: JSON = ["campaignArn": .string(Self.arn("campaign/none"))]
            for operation in [
                "DescribeRollout", "PromoteCampaign", "RollBackCampaign", "HoldCampaign", "StartExperiment",
                "StopExperiment", "DescribeExperiment",
            ] {
                let refusal = await door.refusal(operation, missing)
                #expect(refusal.contains("ResourceNotFoundException"), "\(operation): \(refusal)")
                let nameless = await door.refusal(operation, [:])
                #expect(nameless.contains("campaignArn"), "\(operation): \(nameless)")
            }
            let (first, _) = try await Self.prepare(door, bucket)
            var input = Self.campaign
            input["promotionPolicy"] = ["rule": "bettr"]
            #expect(await door.refusal("PutPromotionPolicy", input).contains("did you mean \"better\"?"))
            input = Self.campaign
            input["solutionVersionArn"] = .string(first)
            #expect(await door.refusal("PromoteCampaign", input).contains("serves SolutionVersion"))
            #expect(await door.refusal("RollBackCampaign", Self.campaign).contains("InvalidInputException"))
            input["mode"] = "loud"
            #expect(await door.refusal("StartExperiment", input).contains("mode \"loud\" must be one of"))
        }
    }
}

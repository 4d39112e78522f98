import JSON
import Personalize
import TestSupport
import Testing

@Suite struct UpdateSolutionTests {
    private static let name: JSON = ["solutionArn": .string(arn("solution/hot"))]

    private static func update(_ more: JSONObject) -> JSON {
        var input = name
        for (member, value) in more { input[member] = value }
        return input
    }

    private static func prepare(_ test: ServiceUnderTest) async throws {
        try await test.create("CreateDatasetGroup", ["name": "films"])
        let solution: JSON = [
            "name": "hot", "datasetGroupArn": .string(arn("dataset-group/films")), "performAutoTraining": false,
            "recipeArn": "arn:aws:personalize:::recipe/aws-popularity-count",
            "solutionConfig": ["eventValueThreshold": "2"],
        ]
        try await test.create("CreateSolution", solution)
    }

    private static func describe(_ test: ServiceUnderTest) async throws -> JSON? {
        try await test.call("DescribeSolution", name)["solution"]
    }

    @Test func `an update changes what the next versions are trained by, and when`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await Self.prepare(test)
            #expect(try await Self.describe(test)?["latestSolutionUpdate"] == nil)
            let config: JSON = [
                "autoTrainingConfig": ["schedulingExpression": "rate(3 days)"],
                "eventsConfig": ["eventParametersList": [["eventType": "buy", "weight": 0.5]]],
            ]
            let update = Self.update(["performAutoTraining": true, "solutionUpdateConfig": config])
            #expect(try await test.call("UpdateSolution", update) == Self.name)
            #expect(try await test.service.waitUntilSettled(arn("solution/hot")) == .active)
            let described = try await Self.describe(test)
            #expect(described?["performAutoTraining"] == true)
            #expect(described?["solutionConfig"]?["eventValueThreshold"] == "2", "what is not named stays")
            #expect(described?["solutionConfig"]?["autoTrainingConfig"] == config["autoTrainingConfig"])
            #expect(described?["solutionConfig"]?["eventsConfig"] == config["eventsConfig"])
            let latest = described?["latestSolutionUpdate"]
            #expect(latest?["status"] == "ACTIVE")
            #expect(latest?["solutionUpdateConfig"] == config)
            let members = [
                "solutionUpdateConfig", "status", "performAutoTraining", "creationDateTime", "lastUpdatedDateTime",
            ]
            #expect(Set(latest?.object?.map(\.key) ?? []) == Set(members))
        }
    }

    @Test func `an update that waits is done at the next start, and no second begins before`() async throws {
        let test = try ServiceUnderTest()
        try await test.running { try await Self.prepare(test) }
        try await test.call("UpdateSolution", Self.update(["performAutoTraining": true]))
        #expect(await test.code("UpdateSolution", Self.update(["performAutoTraining": false])) == .resourceInUse)
        #expect(await test.code("DeleteSolution", Self.name) == .resourceInUse)
        #expect(try await Self.describe(test)?["performAutoTraining"] == false)
        #expect(try await Self.describe(test)?["status"] == "ACTIVE")
        let again = try test.restarted()
        #expect(try await again.settling(arn("solution/hot")) == .active)
        #expect(try await Self.describe(again)?["performAutoTraining"] == true)
    }

    @Test func `an update that makes no sense is refused`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await Self.prepare(test)
            let schedule: JSON = ["autoTrainingConfig": ["schedulingExpression": "rate(31 days)"]]
            let inputs: [JSONObject] = [
                [:], ["performIncrementalUpdate": true], ["solutionUpdateConfig": schedule],
                ["solutionUpdateConfig": ["autoTrainingConfig": ["schedulingExpression": "rate(1 hour)"]]],
            ]
            for input in inputs { #expect(await test.code("UpdateSolution", Self.update(input)) == .invalidInput) }
            let missing: JSON = ["solutionArn": .string(arn("solution/none")), "performAutoTraining": true]
            #expect(await test.code("UpdateSolution", missing) == .resourceNotFound)
        }
    }
}

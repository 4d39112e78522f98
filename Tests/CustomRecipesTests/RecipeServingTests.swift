import CustomRecipes
import JSON
import Personalize
import Synchronization
import TestSupport
import Testing

/// Something that is off until it is on.
private final class Switch: Sendable {
    private let state = Mutex(false)

    var isOn: Bool { state.withLock(\.self) }
    func turnOn() { state.withLock { $0 = true } }
}

@Suite(.serialized) struct RecipeServingTests {
    private func ask(_ bench: RecipeWorkbench, _ campaign: String, user: String) async -> Result<JSON, PersonalizeError>
    {
        do throws(PersonalizeError) {
            return .success(
                try await bench.service.runtime.programRecommendations(
                    ["campaignArn": .string(campaign), "userId": .string(user), "numResults": 3]
                )
            )
        } catch {
            return .failure(error)
        }
    }

    @Test func `a campaign answers recommendations, rankings and raw questions`() async throws {
        let bench = try RecipeWorkbench()
        try bench.write("counts")
        try await bench.running {
            try await bench.prepareFilms()
            let campaign = try await bench.serve("films", recipe: "counts").arn
            #expect(bench.service.runtime.isForProgram(["campaignArn": .string(campaign)]))
            let answer = try await ask(bench, campaign, user: "u1").get()
            #expect(answer["itemList"]?.array?.count == 3)
            #expect(answer["itemList"]?[0]?["score"]?.double ?? 0 > 0)
            let lineage = try await bench.service.lineage(answer["recommendationId"]?.string ?? "")
            #expect(lineage["solutionVersion"]?["recipeArn"] == "arn:aws:personalize:::recipe/counts")
            #expect(lineage["solutionVersion"]?["recipeHash"]?.string?.count == 64)
            #expect(lineage["data"]?.array?.count == 2)
            let ranking = try await bench.service.runtime.programRanking([
                "campaignArn": .string(campaign), "userId": "u1", "inputList": ["i9", "unknown", "i2", "i9"],
            ])
            #expect(ranking["personalizedRanking"]?.array?.map { $0["itemId"] } == ["i2", "i9", "unknown"])
            let (raw, version) = try await bench.service.invokeEndpoint(
                "films",
                ProgramMessage(body: Array("1,2".utf8), contentType: "text/csv")
            )
            #expect(String(decoding: raw.message.body, as: UTF8.self) == "raw:1,2")
            #expect(raw.message.contentType == "text/csv")
            #expect(version.hasPrefix("films/"))
        }
    }

    @Test(arguments: [
        ("garbage", PersonalizeError.Code.modelError, "answered what is no JSON"),
        ("empty", .modelError, "answered without an itemList"), ("wrong", .modelError, "answered with status 500"),
        ("slow", .serviceUnavailable, "did not answer within 2 seconds; raise invokeSeconds"),
    ])
    func `an answer that is none is told, and others are answered`(
        user: String,
        code: PersonalizeError.Code,
        message: String
    ) async throws {
        let bench = try RecipeWorkbench()
        try bench.write("counts")
        try await bench.running {
            try await bench.prepareFilms()
            let campaign = try await bench.serve("films", recipe: "counts").arn
            async let bad = ask(bench, campaign, user: user)
            #expect(try await ask(bench, campaign, user: "u2").get()["itemList"]?.array?.count == 3)
            guard case .failure(let error) = await bad else {
                Issue.record("it was answered")
                return
            }
            #expect(error.code == code)
            #expect(error.message.contains(message), "\(error.message)")
        }
    }

    @Test func `a program that dies is started again, and who asks meanwhile waits for it`() async throws {
        let bench = try RecipeWorkbench()
        try bench.write("counts", description: RecipeWorkbench.description("\"invokeSeconds\": 20"))
        try await bench.running {
            try await bench.prepareFilms()
            let campaign = try await bench.serve("films", recipe: "counts").arn
            // It dies of this question each time it is asked.
            guard case .failure(let error) = await ask(bench, campaign, user: "dies") else {
                Issue.record("it was answered")
                return
            }
            #expect(error.code == .serviceUnavailable)
            for _ in 0..<5 { #expect(try await ask(bench, campaign, user: "u3").get()["itemList"]?.array?.count == 3) }
        }
    }

    @Test func `a campaign moves to another version without a dropped request`() async throws {
        let bench = try RecipeWorkbench()
        try bench.write("counts", description: RecipeWorkbench.description("\"invokeSeconds\": 20"))
        try await bench.running {
            try await bench.prepareFilms()
            let campaign = try await bench.serve("films", recipe: "counts").arn
            let second = try await bench.create(
                "CreateSolutionVersion",
                ["solutionArn": .string(arn("solution/films"))]
            )
            let isOver = Switch()
            let versions = try await withThrowingTaskGroup(of: Set<String>.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        var versions: Set<String> = []
                        while !isOver.isOn {
                            let (answer, version) = try await bench.service.invokeEndpoint(
                                "films",
                                ProgramMessage(body: Array(#"{"userId": "u1"}"#.utf8), contentType: "application/json")
                            )
                            #expect(answer.status == 200)
                            versions.insert(version)
                        }
                        return versions
                    }
                }
                try await bench.call(
                    "UpdateCampaign",
                    ["campaignArn": .string(campaign), "solutionVersionArn": .string(second.arn)]
                )
                _ = try await bench.service.waitUntilSettled(campaign)
                #expect(try await ask(bench, campaign, user: "u1").get()["itemList"]?.array?.count == 3)
                isOver.turnOn()
                return try await group.reduce(into: Set()) { $0.formUnion($1) }
            }
            #expect(versions.count == 2)
            #expect(bench.service.runtime.servedVersion(campaign) == second.arn)
        }
    }

    @Test(arguments: [
        ("echo 'no such model' >&2; exit 4", "has ended: exit status 4; it last wrote: no such model"),
        ("exec sleep 60", "has not answered GET /ping with 200 within 1 seconds"),
    ])
    func `a campaign whose program does not come up fails and says why`(script: String, reason: String) async throws {
        let bench = try RecipeWorkbench()
        let quick = Programs.description.replacing("\"startSeconds\": 20", with: "\"startSeconds\": 1")
        try bench.write("mute", description: quick, serve: "#!/bin/bash\n\(script)\n")
        try await bench.running {
            try await bench.prepareFilms()
            let campaign = try await bench.serve("mute", recipe: "mute")
            #expect(campaign.status == .createFailed)
            let told = try await bench.failureReason("Campaign", campaign.arn)
            #expect(told.contains(reason), "\(told)")
        }
    }

    @Test func `an update to a program that does not come up leaves the campaign with what it serves`() async throws {
        let bench = try RecipeWorkbench()
        try bench.write("counts")
        try await bench.running {
            try await bench.prepareFilms()
            let campaign = try await bench.serve("films", recipe: "counts").arn
            let first = bench.service.runtime.servedVersion(campaign)
            let second = try await bench.create(
                "CreateSolutionVersion",
                ["solutionArn": .string(arn("solution/films"))]
            )
            try bench.write("counts", serve: "#!/bin/bash\nexit 9\n")
            try await bench.call(
                "UpdateCampaign",
                ["campaignArn": .string(campaign), "solutionVersionArn": .string(second.arn)]
            )
            _ = try await bench.service.waitUntilSettled(campaign)
            let described = try await bench.call("DescribeCampaign", ["campaignArn": .string(campaign)])["campaign"]
            #expect(described?["status"] == "ACTIVE")
            #expect(described?["latestCampaignUpdate"]?["failureReason"]?.string?.contains("exit status 9") == true)
            #expect(bench.service.runtime.servedVersion(campaign) == first)
            #expect(try await ask(bench, campaign, user: "u1").get()["itemList"]?.array?.count == 3)
        }
    }

    @Test func `after a restart a campaign is served again`() async throws {
        let bench = try RecipeWorkbench()
        try bench.write("counts", description: RecipeWorkbench.description("\"invokeSeconds\": 20"))
        let campaign = try await bench.running {
            try await bench.prepareFilms()
            return try await bench.serve("films", recipe: "counts").arn
        }
        let again = try bench.restarted()
        try await again.running {
            try await again.service.recover()
            #expect(try await ask(again, campaign, user: "u1").get()["itemList"]?.array?.count == 3)
        }
    }

    @Test func `a filter, a batch job and an experiment are refused by name`() async throws {
        let bench = try RecipeWorkbench()
        try bench.write("counts")
        try await bench.running {
            try await bench.prepareFilms()
            let campaign = try await bench.serve("films", recipe: "counts").arn
            let input: JSON = [
                "campaignArn": .string(campaign), "userId": "u1", "filterArn": .string(arn("filter/any")),
            ]
            await #expect(throws: PersonalizeError.self) {
                _ = try await bench.service.runtime.programRecommendations(input)
            }
            let version = bench.service.runtime.servedVersion(campaign) ?? ""
            let batch = await bench.refusal(
                "CreateBatchInferenceJob",
                [
                    "jobName": "b", "solutionVersionArn": .string(version),
                    "roleArn": "arn:aws:iam::000000000000:role/any",
                    "jobInput": ["s3DataSource": ["path": "s3://bucket/in/"]],
                    "jobOutput": ["s3DataDestination": ["path": "s3://bucket/out/"]],
                ]
            )
            #expect(batch?.message.contains("for which there are no batch jobs") == true)
        }
    }
}

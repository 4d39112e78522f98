import JSON
import Personalize
import Testing

@Suite struct StopTests {
    /// A training that would take minutes.
    private static let endless: JSONObject = [
        "solutionConfig": ["algorithmHyperParameters": ["epochs": "1000", "hidden_dimension": "64"]]
    ]

    private static func begin(_ test: ServiceUnderTest) async throws -> String {
        var input: JSON = [
            "name": "slow", "datasetGroupArn": .string(arn("dataset-group/films")),
            "recipeArn": "arn:aws:personalize:::recipe/aws-user-personalization",
        ]
        for (key, value) in endless { input[key] = value }
        try await test.create("CreateSolution", input)
        let solution: JSON = ["solutionArn": .string(arn("solution/slow"))]
        return try await test.call("CreateSolutionVersion", solution)["solutionVersionArn"]?.string ?? ""
    }

    private static func status(_ test: ServiceUnderTest, _ version: String) async throws -> String? {
        let input: JSON = ["solutionVersionArn": .string(version)]
        return try await test.call("DescribeSolutionVersion", input)["solutionVersion"]?["status"]?.string
    }

    private static func waitForTraining(_ test: ServiceUnderTest, _ version: String) async throws {
        var changes = test.service.changes(of: version).makeAsyncIterator()
        while try await status(test, version) == "CREATE PENDING" { await changes.next() }
        #expect(try await status(test, version) == "CREATE IN_PROGRESS")
    }

    @Test func `a training stops long before its end`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let version = try await Self.begin(test)
            try await Self.waitForTraining(test, version)
            let input: JSON = ["solutionVersionArn": .string(version)]
            #expect(await test.code("GetSolutionMetrics", input) == .resourceInUse)
            #expect(await test.code("DeleteSolution", ["solutionArn": .string(arn("solution/slow"))]) == .resourceInUse)
            try await test.call("StopSolutionVersionCreation", input)
            #expect(try await test.service.waitUntilSettled(version) == .createStopped)
            #expect(await test.code("StopSolutionVersionCreation", input) == .invalidInput)
        }
    }

    @Test func `a version that waits is stopped at once`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.create("CreateDatasetGroup", ["name": "films"])
            let solution: JSON = ["name": "s", "datasetGroupArn": .string(arn("dataset-group/films"))]
            try await test.create("CreateSolution", solution)
        }
        let input = try await test.call("CreateSolutionVersion", ["solutionArn": .string(arn("solution/s"))])
        try await test.call("StopSolutionVersionCreation", input)
        #expect(try await Self.status(test, input["solutionVersionArn"]?.string ?? "") == "CREATE STOPPED")
    }

    @Test func `a shutdown interrupts a training, and the next start does it again`() async throws {
        let test = try ServiceUnderTest()
        let version = try await test.running {
            try await test.prepareFilms()
            let version = try await Self.begin(test)
            try await Self.waitForTraining(test, version)
            return version
        }
        #expect(try await Self.status(test, version) == "CREATE IN_PROGRESS")
        let again = try test.restarted()
        try await again.running {
            var changes = again.service.changes(of: version).makeAsyncIterator()
            while again.service.progress(of: version) == nil { await Task.yield() }
            try await again.call("StopSolutionVersionCreation", ["solutionVersionArn": .string(version)])
            await changes.next()
            #expect(try await again.service.waitUntilSettled(version) == .createStopped)
        }
    }

    @Test func `progress is told while a training goes on`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let version = try await Self.begin(test)
            while test.service.progress(of: version)?.epoch ?? 0 == 0 { await Task.yield() }
            let input: JSON = ["solutionVersionArn": .string(version)]
            let described = try await test.call("DescribeSolutionVersion", input)["solutionVersion"]
            #expect(test.service.progress(of: version)?.epochs == 1000)
            #expect(described?["trainingProgress"] == nil, "clients of AWS know no such member")
            try await test.call("StopSolutionVersionCreation", input)
            #expect(try await test.service.waitUntilSettled(version) == .createStopped)
            #expect(test.service.progress(of: version) == nil)
        }
    }
}

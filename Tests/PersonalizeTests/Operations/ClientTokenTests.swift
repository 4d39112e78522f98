import JSON
import Personalize
import Testing

@Suite struct ClientTokenTests {
    @Test func `a request that comes twice is answered twice and done once`() async throws {
        let test = try ServiceUnderTest()
        let first = try await test.call("CreateDatasetGroup", ["name": "films"], token: "t1")
        let second = try await test.call("CreateDatasetGroup", ["name": "films"], token: "t1")
        #expect(first == second)
        #expect(try await test.call("ListDatasetGroups", [:])["datasetGroups"]?.array?.count == 1)
        await #expect(throws: PersonalizeError.self) {
            try await test.call("CreateDatasetGroup", ["name": "films"], token: "t2")
        }
    }

    @Test func `the first answer survives a restart`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.create("CreateDatasetGroup", ["name": "films"])
            let solution: JSON = ["name": "hot", "datasetGroupArn": .string(arn("dataset-group/films"))]
            try await test.create("CreateSolution", solution)
        }
        let input: JSON = ["solutionArn": .string(arn("solution/hot"))]
        let first = try await test.call("CreateSolutionVersion", input, token: "train")
        let again = try test.restarted()
        #expect(try await again.call("CreateSolutionVersion", input, token: "train") == first)
        #expect(try await again.call("ListSolutionVersions", input)["solutionVersions"]?.array?.count == 1)
    }

    @Test func `a delete that comes twice succeeds twice`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.create("CreateDatasetGroup", ["name": "films"])
            let input: JSON = ["datasetGroupArn": .string(arn("dataset-group/films"))]
            try await test.call("DeleteDatasetGroup", input, token: "d")
            #expect(try await test.service.waitUntilSettled(arn("dataset-group/films")) == nil)
            #expect(try await test.call("DeleteDatasetGroup", input, token: "d") == [:])
        }
    }

    @Test func `many at once with one token do it once`() async throws {
        let test = try ServiceUnderTest()
        let answers = try await withThrowingTaskGroup { group in
            for _ in 0..<20 {
                group.addTask { try await test.call("CreateDatasetGroup", ["name": "films"], token: "t") }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count == 20)
        #expect(Set(answers).count == 1)
    }

    @Test func `a token is for one operation`() async throws {
        let test = try ServiceUnderTest()
        try await test.call("CreateDatasetGroup", ["name": "films"], token: "t")
        await #expect(throws: PersonalizeError.self) {
            try await test.call("CreateSchema", ["name": "s", "schema": .string(interactionsSchema)], token: "t")
        }
    }
}

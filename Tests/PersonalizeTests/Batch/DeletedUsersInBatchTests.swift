import JSON
import Personalize
import TestSupport
import Testing

@Suite struct DeletedUsersInBatchTests {
    @Test func `who was deleted is not among all users, and in no segment`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let own = try await test.train("own", recipe: "aws-user-personalization").arn
            let few: JSONObject = [
                "solutionConfig": ["algorithmHyperParameters": ["hidden_dimension": "2", "regularization": "0.1"]]
            ]
            let affinity = try await test.train("affinity", recipe: "aws-item-affinity", few).arn
            try await test.delete(["u1", "u2"])
            let answers = try await test.infer([#"{"allUsers":true}"#], own)
            let users = Set(answers.compactMap { $0["input"]?["userId"]?.string })
            #expect(answers.count == 38)
            #expect(users.count == 38 && users.isDisjoint(with: ["u1", "u2"]))

            try test.directory.write(#"{"itemId":"i1"}"# + "\n", to: "bucket/in/users.json")
            let input = test.batchInput("segments", affinity, ["numResults": 40])
            #expect(try await test.create("CreateBatchSegmentJob", input).status == .active)
            let segment = try Set(test.answers("users.json").flatMap(\.ids))
            #expect(segment.count == 38 && segment.isDisjoint(with: ["u1", "u2"]))
        }
    }
}

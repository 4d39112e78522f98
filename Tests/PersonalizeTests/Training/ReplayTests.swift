import FoundationEssentials
import JSON
import Personalize
import TestSupport
import Testing

@Suite struct ReplayTests {
    @Test(arguments: ["aws-user-personalization", "aws-hrnn-coldstart", "millrace-neighbors", "millrace-svd", nil])
    func `a version that is trained again gives the same model, whatever came since`(recipe: String?) async throws {
        let test = try ServiceUnderTest { $0.minimumInteractions = 50 }
        try await test.running {
            try await test.prepareFilms(Films(users: 16, items: 12))
            let version = try await test.train("hot", recipe: recipe)
            try test.directory.write(Films(users: 20, items: 12).interactions(), to: "bucket/Interactions/a.csv")
            try await test.importFiles("seen-2", "INTERACTIONS", "s3://bucket/Interactions/")
            let answer = try await test.service.replay(version.arn)
            #expect(answer["isIdentical"] == true)
            #expect(answer["recordedHash"] == answer["replayedHash"])
            #expect(answer["recordedHash"]?.string?.count == 64)
            #expect(answer["seed"]?.string == "\(test.service.configuration.seed)")
            #expect(test.service.progress(of: version.arn) == nil)
        }
    }

    @Test func `the seed of the training counts, not that of today`() async throws {
        let test = try ServiceUnderTest { $0.seed = 7 }
        try await test.running {
            try await test.prepareFilms()
            let version = try await test.train("hot", recipe: "aws-user-personalization")
            let answer = try await test.service.replay(version.arn)
            #expect(answer["isIdentical"] == true)
            #expect(answer["seed"] == "7")
        }
    }

    @Test func `a model file that was changed is told from the one that was trained`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let version = try await test.train("hot")
            let models = test.directory.file("home/models")
            let name = try #require(
                FileManager.default.contentsOfDirectory(atPath: models).first { $0.hasSuffix(".model") }
            )
            try test.directory.write("something else", to: "home/models/\(name)")
            let answer = try await test.service.replay(version.arn)
            #expect(answer["isIdentical"] == false)
            #expect(answer["recordedHash"] == answer["replayedHash"])
            #expect(answer["recordedHash"] != answer["fileHash"])
        }
    }

    @Test func `what is not there or not trained cannot be trained again`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let failed = try await test.train("none", ["eventType": "click"])
            await #expect(throws: PersonalizeError.self) { try await test.service.replay(failed.arn) }
            await #expect(throws: PersonalizeError.self) { try await test.service.replay(arn("solution/a/b")) }
        }
    }
}

import FoundationEssentials
import JSON
import Personalize
import Recommenders
import TestSupport
import Testing

/// Solution versions by one hold-out.
@Suite struct VersionEvaluationTests {
    private func importMore(_ test: ServiceUnderTest, _ name: String, _ films: Films) async throws {
        try test.directory.write(films.interactions(), to: "bucket/\(name)/a.csv")
        try await test.importFiles(name, "INTERACTIONS", "s3://bucket/\(name)/")
    }

    /// A version of each recipe, then more data, then one of each again.
    private func twoGenerations(_ test: ServiceUnderTest, _ recipes: [String?]) async throws -> [String] {
        try await test.prepareFilms(Films(users: 60, items: 24))
        var arns: [String] = []
        for generation in 0..<2 {
            for (number, recipe) in recipes.enumerated() {
                let version = try await test.train("s\(generation)\(number)", recipe: recipe)
                #expect(version.status == .active)
                arns.append(version.arn)
            }
            if generation == 0 { try await importMore(test, "more", Films(users: 80, items: 30)) }
        }
        return arns
    }

    @Test func `versions of every recipe and age are judged by the same users, whom none has seen`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let recipes = Recipe.ofItems.filter { !$0.usesItemTexts }.map(\.name) + [nil]
            let arns = try await twoGenerations(test, recipes)
            let report = try await test.service.evaluate(arns, beside: [.popularityCount])
            #expect(report.lines.count == arns.count + 1)
            #expect(report.rows.allSatisfy { $0.count == report.headings.count })
            for line in report.lines.dropFirst() {
                let version = try #require(line.version)
                #expect(version.model == .measured)
                #expect(version.seenCount == 0)
            }
            #expect(report.json["versions"]?.array?.map { $0["solutionVersionArn"]?.string } == arns)
            #expect(report.json["recipes"]?.array?.count == 1)
            #expect(report.remarks.allSatisfy { $0.contains("has seen no withheld event") })
            // The newer version of the recipe that is judged beside them learnt from the same events.
            let index = Recipe.ofItems.filter { !$0.usesItemTexts }.firstIndex(of: .popularityCount) ?? 0
            let newest = report.lines[1 + recipes.count + index]
            #expect(Array(report.rows[1 + recipes.count + index].dropFirst()) == Array(report.rows[0].dropFirst()))
            #expect(newest.recipe == .popularityCount)
        }
    }

    @Test func `the figures of a version on its own data are those of its metrics`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms(Films(users: 60, items: 24))
            for (name, recipe) in [("hot", "aws-user-personalization"), ("near", "aws-sims"), ("any", nil)] {
                let version = try await test.train(name, recipe: recipe)
                let input: JSON = ["solutionVersionArn": .string(version.arn)]
                let metrics = try await test.call("GetSolutionMetrics", input)["metrics"]
                let report = try await test.service.evaluate([version.arn])
                let judged = report.json["versions"]?[0]?["metrics"]
                for (name, value) in metrics?.object ?? [:] {
                    let other = try #require(judged?[name]?.double)
                    #expect(abs(other - (value.double ?? .nan)) < 1e-9, "\(name)")
                }
            }
        }
    }

    @Test func `where only a served model is left, it is said how much it has seen`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let arns = try await twoGenerations(test, ["aws-sims", "aws-popularity-count"])
            let files = try await test.service.evaluationFiles(of: arns[2])
            try FileManager.default.removeItem(atPath: try #require(files["measuredModel"]?.string))
            let report = try await test.service.evaluate(arns)
            let versions = report.lines.compactMap(\.version)
            #expect(versions.map(\.model) == [.measured, .measured, .served, .measured])
            #expect(versions.filter { $0.model == .measured }.allSatisfy { $0.seenCount == 0 })
            #expect(versions[2].seenCount > 0)
            #expect(report.remarks[2].contains("so its figures are too good"))
            // By another seed others are test users, whom the measured model has learnt from too.
            let other = try await test.service.evaluate(arns, seed: 7)
            #expect(other.lines.compactMap(\.version).contains { $0.model == .measured && $0.seenCount > 0 })
        }
    }

    @Test func `on data that came later the served models are judged`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let arns = try await twoGenerations(test, ["aws-sims", "millrace-svd", "aws-user-personalization"])
            let later = Films(users: 90, items: 30).interactions(startingAt: 1_800_000_000)
            try test.directory.write(later, to: "later/interactions.csv")
            try test.directory.write("", to: "scratch/empty")
            let data = try EvaluationData(path: test.directory.file("later"), scratch: test.directory.file("scratch"))
            var comparison = RecipeComparison(recipes: [.sims])
            for arn in arns {
                comparison.versions.append(try EvaluatedVersion(try await test.service.evaluationFiles(of: arn)))
            }
            let report = try comparison.run(on: data, seconds: { 0 })
            #expect(report.lines.compactMap(\.version).map(\.model) == arns.map { _ in .served })
            #expect(report.lines.compactMap(\.version).allSatisfy { $0.seenCount == 0 })
            #expect(report.lines.map(\.name).first == "aws-sims")
            #expect(report.page(title: "later").contains(report.lines[1].name))
            #expect(report.rows[2].last != "–")
        }
    }

    @Test func `what cannot be compared is refused with what to do`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let none = await #expect(throws: PersonalizeError.self) { try await test.service.evaluate([]) }
            #expect(none?.code == .invalidInput)
            await #expect(throws: PersonalizeError.self) {
                try await test.service.evaluate([arn("solution/a/b")])
            }
            let failed = try await test.train("none", ["eventType": "click"])
            let early = await #expect(throws: PersonalizeError.self) { try await test.service.evaluate([failed.arn]) }
            #expect(early?.code == .resourceInUse)
            let version = try await test.train("near", recipe: "aws-sims")
            let files = try await test.service.evaluationFiles(of: version.arn)
            try FileManager.default.removeItem(atPath: try #require(files["index"]?.string))
            let gone = await #expect(throws: PersonalizeError.self) { try await test.service.evaluate([version.arn]) }
            #expect(gone?.message.contains("cannot be read") == true)
        }
    }
}

import JSON
import Testing

@testable import Personalize
@testable import Recommenders

@Suite struct CatalogEntryTests {
    private func entry(_ name: String) throws -> CatalogEntry {
        try #require(CatalogEntry.byARN["arn:aws:personalize:::recipe/\(name)"])
    }

    @Test(arguments: ["aws-user-personalization-v2", "aws-personalized-ranking-v2"])
    func `apply_recency_bias of the second versions is the recency mask of the first`(name: String) throws {
        let entry = try entry(name)
        for (value, halfLife) in [("true", true), ("false", false)] {
            let config: JSON = ["algorithmHyperParameters": ["apply_recency_bias": .string(value)]]
            let configuration = try entry.recipe.configuration(hyperparameters: entry.effective(config))
            guard case .alternatingLeastSquares(let factors) = configuration else { throw CancellationError() }
            #expect((factors.recency.halfLife > 0) == halfLife)
        }
        let error = #expect(throws: PersonalizeError.self) {
            try entry.check(["algorithmHyperParameters": ["apply_recency_bias": "maybe"]])
        }
        #expect(error?.message.contains("solutionConfig.algorithmHyperParameters: ") == true)
    }

    @Test func `every recipe has an entry of its name, and no name stands for two`() {
        for recipe in Recipe.allCases { #expect(CatalogEntry.all.contains { $0.name == recipe.name }, "\(recipe)") }
        #expect(Set(CatalogEntry.all.map(\.name)).count == CatalogEntry.all.count)
        #expect(CatalogEntry.all.map(\.name) == CatalogEntry.all.map(\.name).sorted())
    }
}

import JSON
import Personalize
import Recommenders
import Synchronization
import TestSupport
import Testing

@Suite struct RecipeComparisonTests {
    private let directory: TemporaryDirectory
    private let data: EvaluationData

    init() throws {
        directory = try TemporaryDirectory()
        try directory.write("", to: "scratch/empty")
        try directory.write(Films(users: 60, items: 30).interactions(), to: "data/interactions.csv")
        let users = (0..<60).map { "u\($0),\($0 % 2 == 0 ? "even" : "odd <camp>")\n" }.joined()
        try directory.write("USER_ID,CAMP\n" + users, to: "data/users.csv")
        let items = (0..<30).map { "i\($0),film of kind \($0 % 2)\n" }.joined()
        try directory.write("ITEM_ID,TITLE\n" + items, to: "data/items.csv")
        data = try EvaluationData(path: directory.file("data"), scratch: directory.file("scratch"))
    }

    private func run(_ comparison: RecipeComparison) throws -> ComparisonReport {
        let time = Mutex(0.0)
        return try comparison.run(
            on: data,
            seconds: {
                time.withLock {
                    $0 += 0.5; return $0
                }
            }
        )
    }

    @Test(arguments: HoldOut.allCases)
    func `every recipe is compared, with the same figures for any number of threads`(holdOut: HoldOut) throws {
        let one = try run(RecipeComparison(holdOut: holdOut, threads: 1))
        let two = try run(RecipeComparison(holdOut: holdOut, threads: 2))
        #expect(one.json == two.json)
        #expect(one.rows == two.rows)
        #expect(one.rows.map { $0[0] } == Recipe.ofItems.map(\.name))
        #expect(one.rows.allSatisfy { $0.count == one.headings.count })
        #expect(one.remarks.isEmpty)
        #expect(one.times.hasPrefix("seconds of training: aws-user-personalization 0.50, "))
        #expect(one.headings.contains("NDCG@100") == (holdOut == .strongGeneralization))
        let recipes = try #require(one.json["recipes"]?.array)
        for recipe in recipes {
            let metrics = try #require(recipe["metrics"]?.object)
            #expect(metrics.allSatisfy { $0.value.double?.isFinite == true })
            let dimensions = recipe["segments"]?.array?.compactMap { $0["dimension"]?.string } ?? []
            #expect(Set(dimensions) == ["activity", "CAMP"])
        }
    }

    @Test func `settings are searched where that is asked for`() throws {
        let result = try run(RecipeComparison(recipes: [.sims], trials: 4))
        let usual = try run(RecipeComparison(recipes: [.sims]))
        #expect(usual.json["recipes"]?[0]?["hyperparameters"]?["min_cointeraction_count"] == "3")
        #expect(result.json["recipes"]?[0]?["recipe"] == "aws-sims")
        #expect(result.json == (try run(RecipeComparison(recipes: [.sims], trials: 4))).json)
    }

    @Test func `progress tells the recipe and its place`() throws {
        let seen = Mutex<[String]>([])
        _ = try RecipeComparison(recipes: [.sims, .popularityCount]).run(
            on: data,
            seconds: { 0 },
            progress: { step in
                if step.training == nil { seen.withLock { $0.append("\(step.number)/\(step.count) \(step.recipe)") } }
            }
        )
        #expect(seen.withLock { $0 } == ["1/2 aws-sims", "2/2 aws-popularity-count"])
    }

    @Test func `a page holds the table and charts and loads nothing`() throws {
        let page = try run(RecipeComparison()).page(title: "films & more")
        #expect(page.hasPrefix("<!DOCTYPE html>"))
        #expect(page.contains("films &amp; more"))
        #expect(page.contains("odd &lt;camp&gt;"))
        for absent in ["<script", "src=", "href=", "url(", "odd <camp>", "@import"] { #expect(!page.contains(absent)) }
        for recipe in Recipe.ofItems { #expect(page.contains("<td>\(recipe.name)</td>")) }
        #expect(page.components(of: "<svg") == page.components(of: "</svg>"))
        #expect(page.components(of: "<svg") == 6)
        #expect(page.components(of: "<line") == 3 * Recipe.ofItems.count)
    }

    @Test func `recipes are named in short or in full, and a wrong name gets the nearest`() throws {
        let names = ["sims", "aws-sims", "arn:aws:personalize:::recipe/aws-popularity-count", "similar-items"]
        #expect(try RecipeComparison.recipes(named: names) == [.sims, .popularityCount, .similarItems])
        let error = #expect(throws: EvaluationFault.self) { try RecipeComparison.recipes(named: ["aws-smis"]) }
        #expect(error?.description == "recipe \"aws-smis\" is not known, did you mean \"aws-sims\"?")
        let other = #expect(throws: EvaluationFault.self) { try RecipeComparison.recipes(named: ["magic"]) }
        #expect(other?.description.contains("there are aws-user-personalization, ") == true)
    }

    @Test func `data without a user to spare is refused`() throws {
        try directory.write("user,item,time\nu,i,1\nu,j,2\n", to: "alone.csv")
        let alone = try EvaluationData(path: directory.file("alone.csv"), scratch: directory.file("scratch"))
        let error = #expect(throws: EvaluationFault.self) {
            try RecipeComparison().run(on: alone, seconds: { 0 })
        }
        #expect(error?.description.contains("none of whom can be spared") == true)
    }

    @Test func `a cancelled comparison ends with CancellationError`() {
        #expect(throws: CancellationError.self) {
            try RecipeComparison().run(on: data, seconds: { 0 }, isCancelled: { true })
        }
    }
}

extension String {
    /// How often a text occurs.
    fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}

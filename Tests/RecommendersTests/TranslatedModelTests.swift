import Kernels
import Testing

@testable import Recommenders

@Suite struct TranslatedModelTests {
    /// The same events with users and items that have other codes, and items and users that the data has not.
    private static func recoded(_ data: Interactions) throws -> (data: Interactions, users: [UInt32], items: [UInt32]) {
        let users = (0..<UInt32(data.userCount)).map { (UInt32(data.userCount) - 1 - $0) * 2 + 1 }
        let items = (0..<UInt32(data.itemCount)).map { (UInt32(data.itemCount) - 1 - $0) * 3 + 2 }
        var events = Events()
        for user in 0..<UInt32(data.userCount) {
            for position in data.range(user: user) {
                let item = items[Int(data.items[position])]
                events.append(Int(users[Int(user)]), Int(item), data.timestamps[position])
            }
        }
        let other = try events.interactions(userCount: data.userCount * 2, itemCount: data.itemCount * 3)
        return (other, users, items)
    }

    @Test(arguments: HoldOut.allCases)
    func `a model of other codes is judged as one of the data's own`(holdOut: HoldOut) throws {
        let data = try Samples.groups(users: 90, items: 40)
        let evaluation = Evaluation(data, holdOut: holdOut, seed: 4)
        let other = try Self.recoded(evaluation.training)
        let own = (0..<UInt32(data.userCount)).map { $0 }
        for recipe in [Recipe.sims, .similarItems, .popularityCount] {
            let configuration = try recipe.configuration()
            let identity = TranslatedModel(
                try configuration.fit(evaluation.training, context: TrainingContext()),
                userCodes: own,
                itemCodes: (0..<UInt32(data.itemCount)).map { $0 },
                itemCount: data.itemCount
            )
            let model = TranslatedModel(
                try configuration.fit(other.data, context: TrainingContext()),
                userCodes: other.users,
                itemCodes: other.items,
                itemCount: other.data.itemCount
            )
            let (expected, report) = (
                evaluation.report(of: identity, for: recipe), evaluation.report(of: model, for: recipe)
            )
            // Ties fall by code, so all but the order of equals is the same.
            for measure in expected.measures {
                let difference = report[measure.kind, at: measure.cutoff] - expected[measure.kind, at: measure.cutoff]
                #expect(abs(difference) < 0.08, "\(recipe) \(measure)")
            }
            #expect(expected[.normalizedDiscountedCumulativeGain, at: 25] > 0.1)
        }
    }

    @Test func `codes go there and back, and what one side does not know is beyond the other's`() throws {
        var events = Events()
        for user in 0..<5 { for item in 0...user { events.append(user, item, 100) } }
        let data = try events.interactions(userCount: 5, itemCount: 5)
        let popularity = try Recipe.popularityCount.configuration().fit(data, context: TrainingContext())
        // Of the three items of the data the second is unknown to the model, the others are its 4 and 1.
        let model = TranslatedModel(
            popularity,
            userCodes: [EventColumns.none],
            itemCodes: [4, EventColumns.none, 1],
            itemCount: 5
        )
        let answers = model.recommend(
            [
                Query(user: 0, count: 5), Query(excluded: [1, 2], count: 5),
                Query(history: [1, 0], candidates: [0, 1, 2]),
            ],
            threads: 1
        )
        #expect(answers[0].map(\.item) == [3, 2, 5, 6, 0])
        #expect(answers[1].map(\.item) == [3, 5, 6, 0])
        #expect(answers[2].map(\.item) == [2, 0, 1])
    }
}

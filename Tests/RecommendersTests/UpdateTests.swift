import Kernels
import Synchronization
import Testing

@testable import Recommenders

/// Models that learn on from where they stand.
@Suite struct UpdateTests {
    private static let updatable = Recipe.ofItems.filter(\.canUpdate)

    /// How much has been done, counted by how often a training asks whether it is cancelled.
    private final class Work: Sendable {
        private let steps = Atomic(0)

        var count: Int { steps.load(ordering: .relaxed) }

        func context(threads: Int = 2) -> TrainingContext {
            TrainingContext(
                threads: threads,
                seed: 3,
                isCancelled: {
                    self.steps.add(1, ordering: .relaxed)
                    return false
                }
            )
        }
    }

    /// Groups of users and items, the first part of which was there earlier: fewer users, and no items beyond the 80th.
    private static func earlier(_ data: Interactions) -> Interactions {
        data.keepingEvents { user, position in user < 150 && data.items[position] < 80 }
    }

    private static func keys(_ data: Interactions) -> [UInt64] { (0..<UInt64(data.userCount)).map { $0 &* 77 } }

    private func base(_ recipe: Recipe, _ data: Interactions, _ context: TrainingContext) throws -> Trainer.Outcome {
        let trainer = Trainer(recipe: recipe, hyperparameters: Self.settings(recipe), userKeys: Self.keys(data))
        return try trainer.train(data, context: context)
    }

    private static func settings(_ recipe: Recipe) -> [String: String] {
        var settings = recipe.brisk
        settings["epochs"] = "16"
        return settings
    }

    private func update(
        _ recipe: Recipe,
        _ outcome: Trainer.Outcome,
        _ data: Interactions,
        itemCodes: [UInt32],
        _ context: TrainingContext
    ) throws -> Trainer.Outcome {
        var trainer = Trainer(recipe: recipe, userKeys: Self.keys(data))
        trainer.base = Trainer.Base(
            model: outcome.model,
            measured: try #require(outcome.measured),
            itemCodes: itemCodes
        )
        return try trainer.train(data, context: context)
    }

    @Test(arguments: updatable)
    func `an update does a small part of the work and knows what is new`(recipe: Recipe) throws {
        let data = try Samples.groups()
        let (whole, part) = (Work(), Work())
        let former = try base(recipe, Self.earlier(data), Work().context())
        let full = try base(recipe, data, whole.context())
        let updated = try update(recipe, former, data, itemCodes: (0..<100).map { $0 }, part.context())
        #expect(part.count * 4 < whole.count, "\(part.count) of \(whole.count)")
        #expect(updated.configuration == full.configuration)
        var own = 0
        for user in 150..<UInt32(200) {
            own += updated.model.recommend(Query(user: user, count: 5)).count { $0.item % 5 == user % 5 }
        }
        #expect(own > 150, "of 250 recommended items \(own) are of the user's own group")
        let known = Self.newItems(full.model)
        let found = Self.newItems(updated.model)
        #expect(found * 2 > known && known > 0, "\(found) new items are recommended, after a full training \(known)")
        #expect(updated.metrics.values.values.allSatisfy { $0.isFinite })
    }

    /// How often items that came later are recommended, among 25 a user.
    private static func newItems(_ model: TrainedModel) -> Int {
        (0..<UInt32(200)).reduce(0) { sum, user in
            sum + model.recommend(Query(user: user, count: 25)).count { $0.item >= 80 }
        }
    }

    @Test(arguments: updatable)
    func `an update has the same bytes for one thread and two`(recipe: Recipe) throws {
        let data = try Samples.groups(users: 60, items: 30)
        let former = try base(recipe, data.keepingUsers { $0 < 50 }, Work().context())
        let codes = (0..<UInt32(30)).map { $0 }
        let one = try update(recipe, former, data, itemCodes: codes, Work().context(threads: 1))
        let two = try update(recipe, former, data, itemCodes: codes, Work().context())
        #expect(one.model.encoded() == two.model.encoded())
        #expect(one.measured?.encoded() == two.measured?.encoded())
        #expect(one.metrics == two.metrics)
    }

    @Test(arguments: updatable)
    func `items whose codes have changed are the same items`(recipe: Recipe) throws {
        let data = try Samples.groups(users: 60, items: 30)
        let former = try base(recipe, data, Work().context())
        var moved = Events()
        for user in 0..<UInt32(60) {
            for position in data.range(user: user) {
                moved.append(Int(user), 40 - Int(data.items[position]), data.timestamps[position])
            }
        }
        let target = try moved.interactions(userCount: 60, itemCount: 41)
        let codes = (0..<UInt32(30)).map { 40 - $0 }
        let same = try former.model.updated(with: data, context: Work().context())
        let other = try former.model.updated(with: target, itemCodes: codes, context: Work().context())
        var common = 0
        for user in 0..<UInt32(60) {
            let first = same.recommend(Query(user: user, count: 5)).map { 40 - $0.item }
            let second = other.recommend(Query(user: user, count: 5)).map(\.item)
            common += Set(first).intersection(second).count
        }
        #expect(common > 240, "of 300 recommended items \(common) are the same")
    }

    @Test(arguments: updatable)
    func `codes that are not those of the data are refused`(recipe: Recipe) throws {
        let data = try Samples.groups(users: 60, items: 30)
        let former = try base(recipe, data, Work().context())
        for codes in [[UInt32](0..<29), [UInt32](1..<31), [UInt32](repeating: 30, count: 30)] {
            let error = #expect(throws: RecommenderError.self) {
                try former.model.updated(with: data, itemCodes: codes, context: Work().context())
            }
            #expect(error?.code == .invalidData)
        }
        let gone = [UInt32](repeating: EventColumns.none, count: 30)
        _ = try former.model.updated(with: data, itemCodes: gone, context: Work().context())
        let fewer = try Samples.groups(users: 60, items: 20)
        #expect(throws: RecommenderError.self) { try former.model.updated(with: fewer, context: Work().context()) }
    }

    @Test(arguments: Recipe.ofItems.filter { !$0.canUpdate })
    func `a recipe that cannot learn on says so`(recipe: Recipe) throws {
        let data = try Samples.groups(users: 60, items: 30)
        let former = try Trainer(recipe: recipe, hyperparameters: recipe.brisk).train(data, context: Work().context())
        let error = #expect(throws: RecommenderError.self) {
            try update(recipe, former, data, itemCodes: [UInt32](0..<30), Work().context())
        }
        #expect(error?.message.contains("train a new version in full") == true)
    }
}

internal import Kernels

/// A split of data into what models learn from and what they are judged by, the same for all recipes.
///
/// ```swift
/// let evaluation = Evaluation(data, holdOut: .leaveLastOut, seed: 42)
/// let model = try recipe.configuration().fit(evaluation.training, context: context)
/// let report = evaluation.report(of: model, for: recipe)
/// ```
///
/// The default is the split by which a solution version is measured. Nine in ten users train the measured model. Of each
/// other user (with two events or more) the oldest nine tenths of events are what the model is told, and the newest
/// tenth, at least one event, is what it should have recommended. Whether a user is a test user depends on the seed and
/// his key only, so solutions over the same users share the split.
public struct Evaluation: Sendable {
    /// What the measured model learns from.
    public let training: Interactions
    /// The questions and what would be right for each.
    public let tests: [Test]
    /// Whether items a user has met are left out of what is recommended to him.
    public let excludesMetItems: Bool
    /// Which events are withheld.
    public let holdOut: HoldOut
    /// The items with events in all of the data.
    let items: ItemSet
    let seed: UInt64

    /// A test user.
    public struct Test: Sendable, Equatable {
        /// His code.
        public let user: UInt32
        /// The items of the events the model is told, from the oldest to the newest.
        public let input: [UInt32]
        /// The items of the events that are withheld.
        public let relevant: Set<UInt32>
        /// The events that are withheld.
        public let withheld: [Event]

        /// One event of the user.
        public struct Event: Sendable, Hashable {
            /// The item's code.
            public let item: UInt32
            /// When it happened, in seconds since 1970.
            public let timestamp: Int64
        }
    }

    /// From which share of repeated pairs of user and item on people are taken to come back to the same items.
    static let repeatThreshold = 0.1

    /// Splits data.
    ///
    /// - Parameters:
    ///   - data: All events.
    ///   - holdOut: Which events are withheld.
    ///   - seed: What the choice of test users derives from.
    ///   - keys: A number a user that does not depend on the data, such as a hash of his id; the codes when absent.
    ///   - excludesMetItems: Whether items a user has met are left out; by default unless a tenth of the events repeat
    ///     an earlier pair of user and item.
    public init(
        _ data: Interactions,
        holdOut: HoldOut = .personalize,
        seed: UInt64 = 0,
        keys: [UInt64]? = nil,
        excludesMetItems: Bool? = nil
    ) {
        self.init(
            data,
            holdOut: holdOut,
            seed: seed,
            draw: SplitDraw(seed: seed, keys: keys),
            excludesMetItems: excludesMetItems
        )
    }

    init(_ data: Interactions, holdOut: HoldOut, seed: UInt64, draw: SplitDraw, excludesMetItems: Bool?) {
        tests = holdOut.testUsers(of: data, draw).map { user in
            Test(user: user, withheld: holdOut.withheld(data.range(user: user), user: user, draw), of: data)
        }
        training = tests.isEmpty ? data : holdOut.training(data, tests)
        items = ItemSet(data.items)
        self.holdOut = holdOut
        self.seed = seed
        self.excludesMetItems = excludesMetItems ?? (data.repeatShare < Self.repeatThreshold)
    }

    /// What a model learns from that needs other weights than `training` has, such as ratings.
    ///
    /// - Parameter data: Events of the same users and items; those that `training` leaves out are left out of it too.
    /// - Returns: The rest.
    public func training(from data: Interactions) -> Interactions { holdOut.training(data, tests) }

    /// Measures a model that was trained on `training`.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - recipe: What it is used for: related items are asked for the newest item of each user's input.
    ///   - threads: The most threads to work at once.
    /// - Returns: The means over all test users; all zero when there are none.
    public func metrics(of model: TrainedModel, for recipe: Recipe, threads: Int = 1) -> Metrics {
        var lists: [Metrics] = []
        var distinct = ItemSet()
        forEachAnswer(to: { query(for: $0, model, recipe) }, { model.recommend($0, threads: threads) }) { test, items in
            lists.append(Metrics(recommended: items, relevant: test.relevant))
            for item in items.prefix(Metrics.listLength) { distinct.insert(item) }
        }
        return Metrics(meanOf: lists, coverage: coverage(distinct))
    }

    /// The share of items in all there are: those with events, and new ones that are recommended.
    func coverage(_ distinct: ItemSet) -> Double {
        var all = items
        all.formUnion(distinct)
        return all.isEmpty ? 0 : Double(distinct.count) / Double(all.count)
    }

    /// How many users are asked for at a time, so that answers of very many need not fit in memory.
    private static let blockSize = 4096

    /// Asks a model for each test user, and gives the items to a closure, user after user.
    func forEachAnswer(
        to question: (Test) -> Query,
        _ ask: ([Query]) -> [[ScoredItem]],
        _ body: (Test, [UInt32]) -> Void
    ) {
        for start in stride(from: 0, to: tests.count, by: Self.blockSize) {
            let block = tests[start..<min(start + Self.blockSize, tests.count)]
            for (test, answer) in zip(block, ask(block.map(question))) { body(test, answer.map(\.item)) }
        }
    }

    func query(for test: Test, _ model: TrainedModel, _ recipe: Recipe) -> Query {
        let excluded = excludesMetItems ? ItemSet(test.input) : []
        let count = holdOut.listLength
        guard recipe.kind != .relatedItems else {
            return Query(item: test.input.last, excluded: excluded, count: count)
        }
        // As a campaign does: who was trained on is asked for by his code.
        if holdOut.trainsOnTestUsers, model.knowsUsers {
            return Query(user: test.user, excluded: excluded, count: count, isScored: false)
        }
        return Query(history: test.input, excluded: excluded, count: count, isScored: false)
    }
}

extension Evaluation.Test {
    fileprivate init(user: UInt32, withheld positions: [Int], of data: Interactions) {
        let hidden = Set(positions)
        self.user = user
        input = data.range(user: user).filter { !hidden.contains($0) }.map { data.items[$0] }
        relevant = Set(positions.map { data.items[$0] })
        withheld = positions.map { Event(item: data.items[$0], timestamp: data.timestamps[$0]) }
    }
}

extension Evaluation {
    /// Whether the split by which a solution version is measured keeps a user with two events or more out of training.
    ///
    /// - Parameters:
    ///   - key: The user's number, as in `init`.
    ///   - seed: The seed of the split.
    /// - Returns: Whether he is a test user; in data of so few users that none is drawn, another may be.
    public static func withholdsUser(key: UInt64, seed: UInt64) -> Bool {
        let draw = SplitDraw(seed: seed, keys: [key])
        return draw.tested.contains(draw.uniform(user: 0))
    }
}

extension HoldOut {
    /// The events of data that are trained on.
    fileprivate func training(_ data: Interactions, _ tests: [Evaluation.Test]) -> Interactions {
        guard trainsOnTestUsers else {
            let testUsers = ItemSet(tests.map(\.user))
            return data.keepingUsers { !testUsers.contains($0) }
        }
        var withheld: [UInt32: [Evaluation.Test.Event]] = [:]
        for test in tests { withheld[test.user] = test.withheld }
        return data.keepingEvents { user, position in
            guard let hidden = withheld[user] else { return true }
            return !hidden.contains { $0.item == data.items[position] && $0.timestamp == data.timestamps[position] }
        }
    }
}

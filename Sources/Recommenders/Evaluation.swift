internal import Kernels

/// The split of users by which a solution version is measured.
///
/// Nine in ten users train the measured model. Of each other user (with two events or more) the oldest nine tenths of
/// events are what the model is told, and the newest tenth, at least one event, is what it should have recommended.
/// Whether a user is a test user depends on the seed and his key only, so solutions over the same users share the split.
public struct Evaluation: Sendable {
    /// What the measured model learns from.
    public let training: Interactions
    /// The questions and what would be right for each.
    public let tests: [Test]
    /// Whether items a user has met are left out of what is recommended to him.
    public let excludesMetItems: Bool
    private let itemCount: Int

    /// A test user.
    public struct Test: Sendable, Equatable {
        /// His code.
        public let user: UInt32
        /// The items of his oldest events, from the oldest to the newest.
        public let input: [UInt32]
        /// The items of his newest events.
        public let relevant: Set<UInt32>
    }

    /// From which share of repeated pairs of user and item on people are taken to come back to the same items.
    static let repeatThreshold = 0.1

    /// Splits data.
    ///
    /// - Parameters:
    ///   - data: All events.
    ///   - seed: What the choice of test users derives from.
    ///   - keys: A number a user that does not depend on the data, such as a hash of his id; the codes when absent.
    ///   - excludesMetItems: Whether items a user has met are left out; by default unless a tenth of the events repeat
    ///     an earlier pair of user and item.
    public init(_ data: Interactions, seed: UInt64 = 0, keys: [UInt64]? = nil, excludesMetItems: Bool? = nil) {
        let random = CounterRandom(seed: seed, stream: 2)
        var chosen = (0..<UInt32(data.userCount)).filter { user in
            data.range(user: user).count >= 2 && random.uniform(at: keys?[Int(user)] ?? UInt64(user)) < 0.1
        }
        if chosen.isEmpty {
            let eligible = (0..<UInt32(data.userCount)).filter { data.range(user: $0).count >= 2 }
            let first = eligible.min { random.bits(at: UInt64($0)) < random.bits(at: UInt64($1)) }
            chosen = eligible.count > 1 ? [first].compactMap { $0 } : []
        }
        let testUsers = ItemSet(chosen)
        training = chosen.isEmpty ? data : data.keepingUsers { !testUsers.contains($0) }
        tests = chosen.map { user in Test(user: user, events: data.history(user: user)) }
        itemCount = Set(data.items).count
        self.excludesMetItems = excludesMetItems ?? (data.repeatShare < Self.repeatThreshold)
    }

    /// Measures a model that was trained on `training`.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - recipe: What it is used for: related items are asked for the newest item of each user's input.
    ///   - threads: The most threads to work at once.
    /// - Returns: The means over all test users; all zero when there are none.
    public func metrics(of model: TrainedModel, for recipe: Recipe, threads: Int = 1) -> Metrics {
        let answers = model.recommend(tests.map { query(for: $0, recipe) }, threads: threads)
        let lists = zip(tests, answers).map { test, answer in
            Metrics(recommended: answer.map(\.item), relevant: test.relevant)
        }
        let distinct = Set(answers.joined().map(\.item)).count
        return Metrics(meanOf: lists, coverage: itemCount > 0 ? Double(distinct) / Double(itemCount) : 0)
    }

    private func query(for test: Test, _ recipe: Recipe) -> Query {
        let excluded = excludesMetItems ? ItemSet(test.input) : []
        guard recipe.kind != .relatedItems else { return Query(item: test.input.last, excluded: excluded) }
        return Query(history: test.input, excluded: excluded, isScored: false)
    }
}

extension Evaluation.Test {
    fileprivate init(user: UInt32, events: ArraySlice<UInt32>) {
        let truth = max(1, events.count / 10)
        self.user = user
        input = Array(events.dropLast(truth))
        relevant = Set(events.suffix(truth))
    }
}

import Kernels
import Testing

@testable import Recommenders

@Suite struct BadDataTests {
    static let configurations: [ModelConfiguration] =
        [
            .popularity, .alternatingLeastSquares(.init(factors: 8, epochs: 4)),
            .alternatingLeastSquares(.init(factors: 8, epochs: 4, solver: .cholesky)),
            .alternatingLeastSquares(.init(factors: 17, epochs: 2, regularization: 1e-9, unobservedWeight: 1e-9)),
        ]
        + ItemWeightingTests.weightings.map { .itemSimilarity(.init(weighting: $0, minimumCointeractionCount: 1)) }
        + [.itemSimilarity(.init(weighting: .blended(strength: 5))), .trending(.init())]

    /// Trains, reads back and asks everything that can be asked: whatever the data, all scores are numbers.
    private func examine(_ configuration: ModelConfiguration, _ data: Interactions) throws {
        let model = try configuration.fit(data, context: TrainingContext(seed: 1))
        let file = try TemporaryFile(model.encoded())
        #expect(try TrainedModel(path: file.path) == model)
        for user in 0..<min(UInt32(data.userCount), 3) {
            let history = Array(data.history(user: user))
            for query in [
                Query(user: user), Query(history: history), Query(history: history, excluded: ItemSet(history)),
                Query(item: history.first), Query(user: user, candidates: [0, 1, 99]),
            ] {
                let answer = model.recommend(query)
                #expect(answer.allSatisfy { $0.score?.isFinite ?? true })
                #expect(Set(answer.map(\.item)).count == answer.count)
            }
        }
        if case .alternatingLeastSquares(let factors) = model {
            #expect(factors.userFactors.values.allSatisfy { $0.isFinite })
            #expect(factors.itemFactors.values.allSatisfy { $0.isFinite })
        }
        if case .itemSimilarity(let items) = model { #expect(items.similarities.allSatisfy { $0.isFinite }) }
    }

    @Test(arguments: configurations)
    func `one user, one item, and one event alone make a model`(configuration: ModelConfiguration) throws {
        var events = Events()
        events.append(0, 0, 0)
        try examine(configuration, try events.interactions(userCount: 1, itemCount: 1))
        for item in 1..<40 { events.append(0, item, Int64(item)) }
        try examine(configuration, try events.interactions(userCount: 1, itemCount: 40))
        var crowd = Events()
        for user in 0..<40 { crowd.append(user, 0, 0) }
        try examine(configuration, try crowd.interactions(userCount: 40, itemCount: 1))
    }

    @Test(arguments: configurations)
    func `events that are all equal, or all there can be, make a model`(configuration: ModelConfiguration) throws {
        var equal = Events()
        for _ in 0..<1000 { equal.append(0, 0, 7) }
        let data = try equal.interactions(userCount: 2, itemCount: 2)
        #expect(data.count == 1)
        try examine(configuration, data)
        var full = Events()
        for user in 0..<30 { for item in 0..<20 { full.append(user, item, 0) } }
        try examine(configuration, try full.interactions(userCount: 30, itemCount: 20))
    }

    @Test(arguments: configurations)
    func `huge and tiny weights make a model`(configuration: ModelConfiguration) throws {
        var events = Events()
        for user in 0..<30 { for item in 0..<20 where (user * item) % 3 == 0 { events.append(user, item, 0) } }
        let extremes: [Float] = [.greatestFiniteMagnitude, .leastNonzeroMagnitude, 1e30, 1e-30, 1]
        var columns = events.columns
        // Twice, so that pairs add up beyond what a number can hold.
        columns.weights = MappedArray(events.users.indices.map { extremes[$0 % 5] })
        var later = columns
        later.timestamps = MappedArray([Int64](repeating: 9, count: events.users.count))
        try examine(configuration, try Interactions([columns, later], userCount: 30, itemCount: 20))
    }

    @Test(arguments: configurations)
    func `times before 1970, in the far future and in milliseconds make a model`(
        configuration: ModelConfiguration
    ) throws {
        var events = Events()
        for user in 0..<30 {
            for (item, time) in [Int64.min, -1, 0, 1_700_000_000, 1_700_000_000_000, .max].enumerated() {
                events.append(user, (item + user) % 8, time)
            }
        }
        try examine(configuration, try events.interactions(userCount: 30, itemCount: 8))
    }

    @Test(arguments: [configurations[0], configurations[1], configurations[4]])
    func `a user who has met 100,000 items does not hold the others up`(configuration: ModelConfiguration) throws {
        var events = Events()
        for item in 0..<100_000 { events.append(0, item, Int64(item)) }
        for user in 1..<50 { for step in 0..<5 { events.append(user, (user + step * 7) % 60, Int64(step)) } }
        try examine(configuration, try events.interactions(userCount: 50, itemCount: 100_000))
    }
}

import Kernels
import Recommenders

extension Samples {
    /// Sequences in which each item follows from the two before it; where they begin is random.
    ///
    /// From each item two others follow, which of them the item before tells: who looks at one item alone, or at all of a
    /// history as a set, can be right half of the time.
    static func pairs(users: Int = 300, items: Int = 12, length: Int = 8) throws -> Interactions {
        let random = CounterRandom(seed: 6, stream: 0)
        var events = Events()
        for user in 0..<users {
            var (last, current) = (user % items, Int(random.bits(at: UInt64(user)) % UInt64(items)))
            for step in 0..<length {
                events.append(user, last, Int64(step))
                (last, current) = (current, follower(last, current, items: items))
            }
        }
        return try events.interactions(userCount: users, itemCount: items)
    }

    /// What follows from two items.
    static func follower(_ before: Int, _ last: Int, items: Int) -> Int {
        let random = CounterRandom(seed: 7, stream: UInt64(before % 2))
        return Int(random.bits(at: UInt64(last)) % UInt64(items))
    }

    /// Sessions: each has a topic that its user likes, and goes on mostly from item to item as many others do.
    ///
    /// An item is followed by one of three in its topic, which the item before it tells; in three of ten steps by any item
    /// of the topic, popular ones more often.
    static func sessions(users: Int = 2000, items: Int = 1000, topics: Int = 20, seed: UInt64 = 1) throws
        -> Interactions
    {
        let random = CounterRandom(seed: seed, stream: 8)
        let structure = CounterRandom(seed: seed, stream: 9)
        var events = Events()
        var position: UInt64 = 0
        func draw(_ count: Int) -> Int {
            position += 1
            return Int(random.bits(at: position) >> 8) % count
        }
        let size = items / topics
        for user in 0..<users {
            let liked = (0..<3).map { Int(structure.bits(at: UInt64(user * 3 + $0)) % UInt64(topics)) }
            for session in 0..<3 + draw(4) {
                let topic = liked[min(draw(3), draw(3))]
                var (before, last) = (0, draw(size) * draw(size) / size)
                for step in 0..<4 + draw(8) {
                    events.append(user, last * topics + topic, Int64(session * 86_400 + step * 60))
                    let next =
                        draw(10) < 3
                        ? draw(size) * draw(size) / size
                        : Int(
                            structure.bits(at: UInt64(1 << 40 + (last * topics + topic) * 3 + before % 3))
                                % UInt64(size)
                        )
                    (before, last) = (last, next)
                }
            }
        }
        return try events.interactions(userCount: users, itemCount: items)
    }

    /// All events but the last of each user with three or more, and those last ones with what came before.
    static func leavingLastOut(_ data: Interactions) throws -> (
        training: Interactions, tests: [(history: [UInt32], next: UInt32)]
    ) {
        var events = Events()
        var tests: [(history: [UInt32], next: UInt32)] = []
        for user in 0..<UInt32(data.userCount) {
            let range = data.range(user: user)
            let kept = range.count >= 3 ? range.dropLast() : range
            for position in kept { events.append(Int(user), Int(data.items[position]), data.timestamps[position]) }
            guard kept.count < range.count else { continue }
            tests.append((Array(data.items[kept]), data.items[range.upperBound - 1]))
        }
        return (try events.interactions(userCount: data.userCount, itemCount: data.itemCount), tests)
    }

    /// How well a model tells the next items: the gain of the first ten, the mean of all tests.
    static func gain(of model: TrainedModel, _ tests: [(history: [UInt32], next: UInt32)], excludesMet: Bool) -> Double
    {
        let queries = tests.map { test in
            Query(history: test.history, excluded: excludesMet ? ItemSet(test.history) : [], count: 10)
        }
        let gains = zip(model.recommend(queries, threads: 2), tests).map { answer, test in
            Metrics(recommended: answer.map(\.item), relevant: [test.next]).normalizedDiscountedCumulativeGain.at10
        }
        return gains.reduce(0, +) / Double(max(gains.count, 1))
    }
}

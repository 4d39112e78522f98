import Kernels
import Testing

@Suite struct RatingFactorsTests {
    /// Ratings of some users, the first of whom rate nearly all items and the last none.
    private static func ratings(users: Int, items: Int) -> [Rating] {
        let random = CounterRandom(seed: 21, stream: 0)
        return (0..<users).flatMap { user in
            (0..<items).compactMap { item in
                let draw = UInt64(user * items + item)
                guard random.uniform(at: draw) > Double(user + 1) / Double(users) else { return nil }
                return Rating(user: UInt32(user), item: UInt32(item), value: Float(1 + random.bits(at: draw) % 5))
            }
        }
    }

    private static func start(_ schedule: RatingSchedule, factors: Int) -> RatingFactors {
        let random = CounterRandom(seed: 2, stream: 0)
        return RatingFactors(schedule: schedule, factors: factors, mean: 0, deviation: 0.1, random: random)
    }

    @Test(arguments: [(1, 1), (3, 50), (40, 7), (200, 90)])
    func `a schedule has each rating once, and the blocks of a round share no row`(users: Int, items: Int) {
        let ratings = Self.ratings(users: users, items: items) + [Rating(user: 0, item: 0, value: 3)]
        let schedule = RatingSchedule(ratings.sorted { $0.user < $1.user }, userCount: users, itemCount: items)
        var seen: [Rating] = []
        for round in 0..<RatingSchedule.parts {
            var owners: (users: [UInt32: Int], items: [UInt32: Int]) = ([:], [:])
            for part in 0..<RatingSchedule.parts {
                for rating in schedule.ratings[schedule.range(round: round, part: part)] {
                    #expect(owners.users.updateValue(part, forKey: rating.user) ?? part == part)
                    #expect(owners.items.updateValue(part, forKey: rating.item) ?? part == part)
                    seen.append(rating)
                }
            }
        }
        let key = { (rating: Rating) in (rating.user, rating.item, rating.value) }
        #expect(seen.sorted { key($0) < key($1) } == ratings.sorted { key($0) < key($1) })
        #expect(abs(schedule.mean - ratings.reduce(0) { $0 + Double($1.value) } / Double(ratings.count)) < 1e-9)
    }

    @Test(arguments: [1, 3, 4, 7, 28, 40, 60, 98, 100, 101, 130])
    func `epochs agree with plain loops over the same ratings`(factors: Int) throws {
        let schedule = RatingSchedule(Self.ratings(users: 30, items: 20), userCount: 30, itemCount: 20)
        var learnt = Self.start(schedule, factors: factors)
        var reference = RatingReference(learnt, factors: factors, mean: schedule.mean)
        for _ in 0..<5 {
            try learnt.descend(schedule, rate: 0.02, regularization: 0.1, threads: 2)
            for round in 0..<RatingSchedule.parts {
                for part in 0..<RatingSchedule.parts {
                    for rating in schedule.ratings[schedule.range(round: round, part: part)] {
                        reference.step(rating, rate: 0.02, regularization: 0.1)
                    }
                }
            }
        }
        #expect(reference.greatestDifference(from: learnt, factors: factors) < 1e-5)
        let (root, absolute) = reference.errors(on: Self.ratings(users: 30, items: 20), scale: 1.5...4)
        let errors = learnt.errors(on: Self.ratings(users: 30, items: 20), mean: schedule.mean, scale: 1.5...4)
        #expect(abs(errors.rootMeanSquare - root) < 1e-5)
        #expect(abs(errors.meanAbsolute - absolute) < 1e-5)
    }

    @Test func `factors have the same bytes for any number of threads`() throws {
        let schedule = RatingSchedule(Self.ratings(users: 300, items: 100), userCount: 300, itemCount: 100)
        let each = try [1, 2, 5].map { threads in
            var factors = Self.start(schedule, factors: 17)
            for _ in 0..<3 { try factors.descend(schedule, rate: 0.01, regularization: 0.02, threads: threads) }
            return factors
        }
        #expect(each[0] == each[1])
        #expect(each[0] == each[2])
    }

    @Test func `rows without a rating learn nothing`() throws {
        let ratings = [Rating(user: 1, item: 2, value: 5), Rating(user: 1, item: 0, value: 1)]
        let schedule = RatingSchedule(ratings, userCount: 3, itemCount: 4)
        var factors = Self.start(schedule, factors: 6)
        for _ in 0..<10 { try factors.descend(schedule, rate: 0.1, regularization: 0.02, threads: 1) }
        let columns = RatingFactors.columns(factors: 6)
        for user in [0, 2] {
            #expect(factors.users.row(user) == RatingFactors.unknown(columns: columns, isUser: true))
        }
        for item in [1, 3] {
            #expect(factors.items.row(item) == RatingFactors.unknown(columns: columns, isUser: false))
        }
        #expect(factors.users.row(1)[columns - 3] == 1)
        #expect(factors.items.row(2)[columns - 4] == 1)
    }

    @Test func `an epoch that is stopped throws, and too great steps are noticed`() throws {
        let schedule = RatingSchedule(Self.ratings(users: 30, items: 20), userCount: 30, itemCount: 20)
        var factors = Self.start(schedule, factors: 4)
        #expect(throws: CancellationError.self) {
            try factors.descend(schedule, rate: 0.01, regularization: 0, threads: 2) { throw CancellationError() }
        }
        for _ in 0..<40 { try factors.descend(schedule, rate: 50, regularization: 0, threads: 1) }
        #expect(!factors.isFinite)
        let errors = factors.errors(on: Self.ratings(users: 30, items: 20), mean: 3, scale: 1...5)
        #expect(errors.rootMeanSquare > 0 && !errors.rootMeanSquare.isNaN)
    }
}

/// The same model by the plainest loops, in double precision.
struct RatingReference {
    private var users: [[Double]]
    private var items: [[Double]]
    private var userBiases: [Double]
    private var itemBiases: [Double]
    private let mean: Double

    init(_ factors: RatingFactors, factors count: Int, mean: Double) {
        users = (0..<factors.users.rows).map { factors.users.row($0).prefix(count).map(Double.init) }
        items = (0..<factors.items.rows).map { factors.items.row($0).prefix(count).map(Double.init) }
        userBiases = [Double](repeating: 0, count: users.count)
        itemBiases = [Double](repeating: 0, count: items.count)
        self.mean = mean
    }

    func prediction(_ user: Int, _ item: Int) -> Double {
        mean + userBiases[user] + itemBiases[item] + zip(users[user], items[item]).reduce(0) { $0 + $1.0 * $1.1 }
    }

    mutating func step(_ rating: Rating, rate: Double, regularization: Double) {
        let (user, item) = (Int(rating.user), Int(rating.item))
        let error = Double(rating.value) - prediction(user, item)
        userBiases[user] += rate * (error - regularization * userBiases[user])
        itemBiases[item] += rate * (error - regularization * itemBiases[item])
        for factor in users[user].indices {
            let (left, right) = (users[user][factor], items[item][factor])
            users[user][factor] += rate * (error * right - regularization * left)
            items[item][factor] += rate * (error * left - regularization * right)
        }
    }

    func errors(on ratings: [Rating], scale: ClosedRange<Double>) -> (root: Double, absolute: Double) {
        let errors = ratings.map { rating in
            let prediction = prediction(Int(rating.user), Int(rating.item))
            return Double(rating.value) - min(max(prediction, scale.lowerBound), scale.upperBound)
        }
        let count = Double(errors.count)
        return (
            (errors.reduce(0) { $0 + $1 * $1 } / count).squareRoot(), errors.reduce(0) { $0 + abs($1) } / count
        )
    }

    func greatestDifference(from factors: RatingFactors, factors count: Int) -> Double {
        let stride = factors.users.columns
        var greatest = 0.0
        for (rows, biases, matrix, place) in [
            (users, userBiases, factors.users, stride - 4), (items, itemBiases, factors.items, stride - 3),
        ] {
            for row in rows.indices {
                let learnt = matrix.row(row)
                for (factor, value) in rows[row].enumerated() {
                    greatest = max(greatest, abs(value - Double(learnt[factor])))
                }
                greatest = max(greatest, abs(biases[row] - Double(learnt[place])))
            }
        }
        return greatest
    }
}

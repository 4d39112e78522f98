import FoundationEssentials
import Kernels
import Recommenders

/// Data with ratings for tests.
enum RatedSamples {
    /// A user, an item, a rating and perhaps a time.
    typealias Row = (user: Int, item: Int, rating: Float, time: Int)

    static func interactions(_ rows: [Row], userCount: Int, itemCount: Int) throws -> Interactions {
        let columns = EventColumns(
            users: MappedArray(rows.map { UInt32($0.user) }),
            items: MappedArray(rows.map { UInt32($0.item) }),
            timestamps: MappedArray(rows.map { Int64($0.time) }),
            weights: MappedArray(rows.map(\.rating))
        )
        return try Interactions(columns, userCount: userCount, itemCount: itemCount)
    }

    /// Even users give the even items 5 and the odd ones 1, odd users the other way round. A user has not rated the item of
    /// his own code, which he would give 5, nor two that he would give 1.
    static func checkerboard(_ size: Int = 30) throws -> Interactions {
        var rows: [Row] = []
        for user in 0..<size {
            let withheld = [user, user ^ 1, (user ^ 1 + 2) % size]
            for item in 0..<size where !withheld.contains(item) {
                rows.append((user, item, item % 2 == user % 2 ? 5 : 1, item))
            }
        }
        return try interactions(rows, userCount: size, itemCount: size)
    }

    /// Ratings from 1 to 5 in steps of a half, by tastes and biases.
    static func tastes(users: Int = 200, items: Int = 100) throws -> Interactions {
        let random = CounterRandom(seed: 8, stream: 0)
        var rows: [Row] = []
        for user in 0..<users {
            for item in 0..<items where random.uniform(at: UInt64(user * items + item)) < 0.3 {
                let taste = user % 3 == item % 3 ? 0.8 : -0.4
                let noise = Double(random.normal(at: UInt64(user * items + item))) * 0.5
                let rating = 3 + taste + Double(user % 5 - 2) / 4 + Double(item % 7 - 3) / 5 + noise
                rows.append((user, item, Float((min(max(rating, 1), 5) * 2).rounded() / 2), item))
            }
        }
        return try interactions(rows, userCount: users, itemCount: items)
    }

    /// The ratings of MovieLens small; `Samples.movieLensPath` says whether they are there.
    static func movieLens() throws -> Interactions {
        let text = try Data(contentsOf: URL(filePath: Samples.movieLensPath ?? ""))
        var codes: [Int: Int] = [:]
        var rows: [Row] = []
        for line in text.split(whereSeparator: { $0 == 10 || $0 == 13 }).dropFirst() {
            let fields = line.split(separator: 44).map { Double(String(decoding: $0, as: UTF8.self)) ?? 0 }
            let item = codes[Int(fields[1])] ?? codes.count
            codes[Int(fields[1])] = item
            rows.append((Int(fields[0]) - 1, item, Float(fields[2]), Int(fields[3])))
        }
        return try interactions(rows, userCount: 610, itemCount: codes.count)
    }
}

import FoundationEssentials
import Kernels
import Recommenders

/// Data for tests.
enum Samples {
    /// A checkerboard: even users have met the even items, odd users the odd ones, but for one item a user: his own code.
    /// Each user has met them in an order of his own, so that no order tells what is next.
    static func checkerboard(_ size: Int = 30) throws -> Interactions {
        let random = CounterRandom(seed: 4, stream: 0)
        var events = Events()
        for user in 0..<size {
            for item in 0..<size where item % 2 == user % 2 && item != user {
                events.append(user, item, Int64(random.bits(at: UInt64(user * size + item)) >> 32))
            }
        }
        return try described(events.interactions(userCount: size, itemCount: size), kinds: 2)
    }

    /// The same events, items with a text each: all of one kind say the same.
    static func described(_ data: Interactions, kinds: Int) -> Interactions {
        var data = data
        var builder = ItemFeatures.Builder(itemCount: data.itemCount)
        for item in 0..<data.itemCount { builder.add("kind \(item % kinds)", field: "", to: UInt32(item)) }
        data.itemTexts = builder.features()
        return data
    }

    /// Users who prefer the items of their own one of five groups, and popular ones among them.
    static func groups(users: Int = 200, items: Int = 100) throws -> Interactions {
        let random = CounterRandom(seed: 5, stream: 0)
        var events = Events()
        for user in 0..<users {
            for step in 0..<(5 + user % 30) {
                let position = UInt64(user * 1000 + step * 2)
                let rank = random.uniform(at: position) * random.uniform(at: position) * Double(items / 5)
                let group = random.uniform(at: position + 1) < 0.8 ? user % 5 : step % 5
                events.append(user, Int(rank) * 5 + group, Int64(step))
            }
        }
        return try described(events.interactions(userCount: users, itemCount: items), kinds: 5)
    }

    /// MovieLens small, or nil when it is not on this machine.
    static let movieLensPath: String? = {
        let environment = ProcessInfo.processInfo.environment["MILLRACE_SHARED"]
        let root = #filePath.components(before: "/Tests/RecommendersTests")
        let candidates = [environment, "\(root)/../shared"].compactMap { $0 }
        return candidates.map { "\($0)/data/movielens-small/ratings.csv" }
            .first { FileManager.default.isReadableFile(atPath: $0) }
    }()

    static func movieLens() throws -> Interactions {
        let text = try Data(contentsOf: URL(filePath: movieLensPath ?? ""))
        var events = Events()
        var codes: [Int: Int] = [:]
        for line in text.split(whereSeparator: { $0 == 10 || $0 == 13 }).dropFirst() {
            let fields = line.split(separator: 44).map { Int(String(decoding: $0, as: UTF8.self)) ?? 0 }
            let item = codes[fields[1]] ?? codes.count
            codes[fields[1]] = item
            events.append(fields[0] - 1, item, Int64(fields[3]))
        }
        return try events.interactions(userCount: 610, itemCount: codes.count)
    }
}

/// Columns that grow.
struct Events {
    var users: [UInt32] = []
    var items: [UInt32] = []
    var timestamps: [Int64] = []

    mutating func append(_ user: Int, _ item: Int, _ timestamp: Int64) {
        users.append(UInt32(user))
        items.append(UInt32(item))
        timestamps.append(timestamp)
    }

    var columns: EventColumns {
        EventColumns(users: MappedArray(users), items: MappedArray(items), timestamps: MappedArray(timestamps))
    }

    func interactions(userCount: Int, itemCount: Int) throws -> Interactions {
        try Interactions(columns, userCount: userCount, itemCount: itemCount)
    }
}

extension String {
    func components(before part: String) -> String {
        guard let range = firstRange(of: part) else { return self }
        return String(self[..<range.lowerBound])
    }
}

/// A model file that is removed with the value.
final class TemporaryFile {
    let path = "\(FileManager.default.temporaryDirectory.path)/model-\(UUID().uuidString)"
    init(_ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(filePath: path)) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

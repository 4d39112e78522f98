import Kernels
import Recommenders

@testable import Personalize

/// The numbers of a seed, one after another.
struct SeededNumbers: RandomNumberGenerator {
    private let random: CounterRandom
    private var position: UInt64 = 0

    init(_ seed: Int) { random = CounterRandom(seed: UInt64(seed), stream: 0) }

    mutating func next() -> UInt64 {
        position += 1
        return random.bits(at: position)
    }

    mutating func isTrue(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &self) < share }

    mutating func pick<T>(_ list: [T]) -> T { list[Int.random(in: 0..<list.count, using: &self)] }
}

/// Records of items, users and interactions, as plain values and as snapshots.
struct FilterData {
    /// The values of a record: texts, or one number.
    typealias Record = [String: [FilterLiteral]]

    struct Event {
        let user: String
        let item: String
        let type: String
        let timestamp: Int
    }

    static let types = ["Click", "click", "buy", "rate", ""]
    static let categories = ["drama", "war", "a, \"b\"", "日本", "Drama"]
    static let brands = ["x", "y|z", ""]
    static let numbers = [-2.5, 0, 0.1, 1, 3, 7.25, 100]

    /// All ids of the catalogue; some have no record.
    let ids: [String]
    let items: [String: Record]
    let users: [String: Record]
    private let latest: [String: [String: Set<String>]]
    let catalog: FilterCatalog

    init(seed: Int) throws {
        var random = SeededNumbers(seed)
        ids = (0..<140).map { "i\($0)" }
        var items: [String: Record] = [:]
        var users: [String: Record] = [:]
        // The second file replaces some records of the first.
        var itemFiles = ["ITEM_ID,GENRES,BRAND,PRICE,YEAR\n", "ITEM_ID,GENRES,BRAND,PRICE,YEAR\n"]
        for (file, numbers) in [(0, 0..<110), (1, 90..<130)] {
            for number in numbers {
                let (record, line) = Self.item(&random)
                items["i\(number)"] = record
                itemFiles[file] += "i\(number),\(line)\n"
            }
        }
        var userFile = "USER_ID,AGE,TIER\n"
        for number in 0..<10 {
            let age = random.isTrue(0.8) ? random.pick([10, 18, 30, 60]) : nil
            let tier = random.isTrue(0.8) ? random.pick(["gold", "silver|gold", "none"]) : nil
            users["u\(number)"] = [
                "AGE": age.map { [.number(Double($0))] } ?? [],
                "TIER": (tier ?? "").split(separator: "|").map { .text(String($0)) },
            ]
            userFile += "u\(number),\(age.map { "\($0)" } ?? ""),\(tier ?? "")\n"
        }
        var events: [Event] = []
        var eventFiles = ["", ""]
        for file in 0..<2 {
            eventFiles[file] = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n"
            for _ in 0..<1500 {
                // Some users are busy, so that only their latest events count.
                let user = random.isTrue(0.5) ? "u0" : "u\(Int.random(in: 0..<12, using: &random))"
                let event = Event(
                    user: user,
                    item: "i\(Int.random(in: 0..<150, using: &random))",
                    type: random.pick(Self.types),
                    timestamp: Int.random(in: 1...400, using: &random)
                )
                events.append(event)
                eventFiles[file] += "\(event.user),\(event.item),\(event.timestamp),\(event.type)\n"
            }
        }
        self.items = items
        self.users = users
        latest = Self.latest(events)
        catalog = try Self.catalog(ids, itemFiles, userFile, eventFiles)
    }

    private static func item(_ random: inout SeededNumbers) -> (record: Record, line: String) {
        let genres = categories.filter { _ in random.isTrue(0.3) }
        let brand = random.isTrue(0.8) ? random.pick(brands) : ""
        let price = random.isTrue(0.9) ? random.pick(numbers) : nil
        let year = random.isTrue(0.9) ? random.pick([1990, 2000, 2010]) : nil
        let record: Record = [
            "GENRES": genres.map(FilterLiteral.text), "BRAND": brand.isEmpty ? [] : [.text(brand)],
            "PRICE": price.map { [.number($0)] } ?? [], "YEAR": year.map { [.number(Double($0))] } ?? [],
        ]
        let joined = genres.joined(separator: "|").replacing("\"", with: "\\\"")
        let quoted = joined.isEmpty ? "" : "\"\(joined)\""
        return (record, "\(quoted),\(brand),\(price.map { "\($0)" } ?? ""),\(year.map { "\($0)" } ?? "")")
    }

    private static func catalog(
        _ ids: [String],
        _ items: [String],
        _ users: String,
        _ events: [String]
    ) throws -> FilterCatalog {
        let itemRecords = try dataset(
            "Items",
            [
                "ITEM_ID string", "GENRES string? categorical", "BRAND string?", "PRICE float?", "YEAR int?",
            ],
            items
        )
        let userRecords = try dataset("Users", ["USER_ID string", "AGE int?", "TIER string? categorical"], [users])
        let eventRecords = try dataset(
            "Interactions",
            ["USER_ID string", "ITEM_ID string", "TIMESTAMP long", "EVENT_TYPE string?"],
            events
        )
        return FilterCatalog(
            ids: .list(ids),
            items: EntityTable(.items, itemRecords.snapshots).map { .init(table: $0, schema: itemRecords.schema) },
            users: EntityTable(.users, userRecords.snapshots).map { .init(table: $0, schema: userRecords.schema) },
            events: eventRecords.snapshots.compactMap { UserEvents($0) }
        )
    }

    private static func dataset(
        _ name: String,
        _ fields: [String],
        _ files: [String]
    ) throws -> (schema: Schema, snapshots: [Snapshot]) {
        let fixture = try ImportFixture(ImportFixture.Fields(name, fields))
        return (fixture.schema, try files.map { try fixture.snapshot(fixture.run($0)) })
    }

    /// The schemas by dataset.
    var schemas: [DatasetType: Schema] {
        [.items: catalog.items?.schema, .users: catalog.users?.schema].compactMapValues(\.self)
    }

    /// The types in lower case that a user's latest hundred events of each type have had with an item.
    func types(_ user: String, _ item: String) -> [FilterLiteral] {
        (latest[user] ?? [:]).filter { $0.value.contains(item) }.map { .text($0.key) }
    }

    /// The items of the latest hundred events, by user and by type.
    private static func latest(_ events: [Event]) -> [String: [String: Set<String>]] {
        Dictionary(grouping: events, by: \.user).mapValues { events in
            Dictionary(grouping: events.enumerated(), by: { $0.element.type.lowercased() }).mapValues { events in
                let newestFirst = events.sorted {
                    ($0.element.timestamp, $0.offset) > ($1.element.timestamp, $1.offset)
                }
                return Set(newestFirst.prefix(100).map(\.element.item))
            }
        }
    }
}

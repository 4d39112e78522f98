import Foundation
import JSON
import SQLiteStore
import Synchronization
import TestSupport
import Testing

@testable import Notifications

@Suite struct EventBusTests {
    let store: SQLiteStore
    let outbox: Outbox
    let bus: EventBus
    let clock = ManualClock()

    init() throws {
        store = try .inMemory()
        let clock = clock
        outbox = Outbox(store: store, now: { clock.date }, newID: { UUID().uuidString })
        bus = EventBus(store: store, outbox: outbox, now: { clock.date }, newID: { UUID().uuidString.lowercased() })
    }

    /// A topic with a listener.
    private func topic(_ name: String) async throws -> String {
        let arn = try await outbox.createTopic(name).arn
        try await outbox.setEndpoints([.maildir("\(name)@localhost")], of: arn)
        return arn
    }

    private func rule(_ name: String, _ pattern: JSON, to targets: EventTarget...) async throws {
        try await bus.putRule(name, pattern: pattern.text)
        try await bus.putTargets(targets, of: name)
    }

    private func texts() async throws -> [String] {
        try await outbox.deliveries().map(\.message.message.body).reversed()
    }

    private let order: JSON = [
        "Source": "shop", "DetailType": "Order", "Detail": #"{"id": 7, "state": "paid"}"#, "Resources": ["r"],
    ]

    @Test func `an event goes to every target of every rule that wants it, with its envelope`() async throws {
        let (one, two) = (try await topic("one"), try await topic("two"))
        try await rule("paid", ["detail": ["state": ["paid"]]], to: .init(id: "1", arn: one), .init(id: "2", arn: two))
        try await rule("orders", ["detail-type": ["Order"]], to: .init(id: "1", arn: two))
        try await rule("other", ["source": ["bank"]], to: .init(id: "1", arn: one))
        let answer = try await bus.putEvents(["Entries": [order]])
        #expect(answer["FailedEntryCount"] == 0)
        let id = try #require(answer["Entries"]?[0]?["EventId"])
        let deliveries = try await outbox.deliveries()
        #expect(deliveries.map(\.endpoint.destination).sorted() == ["one@localhost", "two@localhost", "two@localhost"])
        let event = try JSON(parsing: deliveries[0].message.message.body)
        #expect(
            event == [
                "version": "0", "id": id, "detail-type": "Order", "source": "shop", "account": "000000000000",
                "time": "2027-01-15T08:00:00Z", "region": "us-east-1", "resources": ["r"],
                "detail": ["id": 7, "state": "paid"],
            ]
        )
        #expect(deliveries[0].message.message.payload == event)
        #expect(deliveries[0].message.message.subject == "Order")
    }

    @Test func `a rule that is disabled or deleted hears nothing, and one that is enabled again does`() async throws {
        let target = EventTarget(id: "t", arn: try await topic("t"))
        try await rule("orders", ["source": ["shop"]], to: target)
        #expect(try await bus.isListening())
        try await bus.setRule("orders", isEnabled: false)
        #expect(try await !bus.isListening())
        try await bus.putEvents(["Entries": [order]])
        #expect(try await texts().isEmpty)
        try await bus.setRule("orders", isEnabled: true)
        try await bus.putEvents(["Entries": [order]])
        #expect(try await texts().count == 1)
        let refusal = await #expect(throws: NotificationError.self) { try await bus.deleteRule("orders") }
        #expect(refusal?.message == "Rule can't be deleted since it has targets.")
        try await bus.removeTargets(["t", "unknown"], of: "orders")
        try await bus.deleteRule("orders")
        try await bus.deleteRule("orders")
        #expect(try await bus.rules().isEmpty)
    }

    @Test func `a rule that is put again keeps its targets and its date`() async throws {
        let target = EventTarget(id: "t", arn: try await topic("t"), input: ["Input": "1"])
        try await rule("orders", ["source": ["shop"]], to: target)
        clock.advance(by: .seconds(60))
        let arn = try await bus.putRule("orders", pattern: #"{"source":["bank"]}"#, isEnabled: false, description: "d")
        let rule = try await bus.rule("orders")
        #expect(rule.arn == arn)
        #expect(arn == "arn:aws:events:us-east-1:000000000000:rule/orders")
        #expect(rule.createdAt == ManualClock().date)
        #expect(rule.targets == [target])
        #expect(!rule.isEnabled)
        #expect(rule.description == "d")
        #expect(rule.pattern == #"{"source":["bank"]}"#)
    }

    @Test func `a call that is made again with its key sends nothing again`() async throws {
        try await rule("orders", ["source": ["shop"]], to: .init(id: "t", arn: try await topic("t")))
        let entries: JSON = ["Entries": [order, order]]
        let first = try await bus.putEvents(entries, key: "task 1")
        #expect(try await bus.putEvents(entries, key: "task 1") == first)
        #expect(first["Entries"]?[0] != first["Entries"]?[1])
        #expect(try await texts().count == 2)
        #expect(try await bus.putEvents(entries, key: "task 2") != first)
        #expect(try await texts().count == 4)
    }

    @Test func `entries that cannot be taken say why, and the others are taken`() async throws {
        try await rule("all", ["source": [["prefix": ""]]], to: .init(id: "t", arn: try await topic("t")))
        func entry(_ key: String, _ value: JSON?) -> JSON {
            var entry = order
            entry[key] = value
            return entry
        }
        let answer = try await bus.putEvents([
            "Entries": [
                entry("Source", nil), entry("DetailType", ""), entry("Detail", nil), entry("Detail", "[1]"),
                entry("Detail", "{"), entry("Source", "aws.shop"), order, entry("Detail", ["id": 8]),
            ]
        ])
        let codes = (answer["Entries"]?.array ?? []).map { $0["ErrorCode"]?.string ?? "" }
        #expect(
            codes == [
                "InvalidArgument", "InvalidArgument", "InvalidArgument", "MalformedDetail", "MalformedDetail",
                "NotAuthorizedForSourceException", "", "",
            ]
        )
        let messages = (answer["Entries"]?.array ?? []).map { $0["ErrorMessage"]?.string ?? "" }
        #expect(messages[0] == "Parameter Source is not valid. Reason: Source is a required argument.")
        #expect(messages[3] == "Detail is malformed.")
        #expect(answer["FailedEntryCount"] == 6)
        #expect(try await texts().count == 2)
    }

    @Test(
        arguments: [
            ([:], "Value null at 'entries'"), (["Entries": []], "length greater than or equal to 1"),
            (["Entries": .array(Array(repeating: [:], count: 11))], "length less than or equal to 10"),
            (
                ["Entries": [["Detail": .string(String(repeating: "x", count: 300_000))]]],
                "Total size of the entries in the request is over the limit."
            ),
        ] as [(JSON, String)]
    )
    func `a call that cannot be read is refused`(input: JSON, text: String) async throws {
        let error = await #expect(throws: NotificationError.self) { try await bus.putEvents(input) }
        #expect(error?.code == .validation)
        #expect(error?.message.contains(text) == true, "\(error?.message ?? "")")
    }

    @Test(
        arguments: [
            (["Input": #"{"fixed": true}"#], #"{"fixed": true}"#),
            (["InputPath": "$.detail"], #"{"id":7,"state":"paid"}"#),
            (["InputPath": "$.resources[0]"], #""r""#),
            (["InputPath": "$.nothing"], "null"),
            (
                [
                    "InputTransformer": [
                        "InputPathsMap": ["id": "$.detail.id", "state": "$.detail.state", "all": "$.detail"],
                        "InputTemplate":
                            #"{"order": <id>, "note": "<id> is <state> by <aws.events.rule-name>", "d": <all>}"#,
                    ]
                ],
                #"{"order": 7, "note": "7 is paid by orders", "d": {"id":7,"state":"paid"}}"#
            ),
            (["InputTransformer": ["InputTemplate": #""no <such> name""#]], #""no <such> name""#),
        ] as [(JSON, String)]
    )
    func `a target may get something else`(input: JSON, text: String) async throws {
        try await rule("orders", ["source": ["shop"]], to: .init(id: "t", arn: try await topic("t"), input: input))
        try await bus.putEvents(["Entries": [order]])
        #expect(try await texts() == [text])
    }

    @Test func `names, targets and their number are checked`() async throws {
        func code(_ body: () async throws -> Void) async -> NotificationError.Code? {
            await #expect(throws: NotificationError.self) { try await body() }?.code
        }
        let pattern = #"{"source":["a"]}"#
        #expect(await code { try await bus.putRule("no spaces", pattern: pattern) } == .validation)
        #expect(await code { try await bus.putRule("a", pattern: "{}") } == .invalidEventPattern)
        #expect(await code { try await bus.setRule("none", isEnabled: true) } == .resourceNotFound)
        try await bus.putRule("a", pattern: pattern)
        let topic = try await topic("t")
        #expect(await code { try await bus.putTargets([.init(id: "", arn: topic)], of: "a") } == .validation)
        let lambda = "arn:aws:lambda:us-east-1:000000000000:function:f"
        #expect(await code { try await bus.putTargets([.init(id: "1", arn: lambda)], of: "a") } == .validation)
        let broken = EventTarget(id: "1", arn: topic, input: ["Input": "{"])
        #expect(await code { try await bus.putTargets([broken], of: "a") } == .validation)
        let five = (1...5).map { EventTarget(id: "\($0)", arn: topic) }
        try await bus.putTargets(five, of: "a")
        try await bus.putTargets([five[0]], of: "a")
        #expect(await code { try await bus.putTargets([.init(id: "6", arn: topic)], of: "a") } == .limitExceeded)
        #expect(try await bus.rule("a").targets == five)
    }

    @Test func `a target whose topic is gone holds up no other`() async throws {
        let gone = EventTarget(id: "1", arn: "arn:aws:sns:us-east-1:000000000000:gone")
        try await rule("orders", ["source": ["shop"]], to: gone, .init(id: "2", arn: try await topic("t")))
        try await bus.putEvents(["Entries": [order]])
        #expect(try await texts().count == 1)
    }

    @Test func `a fault of the store takes none of the events, and the next time all of them`() async throws {
        let directory = try TemporaryDirectory()
        let limit = Mutex(Int.max)
        struct Fault: Error {}
        func open() throws -> (store: SQLiteStore, outbox: Outbox, bus: EventBus) {
            let store = try SQLiteStore(path: directory.file("db.sqlite")) { number in
                if limit.withLock({ number > $0 }) { throw Fault() }
            }
            let outbox = Outbox(store: store, now: { Date() }, newID: { UUID().uuidString })
            let bus = EventBus(store: store, outbox: outbox, now: { Date() }, newID: { UUID().uuidString })
            return (store, outbox, bus)
        }
        let before = try open()
        let arn = try await before.outbox.createTopic("t").arn
        try await before.outbox.setEndpoints([.maildir("t@localhost")], of: arn)
        try await before.bus.putRule("all", pattern: #"{"source":["shop"]}"#)
        try await before.bus.putTargets([.init(id: "1", arn: arn)], of: "all")
        limit.withLock { $0 = 0 }
        await #expect(throws: (any Error).self) {
            try await before.bus.putEvents(["Entries": [order, order]], key: "k")
        }
        try before.store.close()
        limit.withLock { $0 = .max }
        let after = try open()
        #expect(try await after.outbox.deliveries().isEmpty)
        try await after.bus.putEvents(["Entries": [order, order]], key: "k")
        #expect(try await after.outbox.deliveries().count == 2)
    }
}

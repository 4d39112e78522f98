import DurableExecution
import FoundationEssentials
import JSON
import Logging
import Personalize
import SQLiteStore
import TestSupport
import Testing

@testable import Notifications
@testable import Pipeline

/// What rules hear of the resources of a run.
@Suite(.timeLimit(.minutes(5))) struct StateChangeNotifierTests {
    private let stage: PipelineStage
    private let bus: EventBus
    private let notifier: StateChangeNotifier

    init() throws {
        stage = try PipelineStage()
        let clock = stage.clock
        bus = EventBus(store: stage.store, outbox: stage.outbox, now: { clock.date }, newID: { UUID().uuidString })
        notifier = StateChangeNotifier(
            personalize: stage.personalize,
            bus: bus,
            clock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private func listen(_ pattern: JSON) async throws {
        let topic = try await stage.outbox.createTopic("states").arn
        try await stage.outbox.setEndpoints([.webhook("http://127.0.0.1:1/states")], of: topic)
        try await bus.putRule("states", pattern: pattern.text)
        try await bus.putTargets([EventTarget(id: "topic", arn: topic)], of: "states")
    }

    private func events() async throws -> [JSON] {
        let topic = try stage.outbox.topicARN("states")
        return try await stage.outbox.deliveries(DeliveryFilter(topicARN: topic, limit: 1000)).reversed()
            .compactMap { try? JSON(parsing: $0.message.message.body) }
    }

    @Test func `each resource of a run is told as AWS's own pipeline tells it, once`() async throws {
        let stage = stage
        try await listen(["source": ["solutions.aws.personalize"]])
        try stage.putEvents()
        try await stage.running(.personalize) {
            try await stage.handle(stage.drop(1, Samples.small.text))
            let execution = try #require(try await stage.executions().first)
            #expect(try await stage.engine.waitForEnd(of: execution.arn).status == .succeeded)
        }
        try await notifier.tellAll()
        let events = try await events()
        func told(_ type: String) -> [String] {
            events.filter { $0["detail-type"]?.string == "Personalize \(type) State Change" }
                .compactMap { $0["detail"]?["Status"]?.string }
        }
        for type in ["Dataset Group", "Dataset", "Dataset Import Job", "Solution", "Solution Version", "Campaign"] {
            #expect(told(type) == ["CREATING", "ACTIVE"], "\(type)")
        }
        #expect(told("Schema") == ["ACTIVE"])
        let last = try #require(events.last { $0["detail-type"] == "Personalize Campaign State Change" })
        #expect(last["version"] == "0")
        #expect(last["source"] == "solutions.aws.personalize")
        #expect(last["account"] == "000000000000" && last["region"] == "us-east-1")
        let arn = "arn:aws:personalize:us-east-1:000000000000:campaign/popular"
        #expect(last["resources"] == [.string(arn)])
        #expect(last["detail"] == ["Arn": .string(arn), "Status": "ACTIVE", "Duration": 0])
        #expect(last["time"]?.string?.hasSuffix("Z") == true)

        // What was told is not told again, and nothing of it is left.
        try await notifier.tellAll()
        #expect(try await self.events().count == events.count)
        #expect(try await stage.personalize.untoldStateChanges(limit: 1).isEmpty)
    }

    @Test func `a rule hears only what its pattern wants, and without a rule nothing is kept`() async throws {
        let stage = stage
        try await stage.running(.personalize) {
            _ = try await stage.personalize.call("CreateDatasetGroup", ["name": "before"])
            #expect(try await stage.personalize.untoldStateChanges(limit: 10).isEmpty)
            try await listen([
                "detail-type": ["Personalize Dataset Group State Change"], "detail": ["Status": ["ACTIVE"]],
            ])
            let group = try await stage.personalize.call("CreateDatasetGroup", ["name": "after"])
            _ = try await stage.personalize.waitUntilSettled(group["datasetGroupArn"]?.string ?? "")
            try await notifier.tellAll()
            let told = try await events().map { $0["detail"]?["Arn"]?.string }
            #expect(told.contains("arn:aws:personalize:us-east-1:000000000000:dataset-group/after"))
            #expect(told.count <= 2, "only what became ACTIVE")
        }
    }

    @Test func `an event arrives by webhook, in its envelope`() async throws {
        try await listen(["source": ["solutions.aws.personalize"]])
        let topic = try stage.outbox.topicARN("states")
        let (requests, arrived) = AsyncStream.makeStream(of: JSON.self)
        try await HTTPPeer.serve { request in
            if let json = try? JSON(parsing: request.body) { arrived.yield(json) }
            return HTTPPeer.Answer(204)
        } _: { peer in
            let stage = stage
            try await stage.outbox.setEndpoints([.webhook("http://127.0.0.1:\(peer.port)/states")], of: topic)
            try await stage.running(.personalize) {
                _ = try await stage.personalize.call(
                    "CreateSchema",
                    ["name": "seen", "schema": .string(Samples.interactions["schema"]?.text ?? "")]
                )
            }
            try await notifier.tellAll()
            let clock = stage.clock
            let dispatcher = Dispatcher(
                outbox: stage.outbox,
                store: stage.store,
                configuration: .init(maildir: stage.directory.file("mail")),
                secret: try WebhookSecret(bytes: Array(1...32)),
                clock: clock,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                now: { clock.date },
                random: { 0.5 }
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await dispatcher.run() }
                var iterator = requests.makeAsyncIterator()
                let request = try #require(await iterator.next())
                #expect(request["data"]?["detail-type"] == "Personalize Schema State Change")
                #expect(request["data"]?["detail"]?["Status"] == "ACTIVE")
                #expect(request["attributes"]?["Rule"] == "states")
                group.cancelAll()
            }
        }
    }
}

/// The end of the process while changes are told.
@Suite(.timeLimit(.minutes(5))) struct StateChangeCrashTests {
    @Test func `a change is told once wherever the process ends`() async throws {
        var crash = 0
        var isBurnt = true
        while isBurnt {
            isBurnt = try await survives(crash)
            crash += 1
            try #require(crash < 20, "the work never ended")
        }
        #expect(crash == 3, "changes are told in one transaction and forgotten in another")
    }

    /// The store stops before a transaction, counted from when changes are told.
    private func survives(_ crash: Int) async throws -> Bool {
        let directory = try TemporaryDirectory()
        let left = Locked<Int?>(nil)
        let isBurnt = Locked(false)
        struct Crash: Error {}
        let path = directory.file("millrace.sqlite")
        let store = try SQLiteStore(path: path) { _ in
            let burns = left.withLock { count in
                guard let rest = count else { return false }
                count = rest - 1
                return rest <= 0
            }
            guard burns else { return }
            isBurnt.withLock { $0 = true }
            throw Crash()
        }
        let told = try await tell(store, directory) { left.withLock { $0 = crash } }
        if !isBurnt.withLock({ $0 }) { #expect(told.count == 2) }
        try store.close()
        let again = try SQLiteStore(path: path)
        let messages = try await tell(again, directory) {}
        #expect(messages.compactMap { $0["detail"]?["Status"]?.string } == ["CREATING", "ACTIVE"], "crash \(crash)")
        return isBurnt.withLock { $0 }
    }

    /// Makes a group where there is none, and tells of it as far as the store lets it.
    private func tell(_ store: SQLiteStore, _ directory: TemporaryDirectory, _ arm: () -> Void) async throws -> [JSON] {
        let clock = ManualClock()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let outbox = Outbox(store: store, now: { clock.date }, newID: { UUID().uuidString })
        let bus = EventBus(store: store, outbox: outbox, now: { clock.date }, newID: { UUID().uuidString })
        let personalize = try PersonalizeService(
            store: store,
            objects: BucketDirectory([]),
            home: directory.file("home"),
            now: { clock.date },
            clock: clock,
            makeID: { UUID() },
            logger: logger
        )
        let topic = try outbox.topicARN("states")
        if try await outbox.topics().isEmpty {
            _ = try await outbox.createTopic("states")
            try await outbox.setEndpoints([.maildir("a@example.org")], of: topic)
            try await bus.putRule("all", pattern: #"{"source": ["solutions.aws.personalize"]}"#)
            try await bus.putTargets([EventTarget(id: "t", arn: topic)], of: "all")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await personalize.run() }
                let made = try await personalize.call("CreateDatasetGroup", ["name": "shop"])
                _ = try await personalize.waitUntilSettled(made["datasetGroupArn"]?.string ?? "")
                group.cancelAll()
            }
        }
        arm()
        let notifier = StateChangeNotifier(personalize: personalize, bus: bus, clock: clock, logger: logger)
        try? await notifier.tellAll()
        let deliveries = (try? await outbox.deliveries(DeliveryFilter(topicARN: topic))) ?? []
        return deliveries.reversed().compactMap { try? JSON(parsing: $0.message.message.body) }
    }
}

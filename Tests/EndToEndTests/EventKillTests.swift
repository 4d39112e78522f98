import Foundation
import HTTPAPI
import JSON
import Personalize
import SQLiteStore
import Synchronization
import TestSupport
import Testing

/// The real process, killed at random moments while events come.
@Suite(.serialized) struct EventKillTests {
    private static let dataset = "arn:aws:personalize:us-east-1:000000000000:dataset/films/INTERACTIONS"
    private static let attribution = "arn:aws:personalize:us-east-1:000000000000:metric-attribution/films"
    private static let senders = 8

    /// The numbers of requests.
    private final class Sent: Sendable {
        private let numbers = Mutex<(asked: [Int], answered: [Int])>(([], []))

        var asked: [Int] { numbers.withLock(\.asked) }
        var answered: [Int] { numbers.withLock(\.answered) }

        func ask(_ number: Int) { numbers.withLock { $0.asked.append(number) } }
        func answer(_ number: Int) { numbers.withLock { $0.answered.append(number) } }
    }

    @Test(.timeLimit(.minutes(10)))
    func `killed while events come, none that was answered is lost, none is there twice and each is counted once`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let (home, bucket) = (directory.file("home"), directory.file("films"))
        try FileManager.default.createDirectory(atPath: bucket, withIntermediateDirectories: true)
        var service = try await MillraceProcess(home: home, bucket: bucket)
        let tracking = try await prepare(service.client)
        var all: Set<String> = []
        var answerCount = 0
        for round in 0..<6 {
            let moment = Duration.milliseconds(Int.random(in: 20...700))
            let sent = try await send(to: service, tracking, from: round * 1_000_000, killAfter: moment)
            let kept = Set(try await stored(in: home))
            #expect(kept.isSuperset(of: sent.answered.flatMap(Self.ids)), "round \(round), killed after \(moment)")
            service = try await MillraceProcess(home: home, bucket: bucket)
            // A client sends again what it got no answer for; this one, all.
            for number in sent.asked { _ = try await service.client.post("/events", Self.input(tracking, number)) }
            answerCount += sent.answered.count
            all.formUnion(sent.asked.flatMap(Self.ids))
        }
        let counted = try await Self.windows(of: service.client).compactMap { $0["value"]?.double }.reduce(0, +)
        service.kill()
        #expect(answerCount > 0)
        #expect(Int(counted) == all.count)
        let ids = try await stored(in: home)
        #expect(ids.count == all.count)
        #expect(Set(ids) == all)
    }

    /// Sends until the process is killed.
    private func send(
        to service: MillraceProcess,
        _ tracking: String,
        from first: Int,
        killAfter moment: Duration
    ) async throws -> Sent {
        let sent = Sent()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for sender in 0..<Self.senders {
                group.addTask {
                    for number in (first + sender * 100_000)... {
                        sent.ask(number)
                        do {
                            _ = try await service.client.post("/events", Self.input(tracking, number))
                        } catch {
                            // The process is gone.
                            return
                        }
                        sent.answer(number)
                    }
                }
            }
            // Counting goes on meanwhile, and is killed too.
            group.addTask { while (try? await Self.windows(of: service.client)) != nil {} }
            // A kill has no event to wait for: the moment itself is what is tested.
            try await ContinuousClock().sleep(for: moment)
            service.kill()
            try await group.waitForAll()
        }
        return sent
    }

    private static func windows(of client: Client) async throws -> [JSON] {
        let input: JSON = ["metricAttributionArn": .string(attribution)]
        return try await client.call("Millrace", "ListMetricWindows", input)["windows"]?.array ?? []
    }

    /// The ids of the events on disk.
    private func stored(in home: String) async throws -> [String] {
        let store = try SQLiteStore(path: "\(home)/millrace.sqlite")
        defer { try? store.close() }
        let batches = try await store.liveBatches(of: Self.dataset, after: 0, limit: .max)
        return batches.flatMap(\.records).compactMap(\.id)
    }

    private func prepare(_ client: Client) async throws -> String {
        let schema = """
            {"type":"record","name":"Interactions","fields":[{"name":"USER_ID","type":"string"},
            {"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"},
            {"name":"EVENT_TYPE","type":"string"}],"version":"1.0"}
            """
        func make(_ kind: String, _ input: JSON) async throws -> JSON {
            let made = try await client.call("AmazonPersonalize", "Create\(kind)", input)
            let member = kind.prefix(1).lowercased() + kind.dropFirst()
            let named: JSON = .object(["\(member)Arn": made["\(member)Arn"] ?? .null])
            return try await client.until("\(kind) ACTIVE") { () -> JSON? in
                let found = try await client.call("AmazonPersonalize", "Describe\(kind)", named)[member]
                return found?["status"] == "ACTIVE" ? found : nil
            }
        }
        let group = try await make("DatasetGroup", ["name": "films"])["datasetGroupArn"] ?? .null
        let described: JSON = ["name": "films", "schema": .string(schema)]
        let made = try await client.call("AmazonPersonalize", "CreateSchema", described)
        let dataset: JSON = [
            "name": "films", "schemaArn": made["schemaArn"] ?? .null, "datasetGroupArn": group,
            "datasetType": "Interactions",
        ]
        _ = try await make("Dataset", dataset)
        let attribution: JSON = [
            "name": "films", "datasetGroupArn": group,
            "metrics": [["metricName": "watches", "eventType": "watch", "expression": "SAMPLECOUNT()"]],
            "metricsOutputConfig": [
                "roleArn": "arn:aws:iam::000000000000:role/any", "s3DataDestination": ["path": "s3://films/reports"],
            ],
        ]
        _ = try await make("MetricAttribution", attribution)
        let tracker = try await make("EventTracker", ["name": "films", "datasetGroupArn": group])
        return tracker["trackingId"]?.string ?? ""
    }

    private static func ids(_ number: Int) -> [String] { (0..<10).map { "e\(number)-\($0)" } }

    private static func input(_ tracking: String, _ number: Int) -> JSON {
        let events = ids(number).map { id -> JSON in
            ["eventType": "watch", "sentAt": 1_800_000_000, "itemId": "i", "eventId": .string(id)]
        }
        return [
            "trackingId": .string(tracking), "sessionId": "s", "userId": .string("u\(number)"),
            "eventList": .array(events),
        ]
    }
}

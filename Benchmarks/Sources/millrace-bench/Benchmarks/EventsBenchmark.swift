import Foundation
import HTTPAPI
import JSON
import Logging
import Personalize
import SQLiteStore

/// How many events a second are on disk and answered, and whether that depends on how many came before.
struct EventsBenchmark {
    private static let connections = 64
    private static let requestCount = 20_000
    private static let headers = [("Content-Type", "application/json")]

    let workspace: Workspace

    private struct NoObjects: ObjectSource {
        func files(at location: String, suffix: String) throws -> [String] { [] }
        func writablePath(of location: String) throws -> String { throw CancellationError() }
    }

    func measure() async throws -> [Measurement] {
        let folder = try workspace.subdirectory("events")
        defer { try? workspace.remove(folder) }
        let store = try SQLiteStore(path: "\(folder)/store.sqlite")
        let service = try PersonalizeService(
            store: store,
            objects: NoObjects(),
            home: "\(folder)/home",
            now: { Date() },
            makeID: { UUID() },
            logger: TransitionsBenchmark.logger
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            let measurements = try await measure(service, tracking: try await Self.prepare(service))
            group.cancelAll()
            return measurements
        }
    }

    private func measure(_ service: PersonalizeService, tracking: String) async throws -> [Measurement] {
        let first = try await Self.callers(service, tracking, from: 0)
        let http = try await overHTTP(service, tracking)
        let later = try await Self.callers(service, tracking, from: 2 * Self.requestCount)
        let method = "PutEvents, ten events with an eventId a request, 10,000 users and items, SQLiteStore on disk; "
        return [
            Measurement(
                "durable events over HTTP",
                http.requestsPerSecond * 10,
                "events/s",
                aim: .atLeast(20_000),
                method: method + "\(Self.connections) connections on loopback, server and load in this process, 8 s"
            ),
            Measurement("their latency, p50", http.latencies.median, "ms", method: "from sending to the whole answer"),
            Measurement("their latency, p99", http.latencies.percentile(0.99), "ms", method: "the same"),
            Measurement(
                "durable events, no HTTP",
                first,
                "events/s",
                method: method + "\(Self.connections) callers in this process, \(Self.requestCount) requests"
            ),
            Measurement("the same, after those before", later, "events/s", method: "the same, on the same database"),
        ]
    }

    /// A dataset of interactions and a tracker for it.
    private static func prepare(_ service: PersonalizeService) async throws -> String {
        let schema = """
            {"type":"record","name":"Interactions","fields":[{"name":"USER_ID","type":"string"},
            {"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"},
            {"name":"EVENT_TYPE","type":"string"}],"version":"1.0"}
            """
        var created = try await service.call("CreateDatasetGroup", ["name": "bench"])
        let group = created["datasetGroupArn"] ?? .null
        _ = try await service.waitUntilSettled(group.string ?? "")
        created = try await service.call("CreateSchema", ["name": "bench", "schema": .string(schema)])
        let dataset: JSON = [
            "name": "bench", "schemaArn": created["schemaArn"] ?? .null, "datasetGroupArn": group,
            "datasetType": "Interactions",
        ]
        created = try await service.call("CreateDataset", dataset)
        _ = try await service.waitUntilSettled(created["datasetArn"]?.string ?? "")
        created = try await service.call("CreateEventTracker", ["name": "bench", "datasetGroupArn": group])
        _ = try await service.waitUntilSettled(created["eventTrackerArn"]?.string ?? "")
        return created["trackingId"]?.string ?? ""
    }

    /// The events a second that callers get answered without HTTP.
    private static func callers(
        _ service: PersonalizeService,
        _ tracking: String,
        from start: Int
    ) async throws -> Double {
        let share = requestCount / connections
        let seconds = try await timed {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for caller in 0..<connections {
                    group.addTask {
                        for number in 0..<share {
                            _ = try await service.putEvents(input(tracking, start + caller * share + number))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }.seconds
        return Double(share * connections * 10) / seconds
    }

    private func overHTTP(_ service: PersonalizeService, _ tracking: String) async throws -> LoadGenerator.Outcome {
        var configuration = Server.Configuration()
        configuration.port = 0
        // The end of the load breaks connections off, which is no news.
        var logger = TransitionsBenchmark.logger
        logger.logLevel = .critical
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let server = Server(
            configuration: configuration,
            operations: [],
            routes: RESTRoute.puts(service),
            makeRequestID: { UUID().uuidString.lowercased() },
            now: { Date() },
            logger: logger,
            onRunning: { continuation.yield($0) }
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            guard let port = await ports.first(where: { _ in true }) else {
                throw BenchmarkError("the server does not run")
            }
            let generator = LoadGenerator(port: port, connections: Self.connections) { connection, number in
                let body = Self.input(tracking, 1_000_000 + connection * 100_000 + number).text
                return LoadGenerator.Request("/events", headers: Self.headers, body: body)
            }
            let outcome = try await generator.run(.duration(.seconds(8)))
            group.cancelAll()
            return outcome
        }
    }

    /// Ten events of one user, new with each number.
    private static func input(_ tracking: String, _ number: Int) -> JSON {
        let events = (0..<10).map { event -> JSON in
            [
                "eventType": "view", "sentAt": JSON(1_800_000_000 + number), "eventId": .string("e\(number)-\(event)"),
                "itemId": .string("item\((number * 7919 + event * 104_729) % 10_000)"),
            ]
        }
        return [
            "trackingId": .string(tracking), "sessionId": .string("s\(number % 10_000)"),
            "userId": .string("user\(number % 10_000)"), "eventList": .array(events),
        ]
    }
}

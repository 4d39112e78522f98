import Foundation
import HTTPAPI
import Logging
import SQLiteStore
import ServiceLifecycle
import TestSupport

@testable import millrace

/// The whole service in this process, so that a test can hold its clock and its store.
struct InProcessService {
    let service: MillraceService
    let client: Client

    /// Runs a service while a body works with it, and shuts it down.
    static func run(
        home: String,
        bucket: String,
        surroundings: Surroundings = .real,
        onTransaction: SQLiteStore.TransactionHook? = nil,
        body: (InProcessService) async throws -> Void
    ) async throws {
        var settings = Settings()
        settings.home = home
        settings.buckets = [Settings.BucketDirectory(name: "films", path: bucket)]
        settings.port = 0
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        let service = try MillraceService(
            settings: settings,
            surroundings: surroundings,
            logger: logger,
            onTransaction: onTransaction
        )
        defer { try? service.close() }
        try await service.prepare()
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let group = service.group(watchesBuckets: true, signals: []) { found.yield($0) }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { found.finish() }
                try await group.run()
            }
            for await port in ports {
                if let endpoint = URL(string: "http://127.0.0.1:\(port)") {
                    do {
                        try await body(InProcessService(service: service, client: Client(endpoint: endpoint)))
                    } catch {
                        await group.triggerGracefulShutdown()
                        throw error
                    }
                }
                break
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}

extension Surroundings {
    /// The real world but for its clock.
    static func on(_ clock: ManualClock) -> Surroundings {
        var surroundings = Surroundings.real
        surroundings.now = { clock.date }
        surroundings.clock = clock
        return surroundings
    }
}

import Foundation
import HTTPAPI
import JSON
import Logging
import Synchronization

/// Runs a server on a free port for as long as a test needs it.
func withServer<Result: Sendable>(
    operations: [OperationTable] = [],
    routes: [RESTRoute] = [],
    objects: S3Service? = nil,
    monitoring: Monitoring = Monitoring(),
    logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
    configure: (inout Server.Configuration) -> Void = { _ in },
    _ body: @escaping @Sendable (_ port: Int) async throws -> Result
) async throws -> Result {
    var configuration = Server.Configuration()
    configuration.port = 0
    configure(&configuration)
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    let server = Server(
        configuration: configuration,
        operations: operations,
        routes: routes,
        objects: objects,
        monitoring: monitoring,
        makeRequestID: { "request-1" },
        now: { Date(timeIntervalSince1970: 1_000_000_000) },
        logger: logger,
        onRunning: { continuation.yield($0) }
    )
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { continuation.finish() }
            try await server.run()
        }
        guard let port = await ports.first(where: { _ in true }) else {
            try await group.next()
            throw NotRunning()
        }
        let result = try await body(port)
        group.cancelAll()
        return result
    }
}

struct NotRunning: Error {}

/// Keeps what is logged.
final class LogRecorder: Sendable {
    private let lines = Mutex<[String]>([])

    var recorded: [String] { lines.withLock { $0 } }

    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(recorder: self) }
        logger.logLevel = .debug
        return logger
    }

    private func record(_ line: String) { lines.withLock { $0.append(line) } }

    private struct Handler: LogHandler {
        let recorder: LogRecorder
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let values = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            recorder.record("\(event.level) \(event.message) \(values.joined(separator: " "))")
        }
    }
}

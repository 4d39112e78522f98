import Foundation
import HTTPAPI
import JSON
import Logging
import SQLiteStore
import ServiceLifecycle
import Synchronization
import TestSupport

@testable import Functions

/// Functions on a real database, with real workers that speak to a real Runtime API.
final class FunctionStage: Sendable {
    let directory: TemporaryDirectory
    let service: FunctionService
    let store: SQLiteStore
    let log: SharedSink

    init(
        directory: TemporaryDirectory? = nil,
        clock: (any Clock<Duration>)? = nil,
        now: @escaping @Sendable () -> Date = { Date() },
        configure: (inout FunctionService.Configuration) -> Void = { _ in }
    ) async throws {
        let directory = try directory ?? TemporaryDirectory()
        self.directory = directory
        store = try SQLiteStore(path: directory.file("functions.sqlite"))
        var configuration = FunctionService.Configuration(
            folders: directory.file("functions"),
            code: directory.file("code")
        )
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        configuration.environment = { ["PATH": path, "LANG": "C.UTF-8"] }
        configure(&configuration)
        let log = SharedSink()
        self.log = log
        service = FunctionService(
            configuration: configuration,
            store: store,
            listen: RuntimeAPI.listen,
            writeLog: { lines, function in log.take(lines, function) },
            clock: clock ?? ContinuousClock(),
            now: now,
            makeID: { UUID().uuidString.lowercased() },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try await service.prepare()
    }

    deinit { service.shutDownWorkers() }

    /// Writes a function of Python into its folder.
    func write(_ name: String, _ code: String, _ settings: JSON = [:]) throws {
        try directory.write(code, to: "functions/\(name)/main.py")
        var file = settings
        if file["command"] == nil, file["handler"] == nil { file["handler"] = "main.handler" }
        try directory.write(file.text, to: "functions/\(name)/function.json")
        service.lookAtFolders()
    }

    /// Invokes a function and reads its answer.
    func invoke(_ name: String, _ payload: JSON = [:], wantsLog: Bool = false) async throws -> Answer {
        let result = try await service.invoke(FunctionName(name), payload: payload.utf8Bytes, wantsLog: wantsLog)
        return Answer(
            json: try JSON(parsing: result.payload),
            isError: result.isError,
            log: result.logTail,
            requestID: result.requestID
        )
    }

    struct Answer: Sendable {
        let json: JSON
        let isError: Bool
        let log: String?
        let requestID: String

        var errorType: String? { json["errorType"]?.string }
        var errorMessage: String? { json["errorMessage"]?.string }
    }

    /// Runs the service while a body works with it, and shuts it down.
    @discardableResult
    func running<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: service)],
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let result: Result<Value, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return try result.get()
        }
    }
}

/// What was written to the logs of functions.
final class SharedSink: Sendable {
    private let lines = Mutex<[String: [JSON]]>([:])

    func take(_ texts: [String], _ function: String) {
        let read = texts.compactMap { try? JSON(parsing: Array($0.utf8)) }
        lines.withLock { $0[function, default: []] += read }
    }

    func of(_ function: String) -> [JSON] { lines.withLock { $0[function] ?? [] } }
}

extension JSON {
    var utf8Bytes: [UInt8] { Array(text.utf8) }
}

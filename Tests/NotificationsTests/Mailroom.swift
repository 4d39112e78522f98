import Foundation
import JSON
import Logging
import SQLiteStore
import Synchronization
import TestSupport

@testable import Notifications

/// An outbox with its dispatcher, under a clock that stands still.
final class Mailroom: Sendable {
    let directory: TemporaryDirectory
    let store: SQLiteStore
    let clock = ManualClock()
    let outbox: Outbox
    let secret: WebhookSecret
    private let configuration: Dispatcher.Configuration

    init(
        store: SQLiteStore? = nil,
        in directory: TemporaryDirectory? = nil,
        configure: (inout Dispatcher.Configuration) -> Void = { _ in }
    ) throws {
        let directory = try directory ?? TemporaryDirectory()
        self.directory = directory
        self.store = try store ?? .inMemory()
        var configuration = Dispatcher.Configuration(maildir: directory.file("mail"))
        configure(&configuration)
        self.configuration = configuration
        secret = try WebhookSecret(bytes: Array(1...32))
        outbox = Outbox(store: self.store, now: { [clock] in clock.date }, newID: { UUID().uuidString })
    }

    /// A topic with these endpoints.
    func topic(_ name: String = "done", _ endpoints: Endpoint...) async throws -> String {
        let arn = try await outbox.createTopic(name).arn
        try await outbox.setEndpoints(endpoints, of: arn)
        return arn
    }

    func only() async throws -> Delivery? { try await outbox.deliveries().first }

    /// A dispatcher that does not run yet.
    func dispatcher() -> Dispatcher {
        Dispatcher(
            outbox: outbox,
            store: store,
            configuration: configuration,
            secret: secret,
            clock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            now: { [clock] in clock.date },
            random: { 0.5 }
        )
    }

    /// Runs the dispatcher around a body.
    func dispatch(_ body: (Outcomes) async throws -> Void) async throws {
        let outcomes = Outcomes()
        var dispatcher = dispatcher()
        dispatcher.onOutcome = { outcomes.add($0, $1) }
        let running = Task { [dispatcher] in try await dispatcher.run() }
        do {
            try await body(outcomes)
        } catch {
            running.cancel()
            throw error
        }
        running.cancel()
        try await running.value
    }
}

/// What became of attempts, as they end.
final class Outcomes: Sendable {
    private let stream: AsyncStream<(AttemptOutcome, Delivery)>
    private let continuation: AsyncStream<(AttemptOutcome, Delivery)>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func add(_ outcome: AttemptOutcome, _ delivery: Delivery) { continuation.yield((outcome, delivery)) }

    func next() async -> AttemptOutcome? { await nextWithDelivery()?.0 }

    func nextWithDelivery() async -> (AttemptOutcome, Delivery)? {
        for await outcome in stream { return outcome }
        return nil
    }
}

extension AttemptOutcome {
    var error: String? {
        switch self {
        case .sent: nil
        case .retry(_, let error), .parked(let error): error
        }
    }
}

/// A request as a webhook's receiver sees it.
struct Received: Sendable, Equatable {
    let path: String
    let headers: [String: String]
    let body: [UInt8]

    var id: String { headers["webhook-id"] ?? "" }
    var json: JSON? { try? JSON(parsing: body) }
}

/// A real HTTP server that answers as it is told.
struct Receiver: Sendable {
    let port: Int
    let received: AsyncStream<Received>

    func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    func endpoint(_ path: String) -> Endpoint { .webhook(url(path)) }

    func next() async -> Received? {
        for await request in received { return request }
        return nil
    }

    /// Runs a server around a body.
    ///
    /// - Parameters:
    ///   - answer: The status for a request, and its headers.
    ///   - body: Gets the server.
    static func serve(
        _ answer: @escaping @Sendable (Received) async -> (Int, [(String, String)]) = { _ in (200, []) },
        _ body: (Receiver) async throws -> Void
    ) async throws {
        let (requests, arrived) = AsyncStream.makeStream(of: Received.self)
        try await HTTPPeer.serve { request in
            let path = String(request.target.prefix { $0 != "?" })
            let received = Received(path: path, headers: request.headers, body: request.body)
            let (status, fields) = await answer(received)
            arrived.yield(received)
            var answer = HTTPPeer.Answer(status)
            answer.headers = fields
            return answer
        } _: { peer in
            try await body(Receiver(port: peer.port, received: requests))
        }
    }
}

/// Counts, from many tasks.
final class Counter: Sendable {
    private let value = Mutex(0)

    @discardableResult
    func next() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
}

/// Opens once.
final class Gate: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func open() { continuation.finish() }
    func pass() async { for await _ in stream {} }
}

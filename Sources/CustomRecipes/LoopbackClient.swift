internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import Personalize

/// Asks programs that serve at a port of the loopback address.
struct LoopbackClient: Sendable {
    /// Why there is no answer.
    enum Failure: Error {
        /// Nobody listens, or the connection was cut.
        case broken(String)
        case timedOut
        case tooLarge
    }

    /// Larger answers are refused.
    static let largestAnswer = 25 << 20

    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(5)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    let port: Int
    let clock: any Clock<Duration>

    /// Whether the program says that it is well.
    func isWell(within time: Duration) async -> Bool {
        let answer = try? await send(HTTPClientRequest(url: "http://127.0.0.1:\(port)/ping"), within: time)
        return answer?.status == 200
    }

    /// Asks a question and reads the whole answer.
    func invoke(_ question: ProgramMessage, within time: Duration) async throws -> ProgramAnswer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/invocations")
        request.method = .POST
        request.headers.add(name: "content-type", value: question.contentType)
        if let accept = question.accept { request.headers.add(name: "accept", value: accept) }
        request.body = .bytes(question.body)
        return try await send(request, within: time)
    }

    /// The whole exchange is given up when its time is over, wherever it is.
    private func send(_ request: HTTPClientRequest, within time: Duration) async throws -> ProgramAnswer {
        try await withThrowingTaskGroup(of: ProgramAnswer?.self) { group in
            group.addTask { try await Self.send(request, time) }
            group.addTask { [clock] in
                try await clock.sleep(for: time)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let answer = first else { throw Failure.timedOut }
            return answer
        }
    }

    private static func send(_ request: HTTPClientRequest, _ time: Duration) async throws -> ProgramAnswer {
        do {
            let response = try await client.execute(request, timeout: .seconds(time.components.seconds + 1))
            let body = try await response.body.collect(upTo: largestAnswer)
            let type = response.headers.first(name: "content-type") ?? "application/octet-stream"
            return ProgramAnswer(
                status: Int(response.status.code),
                message: ProgramMessage(body: Array(body.readableBytesView), contentType: type)
            )
        } catch is NIOTooManyBytesError {
            throw Failure.tooLarge
        } catch {
            try Task.checkCancellation()
            throw Failure.broken((error as? HTTPClientError)?.shortDescription ?? "\(error)")
        }
    }
}

import NIOCore
import NIOHTTP1
import NIOPosix

/// Sends requests over connections that stay open, each the next request when the last is answered.
///
/// One thread serves all connections and looks at no answer but its status, so as to leave the machine to the service.
struct LoadGenerator: Sendable {
    /// A request to be sent, ready made.
    struct Request: Sendable {
        let head: HTTPRequestHead
        let body: ByteBuffer

        init(_ path: String, headers: [(String, String)], body: String) {
            let buffer = ByteBuffer(string: body)
            var fields = HTTPHeaders(headers)
            fields.add(name: "Host", value: "127.0.0.1")
            fields.add(name: "Content-Length", value: "\(buffer.readableBytes)")
            head = HTTPRequestHead(version: .http1_1, method: .POST, uri: path, headers: fields)
            self.body = buffer
        }
    }

    /// When a connection has done enough.
    enum Limit: Sendable {
        case duration(Duration)
        case requestsPerConnection(Int)
    }

    struct Outcome: Sendable {
        let latencies: Distribution
        let requestsPerSecond: Double
    }

    let port: Int
    let connections: Int
    /// The request of a connection with a number, from 0, in its course.
    let request: @Sendable (_ connection: Int, _ number: Int) -> Request

    /// Sends until the limit is reached.
    ///
    /// - Throws: `BenchmarkError` when an answer is not 200, or the error of a connection that breaks.
    func run(_ limit: Limit) async throws -> Outcome {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let outcome = try await run(limit, on: group)
            try await group.shutdownGracefully()
            return outcome
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private func run(_ limit: Limit, on group: MultiThreadedEventLoopGroup) async throws -> Outcome {
        let (seconds, latencies) = try await timed {
            try await withThrowingTaskGroup(of: [Duration].self) { tasks in
                for connection in 0..<connections {
                    tasks.addTask { try await connect(connection, limit, on: group) }
                }
                return try await tasks.reduce(into: []) { $0 += $1 }
            }
        }
        return Outcome(latencies: Distribution(latencies), requestsPerSecond: Double(latencies.count) / seconds)
    }

    private func connect(
        _ connection: Int,
        _ limit: Limit,
        on group: MultiThreadedEventLoopGroup
    ) async throws -> [Duration] {
        let done = group.next().makePromise(of: [Duration].self)
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: group)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        let exchange = Exchange(limit: limit, done: done) { request(connection, $0) }
                        try channel.pipeline.syncOperations.addHandler(exchange)
                    }
                }
                .connect(host: "127.0.0.1", port: port)
                .get()
        } catch {
            done.fail(error)
            throw error
        }
        return try await withTaskCancellationHandler {
            try await done.futureResult.get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }
}

/// One connection: a request, its answer, the next.
private final class Exchange: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let limit: LoadGenerator.Limit
    private let done: EventLoopPromise<[Duration]>
    private let request: @Sendable (Int) -> LoadGenerator.Request
    private let clock = ContinuousClock()
    private var latencies: [Duration] = []
    private var start = ContinuousClock.now
    private var sent = ContinuousClock.now
    private var status = HTTPResponseStatus.ok

    init(
        limit: LoadGenerator.Limit,
        done: EventLoopPromise<[Duration]>,
        request: @escaping @Sendable (Int) -> LoadGenerator.Request
    ) {
        self.limit = limit
        self.done = done
        self.request = request
    }

    func channelActive(context: ChannelHandlerContext) {
        start = clock.now
        send(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): status = head.status
        case .body: break
        case .end: answered(context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        done.fail(BenchmarkError("the service closed the connection"))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        done.fail(error)
        context.close(promise: nil)
    }

    private func answered(_ context: ChannelHandlerContext) {
        let now = clock.now
        latencies.append(sent.duration(to: now))
        guard status == .ok else {
            done.fail(BenchmarkError("the service answered with status \(status.code)"))
            context.close(promise: nil)
            return
        }
        let isDone =
            switch limit {
            case .duration(let duration): start.duration(to: now) >= duration
            case .requestsPerConnection(let count): latencies.count >= count
            }
        if isDone {
            done.succeed(latencies)
            context.close(promise: nil)
        } else {
            send(context)
        }
    }

    private func send(_ context: ChannelHandlerContext) {
        let request = request(latencies.count)
        sent = clock.now
        context.write(wrapOutboundOut(.head(request.head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(request.body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}

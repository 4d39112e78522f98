public import JSON
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// A real HTTP server on the loopback address that answers as it is told, and what it was asked.
public struct HTTPPeer: Sendable {
    /// What was asked.
    public struct Request: Sendable, Equatable {
        /// `POST` and its kin.
        public let method: String
        /// The path with its query.
        public let target: String
        /// By names in small letters.
        public let headers: [String: String]
        /// The content.
        public let body: [UInt8]

        /// The content as text.
        public var text: String { String(decoding: body, as: UTF8.self) }

        /// What an answer can tell of the request.
        public var json: JSON {
            [
                "method": .string(method), "target": .string(target), "body": .string(text),
                "headers": .object(JSONObject(headers.map { ($0, .string($1)) })),
            ]
        }
    }

    /// What is answered.
    public struct Answer: Sendable {
        /// The HTTP status.
        public var status: Int
        /// Names and values; the length is added.
        public var headers: [(String, String)]
        /// The content.
        public var body: [UInt8]

        /// A success.
        public init(_ body: String) { self.init(200, body) }

        /// An answer of a type.
        public init(_ status: Int = 200, type: String = "application/json", _ body: String = "") {
            self.status = status
            headers = [("Content-Type", type)]
            self.body = Array(body.utf8)
        }
    }

    /// Where it listens.
    public let port: Int

    /// A URL of the server.
    public func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    /// Runs a server around a body; one that is told nothing answers with what it was asked.
    public static func serve<T>(
        _ answer: @escaping @Sendable (Request) async throws -> Answer = { Answer($0.json.text) },
        _ body: (HTTPPeer) async throws -> T
    ) async throws -> T {
        let accepted = Mutex<[any Channel]>([])
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                accepted.withLock { $0.append(channel) }
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                    try pipeline.addHandler(Answering(answer))
                }
            }
        let listener = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
        defer {
            listener.close(promise: nil)
            for channel in accepted.withLock({ $0 }) { channel.close(promise: nil) }
        }
        return try await body(HTTPPeer(port: listener.localAddress?.port ?? 0))
    }
}

/// Answers the requests of one connection, each in a task.
private final class Answering: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: @Sendable (HTTPPeer.Request) async throws -> HTTPPeer.Answer
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(_ answer: @escaping @Sendable (HTTPPeer.Request) async throws -> HTTPPeer.Answer) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let chunk): body += chunk.readableBytesView
        case .end:
            guard let head else { return }
            let headers = head.headers.map { ($0.name.lowercased(), $0.value) }
            let request = HTTPPeer.Request(
                method: head.method.rawValue,
                target: head.uri,
                headers: Dictionary(headers) { $0 + ", " + $1 },
                body: body
            )
            respond(to: request, keepsAlive: head.isKeepAlive, context)
        }
    }

    private func respond(to request: HTTPPeer.Request, keepsAlive: Bool, _ context: ChannelHandlerContext) {
        let loop = context.eventLoop
        let bound = NIOLoopBound((self, context), eventLoop: loop)
        Task { [answer] in
            let answer = (try? await answer(request)) ?? HTTPPeer.Answer(500)
            loop.execute {
                let (handler, context) = bound.value
                handler.write(answer, keepsAlive: keepsAlive, context)
            }
        }
    }

    private func write(_ answer: HTTPPeer.Answer, keepsAlive: Bool, _ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        var headers = HTTPHeaders(answer.headers)
        if answer.status != 204 { headers.replaceOrAdd(name: "content-length", value: "\(answer.body.count)") }
        if !keepsAlive { headers.replaceOrAdd(name: "connection", value: "close") }
        let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
        let written = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in if !keepsAlive { bound.value.close(promise: nil) } }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
    }
}

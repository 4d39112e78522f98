internal import Functions
internal import NIOCore
internal import NIOHTTP1

/// One connection of a worker.
///
/// Requests may follow each other without waiting: each is answered in its turn.
final class RuntimeConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    private static let base = "/2018-06-01/runtime/"

    private let peer: RuntimePeer
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    /// How many bytes have come in; more than are kept, if they are too many.
    private var count = 0
    /// Requests that came in while one waits for an invocation.
    private var waiting: CircularBuffer<HTTPServerRequestPart> = []
    private var isAsking = false

    init(peer: RuntimePeer) { self.peer = peer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if isAsking { waiting.append(part) } else { take(part, context) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .head(let head):
            self.head = head
            body.removeAll(keepingCapacity: true)
            count = 0
            guard head.headers.first(name: "expect")?.lowercased() == "100-continue" else { return }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
        case .body(let chunk):
            count += chunk.readableBytes
            if count <= RuntimePeer.maximumAnswerBytes { body.append(contentsOf: chunk.readableBytesView) }
        case .end:
            guard let head else { return }
            answer(head, context)
        }
    }

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let path = head.uri.hasPrefix(Self.base) ? head.uri.dropFirst(Self.base.count) : ""
        let parts = path.split(separator: "/").map(String.init)
        let type = head.headers.first(name: "lambda-runtime-function-error-type")
        switch (head.method, parts.first, parts.count) {
        case (.GET, "invocation", 2) where parts[1] == "next": next(context)
        case (.POST, "invocation", 3) where parts[2] == "response":
            write(peer.respond(parts[1], body, size: count), context)
        case (.POST, "invocation", 3) where parts[2] == "error": write(peer.fail(parts[1], body, type: type), context)
        case (.POST, "init", 2) where parts[1] == "error":
            peer.failInitialization(body, type: type)
            write(.accepted, context)
        default:
            let text = "{\"errorType\":\"NotFound\",\"errorMessage\":\"there is no such path of the Runtime API\"}"
            write("404 Not Found", text, context)
        }
    }

    private func next(_ context: ChannelHandlerContext) {
        isAsking = true
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        peer.next { invocation in
            loop.execute {
                let (connection, context) = bound.value
                connection.deliver(invocation, context)
            }
        }
    }

    private func deliver(_ invocation: RuntimePeer.Invocation?, _ context: ChannelHandlerContext) {
        isAsking = false
        guard let invocation else { return context.close(promise: nil) }
        var buffer = context.channel.allocator.buffer(capacity: invocation.payload.count + 400)
        buffer.writeString(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: \(invocation.requestID)"
                + "\r\nLambda-Runtime-Deadline-Ms: \(invocation.deadline)"
                + "\r\nLambda-Runtime-Invoked-Function-Arn: \(invocation.functionARN)"
        )
        if let text = invocation.clientContext, !text.utf8.contains(where: { $0 < 32 }) {
            buffer.writeString("\r\nLambda-Runtime-Client-Context: \(text)")
        }
        buffer.writeString("\r\nContent-Length: \(invocation.payload.count)\r\n\r\n")
        buffer.writeBytes(invocation.payload)
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        while !isAsking, let part = waiting.popFirst() { take(part, context) }
    }

    private func write(_ reply: RuntimePeer.Reply, _ context: ChannelHandlerContext) {
        switch reply {
        case .accepted: write("202 Accepted", "{\"status\":\"OK\"}", context)
        case .unknownRequest:
            let text =
                "{\"errorType\":\"InvalidRequestID\",\"errorMessage\":\"this worker has no such request in hand\"}"
            write("400 Bad Request", text, context)
        case .tooLarge:
            let text = "{\"errorType\":\"RequestEntityTooLarge\",\"errorMessage\":\"the answer is too large\"}"
            write("413 Payload Too Large", text, context)
        }
    }

    private func write(_ status: String, _ text: String, _ context: ChannelHandlerContext) {
        let head = "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\nContent-Length: \(text.utf8.count)\r\n\r\n"
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: head + text)), promise: nil)
    }
}

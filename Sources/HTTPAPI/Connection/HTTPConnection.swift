internal import NIOCore
internal import NIOHTTP1

/// One connection of HTTP/1.1: requests come in, and each is answered before the next is looked at.
///
/// What the responder knows at once is written where it was read, with no task and no change of thread; what waits for
/// a disk or a task runs in a task of its own. A client that sends more requests before it has its answer (pipelining)
/// has them wait here, and when there are any the socket is not read further, so that nobody can fill the memory.
final class HTTPConnection: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Fired when the server's task is cancelled: what is being answered is cancelled with it.
    struct Cancelled {}

    private enum State {
        /// Nothing of a request is here, or only a part of it.
        case reading
        /// A request is whole and its answer is not yet written; `isWatched` when it ends with its client.
        case answering(Task<Void, Never>?, isWatched: Bool)
        /// The body of a request goes to whoever answers it as it comes in.
        case receiving(IncomingBody, Task<Void, Never>)
        /// An answer is sent piece by piece.
        case sending(Task<Void, Never>)
        /// The last answer is on its way, and what is read is let go.
        case closing
    }

    private let responder: APIResponder
    private let limits: RequestBody.Limits
    private let idleTimeout: TimeAmount

    private var state = State.reading
    private var head: HTTPRequestHead?
    private var body: RequestBody
    /// What was read while a request was being answered.
    private var waiting: CircularBuffer<HTTPServerRequestPart> = []
    private var isReadHeld = false
    /// Whether whoever reads the body has enough of it for now.
    private var isBodyFull = false
    private var endsAfterAnswer = false
    private var lastActivity = NIODeadline.now()
    private var idleTimer: Scheduled<Void>?
    private var answers: AnswerWriter

    init(responder: APIResponder, limits: RequestBody.Limits, idleTimeout: TimeAmount, answers: AnswerWriter) {
        self.responder = responder
        self.limits = limits
        self.idleTimeout = idleTimeout
        self.answers = answers
        body = RequestBody(limits)
    }
}

// MARK: - Reading

extension HTTPConnection {
    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { watchIdleness(context) }
    }

    func channelActive(context: ChannelHandlerContext) { watchIdleness(context) }

    func channelInactive(context: ChannelHandlerContext) {
        idleTimer?.cancel()
        cancelIfWatched()
        switch state {
        case .receiving(let body, _): body.finish(IncomingBody.CutOff())
        case .sending(let task): task.cancel()
        default: break
        }
        state = .closing
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastActivity = .now()
        let part = unwrapInboundIn(data)
        switch state {
        case .answering, .sending: waiting.append(part)
        case .receiving(let body, let task): pass(part, to: body, task)
        case .reading, .closing: take(part, context)
        }
    }

    func read(context: ChannelHandlerContext) {
        let isHeld =
            switch state {
            case .answering, .sending: !waiting.isEmpty
            case .receiving: isBodyFull
            case .reading, .closing: false
            }
        if isHeld { isReadHeld = true } else { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            cancelIfWatched()
            endAfterAnswer(context)
        case is Cancelled:
            switch state {
            case .answering(let task?, _), .receiving(_, let task), .sending(let task): task.cancel()
            default: break
            }
            endAfterAnswer(context)
        case is ChannelShouldQuiesceEvent: endAfterAnswer(context)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError else { return context.close(promise: nil) }
        switch state {
        case .reading: write(responder.refuseBytesThatAreNoHTTP(), keepsAlive: false, context)
        case .receiving(let body, _):
            body.finish(IncomingBody.CutOff())
            endAfterAnswer(context)
        default: endAfterAnswer(context)
        }
    }

    private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        guard case .reading = state else { return }
        switch part {
        case .head(let head):
            switch responder.stream(head) {
            case .whole: break
            case .answer(let answer): return write(answer, keepsAlive: false, context)
            case .streamed(let work): return receive(head, work, context)
            }
            self.head = head
            body = RequestBody(limits.allowing(responder.maximumBytes(of: head)))
            let length = head.headers.first(name: "content-length").flatMap { Int($0) }
            if let length, let refusal = body.refusal(ofLength: length) { return refuse(refusal, context) }
            encourage(head, context)
        case .body(let chunk):
            if let refusal = body.append(chunk) { refuse(refusal, context) }
        case .end:
            guard let head else { return }
            self.head = nil
            answer(head, context)
        }
    }

    /// Tells a client that waits for a word to send its body.
    private func encourage(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard head.headers.first(name: "expect")?.lowercased() == "100-continue" else { return }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
    }

    /// Answers before all has come in: what else is sent is not worth waiting for.
    private func refuse(_ error: WireError, _ context: ChannelHandlerContext) {
        guard let head else { return }
        write(responder.refuse(error, head), keepsAlive: false, context)
    }
}

// MARK: - Bodies that are handed over as they come in

extension HTTPConnection {
    private func receive(
        _ head: HTTPRequestHead,
        _ work: @escaping @Sendable (IncomingBody) async -> APIAnswer,
        _ context: ChannelHandlerContext
    ) {
        encourage(head, context)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        let body = IncomingBody {
            loop.execute {
                let (connection, context) = bound.value
                connection.resumeBody(context)
            }
        }
        let keepsAlive = head.isKeepAlive
        // Unstructured: the connection's handler cannot wait; it cancels the task when the server is cancelled.
        let task = Task {
            let answer = await work(body)
            loop.execute {
                let (connection, context) = bound.value
                // What is left of a body that nobody wanted would be taken for the next request.
                let isRead = if case .receiving = connection.state { false } else { true }
                connection.write(answer, keepsAlive: keepsAlive && isRead, context)
            }
        }
        isBodyFull = false
        state = .receiving(body, task)
    }

    private func pass(
        _ part: HTTPServerRequestPart,
        to body: IncomingBody,
        _ task: Task<Void, Never>
    ) {
        switch part {
        case .head: preconditionFailure("a request begins inside another")
        case .body(let chunk):
            if !body.append(chunk) { isBodyFull = true }
        case .end:
            isBodyFull = false
            body.finish()
            state = .answering(task, isWatched: false)
        }
    }

    private func resumeBody(_ context: ChannelHandlerContext) {
        isBodyFull = false
        guard case .receiving = state, isReadHeld else { return }
        isReadHeld = false
        context.read()
    }
}

// MARK: - Answering

extension HTTPConnection {
    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let keepsAlive = head.isKeepAlive
        switch responder.begin(head, body.content) {
        case .answer(let answer): write(answer, keepsAlive: keepsAlive, context)
        case .later(let isWatched, let work):
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            let loop = context.eventLoop
            let task = Task {
                let answer = await work()
                loop.execute {
                    let (connection, context) = bound.value
                    connection.write(answer, keepsAlive: keepsAlive, context)
                }
            }
            state = .answering(task, isWatched: isWatched)
        }
    }

    private func write(_ answer: APIAnswer, keepsAlive: Bool, _ context: ChannelHandlerContext) {
        if case .closing = state { return }
        let isLast = !keepsAlive || (endsAfterAnswer && waiting.isEmpty)
        if let content = answer.content { return send(answer, content, isLast: isLast, context) }
        if case .receiving(let body, _) = state { body.finish() }
        state = isLast ? .closing : .answering(nil, isWatched: false)
        let written = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        written.futureResult.assumeIsolated().whenComplete { result in
            let (connection, context) = bound.value
            connection.ended(isLast: isLast || result.isFailure, context)
        }
        let bytes = answers.bytes(of: answer, isLast: isLast, context.channel.allocator)
        context.writeAndFlush(wrapOutboundOut(bytes), promise: written)
    }

    /// Sends a head, and behind it a content of any size, the next piece when the one before has gone.
    private func send(
        _ answer: APIAnswer,
        _ content: AnswerContent,
        isLast: Bool,
        _ context: ChannelHandlerContext
    ) {
        let head = answers.bytes(of: answer, isLast: isLast, context.channel.allocator)
        context.writeAndFlush(wrapOutboundOut(head), promise: nil)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let (channel, loop) = (context.channel, context.eventLoop)
        // Unstructured: the connection's handler cannot wait; the task ends with the connection.
        let task = Task {
            let isSent: Bool
            do {
                try await content.forEachPiece { piece in
                    try await channel.writeAndFlush(ByteBuffer(bytes: piece))
                    loop.execute { bound.value.0.lastActivity = .now() }
                }
                isSent = true
            } catch {
                isSent = false
            }
            loop.execute {
                let (connection, context) = bound.value
                connection.ended(isLast: isLast || !isSent, context)
            }
        }
        state = .sending(task)
    }

    /// An answer has gone: the next request's turn.
    private func ended(isLast: Bool, _ context: ChannelHandlerContext) {
        guard !isLast else { return context.close(promise: nil) }
        switch state {
        case .answering, .sending: state = .reading
        default: return
        }
        lastActivity = .now()
        takeWaiting(context)
        switch state {
        case .reading:
            if endsAfterAnswer && head == nil { return context.close(promise: nil) }
        case .receiving: if isBodyFull { return }
        case .answering, .sending, .closing: return
        }
        if isReadHeld {
            isReadHeld = false
            context.read()
        }
    }

    /// Goes on with what was read while a request was being answered, up to the end of the next request.
    private func takeWaiting(_ context: ChannelHandlerContext) {
        while !waiting.isEmpty {
            switch state {
            case .reading: take(waiting.removeFirst(), context)
            case .receiving(let body, let task): pass(waiting.removeFirst(), to: body, task)
            case .answering, .sending, .closing: return
            }
        }
    }
}

// MARK: - Ending

extension HTTPConnection {
    private func endAfterAnswer(_ context: ChannelHandlerContext) {
        endsAfterAnswer = true
        guard case .reading = state, head == nil else { return }
        context.close(promise: nil)
    }

    private func cancelIfWatched() {
        guard case .answering(let task?, isWatched: true) = state else { return }
        task.cancel()
    }

    /// Closes a connection that stands still; one that is being answered may take its time.
    private func watchIdleness(_ context: ChannelHandlerContext) {
        let idle = NIODeadline.now() - lastActivity
        let isAnswering =
            switch state {
            case .answering(.some, _): true
            case .receiving: isBodyFull
            default: false
            }
        guard isAnswering || idle < idleTimeout else { return context.close(promise: nil) }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        idleTimer = context.eventLoop.scheduleTask(in: isAnswering ? idleTimeout : idleTimeout - idle) {
            let (connection, context) = bound.value
            connection.watchIdleness(context)
        }
    }
}

extension Result {
    fileprivate var isFailure: Bool {
        if case .failure = self { true } else { false }
    }
}

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
        state = .closing
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastActivity = .now()
        let part = unwrapInboundIn(data)
        if case .answering = state {
            waiting.append(part)
        } else {
            take(part, context)
        }
    }

    func read(context: ChannelHandlerContext) {
        if case .answering = state, !waiting.isEmpty {
            isReadHeld = true
        } else {
            context.read()
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            cancelIfWatched()
            endAfterAnswer(context)
        case is Cancelled:
            if case .answering(let task?, _) = state { task.cancel() }
            endAfterAnswer(context)
        case is ChannelShouldQuiesceEvent: endAfterAnswer(context)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError else { return context.close(promise: nil) }
        if case .reading = state {
            write(responder.refuseBytesThatAreNoHTTP(), keepsAlive: false, context)
        } else {
            endAfterAnswer(context)
        }
    }

    private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        guard case .reading = state else { return }
        switch part {
        case .head(let head):
            self.head = head
            body = RequestBody(limits)
            let length = head.headers.first(name: "content-length").flatMap { Int($0) }
            if let length, let refusal = body.refusal(ofLength: length) { return refuse(refusal, context) }
            guard head.headers.first(name: "expect")?.lowercased() == "100-continue" else { return }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
        case .body(let chunk):
            if let refusal = body.append(chunk) { refuse(refusal, context) }
        case .end:
            guard let head else { return }
            self.head = nil
            answer(head, context)
        }
    }

    /// Answers before all has come in: what else is sent is not worth waiting for.
    private func refuse(_ error: WireError, _ context: ChannelHandlerContext) {
        guard let head else { return }
        write(responder.refuse(error, head), keepsAlive: false, context)
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

    /// An answer has gone: the next request's turn.
    private func ended(isLast: Bool, _ context: ChannelHandlerContext) {
        guard !isLast else { return context.close(promise: nil) }
        guard case .answering = state else { return }
        state = .reading
        lastActivity = .now()
        while case .reading = state, let part = waiting.popFirst() { take(part, context) }
        guard case .reading = state else { return }
        if endsAfterAnswer && head == nil { return context.close(promise: nil) }
        if isReadHeld {
            isReadHeld = false
            context.read()
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
        let isAnswering = if case .answering(.some, _) = state { true } else { false }
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

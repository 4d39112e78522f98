internal import JSON
internal import Logging
internal import NIOCore
internal import NIOHTTP1

/// Answers every request: finds its operation, calls it, and frames the answer or the error.
///
/// There are five doors: `POST /` with the operation in `X-Amz-Target`, or in a form; a method and path of its own;
/// `GET` for `/health` and what else monitoring asks for; and buckets and objects. Signatures are checked where access
/// keys are configured; without any the service is for one machine and listens on its loopback address. Web pages are
/// kept out: a request that a browser sends from another site's page carries an `Origin`, and
/// is refused, but for the paths that the user has opened to it.
struct APIResponder: Sendable {
    /// What a request comes to.
    enum Outcome {
        /// The answer is known.
        case answer(APIAnswer)
        /// The answer takes work that waits; when it is watched, it is cancelled as soon as its client leaves.
        case later(isWatched: Bool, work: @Sendable () async -> APIAnswer)
    }

    private let tables: [String: OperationTable]
    let queries: QueryTables
    let routes: RESTRoutes
    let objects: S3Service?
    let authenticator: RequestAuthenticator?
    private let opened: @Sendable (_ path: String) -> OpenedPath?
    private let health: OperationHandler
    private let monitoring: Monitoring
    let requests: RequestMetrics
    let makeRequestID: @Sendable () -> String
    private let logger: Logger

    init(
        tables: [OperationTable],
        routes: [RESTRoute],
        objects: S3Service? = nil,
        authenticator: RequestAuthenticator? = nil,
        opened: @escaping @Sendable (_ path: String) -> OpenedPath?,
        health: @escaping OperationHandler,
        monitoring: Monitoring,
        makeRequestID: @escaping @Sendable () -> String,
        logger: Logger
    ) {
        self.tables = Dictionary(tables.filter { $0.wireProtocol != .query }.map { ($0.service, $0) }) { _, last in last
        }
        queries = QueryTables(tables.filter { $0.wireProtocol == .query })
        self.routes = RESTRoutes(routes)
        self.objects = objects
        self.authenticator = authenticator
        self.opened = opened
        self.health = health
        self.monitoring = monitoring
        let operations = tables.flatMap { table in table.names.map { "\(table.service).\($0)" } }
        requests = RequestMetrics(
            of: operations + routes.map(\.path) + Monitoring.paths + ["/health", Self.objectsName]
        )
        self.makeRequestID = makeRequestID
        self.logger = logger
    }

    /// Begins with a request that has come in whole.
    ///
    /// - Parameters:
    ///   - head: Its first line and headers.
    ///   - body: Its body, or why it was not taken.
    /// - Returns: The answer, or the work that leads to it.
    func begin(_ head: HTTPRequestHead, _ body: Result<ByteBuffer, WireError>) -> Outcome {
        let start = NIODeadline.now()
        let (name, outcome) = outcome(head, body)
        switch outcome {
        case .answer(let answer):
            requests.note(name, answer.status, NIODeadline.now() - start)
            return outcome
        case .later(let isWatched, let work):
            return .later(isWatched: isWatched) { [requests] in
                let answer = await work()
                requests.note(name, answer.status, NIODeadline.now() - start)
                return answer
            }
        }
    }

    /// The operation of a request, and what it comes to.
    private func outcome(
        _ head: HTTPRequestHead,
        _ body: Result<ByteBuffer, WireError>
    ) -> (name: String, Outcome) {
        let requestID = makeRequestID()
        var call = Call(refusing: head)
        do throws(WireError) {
            try refuseBrowsers(head)
            let signature = try authenticated(head, body, call.wireProtocol)
            if call.wireProtocol == .query { return beginQuery(body, head, signature, requestID) }
            call = try find(head)
            if let signature, !call.isReading { try refuseReplay(of: signature, head, call.wireProtocol) }
        } catch {
            return (call.name, .answer(refuse(error, call, requestID)))
        }
        return (call.name, outcome(of: call, head, body, requestID))
    }

    private func outcome(
        of found: Call,
        _ head: HTTPRequestHead,
        _ body: Result<ByteBuffer, WireError>,
        _ requestID: String
    ) -> Outcome {
        switch found.handler {
        case .atOnce(let handler):
            do {
                let text = try handler(members(of: body, found))
                return .answer(answer(text, 200, found.wireProtocol, requestID))
            } catch {
                return .answer(refuse(error, found, requestID))
            }
        case .atOnceOr(let handler, let other):
            do {
                if let text = try handler(members(of: body, found)) {
                    return .answer(answer(text, 200, found.wireProtocol, requestID))
                }
                return later(other, found, body, requestID)
            } catch {
                return .answer(refuse(error, found, requestID))
            }
        case .waiting(let handler): return later(handler, found, body, requestID)
        case .exchange(let isWatched, let handler):
            return .later(isWatched: isWatched) {
                do {
                    return answer(try await handler(HTTPExchange(head, try body.get(), requestID)), requestID)
                } catch {
                    return refuse(error, found, requestID)
                }
            }
        }
    }

    /// The most bytes that the body of a request may have, where that is not what others may have.
    func maximumBytes(of head: HTTPRequestHead) -> Int? { FunctionRoutes.maximumBytes(of: head.uri) }

    private func later(
        _ handler: @escaping OperationHandler,
        _ call: Call,
        _ body: Result<ByteBuffer, WireError>,
        _ requestID: String
    ) -> Outcome {
        .later(isWatched: call.mayWait) {
            do {
                let output = try await handler(members(of: body, call))
                return answer(output.utf8, 200, call.wireProtocol, requestID)
            } catch {
                return refuse(error, call, requestID)
            }
        }
    }

    /// The answer to a request that is refused before it has come in whole.
    func refuse(_ error: WireError, _ head: HTTPRequestHead) -> APIAnswer {
        let answer = refuse(error, Call(refusing: head), makeRequestID())
        requests.note(head.path, answer.status, .zero)
        return answer
    }

    /// The answer to bytes that are no HTTP.
    func refuseBytesThatAreNoHTTP() -> APIAnswer {
        let error = WireError("SerializationException", "the request is not HTTP/1.1")
        return refuse(error, Call("", .json11, .atOnce { $0.utf8 }), makeRequestID())
    }

    /// The members of a request; an empty body counts as an empty object, as with AWS.
    private func members(of body: Result<ByteBuffer, WireError>, _ call: Call) throws(WireError) -> JSON {
        let bytes: ByteBuffer
        do {
            bytes = try body.get()
        } catch {
            throw call.refusal?(error.message) ?? error
        }
        guard bytes.readableBytes > 0 else { return [:] }
        let value: JSON
        do {
            value = try JSON(parsing: Array(bytes.readableBytesView))
        } catch {
            throw WireError("SerializationException", "the request is not JSON: \(error)")
        }
        guard case .object = value else {
            throw WireError("SerializationException", "the request must be a JSON object, it is \(value.typeName)")
        }
        return value
    }

    // MARK: Finding the operation

    /// An operation that was asked for.
    struct Call {
        var name: String
        var wireProtocol: WireProtocol
        var mayWait = false
        /// Whether it changes nothing, as its name says, so that it may be asked a second time.
        var isReading = false
        /// How the operation refuses a request whose body was not taken; `nil` where it does so as all.
        var refusal: (@Sendable (String) -> WireError)?
        var handler = RESTRoute.Handler.atOnce { $0.utf8 }

        /// What is known before the operation is found: in which protocol a request is refused.
        init(refusing head: HTTPRequestHead) {
            name = head.path
            wireProtocol = head.path != "/" ? .restJSON : head.isForm ? .query : .json11
        }

        init(
            _ name: String,
            _ wireProtocol: WireProtocol,
            mayWait: Bool = false,
            isReading: Bool = false,
            _ handler: RESTRoute.Handler
        ) {
            self.name = name
            self.wireProtocol = wireProtocol
            self.mayWait = mayWait
            self.isReading = isReading
            self.handler = handler
        }

        /// Whether an operation's name says that it changes nothing.
        static func isReading(_ operation: String) -> Bool {
            ["Describe", "List", "Get", "Validate", "Test"].contains { operation.hasPrefix($0) }
                // A worker's poll takes a task away.
                && operation != "GetActivityTask"
        }
    }

    private func find(_ head: HTTPRequestHead) throws(WireError) -> Call {
        let path = head.path
        if path == "/" {
            try require(.POST, head)
            return try findTarget(head.headers.first(name: "x-amz-target"))
        }
        if let found = try routes.find(method: head.method.rawValue, path: path, query: head.query) {
            var call = Call(found.route.path, .restJSON, isReading: head.method == .GET, found.handler)
            switch found.handler {
            case .atOnce, .atOnceOr: call.isReading = true
            default: break
            }
            call.refusal = found.route.refusal
            return call
        }
        if let page = monitoring.page(at: path, requests) {
            try require(.GET, head)
            return Call(path, .restJSON, .exchange(page))
        }
        if path != "/health", let opened = opened(path) {
            return Call(path, .restJSON, .exchange { exchange in try await opened.answer(exchange) })
        }
        guard path == "/health" else { throw unknownPath(path) }
        try require(.GET, head)
        return Call(path, .restJSON, isReading: true, .waiting(health))
    }

    private func findTarget(_ target: String?) throws(WireError) -> Call {
        guard let target else {
            throw WireError(
                "UnknownOperationException",
                "POST / needs the header \"X-Amz-Target: SERVICE.OPERATION\" with one of the services \(serviceNames)"
            )
        }
        let parts = target.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2, let table = tables[parts[0]] else { throw unknownService(parts.first ?? "", target) }
        guard let handler = table[parts[1]] else {
            let suggestion = Suggestion.clause(for: parts[1], among: table.names)
            throw WireError("UnknownOperationException", "\(parts[0]) has no operation \"\(parts[1])\"\(suggestion)")
        }
        let mayWait = table.mayWait(parts[1])
        let isReading = Call.isReading(parts[1])
        return Call(target, table.wireProtocol, mayWait: mayWait, isReading: isReading, .waiting(handler))
    }

    private var serviceNames: String { tables.keys.sorted().map { "\"\($0)\"" }.joined(separator: ", ") }

    private func unknownService(_ service: String, _ target: String) -> WireError {
        let suggestion = Suggestion.clause(for: service, among: tables.keys)
        return WireError(
            "UnknownOperationException",
            "X-Amz-Target \"\(target)\" names no service\(suggestion.isEmpty ? " of \(serviceNames)" : suggestion)"
        )
    }

    private func unknownPath(_ path: String) -> WireError {
        let suggestion = Suggestion.clause(for: path, among: routes.paths + Monitoring.paths + ["/health"])
        let hint = suggestion.isEmpty ? "; operations are sent as POST / with X-Amz-Target" : suggestion
        return WireError("UnknownOperationException", "there is no path \"\(path)\"\(hint)")
    }

    private func require(_ method: HTTPMethod, _ head: HTTPRequestHead) throws(WireError) {
        guard head.method != method else { return }
        let message = "\(head.path) takes \(method.rawValue), not \(head.method.rawValue)"
        throw WireError("MethodNotAllowedException", message)
    }

    func refuseBrowsers(_ head: HTTPRequestHead) throws(WireError) {
        guard let origin = head.headers.first(name: "origin") else { return }
        let isOwn = head.path == "/" || head.path == "/health"
        if !isOwn, try routes.find(method: head.method.rawValue, path: head.path, query: nil) == nil,
            opened(head.path)?.admits(origin) == true
        {
            return
        }
        throw WireError("AccessDeniedException", "requests from web pages are refused, this one is from \"\(origin)\"")
    }

    // MARK: Framing

    private func answer(
        _ body: [UInt8],
        _ status: Int,
        _ wireProtocol: WireProtocol,
        _ requestID: String
    ) -> APIAnswer {
        APIAnswer(status: status, contentType: wireProtocol.contentType, requestID: requestID, body: body)
    }

    private func answer(_ reply: HTTPReply, _ requestID: String) -> APIAnswer {
        APIAnswer(
            status: reply.status,
            contentType: reply.contentType,
            requestID: requestID,
            body: reply.body,
            headers: reply.headers
        )
    }

    func refuse(_ error: any Error, _ call: Call, _ requestID: String) -> APIAnswer {
        let shown = WireErrors.visible(error) ?? WireErrors.hidden(requestID: requestID)
        let status = ErrorStatus.status(of: shown.code, in: call.wireProtocol) ?? 500
        log(error, shown, status, operation: call.name, requestID)
        if call.wireProtocol == .query { return queries.refusal(shown, status, requestID) }
        var answer = answer(shown.body.utf8, status, call.wireProtocol, requestID)
        answer.errorCode = shown.code
        return answer
    }

    /// Tells the log of a refusal; one that is our fault with all there is to know.
    func log(_ error: any Error, _ shown: WireError, _ status: Int, operation: String, _ requestID: String) {
        var metadata: Logger.Metadata = ["request.id": "\(requestID)", "operation": "\(operation)"]
        if status >= 500 {
            metadata["error"] = "\(error)"
            logger.error("a request failed", metadata: metadata)
        } else {
            metadata["error.code"] = "\(shown.code)"
            logger.debug("a request was refused", metadata: metadata)
        }
    }
}

extension HTTPExchange {
    fileprivate init(_ head: HTTPRequestHead, _ body: ByteBuffer, _ requestID: String) {
        let pairs = (head.query ?? "").split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let texts = parts.map { Substring($0.replacing("+", with: " ")).percentDecoded }
            return (name: texts[0], value: texts.count == 2 ? texts[1] : "")
        }
        self.init(
            method: head.method.rawValue,
            path: head.path,
            query: pairs,
            headers: head.headers.map { ($0.name, $0.value) },
            body: Array(body.readableBytesView),
            requestID: requestID
        )
    }
}

extension HTTPRequestHead {
    /// The path without the query, also of a request to a proxy, which names the host too.
    var path: String {
        var rest = uri[...]
        if rest.hasPrefix("/") && !rest.utf8.contains(UInt8(ascii: "?")) { return uri }
        if !rest.hasPrefix("/"), let scheme = rest.firstRange(of: "://") {
            rest = rest[scheme.upperBound...].drop { $0 != "/" }
            if rest.isEmpty { return "/" }
        }
        return String(rest.prefix { $0 != "?" })
    }

    /// Whether it asks for an operation by a form.
    var isForm: Bool {
        method == .POST && !headers.contains(name: "x-amz-target")
            && headers.first(name: "content-type")?.lowercased().hasPrefix("application/x-www-form-urlencoded") == true
    }

    /// The query, without its question mark.
    var query: String? {
        guard let mark = uri.utf8.firstIndex(of: UInt8(ascii: "?")) else { return nil }
        return String(uri[uri.utf8.index(after: mark)...])
    }
}

internal import JSON
internal import Logging
internal import NIOCore
internal import NIOHTTP1

/// Answers every request: finds its operation, calls it, and frames the answer or the error.
///
/// There are three doors: `POST /` with the operation in `X-Amz-Target`, a method and path of its own, and
/// `GET /health`. Signatures are taken and not checked: the service is for one machine and listens on its loopback
/// address. Web pages are kept out: a request that a browser sends from another site's page carries an `Origin`, and
/// is refused.
struct APIResponder: Sendable {
    /// What a request comes to.
    enum Outcome {
        /// The answer is known.
        case answer(APIAnswer)
        /// The answer takes work that waits; when it is watched, it is cancelled as soon as its client leaves.
        case later(isWatched: Bool, work: @Sendable () async -> APIAnswer)
    }

    private let tables: [String: OperationTable]
    private let routes: RESTRoutes
    private let health: OperationHandler
    private let makeRequestID: @Sendable () -> String
    private let logger: Logger

    init(
        tables: [OperationTable],
        routes: [RESTRoute],
        health: @escaping OperationHandler,
        makeRequestID: @escaping @Sendable () -> String,
        logger: Logger
    ) {
        self.tables = Dictionary(tables.map { ($0.service, $0) }) { _, last in last }
        self.routes = RESTRoutes(routes)
        self.health = health
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
        let requestID = makeRequestID()
        var call = Call(refusing: head)
        do throws(WireError) {
            try refuseBrowsers(head)
            call = try find(head)
        } catch {
            return .answer(refuse(error, call, requestID))
        }
        let found = call
        switch found.handler {
        case .atOnce(let handler):
            do {
                let text = try handler(members(of: body, found))
                return .answer(answer(text, 200, found.wireProtocol, requestID))
            } catch {
                return .answer(refuse(error, found, requestID))
            }
        case .waiting(let handler):
            return .later(isWatched: found.mayWait) {
                do {
                    let output = try await handler(members(of: body, found))
                    return answer(output.utf8, 200, found.wireProtocol, requestID)
                } catch {
                    return refuse(error, found, requestID)
                }
            }
        }
    }

    /// The answer to a request that is refused before it has come in whole.
    func refuse(_ error: WireError, _ head: HTTPRequestHead) -> APIAnswer {
        refuse(error, Call(refusing: head), makeRequestID())
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
            // What has a path of its own knows only faults of the input.
            throw call.wireProtocol == .restJSON ? WireError("InvalidInputException", error.message) : error
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
    private struct Call {
        var name: String
        var wireProtocol: WireProtocol
        var mayWait = false
        var handler = RESTRoute.Handler.atOnce { $0.utf8 }

        /// What is known before the operation is found: in which protocol a request is refused.
        init(refusing head: HTTPRequestHead) {
            name = head.path
            wireProtocol = head.path == "/" ? .json11 : .restJSON
        }

        init(_ name: String, _ wireProtocol: WireProtocol, mayWait: Bool = false, _ handler: RESTRoute.Handler) {
            self.name = name
            self.wireProtocol = wireProtocol
            self.mayWait = mayWait
            self.handler = handler
        }
    }

    private func find(_ head: HTTPRequestHead) throws(WireError) -> Call {
        let path = head.path
        if path == "/" {
            try require(.POST, head)
            return try findTarget(head.headers.first(name: "x-amz-target"))
        }
        if let route = try routes.find(method: head.method.rawValue, path: path, query: head.query) {
            return Call(route.name, .restJSON, route.handler)
        }
        guard path == "/health" else { throw unknownPath(path) }
        try require(.GET, head)
        return Call(path, .restJSON, .waiting(health))
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
        return Call(target, table.wireProtocol, mayWait: mayWait, .waiting(handler))
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
        let suggestion = Suggestion.clause(for: path, among: routes.paths + ["/health"])
        let hint = suggestion.isEmpty ? "; operations are sent as POST / with X-Amz-Target" : suggestion
        return WireError("UnknownOperationException", "there is no path \"\(path)\"\(hint)")
    }

    private func require(_ method: HTTPMethod, _ head: HTTPRequestHead) throws(WireError) {
        guard head.method != method else { return }
        let message = "\(head.path) takes \(method.rawValue), not \(head.method.rawValue)"
        throw WireError("MethodNotAllowedException", message)
    }

    private func refuseBrowsers(_ head: HTTPRequestHead) throws(WireError) {
        guard let origin = head.headers.first(name: "origin") else { return }
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

    private func refuse(_ error: any Error, _ call: Call, _ requestID: String) -> APIAnswer {
        let visible = WireErrors.visible(error)
        let shown = visible ?? WireErrors.hidden(requestID: requestID)
        let status = ErrorStatus.status(of: shown.code, in: call.wireProtocol) ?? 500
        var metadata: Logger.Metadata = ["request.id": "\(requestID)", "operation": "\(call.name)"]
        if status >= 500 {
            metadata["error"] = "\(error)"
            logger.error("a request failed", metadata: metadata)
        } else {
            metadata["error.code"] = "\(shown.code)"
            logger.debug("a request was refused", metadata: metadata)
        }
        var answer = answer(shown.body.utf8, status, call.wireProtocol, requestID)
        answer.errorCode = shown.code
        return answer
    }
}

extension HTTPRequestHead {
    /// The path without the query, also of a request to a proxy, which names the host too.
    fileprivate var path: String {
        var rest = uri[...]
        if rest.hasPrefix("/") && !rest.utf8.contains(UInt8(ascii: "?")) { return uri }
        if !rest.hasPrefix("/"), let scheme = rest.firstRange(of: "://") {
            rest = rest[scheme.upperBound...].drop { $0 != "/" }
            if rest.isEmpty { return "/" }
        }
        return String(rest.prefix { $0 != "?" })
    }

    /// The query, without its question mark.
    fileprivate var query: String? {
        guard let mark = uri.utf8.firstIndex(of: UInt8(ascii: "?")) else { return nil }
        return String(uri[uri.utf8.index(after: mark)...])
    }
}

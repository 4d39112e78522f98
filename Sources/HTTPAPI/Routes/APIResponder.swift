internal import HTTPTypes
internal import Hummingbird
internal import JSON
internal import Logging
internal import NIOCore

/// Answers every request: finds its operation, calls it, and frames the answer or the error.
///
/// There are three doors: `POST /` with the operation in `X-Amz-Target`, a method and path of its own, and
/// `GET /health`. Signatures are taken and not checked: the service is for one machine and listens on its loopback
/// address. Web pages are kept out: a request that a browser sends from another site's page carries an `Origin`, and
/// is refused.
struct APIResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    private let tables: [String: OperationTable]
    private let routes: RESTRoutes
    private let health: OperationHandler
    private let reader: RequestBodyReader
    private let makeRequestID: @Sendable () -> String
    private let logger: Logger

    init(
        tables: [OperationTable],
        routes: [RESTRoute],
        health: @escaping OperationHandler,
        reader: RequestBodyReader,
        makeRequestID: @escaping @Sendable () -> String,
        logger: Logger
    ) {
        self.tables = Dictionary(tables.map { ($0.service, $0) }) { _, last in last }
        self.routes = RESTRoutes(routes)
        self.health = health
        self.reader = reader
        self.makeRequestID = makeRequestID
        self.logger = logger
    }

    func respond(to request: Request, context: Context) async throws -> Response {
        let requestID = makeRequestID()
        var call = Call(name: "", wireProtocol: request.uri.path == "/" ? .json11 : .restJSON)
        do throws(WireError) {
            try refuseBrowsers(request)
            call = try find(request)
        } catch {
            await reader.discard(request)
            return refuse(error, call, requestID)
        }
        do {
            let output = try await perform(call, request)
            return call.closing(answer(output, .ok, call.wireProtocol, requestID))
        } catch {
            return call.closing(refuse(error, call, requestID))
        }
    }

    private func perform(_ call: Call, _ request: Request) async throws -> JSON {
        guard request.method != .get else { return try await call.handler([:]) }
        guard call.mayWait else { return try await call.handler(body(of: request, call)) }
        return try await request.body.consumeWithCancellationOnInboundClose { body in
            var request = request
            request.body = body
            return try await call.handler(reader.object(of: request))
        }
    }

    /// The members of a request; what has a path of its own knows only faults of the input.
    private func body(of request: Request, _ call: Call) async throws -> JSON {
        do {
            return try await reader.object(of: request)
        } catch let error as WireError where error.code == WireError.tooLargeCode && call.wireProtocol == .restJSON {
            throw WireError("InvalidInputException", error.message)
        }
    }

    // MARK: Finding the operation

    /// An operation that was asked for.
    private struct Call {
        var name: String
        var wireProtocol: WireProtocol
        var mayWait = false
        var handler: OperationHandler = { $0 }

        /// Says that the connection is closed, if it was watched while the operation waited.
        func closing(_ response: Response) -> Response {
            guard mayWait else { return response }
            var response = response
            response.headers[.connection] = "close"
            return response
        }
    }

    private func find(_ request: Request) throws(WireError) -> Call {
        let path = request.uri.path
        if path == "/" {
            try require(.post, request)
            return try findTarget(request.headers[.amazonTarget])
        }
        if let route = try routes.find(method: request.method.rawValue, path: path, query: request.uri.query) {
            return Call(name: route.name, wireProtocol: .restJSON, handler: route.handler)
        }
        guard path == "/health" else { throw unknownPath(path) }
        try require(.get, request)
        return Call(name: path, wireProtocol: .restJSON, handler: health)
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
        return Call(name: target, wireProtocol: table.wireProtocol, mayWait: mayWait, handler: handler)
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

    private func require(_ method: HTTPRequest.Method, _ request: Request) throws(WireError) {
        guard request.method != method else { return }
        let (path, allowed) = (request.uri.path, method.rawValue)
        throw WireError("MethodNotAllowedException", "\(path) takes \(allowed), not \(request.method.rawValue)")
    }

    private func refuseBrowsers(_ request: Request) throws(WireError) {
        guard let origin = request.headers[.origin] else { return }
        throw WireError("AccessDeniedException", "requests from web pages are refused, this one is from \"\(origin)\"")
    }

    // MARK: Framing

    private func answer(
        _ output: JSON,
        _ status: HTTPResponse.Status,
        _ wireProtocol: WireProtocol,
        _ requestID: String
    ) -> Response {
        let bytes = ByteBuffer(bytes: output.utf8)
        var headers = HTTPFields()
        headers[.contentType] = wireProtocol.contentType
        headers[.contentLength] = String(bytes.readableBytes)
        headers[.amazonRequestID] = requestID
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: bytes))
    }

    private func refuse(_ error: any Error, _ call: Call, _ requestID: String) -> Response {
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
        var response = answer(shown.body, .init(code: status), call.wireProtocol, requestID)
        response.headers[.amazonErrorType] = shown.code
        return response
    }
}

extension HTTPField.Name {
    /// `X-Amz-Target`: `SERVICE.OPERATION`.
    static let amazonTarget = constant("X-Amz-Target")
    /// `x-amzn-requestid`: an id of the request, in the answer and in the log.
    static let amazonRequestID = constant("x-amzn-requestid")
    /// `x-amzn-errortype`: the code of an error.
    static let amazonErrorType = constant("x-amzn-errortype")

    private static func constant(_ name: String) -> HTTPField.Name {
        guard let field = HTTPField.Name(name) else { preconditionFailure("\"\(name)\" is no name of a header") }
        return field
    }
}

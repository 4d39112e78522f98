public import JSON

/// A request as it came in, for whoever answers it with bytes of their own rather than with the members of an operation.
public struct HTTPExchange: Sendable {
    /// The method, as `POST`.
    public let method: String
    /// The path without its query, percent-encoded as it was sent.
    public let path: String
    /// The query's names and values in their order.
    public let query: [(name: String, value: String)]
    /// The headers in their order.
    public let headers: [(name: String, value: String)]
    /// The body.
    public let body: [UInt8]
    /// What stands in the URL where its route has a member.
    public var members: JSONObject = [:]
    /// The id that goes with the answer and into the log.
    public let requestID: String

    /// The first header of a name, in whatever case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// An answer of bytes.
public struct HTTPReply: Sendable {
    /// The HTTP status.
    public var status: Int
    /// What the body is.
    public var contentType: String
    /// Further headers.
    public var headers: [(name: String, value: String)]
    /// The body.
    public var body: [UInt8]

    /// An answer.
    public init(
        status: Int = 200,
        contentType: String = "application/json",
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = []
    ) {
        self.status = status
        self.contentType = contentType
        self.headers = headers
        self.body = body
    }
}

/// Answers a request with bytes.
public typealias ExchangeHandler = @Sendable (_ exchange: HTTPExchange) async throws -> HTTPReply

/// A path that the user has opened, beside those of the services.
public struct OpenedPath: Sendable {
    /// The methods that are answered.
    public let methods: [String]
    /// Whose web pages may ask, as origins, `*` for all; none when empty.
    public let origins: [String]
    let handler: ExchangeHandler

    /// A path.
    ///
    /// - Parameters:
    ///   - methods: The methods that are answered.
    ///   - origins: Whose web pages may ask, as origins, `*` for all; none when empty.
    ///   - handler: What it does.
    public init(methods: [String], origins: [String], _ handler: @escaping ExchangeHandler) {
        self.methods = methods
        self.origins = origins
        self.handler = handler
    }

    /// Answers a request, and a browser's question whether it may ask.
    func answer(_ exchange: HTTPExchange) async throws -> HTTPReply {
        let shared = sharing(with: exchange.header("origin"))
        if exchange.method == "OPTIONS", !origins.isEmpty {
            let asked = exchange.header("access-control-request-headers") ?? "content-type"
            return HTTPReply(
                status: 204,
                contentType: "text/plain",
                headers: shared + [
                    ("access-control-allow-methods", (methods + ["OPTIONS"]).joined(separator: ", ")),
                    ("access-control-allow-headers", asked), ("access-control-max-age", "600"),
                ],
                body: []
            )
        }
        guard methods.contains(exchange.method) else {
            throw WireError(
                "MethodNotAllowedException",
                "\(exchange.path) takes \(methods.joined(separator: ", ")), not \(exchange.method)"
            )
        }
        var reply = try await handler(exchange)
        let own = Set(reply.headers.map { $0.name.lowercased() })
        reply.headers += shared.filter { !own.contains($0.name) }
        return reply
    }

    /// Whether a page of an origin may ask.
    func admits(_ origin: String) -> Bool { origins.contains("*") || origins.contains(origin) }

    /// The headers by which a browser lets a page see the answer.
    private func sharing(with origin: String?) -> [(name: String, value: String)] {
        if origins.contains("*") { return [("access-control-allow-origin", "*")] }
        guard let origin, admits(origin) else { return [] }
        return [("access-control-allow-origin", origin), ("vary", "origin")]
    }
}

internal import AsyncHTTPClient
internal import FoundationEssentials
internal import NIOCore
internal import NIOHTTP1

/// Sends any HTTP request, for tasks that ask services elsewhere.
public struct HTTPSender: Sendable {
    /// What is sent.
    public struct Request: Sendable, Hashable {
        /// `GET`, `POST` and their kin.
        public var method: String
        /// The URL with its query.
        public var url: String
        /// Names and values, in their order.
        public var headers: [Field]
        /// The content; `nil` for none.
        public var body: [UInt8]?

        /// A request of all its parts.
        public init(method: String, url: String, headers: [Field] = [], body: [UInt8]? = nil) {
            self.method = method
            self.url = url
            self.headers = headers
            self.body = body
        }
    }

    /// What is answered.
    public struct Response: Sendable, Hashable {
        /// The status, as 404.
        public let status: Int
        /// Its words, as `Not Found`.
        public let reason: String
        /// Names and values, in their order.
        public let headers: [Field]
        /// The content.
        public let body: [UInt8]
    }

    /// A header.
    public struct Field: Sendable, Hashable {
        /// Its name; its case means nothing.
        public let name: String
        /// Its value.
        public let value: String

        /// A header.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Why there is no answer.
    public enum Failure: Error, Sendable, Hashable {
        /// The connection failed or no answer came in time.
        case socket(String)
        /// The answer is larger than it may be.
        case tooLarge
    }

    private let timeout: Duration
    private let maximumBody: Int

    /// A sender; clients are shared by all.
    ///
    /// - Parameters:
    ///   - timeout: How long the whole answer may take.
    ///   - maximumBody: How many bytes the answer's content may have.
    public init(timeout: Duration = .seconds(60), maximumBody: Int = 262_144) {
        self.timeout = timeout
        self.maximumBody = maximumBody
    }

    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        // A redirect could lead credentials anywhere; whoever asks sees it as the answer it is.
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(10)
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// Sends a request and reads the whole answer.
    ///
    /// - Parameter request: What to send.
    /// - Returns: The answer, whatever its status.
    /// - Throws: `Failure`; `CancellationError` when nobody waits any more.
    public func send(_ request: Request) async throws -> Response {
        var outgoing = HTTPClientRequest(url: request.url)
        outgoing.method = HTTPMethod(rawValue: request.method)
        for field in request.headers { outgoing.headers.add(name: field.name, value: field.value) }
        if let body = request.body { outgoing.body = .bytes(body) }
        do {
            let response = try await Self.client.execute(
                outgoing,
                timeout: .nanoseconds(Int64(timeout / .nanoseconds(1)))
            )
            let body = try await response.body.collect(upTo: maximumBody)
            return Response(
                status: Int(response.status.code),
                reason: response.status.reasonPhrase,
                headers: response.headers.map { Field($0.name, $0.value) },
                body: Array(body.readableBytesView)
            )
        } catch is NIOTooManyBytesError {
            throw Failure.tooLarge
        } catch {
            try Task.checkCancellation()
            throw Failure.socket(
                "\(request.method) \(Self.visible(request.url)) \(ConnectionFault.text(of: error, timeout: timeout))"
            )
        }
    }

    /// A URL without its query, which may hold a secret.
    private static func visible(_ url: String) -> Substring { url.prefix { $0 != "?" } }
}

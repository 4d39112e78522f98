internal import AsyncHTTPClient
public import FoundationEssentials
public import Integrity
public import JSON
internal import NIOCore
internal import NIOHTTP1

/// Calls a running service over HTTP.
///
/// ```swift
/// let client = Client(endpoint: endpoint)
/// let answer = try await client.call("AWSStepFunctions", "DescribeExecution", ["executionArn": .string(arn)])
/// ```
public struct Client: Sendable {
    /// Where the service listens, as `http://127.0.0.1:8650`.
    public let endpoint: URL
    private let timeout: Duration
    private let signing: Signing?

    /// With what requests are signed.
    public struct Signing: Sendable {
        let key: AccessKey
        let now: @Sendable () -> Date
        let makeID: @Sendable () -> String

        /// A key, the time, and what makes ids that were never used.
        public init(
            key: AccessKey,
            now: @escaping @Sendable () -> Date,
            makeID: @escaping @Sendable () -> String
        ) {
            self.key = key
            self.now = now
            self.makeID = makeID
        }
    }

    /// One pool of connections for the process, which unlike the library's own does not try for a minute to reach a
    /// service that is not there.
    private static let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)

    private static var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(timeout: .init(connect: .seconds(5)))
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    /// The largest answer that is read; a page of history with whole inputs can be long.
    private static let maximumAnswerBytes = 256 << 20

    /// A client of one service.
    ///
    /// - Parameters:
    ///   - endpoint: Where the service listens.
    ///   - timeout: How long a call may take, 60 seconds unless told.
    ///   - signing: With what requests are signed; without it they are not.
    public init(endpoint: URL, timeout: Duration = .seconds(60), signing: Signing? = nil) {
        self.endpoint = endpoint
        self.timeout = timeout
        self.signing = signing
    }

    /// The same client with another patience.
    ///
    /// - Parameter timeout: How long a call may take.
    /// - Returns: The client.
    public func waiting(_ timeout: Duration) -> Client {
        Client(endpoint: endpoint, timeout: timeout, signing: signing)
    }

    /// Calls an operation by its service and name.
    ///
    /// - Parameters:
    ///   - service: What stands before the dot of `X-Amz-Target`, as `AmazonPersonalize`.
    ///   - operation: The operation's name, as `DescribeCampaign`.
    ///   - input: The members of the request.
    /// - Returns: The members of the answer.
    /// - Throws: `ClientError`.
    public func call(_ service: String, _ operation: String, _ input: JSON = [:]) async throws(ClientError) -> JSON {
        try await send(
            "/",
            headers: [("X-Amz-Target", "\(service).\(operation)"), ("Content-Type", contentType(of: service))],
            input: input,
            operation: operation
        )
    }

    /// Calls an operation that has a path of its own.
    ///
    /// - Parameters:
    ///   - path: The path, as `/recommendations`.
    ///   - input: The members of the request.
    /// - Returns: The members of the answer.
    /// - Throws: `ClientError`.
    public func post(_ path: String, _ input: JSON) async throws(ClientError) -> JSON {
        try await send(path, headers: [("Content-Type", "application/json")], input: input, operation: path)
    }

    private func contentType(of service: String) -> String {
        (service == "AWSStepFunctions" ? WireProtocol.json10 : .json11).contentType
    }

    private func send(
        _ path: String,
        headers: [(String, String)],
        input: JSON,
        operation: String
    ) async throws(ClientError) -> JSON {
        var request = HTTPClientRequest(url: endpoint.absoluteString.trimmed + path)
        request.method = .POST
        let body = input.utf8
        for (name, value) in headers + signature(path, headers, body) { request.headers.add(name: name, value: value) }
        request.body = .bytes(body)
        let (status, bytes) = try await execute(request, operation)
        return try read(bytes, status)
    }

    /// The headers that sign a request.
    private func signature(_ path: String, _ headers: [(String, String)], _ body: [UInt8]) -> [(String, String)] {
        guard let signing else { return [] }
        let host = endpoint.host().map { name in endpoint.port.map { "\(name):\($0)" } ?? name } ?? ""
        let signed = RequestSigner(key: signing.key).headers(
            for: RequestHead(
                method: "POST",
                path: endpoint.path(percentEncoded: true).trimmed + path,
                query: "",
                headers: headers.map { (name: $0.0, value: $0.1) } + [(name: "host", value: host)]
            ),
            service: "millrace",
            body: body,
            at: signing.now(),
            nonce: signing.makeID()
        )
        return signed.map { ($0.name, $0.value) }
    }

    private func execute(
        _ request: HTTPClientRequest,
        _ operation: String
    ) async throws(ClientError) -> (status: Int, bytes: [UInt8]) {
        do {
            let response = try await Self.http.execute(request, timeout: TimeAmount(timeout))
            let body = try await response.body.collect(upTo: Self.maximumAnswerBytes)
            return (Int(response.status.code), Array(body.readableBytesView))
        } catch let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout {
            throw .timedOut(
                endpoint: endpoint.absoluteString,
                operation: operation,
                seconds: Int(timeout.components.seconds)
            )
        } catch {
            throw .unreachable(endpoint: endpoint.absoluteString, reason: reason(for: error))
        }
    }

    private func read(_ bytes: [UInt8], _ status: Int) throws(ClientError) -> JSON {
        let answer: JSON
        do {
            answer = bytes.isEmpty ? [:] : try JSON(parsing: bytes)
        } catch {
            throw .notUnderstood(
                endpoint: endpoint.absoluteString,
                reason: "it answered with status \(status) and a text that is not JSON"
            )
        }
        guard !(200..<300).contains(status) else { return answer }
        guard let code = answer["__type"]?.string else {
            throw .notUnderstood(endpoint: endpoint.absoluteString, reason: "it answered with status \(status)")
        }
        throw .refused(code: code, message: answer["message"]?.string ?? "", status: status)
    }

    /// The reason in a few words.
    ///
    /// The type that tells a refused connection is not public where we may import from, so its text is asked.
    private func reason(for error: any Error) -> String {
        let text = String(describing: error)
        if text.lowercased().contains("connection refused") { return "connection refused" }
        if let error = error as? HTTPClientError { return error.shortDescription }
        return text
    }
}

extension String {
    /// The path without slashes at its end.
    fileprivate var trimmed: String {
        var text = self
        while text.hasSuffix("/") { text.removeLast() }
        return text
    }
}

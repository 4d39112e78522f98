public import FoundationEssentials
internal import HummingbirdCore
public import Integrity
public import JSON
public import Logging
internal import NIOCore
internal import NIOPosix
public import ServiceLifecycle

/// The HTTP server: Step Functions, Personalize and our own operations on one port.
///
/// It runs until its task is cancelled or the service group shuts down gracefully; then it stops listening and lets the
/// requests in hand finish.
public struct Server: Service {
    /// How the server listens and what it allows.
    ///
    /// | Key | Type | Default |
    /// | --- | --- | --- |
    /// | `host` | address or name | `127.0.0.1` |
    /// | `port` | 0 … 65535; 0 takes a free one | 8650 |
    /// | `maximumBodyBytes` | bytes | 4 MiB |
    /// | `maximumConnections` | number | 1024 |
    /// | `accessKeys` | pairs of keys | none: requests are not authenticated |
    /// | `idleTimeout` | duration | 60 s |
    /// | `bodyTimeout` | duration | 30 s |
    public struct Configuration: Sendable {
        /// Where to listen.
        ///
        /// Anything but a loopback address needs access keys: without them requests are not authenticated.
        public var host = "127.0.0.1"
        /// The port; 0 takes a free one, which `onRunning` tells.
        public var port = 8650
        /// The most bytes a request may have.
        public var maximumBodyBytes = 4 << 20
        /// How many connections may be open; more wait in the backlog.
        public var maximumConnections = 1024
        /// How long a connection may stand still.
        public var idleTimeout: Duration = .seconds(60)
        /// Who may ask, with signed requests; without any everybody who reaches the service.
        public var accessKeys: [AccessKey] = []
        /// How long the body of one request may take to arrive.
        public var bodyTimeout: Duration = .seconds(30)

        /// The defaults.
        public init() {}

        /// Whether only programs of this machine can reach it.
        public var isLoopback: Bool {
            let parts = host.split(separator: ".", omittingEmptySubsequences: false)
            let isAddress = parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
            return host == "localhost" || host == "::1" || isAddress && parts[0] == "127"
        }

        /// Every fault, as place, fact and remedy; empty when it can be used.
        public func validate() -> [String] {
            var faults: [String] = []
            if host.isEmpty { faults.append("http.host \"\" must be an address, such as \"127.0.0.1\"") }
            if accessKeys.isEmpty, !isLoopback {
                faults.append(
                    "http.host \"\(host)\" is open to the network and requests would not be authenticated; "
                        + "configure access keys (MILLRACE_ACCESS_KEYS=ID:SECRET) or listen on \"127.0.0.1\""
                )
            }
            if !(0...65535).contains(port) { faults.append("http.port \"\(port)\" must be from 0 to 65535") }
            for (name, value) in [("maximumBodyBytes", maximumBodyBytes), ("maximumConnections", maximumConnections)]
            where value < 1 {
                faults.append("http.\(name) \"\(value)\" must be one or more")
            }
            for (name, value) in [("idleTimeout", idleTimeout), ("bodyTimeout", bodyTimeout)] where value <= .zero {
                faults.append("http.\(name) \"\(value)\" must be longer than nothing")
            }
            return faults
        }
    }

    private let configuration: Configuration
    private let responder: APIResponder
    private let now: @Sendable () -> Date
    private let onRunning: @Sendable (Int) async -> Void
    private let logger: Logger

    /// A server of some operations.
    ///
    /// - Parameters:
    ///   - configuration: How to listen and what to allow.
    ///   - operations: The services behind `X-Amz-Target`.
    ///   - routes: The operations with a path of their own.
    ///   - objects: The buckets and their objects.
    ///   - opened: What the user has opened at a path that none of the others has.
    ///   - health: What `GET /health` tells; it is called with an empty object.
    ///   - monitoring: What `GET /metrics` and `GET /health/ready` tell.
    ///   - makeRequestID: Makes the id that goes with each answer and into the log.
    ///   - now: The clock by which answers are dated.
    ///   - logger: Where errors are told that are not the client's.
    ///   - onRunning: Called with the port once the server listens.
    public init(
        configuration: Configuration = Configuration(),
        operations: [OperationTable],
        routes: [RESTRoute] = [],
        objects: S3Service? = nil,
        opened: @escaping @Sendable (_ path: String) -> OpenedPath? = { _ in nil },
        health: @escaping OperationHandler = { _ in ["status": "ok"] },
        monitoring: Monitoring = Monitoring(),
        makeRequestID: @escaping @Sendable () -> String,
        now: @escaping @Sendable () -> Date,
        logger: Logger,
        onRunning: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.now = now
        self.onRunning = onRunning
        self.logger = logger
        responder = APIResponder(
            tables: operations,
            routes: routes,
            objects: objects,
            authenticator: configuration.accessKeys.isEmpty
                ? nil : RequestAuthenticator(configuration.accessKeys, now: now),
            opened: opened,
            health: health,
            monitoring: monitoring,
            makeRequestID: makeRequestID,
            logger: logger
        )
    }

    /// Listens and answers until shut down.
    ///
    /// - Throws: `ServerError` when it cannot listen.
    public func run() async throws {
        do {
            try await server.run()
        } catch let error as IOError {
            throw ServerError(error, configuration)
        } catch is SocketAddressError.UnknownHost {
            throw ServerError(unknownHostIn: configuration)
        }
    }

    /// What accepts connections, within their number, and ends them at a shutdown.
    private var server: HummingbirdCore.Server<HTTPChannel> {
        HummingbirdCore.Server(
            childChannelSetup: HTTPChannel(
                responder: responder,
                limits: RequestBody.Limits(
                    maximumBytes: configuration.maximumBodyBytes,
                    timeout: TimeAmount(configuration.bodyTimeout)
                ),
                idleTimeout: TimeAmount(configuration.idleTimeout),
                answers: AnswerWriter(now: now)
            ),
            configuration: ServerConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                availableConnectionsDelegate: MaximumAvailableConnections(
                    configuration.maximumConnections,
                    logger: logger
                )
            ),
            onServerRunning: { [onRunning] channel in await onRunning(channel.localAddress?.port ?? 0) },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: quietLogger
        )
    }

    /// The server's own lines are of use only to someone who looks for them.
    private var quietLogger: Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }
}

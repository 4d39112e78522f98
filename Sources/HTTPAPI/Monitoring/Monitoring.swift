internal import JSON

/// What is told to whoever watches the service: `GET /metrics`, `/health/live` and `/health/ready`.
public struct Monitoring: Sendable {
    /// A part that must be well for the service to do its work.
    public struct Check: Sendable, Equatable {
        /// What was looked at: `database`, `bucket films`.
        public let name: String
        /// What is wrong with it; `nil` when nothing is.
        public let fault: String?

        /// The result of a look.
        public init(_ name: String, fault: String? = nil) {
            self.name = name
            self.fault = fault
        }
    }

    /// The metrics beside those of requests.
    let metrics: @Sendable () async throws -> [MetricFamily]
    /// Whether the service can do its work now.
    let readiness: @Sendable () async -> [Check]

    /// What is told.
    ///
    /// - Parameters:
    ///   - metrics: The metrics beside those of requests, which the server counts itself.
    ///   - readiness: Looks at every part; a fault of one makes the service not ready.
    public init(
        metrics: @escaping @Sendable () async throws -> [MetricFamily] = { [] },
        readiness: @escaping @Sendable () async -> [Check] = { [] }
    ) {
        self.metrics = metrics
        self.readiness = readiness
    }
}

extension Monitoring {
    /// The paths there are.
    static let paths = ["/metrics", "/health/live", "/health/ready"]

    /// What is found at a path, to which `requests` belong; `nil` when there is nothing.
    func page(at path: String, _ requests: RequestMetrics) -> ExchangeHandler? {
        switch path {
        case "/metrics":
            { [metrics] _ in
                let text = MetricFamily.text(of: try await requests.families + metrics())
                return HTTPReply(contentType: "text/plain; version=0.0.4; charset=utf-8", body: Array(text.utf8))
            }
        // Whoever answers this is alive; what it depends on is asked for by /health/ready.
        case "/health/live": { _ in HTTPReply(body: JSON.object(["status": "live"]).utf8) }
        case "/health/ready": { [readiness] _ in Self.page(of: await readiness()) }
        default: nil
        }
    }

    private static func page(of checks: [Check]) -> HTTPReply {
        let isReady = checks.allSatisfy { $0.fault == nil }
        let list = checks.map { check -> JSON in
            var json: JSON = ["name": .string(check.name), "status": check.fault == nil ? "ok" : "failed"]
            json["reason"] = check.fault.map(JSON.string)
            return json
        }
        let answer: JSON = ["status": isReady ? "ready" : "not ready", "checks": .array(list)]
        return HTTPReply(status: isReady ? 200 : 503, body: answer.utf8)
    }
}

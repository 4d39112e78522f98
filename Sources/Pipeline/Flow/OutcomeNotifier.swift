public import DurableExecution
public import Logging
public import ServiceLifecycle

/// Publishes every outcome the engine has committed, then acknowledges it: at least once, also after a crash.
public struct OutcomeNotifier: Service {
    private let engine: Engine
    private let notices: Notices
    private let logger: Logger

    private static let batchSize = 50

    /// A notifier of one engine's outcomes.
    public init(engine: Engine, notices: Notices, logger: Logger) {
        self.engine = engine
        self.notices = notices
        self.logger = logger
    }

    /// Publishes until the service shuts down.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in engine.outcomeSignals() {
                await publishAll()
            }
        }
    }

    private func publishAll() async {
        do {
            while true {
                let outcomes = try await engine.unacknowledgedOutcomes(limit: Self.batchSize)
                guard !outcomes.isEmpty else { return }
                for outcome in outcomes {
                    try await notices.tell(outcome)
                    try await engine.acknowledge(outcome)
                }
            }
        } catch {
            logger.error("outcomes could not be published and will be later", metadata: ["error": "\(error)"])
        }
    }
}

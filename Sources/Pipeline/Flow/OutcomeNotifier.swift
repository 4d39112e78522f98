public import DurableExecution
public import Logging
internal import Notifications
public import ServiceLifecycle

/// Publishes every outcome the engine has committed, then acknowledges it: at least once, also after a crash.
public struct OutcomeNotifier: Service {
    private let engine: Engine
    private let notices: Notices
    private let events: ExecutionEvents?
    private let clock: any Clock<Duration>
    private let logger: Logger

    private static let batchSize = 50

    /// A notifier of one engine's outcomes.
    ///
    /// - Parameters:
    ///   - engine: Whose outcomes.
    ///   - notices: What tells people.
    ///   - events: What tells the rules, which hear of beginnings too.
    ///   - clock: Measures the pauses before a failing store is tried again.
    ///   - logger: Where faults are told.
    public init(
        engine: Engine,
        notices: Notices,
        events: ExecutionEvents? = nil,
        clock: any Clock<Duration>,
        logger: Logger
    ) {
        self.engine = engine
        self.notices = notices
        self.events = events
        self.clock = clock
        self.logger = logger
    }

    /// Publishes until the service shuts down.
    public func run() async throws {
        let telling = Telling(what: "outcomes", clock: clock, logger: logger)
        await telling.run(engine.outcomeSignals(), publishBatches)
    }

    func publishBatches() async throws {
        while true {
            let beginnings = try await engine.untoldBeginnings(limit: Self.batchSize)
            try await events?.tell(beginnings)
            try await engine.forget(beginnings)
            let outcomes = try await engine.unacknowledgedOutcomes(limit: Self.batchSize)
            guard !outcomes.isEmpty || !beginnings.isEmpty else { return }
            try await events?.tell(outcomes)
            for outcome in outcomes {
                try await publish(outcome)
                try await engine.acknowledge(outcome)
            }
        }
    }

    /// Publishes one; a notice that can never be published, since its topic is gone, must not hold up the others.
    private func publish(_ outcome: ExecutionOutcome) async throws {
        do {
            try await notices.tell(outcome)
        } catch let error as NotificationError {
            logger.error(
                "outcome cannot be told",
                metadata: ["execution.arn": "\(outcome.executionArn)", "error": "\(error.message)"]
            )
        }
    }
}

internal import JSON
public import Logging
public import Notifications
public import Personalize
public import ServiceLifecycle

/// Tells the rules how the states of resources change, in the events of AWS's own pipeline: at least once, also after a
/// crash, and under one id, so that no receiver hears of one change twice.
///
/// ```json
/// {"source": "solutions.aws.personalize", "detail-type": "Personalize Solution Version State Change",
///  "resources": ["arn:…"], "detail": {"Arn": "arn:…", "Status": "ACTIVE", "Duration": 312}}
/// ```
public struct StateChangeNotifier: Service {
    private let personalize: PersonalizeService
    private let bus: EventBus
    private let clock: any Clock<Duration>
    private let logger: Logger

    private static let batchSize = 100

    /// A notifier of one service's changes.
    ///
    /// - Parameters:
    ///   - personalize: Whose changes.
    ///   - bus: What tells the rules.
    ///   - clock: Measures the pause before a failing store is tried again.
    ///   - logger: Where faults are told.
    public init(personalize: PersonalizeService, bus: EventBus, clock: any Clock<Duration>, logger: Logger) {
        self.personalize = personalize
        self.bus = bus
        self.clock = clock
        self.logger = logger
    }

    /// Tells until the service shuts down.
    public func run() async throws {
        let telling = Telling(what: "changes of states", clock: clock, logger: logger)
        await telling.run(personalize.stateChangeSignals(), tellAll)
    }

    func tellAll() async throws {
        while true {
            let changes = try await personalize.untoldStateChanges(limit: Self.batchSize)
            guard let last = changes.last else { return }
            try await bus.take(changes.map(event))
            try await personalize.acknowledgeStateChanges(through: last.number)
        }
    }

    private func event(_ change: StateChange) -> Event {
        var detail: JSON = ["Arn": .string(change.arn), "Status": .string(change.status.rawValue)]
        detail["Duration"] = change.duration.map { JSON($0) }
        detail["FailureReason"] = change.failureReason.map(JSON.string)
        return Event(
            id: bus.eventID(for: "personalize/\(change.number)/\(change.arn)"),
            source: "solutions.aws.personalize",
            detailType: "Personalize \(change.kind.words) State Change",
            detail: detail,
            resources: [change.arn],
            time: change.date
        )
    }
}

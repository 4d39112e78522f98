internal import JSON
public import Logging
internal import Notifications
public import Personalize
public import ServiceLifecycle

/// Tells the topic of a dataset group every decision about its campaigns, then acknowledges it: at least once, also after
/// a crash, and under one key, so that no receiver hears of one twice.
public struct RolloutNotifier: Service {
    private let personalize: PersonalizeService
    private let notices: Notices
    private let clock: any Clock<Duration>
    private let logger: Logger

    /// A notifier of one service's decisions.
    ///
    /// - Parameters:
    ///   - personalize: Whose decisions.
    ///   - notices: What tells people.
    ///   - clock: Measures the pause before a failing store is tried again.
    ///   - logger: Where faults are told.
    public init(personalize: PersonalizeService, notices: Notices, clock: any Clock<Duration>, logger: Logger) {
        self.personalize = personalize
        self.notices = notices
        self.clock = clock
        self.logger = logger
    }

    /// Publishes until the service shuts down.
    public func run() async throws {
        let telling = Telling(what: "decisions", clock: clock, logger: logger)
        await telling.run(personalize.decisionSignals(), publishAll)
    }

    func publishAll() async throws {
        for decision in try await personalize.untoldDecisions() {
            let notice = RolloutNotice(decision)
            do {
                _ = try await notices.publish(
                    notice.message,
                    topic: notices.topic(of: notice.datasetGroup, for: nil)
                )
            } catch let error as NotificationError {
                // One that can never be told must not hold up the others.
                logger.error("decision cannot be told", metadata: ["error": "\(error.message)"])
            }
            try await personalize.acknowledge(decision)
        }
    }
}

/// What the world hears of a decision about a campaign.
struct RolloutNotice {
    private let decision: JSON

    init(_ decision: JSON) { self.decision = decision }

    var datasetGroup: String { decision["datasetGroup"]?.string ?? "default" }

    private var kind: String { decision["decision"]?.string ?? "" }
    private var campaign: String { Self.path(decision["campaignArn"]) }

    private static func path(_ arn: JSON?) -> String {
        (arn?.string ?? "").split(separator: "/", maxSplits: 1).last.map(String.init) ?? ""
    }

    private var outcome: String {
        switch kind {
        case "PROMOTED": "is moved to a new version"
        case "KEPT": "is not moved to a new version"
        case "WAITING": "waits for you: a new version is ready"
        case "ROLLED_BACK": "is rolled back"
        case "HELD": "is held"
        case "RELEASED": "is released"
        case "EXPERIMENT_STARTED": "begins an experiment"
        case "EXPERIMENT_ENDED": "has ended an experiment"
        case "BOUND_BROKEN": "is below its live bound"
        default: kind.lowercased()
        }
    }

    var message: Message {
        let subject = "Millrace: campaign \"\(campaign)\" \(outcome)"
        var lines = ["Campaign \"\(campaign)\" \(outcome).", ""]
        if let serving = decision["servingVersionArn"] { lines.append("It served: \(Self.path(serving))") }
        if let version = decision["solutionVersionArn"] { lines.append("Version:   \(Self.path(version))") }
        lines.append("By:        \(decision["decidedBy"]?.string ?? "")")
        lines.append("Why:       \(Excerpt.of(decision["reason"]?.string ?? ""))")
        lines += ["", "See:       millrace campaigns show \(campaign)"]
        var payload = decision
        payload["type"] = .string("campaign.\(kind.lowercased())")
        payload["subject"] = .string(subject)
        return Message(
            subject: subject,
            body: lines.joined(separator: "\n") + "\n",
            payload: payload,
            attributes: ["Decision": kind],
            deduplicationKey: "\(decision["campaignArn"]?.string ?? "")#\(decision["number"]?.int ?? 0)"
                + "@\(decision["date"]?.text ?? "")"
        )
    }
}

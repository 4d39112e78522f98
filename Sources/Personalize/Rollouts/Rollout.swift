internal import FoundationEssentials
public import JSON

/// What is kept of a campaign beside its resource: its promotion policy, what was decided, and the experiment.
///
/// It may be there before its campaign is, since a configuration says the policy of a campaign that its run will make.
public struct Rollout: Sendable, Equatable {
    /// The campaign.
    public var campaignArn: String
    /// What is kept.
    public var body: JSON
    /// Counts its changes: a store refuses to save over a newer one; 0 for one that was never saved.
    public var revision: Int

    /// A rollout as a store reads it.
    public init(campaignArn: String, body: JSON = [:], revision: Int = 0) {
        self.campaignArn = campaignArn
        self.body = body
        self.revision = revision
    }
}

extension Rollout {
    /// How many decisions are kept; those nobody was told yet are kept beyond that.
    static let decisionLimit = 50

    var policy: PromotionPolicy {
        get { body["policy"].map { PromotionPolicy.read($0).policy } ?? PromotionPolicy() }
        set { body["policy"] = newValue.json }
    }

    /// Whether the policy was said by a configuration file, and so goes when the file says it no more.
    var isFromFile: Bool {
        get { body["isFromFile"]?.bool ?? false }
        set { body["isFromFile"] = .bool(newValue) }
    }

    /// Whether no version is to be served but by the operator's word.
    var isHeld: Bool {
        get { body["isHeld"]?.bool ?? false }
        set { body["isHeld"] = .bool(newValue) }
    }

    /// The newest version that was judged and not served.
    var waitingVersionArn: String? {
        get { body["waitingVersionArn"]?.string }
        set { body["waitingVersionArn"] = newValue.map(JSON.string) }
    }

    /// The decisions, the oldest first.
    var decisions: [JSON] { body["decisions"]?.array ?? [] }

    /// The decisions that nobody was told yet, the oldest first.
    var untold: [JSON] {
        let told = body["toldThrough"]?.int ?? 0
        return decisions.filter { $0["number"]?.int ?? 0 > told }
    }

    /// Whether the policy, a hold or an experiment says more than that every version is served.
    var isGating: Bool { policy.rule != .always || isHeld || experiment != nil }

    /// Adds a decision.
    ///
    /// - Returns: The decision as it is kept.
    @discardableResult
    mutating func record(_ decision: RolloutDecision, at date: Date) -> JSON {
        let number = (body["decisionCount"]?.int ?? 0) + 1
        var json = decision.json
        json["number"] = JSON(number)
        json["date"] = .seconds(of: date)
        json["campaignArn"] = .string(campaignArn)
        body["decisionCount"] = JSON(number)
        let told = body["toldThrough"]?.int ?? 0
        let all = decisions + [json]
        body["decisions"] = .array(
            all.enumerated().filter {
                all.count - $0.offset <= Self.decisionLimit || $0.element["number"]?.int ?? 0 > told
            }
            .map(\.element)
        )
        return json
    }
}

/// One decision about which version a campaign serves, and why.
struct RolloutDecision: Sendable {
    enum Kind: String, Sendable {
        /// The campaign moves to a new version.
        case promoted = "PROMOTED"
        /// A new version is not served.
        case kept = "KEPT"
        /// A new version waits for the operator.
        case waiting = "WAITING"
        /// The campaign moves back to an earlier version, or a candidate is taken away.
        case rolledBack = "ROLLED_BACK"
        /// Nothing moves but by the operator's word.
        case held = "HELD"
        /// The policy decides again.
        case released = "RELEASED"
        case experimentStarted = "EXPERIMENT_STARTED"
        case experimentEnded = "EXPERIMENT_ENDED"
        /// The live metric is below its bound and there is no version to go back to.
        case boundBroken = "BOUND_BROKEN"
    }

    var kind: Kind
    var reason: String
    /// Who decided: `policy notWorse`, `operator`, `experiment`, `live bound`.
    var author: String
    /// The version that served.
    var from: String?
    /// The version that was decided about.
    var version: String?
    /// The figures it was decided by.
    var report: JSON?

    fileprivate var json: JSON {
        var json: JSON = [
            "decision": .string(kind.rawValue), "reason": .string(reason), "decidedBy": .string(author),
        ]
        json["servingVersionArn"] = from.map(JSON.string)
        json["solutionVersionArn"] = version.map(JSON.string)
        json["report"] = report
        return json
    }
}

// MARK: - The versions a campaign has served

extension Resource {
    /// How many versions a campaign can be rolled back through.
    private static let earlierLimit = 3

    /// The version a campaign serves.
    var servedVersionArn: String? { body["servedVersionArn"]?.string }

    /// The versions a campaign served before, the newest last.
    var earlierVersionArns: [String] { (body["earlierVersionArns"]?.array ?? []).compactMap(\.string) }

    /// When a campaign began to serve what it serves, in seconds since 1970; zero for its first version.
    var servedSince: Int64 { body["servedSince"]?.int.map(Int64.init) ?? 0 }

    /// Remembers the version that an update of a campaign takes the place of.
    mutating func rememberServed(before update: JSON, at date: Date) {
        guard let old = servedVersionArn, let new = update["servedVersionArn"]?.string, old != new else { return }
        var earlier = earlierVersionArns.filter { $0 != new }
        // What was rolled back from is not gone back to.
        if update["rollsBack"]?.bool != true { earlier.append(old) }
        body["earlierVersionArns"] = .array(earlier.suffix(Self.earlierLimit).map(JSON.string))
        body["servedSince"] = .integer(Int64(date.timeIntervalSince1970))
    }
}

internal import Crypto
internal import FoundationEssentials
public import JSON

/// Two versions behind one campaign: the one that serves, and a candidate.
public struct Experiment: Sendable, Equatable {
    /// What is done with the candidate.
    public enum Mode: String, Sendable, CaseIterable {
        /// It answers a small share of the users, and is taken away when it does worse.
        case canary
        /// It answers a share of the users, until one of the two has won.
        case split = "ab"
        /// It answers nobody: what it would have answered is compared with what was.
        case shadow
    }

    /// What can be said about an experiment.
    ///
    /// | Key | Type | Default |
    /// | --- | --- | --- |
    /// | `mode` | `ab`, `canary` or `shadow` | `ab` |
    /// | `share` | number, 0 < share < 1; the candidate's share of users | 0.5; 0.05 of a canary |
    /// | `eventType` | string | every event with a `recommendationId` |
    /// | `outcomeMinutes` | integer ≥ 1; how long after a user's first answer his event counts | 1440 |
    /// | `errorRate` | number, 0 < rate < 1; how often a winner may be named where there is none | 0.05 |
    /// | `minimumUsers` | integer ≥ 1; of each version, before anything is decided | 100 |
    /// | `promotesWinner` | boolean; whether the campaign is moved to a candidate that has won | false |
    public struct Settings: Sendable, Equatable {
        /// What is done with the candidate.
        public var mode = Mode.split
        /// The candidate's share of users.
        public var share = 0.5
        /// The type of event that counts; every event with a `recommendationId` when nil.
        public var eventType: String?
        /// How long after a user's first answer his event counts.
        public var outcomeMinutes = Self.defaultOutcomeMinutes
        /// How often a winner may be named where there is none.
        public var errorRate = 0.05
        /// How many users each version must have answered before anything is decided.
        public var minimumUsers = 100
        /// Whether the campaign is moved to a candidate that has won.
        public var promotesWinner = false

        static let defaultOutcomeMinutes = 1440

        /// Reads settings.
        ///
        /// - Parameter json: An object; members that are absent have their defaults.
        /// - Throws: `PersonalizeError` with `invalidInput` and every fault.
        public init(_ json: JSON) throws(PersonalizeError) {
            var faults: [String] = []
            if let value = json["mode"], !value.isNull {
                if let mode = value.string.flatMap(Mode.init) {
                    self.mode = mode
                } else {
                    faults.append("mode \(value.text) must be one of \(Mode.allCases.map(\.rawValue))")
                }
            }
            share = mode == .canary ? 0.05 : 0.5
            func number(_ key: String, _ fallback: Double) -> Double {
                guard let value = json[key], !value.isNull else { return fallback }
                if let number = value.double, 0 < number, number < 1 { return number }
                faults.append("\(key) \(value.text) must be a number greater than 0 and less than 1")
                return fallback
            }
            func integer(_ key: String, _ fallback: Int) -> Int {
                guard let value = json[key], !value.isNull else { return fallback }
                if let number = value.int, number >= 1 { return number }
                faults.append("\(key) \(value.text) must be an integer of 1 or more")
                return fallback
            }
            share = number("share", share)
            errorRate = number("errorRate", errorRate)
            outcomeMinutes = integer("outcomeMinutes", outcomeMinutes)
            minimumUsers = integer("minimumUsers", minimumUsers)
            if let value = json["eventType"], !value.isNull {
                eventType = value.string
                if value.string?.isEmpty ?? true {
                    faults.append("eventType \(value.text) must be the type of an event")
                }
            }
            if let value = json["promotesWinner"], !value.isNull {
                promotesWinner = value.bool ?? false
                if value.bool == nil { faults.append("promotesWinner \(value.text) must be true or false") }
            }
            guard faults.isEmpty else { throw PersonalizeError(.invalidInput, faults.joined(separator: "; ")) }
        }

        var json: JSON {
            var json: JSON = [
                "mode": .string(mode.rawValue), "share": .double(share), "outcomeMinutes": JSON(outcomeMinutes),
                "errorRate": .double(errorRate), "minimumUsers": JSON(minimumUsers),
                "promotesWinner": .bool(promotesWinner),
            ]
            json["eventType"] = eventType.map(JSON.string)
            return json
        }
    }

    /// Its id, which nothing else ever has.
    let id: String
    let settings: Settings
    let servingArn: String
    let candidateArn: String
    let startedAt: JSON

    init(id: String, settings: Settings, servingArn: String, candidateArn: String, startedAt: JSON) {
        self.id = id
        self.settings = settings
        self.servingArn = servingArn
        self.candidateArn = candidateArn
        self.startedAt = startedAt
    }

    init?(_ json: JSON?) {
        guard let json, let id = json["experimentId"]?.string, let serving = json["servingVersionArn"]?.string,
            let candidate = json["candidateVersionArn"]?.string, let settings = try? Settings(json["settings"] ?? [:])
        else { return nil }
        self.init(
            id: id,
            settings: settings,
            servingArn: serving,
            candidateArn: candidate,
            startedAt: json["startedAt"] ?? 0
        )
    }

    var json: JSON {
        [
            "experimentId": .string(id), "settings": settings.json, "servingVersionArn": .string(servingArn),
            "candidateVersionArn": .string(candidateArn), "startedAt": startedAt,
        ]
    }
}

extension Rollout {
    /// The experiment that is going on.
    var experiment: Experiment? {
        get { Experiment(body["experiment"]) }
        set { body["experiment"] = newValue?.json }
    }

    /// Ends the experiment; its last report stays.
    mutating func endExperiment(at date: Date) {
        guard var ended = body["experiment"] else { return }
        ended["endedAt"] = .seconds(of: date)
        ended["report"] = body["experimentReport"]
        body["lastExperiment"] = ended
        body["experiment"] = nil
        body["experimentReport"] = nil
    }
}

/// Which users of an experiment the candidate answers.
///
/// A user's number is the first eight bytes of the SHA-256 of the experiment's id, a zero and his own id, as a whole
/// number from its greatest byte on; the candidate answers him when it is less than share · 2⁶⁴. So a user stays with one
/// version for as long as the experiment lasts, on any machine, and the users of one experiment say nothing about another.
struct ExperimentSplit: Sendable {
    let id: String
    private let bound: UInt64

    /// A split that gives the candidate a share of users, more than none and less than all.
    init(id: String, share: Double) {
        self.id = id
        bound = UInt64(share * 0x1p64)
    }

    /// Whether the candidate answers a user.
    func isCandidate(_ number: UInt64) -> Bool { number < bound }

    /// The number of a user.
    static func number(of user: String, in id: String) -> UInt64 {
        var digest = SHA256()
        digest.update(data: Array(id.utf8) + [0] + Array(user.utf8))
        return digest.finalize().prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}

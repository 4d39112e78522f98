public import JSON
internal import Recommenders

/// When a campaign is moved to a new solution version.
///
/// It is written as a word, `"notWorse"`, or as an object:
///
/// | Key | Type | Default |
/// | --- | --- | --- |
/// | `rule` | `always`, `notWorse`, `better` or `manual` | `always` |
/// | `metrics` | tolerance by metric, in the metric's own units | `{"normalized_discounted_cumulative_gain_at_25": 0.02}` |
/// | `minimumTestUsers` | integer ≥ 2 | 30 |
/// | `liveBound.minimumRate` | number, 0 < rate < 1 | |
/// | `liveBound.eventType` | string | every event with a `recommendationId` |
/// | `liveBound.outcomeMinutes` | integer ≥ 1 | 1440 |
public struct PromotionPolicy: Sendable, Equatable {
    /// What a new version has to show.
    public enum Rule: String, Sendable, CaseIterable {
        /// Nothing: every new version is served.
        case always
        /// That it is worse by no more than the tolerance in any metric.
        case notWorse
        /// That it is better in a metric, and worse by no more than the tolerance in any.
        case better
        /// It is judged, and waits for the operator.
        case manual
    }

    /// What recommendations must lead to while a version is served.
    public struct LiveBound: Sendable, Equatable {
        /// The type of event that counts, in any case; every event with a `recommendationId` when nil.
        public var eventType: String?
        /// The least share of users with such an event.
        public var minimumRate: Double
        /// How long after a user's first answer his event counts, in minutes.
        public var outcomeMinutes: Int
    }

    /// What a new version has to show.
    public var rule = Rule.always
    /// By how much it may be worse, by metric.
    public var tolerances = [Self.defaultMetric: 0.02]
    /// With fewer test users nothing is shown.
    public var minimumTestUsers = 30
    /// What must hold live; nil for nothing.
    public var liveBound: LiveBound?

    /// The policy of a campaign without one.
    public init() {}

    static let defaultMetric = Measure(.normalizedDiscountedCumulativeGain, at: 25).name

    /// The metrics with their tolerances, in the order in which they are told.
    var measures: [(measure: Measure, tolerance: Double)] {
        Measure.ofQuality.compactMap { measure in tolerances[measure.name].map { (measure, $0) } }
    }
}

/// Something wrong in a policy: where, and what.
public struct PolicyFault: Error, Sendable, Equatable {
    /// The member, from the policy's root: `liveBound.minimumRate`; empty for the policy as a whole.
    public let path: String
    /// The fact and the remedy, as what follows the path in a sentence.
    public let message: String
}

extension PromotionPolicy {
    /// Reads a policy.
    ///
    /// - Parameter json: A word or an object.
    /// - Returns: The policy and every fault; it is to be used only without any.
    public static func read(_ json: JSON) -> (policy: PromotionPolicy, faults: [PolicyFault]) {
        var reader = PolicyReader()
        return (reader.policy(json), reader.faults)
    }

    /// The policy as an object with all its members.
    public var json: JSON {
        var json: JSON = [
            "rule": .string(rule.rawValue),
            "metrics": .object(JSONObject(tolerances.sorted { $0.key < $1.key }.map { ($0.key, .double($0.value)) })),
            "minimumTestUsers": JSON(minimumTestUsers),
        ]
        if let liveBound {
            var bound: JSON = [
                "minimumRate": .double(liveBound.minimumRate), "outcomeMinutes": JSON(liveBound.outcomeMinutes),
            ]
            bound["eventType"] = liveBound.eventType.map(JSON.string)
            json["liveBound"] = bound
        }
        return json
    }
}

/// Walks a policy and collects every fault with its path.
private struct PolicyReader {
    var faults: [PolicyFault] = []

    mutating func policy(_ json: JSON) -> PromotionPolicy {
        var policy = PromotionPolicy()
        if json.string != nil {
            policy.rule = rule(json, at: "") ?? policy.rule
            return policy
        }
        guard let object = json.object else {
            refuse("", "must be one of \(Self.rules), or an object, but is \(json.typeName)")
            return policy
        }
        checkKeys(object, ["rule", "metrics", "minimumTestUsers", "liveBound"], at: "")
        if let value = object["rule"] { policy.rule = rule(value, at: "rule") ?? policy.rule }
        if let value = object["metrics"] { policy.tolerances = tolerances(value) }
        if let value = object["minimumTestUsers"] {
            policy.minimumTestUsers = integer(value, from: 2, at: "minimumTestUsers") ?? policy.minimumTestUsers
        }
        if let value = object["liveBound"], !value.isNull { policy.liveBound = liveBound(value) }
        return policy
    }

    private static let rules = PromotionPolicy.Rule.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")

    private mutating func rule(_ json: JSON, at path: String) -> PromotionPolicy.Rule? {
        guard let word = json.string, let rule = PromotionPolicy.Rule(rawValue: word) else {
            let hint = json.string
                .flatMap { NearestName.find($0, among: PromotionPolicy.Rule.allCases.map(\.rawValue)) }
                .map { ", did you mean \"\($0)\"?" }
            refuse(path, "\(json.text) is no rule\(hint ?? "; there are \(Self.rules)")")
            return nil
        }
        return rule
    }

    private mutating func tolerances(_ json: JSON) -> [String: Double] {
        guard let object = json.object, !object.isEmpty else {
            refuse("metrics", "must be an object with a tolerance a metric, such as {\"recall_at_10\": 0.02}")
            return [:]
        }
        let known = Measure.ofQuality.map(\.name)
        var tolerances: [String: Double] = [:]
        for (name, value) in object {
            let path = "metrics.\(name)"
            guard known.contains(name) else {
                let hint = NearestName.find(name, among: known).map { ", did you mean \"\($0)\"?" }
                refuse(path, "is no metric\(hint ?? "; there are \(known.joined(separator: ", "))")")
                continue
            }
            guard let tolerance = value.double, (0...1).contains(tolerance) else {
                refuse(path, "\(value.text) must be a number from 0 to 1, by which the metric may be worse")
                continue
            }
            tolerances[name] = tolerance
        }
        return tolerances
    }

    private mutating func liveBound(_ json: JSON) -> PromotionPolicy.LiveBound? {
        guard let object = json.object else {
            refuse("liveBound", "must be an object with \"minimumRate\", but is \(json.typeName)")
            return nil
        }
        checkKeys(object, ["minimumRate", "eventType", "outcomeMinutes"], at: "liveBound")
        let rate = object["minimumRate"]?.double
        if !(rate.map { 0 < $0 && $0 < 1 } ?? false) {
            let fact = object["minimumRate"]?.text ?? "is missing;"
            refuse("liveBound.minimumRate", "\(fact) must be a share of users, greater than 0 and less than 1")
        }
        if let type = object["eventType"], !type.isNull, type.string?.isEmpty ?? true {
            refuse("liveBound.eventType", "\(type.text) must be the type of an event, such as \"purchase\"")
        }
        let minutes = object["outcomeMinutes"].map { integer($0, from: 1, at: "liveBound.outcomeMinutes") }
        return PromotionPolicy.LiveBound(
            eventType: object["eventType"]?.string,
            minimumRate: rate ?? 0,
            outcomeMinutes: (minutes ?? nil) ?? Experiment.Settings.defaultOutcomeMinutes
        )
    }

    private mutating func integer(_ json: JSON, from minimum: Int, at path: String) -> Int? {
        guard let number = json.int, number >= minimum else {
            refuse(path, "\(json.text) must be an integer of \(minimum) or more")
            return nil
        }
        return number
    }

    private mutating func checkKeys(_ object: JSONObject, _ known: [String], at path: String) {
        for key in object.keys where !known.contains(key) {
            let hint = NearestName.find(key, among: known).map { "did you mean \"\($0)\"?" }
            let list = "the keys known here are \(known.map { "\"\($0)\"" }.joined(separator: ", "))"
            refuse(path.isEmpty ? key : "\(path).\(key)", "is not a known key, \(hint ?? list)")
        }
    }

    private mutating func refuse(_ path: String, _ message: String) {
        faults.append(PolicyFault(path: path, message: message))
    }
}

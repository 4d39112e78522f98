public import JSON

/// What is done when imported data has drifted away from what the serving version was trained on.
public struct DriftPolicy: Sendable, Equatable {
    /// What is done.
    public enum Action: String, Sendable, CaseIterable {
        /// Nothing; the report is kept.
        case none
        /// Whoever hears of the group's runs is told.
        case notify
        /// They are told, and the pipeline trains anew.
        case retrain
    }

    /// The greatest score at which nothing is done.
    public var threshold: Double
    /// What is done beyond it.
    public var action: Action
    /// The configuration file that a retraining takes, in the bucket of that name.
    public var source: Source?

    /// A configuration file.
    public struct Source: Sendable, Equatable {
        /// The bucket's name.
        public let bucket: String
        /// The key of the file.
        public let key: String

        /// A file of a bucket.
        public init(bucket: String, key: String) {
            self.bucket = bucket
            self.key = key
        }
    }

    /// A population stability index above this is commonly read as a great change.
    public static let defaultThreshold = 0.25

    /// A policy.
    public init(threshold: Double = defaultThreshold, action: Action = .notify, source: Source? = nil) {
        self.threshold = threshold
        self.action = action
        self.source = source
    }

    /// Reads a policy as a configuration has it: `{"threshold": 0.25, "action": "retrain"}`, or the action alone.
    ///
    /// - Parameter json: A word or an object.
    /// - Returns: The policy, `nil` when it cannot be used, and every fault.
    public static func read(_ json: JSON) -> (policy: DriftPolicy?, faults: [PolicyFault]) {
        var faults: [PolicyFault] = []
        var policy = DriftPolicy()
        if json.string != nil {
            policy.action = action(json, at: "", &faults) ?? policy.action
            return (faults.isEmpty ? policy : nil, faults)
        }
        guard let object = json.object else {
            let fact = "must be one of \(actions), or an object, but is \(json.typeName)"
            return (nil, [PolicyFault(path: "", message: fact)])
        }
        let known = ["threshold", "action", "source"]
        for key in object.keys where !known.contains(key) {
            let hint = NearestName.find(key, among: known.dropLast()).map { "did you mean \"\($0)\"?" }
            let message = "is not a known key, \(hint ?? "the keys known here are \"threshold\", \"action\"")"
            faults.append(PolicyFault(path: key, message: message))
        }
        if let value = object["action"] { policy.action = action(value, at: "action", &faults) ?? policy.action }
        if let value = object["threshold"] {
            if let threshold = value.double, threshold > 0, threshold.isFinite {
                policy.threshold = threshold
            } else {
                let message = "\(value.text) must be a score greater than 0, such as \(defaultThreshold)"
                faults.append(PolicyFault(path: "threshold", message: message))
            }
        }
        if let bucket = object["source"]?["bucket"]?.string, let key = object["source"]?["key"]?.string {
            policy.source = Source(bucket: bucket, key: key)
        }
        return (faults.isEmpty ? policy : nil, faults)
    }

    private static let actions = Action.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")

    private static func action(_ json: JSON, at path: String, _ faults: inout [PolicyFault]) -> Action? {
        if let action = json.string.flatMap(Action.init) { return action }
        let hint = json.string.flatMap { NearestName.find($0, among: Action.allCases.map(\.rawValue)) }
        let remedy = hint.map { ", did you mean \"\($0)\"?" } ?? "; there are \(actions)"
        faults.append(PolicyFault(path: path, message: "\(json.text) is no action\(remedy)"))
        return nil
    }

    /// The policy as an object with all its members.
    public var json: JSON {
        var json: JSON = ["threshold": .double(threshold), "action": .string(action.rawValue)]
        if let source { json["source"] = ["bucket": .string(source.bucket), "key": .string(source.key)] }
        return json
    }
}

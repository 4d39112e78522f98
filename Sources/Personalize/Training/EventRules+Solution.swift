internal import JSON

extension EventRules {
    /// The rules of a solution, or of a version that has taken them over.
    init(_ solution: JSON) {
        let config = solution["solutionConfig"]
        if let list = config?["eventsConfig"]?["eventParametersList"]?.array, !list.isEmpty {
            var rules: [String: Rule] = [:]
            for entry in list {
                guard let type = entry["eventType"]?.string else { continue }
                let weight = entry["weight"]?.double ?? 1
                rules[type] = Rule(minimumValue: entry["eventValueThreshold"]?.double, weight: Float(weight))
            }
            self.init(byType: rules, minimumValue: nil)
        } else {
            let threshold = config?["eventValueThreshold"]?.string.flatMap(Double.init)
            let type = solution["eventType"]?.string
            self.init(byType: type.map { [$0: Rule()] }, minimumValue: threshold)
        }
    }

    /// The types that count, for messages; `nil` when all do.
    var typeNames: String? { byType.map { $0.keys.sorted().joined(separator: ", ") } }
}

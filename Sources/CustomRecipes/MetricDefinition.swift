internal import Synchronization

/// A metric, and the regular expression that finds its value in a line that a training prints.
struct MetricDefinition: Sendable, Equatable {
    let name: String
    let pattern: String

    /// Why a pattern cannot be used.
    struct Invalid: Error {
        let fact: String
    }

    /// Longer lines are not looked at beyond this: a pattern could take very long for them.
    static let longestLine = 1000

    init(name: String, pattern: String) throws(Invalid) {
        self.name = name
        self.pattern = pattern
        guard regex != nil else { throw Invalid(fact: "is no regular expression") }
        guard pattern.contains("(") else {
            throw Invalid(fact: "must have a group in parentheses, which holds the value")
        }
    }

    /// What finds it; made anew each time, since it must not be shared.
    fileprivate var regex: Regex<AnyRegexOutput>? { try? Regex(pattern) }
}

/// The metrics that a training has told, each as it was told last.
final class ToldMetrics: Sendable {
    private struct State {
        var regexes: [(name: String, regex: Regex<AnyRegexOutput>)]
        var values: [String: Double] = [:]
    }

    private let state: Mutex<State>

    init(_ definitions: [MetricDefinition]) {
        state = Mutex(
            State(
                regexes: definitions.compactMap { definition in
                    definition.regex.map { (definition.name, $0) }
                }
            )
        )
    }

    /// Looks for metrics in a line.
    func read(_ line: String) {
        let line = line.prefix(MetricDefinition.longestLine)
        state.withLock { state in
            for (name, regex) in state.regexes {
                guard let match = try? regex.firstMatch(in: line), match.output.count > 1,
                    let value = match.output[1].substring.flatMap({ Double($0) })
                else { continue }
                state.values[name] = value
            }
        }
    }

    var values: [String: Double] { state.withLock(\.values) }
}

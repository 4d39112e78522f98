internal import JSON
internal import Synchronization

/// A filter that can be asked for.
struct RuntimeFilter: Sendable {
    let arn: String
    let groupArn: String
    let expression: FilterExpression
}

/// The filters that requests may name, each read once.
final class FilterTable: Sendable {
    private enum Entry: Sendable {
        case ready(RuntimeFilter)
        case waiting(ResourceStatus)
        /// What is wrong with an expression that an earlier release took.
        case faulty(String)
    }

    private let entries = Mutex<[String: Entry]>([:])

    /// Takes note of a filter as it is now.
    func note(_ filter: Resource) {
        let entry = Self.entry(filter)
        entries.withLock { $0[filter.arn] = entry }
    }

    /// Forgets a filter.
    func remove(_ arn: String) {
        entries.withLock { $0[arn] = nil }
    }

    /// The expressions of a group's filters.
    func expressions(of group: String) -> [FilterExpression] {
        entries.withLock { entries in
            entries.values.compactMap { entry in
                if case .ready(let filter) = entry, filter.groupArn == group { filter.expression } else { nil }
            }
        }
    }

    /// A filter of a group, which must be ACTIVE.
    func filter(_ arn: String, of group: String) throws(PersonalizeError) -> RuntimeFilter {
        switch entries.withLock({ $0[arn] }) {
        case .ready(let filter):
            guard filter.groupArn == group else {
                throw PersonalizeError(
                    .invalidInput,
                    "Filter \"\(arn)\" is of \(filter.groupArn), and what is asked of \(group)"
                )
            }
            return filter
        case .waiting(let status):
            throw PersonalizeError(
                .invalidInput,
                "Filter \"\(arn)\" has status \(status.rawValue); it must be ACTIVE"
            )
        case .faulty(let message): throw PersonalizeError(.invalidInput, "Filter \"\(arn)\": \(message)")
        case nil: throw .missing(ResourceKind.filter.title, arn)
        }
    }

    private static func entry(_ filter: Resource) -> Entry {
        guard filter.status == .active else { return .waiting(filter.status) }
        do throws(FilterFault) {
            let expression = try FilterParser.parse(filter.body["filterExpression"]?.string ?? "")
            return .ready(RuntimeFilter(arn: filter.arn, groupArn: filter.parentArn ?? "", expression: expression))
        } catch {
            return .faulty(error.message)
        }
    }
}

public import JSON

/// The resources that Task states can name here; whoever creates a machine with others is told which there are.
///
/// Activities are always among them: whether one exists is asked when a task is scheduled, as on AWS.
public struct ResourceCatalogue: Sendable {
    /// The services, in the order in which they are listed.
    public let integrations: [Integration]
    /// Further resources, and the beginnings of such, which end in `:` or `*`.
    public let others: [String]

    private let known: Set<String>
    private let prefixes: [String]

    /// A catalogue.
    ///
    /// - Parameters:
    ///   - integrations: The services.
    ///   - others: Further resources, as functions; one that ends in `:` or `*` is the beginning of many.
    public init(_ integrations: [Integration], others: [String] = []) {
        self.integrations = integrations
        self.others = others
        let beginnings = others.filter { $0.hasSuffix(":") || $0.hasSuffix("*") }
        prefixes = beginnings.map { $0.hasSuffix("*") ? String($0.dropLast()) : $0 }
        known = Set(integrations.flatMap(\.resources) + others)
    }

    /// Whether a task can ask a resource.
    ///
    /// - Parameter resource: The resource of a Task state.
    /// - Returns: Whether it is in the catalogue, or an activity.
    public func contains(_ resource: String) -> Bool {
        if known.contains(resource) || prefixes.contains(where: resource.hasPrefix) { return true }
        guard let parsed = TaskResource(resource) else { return false }
        return parsed.kind == .activity
    }

    /// The faults of a definition's resources; those that are no ARN at all are the definition's own fault.
    ///
    /// - Parameter definition: The definition, as `CreateStateMachine` takes it.
    /// - Returns: An error for each Task whose resource is not here, the first with the list of what is.
    public func diagnostics(for definition: JSON) -> [Diagnostic] {
        var faults: [Diagnostic] = []
        var scopes: [(scope: JSON, place: String)] = [(definition, "")]
        while let (scope, place) = scopes.popLast() {
            guard let states = scope["States"]?.object else { continue }
            for (name, state) in states {
                let place = "\(place)/States/\(name)"
                scopes += Self.scopes(in: state, at: place)
                guard state["Type"] == "Task", let resource = state["Resource"]?.string,
                    TaskResource(resource) != nil, !contains(resource)
                else { continue }
                faults.append(fault(resource, at: "\(place)/Resource", listing: faults.isEmpty))
            }
        }
        return faults
    }

    private static func scopes(in state: JSON, at place: String) -> [(scope: JSON, place: String)] {
        var scopes: [(JSON, String)] = []
        for (index, branch) in (state["Branches"]?.array ?? []).enumerated() {
            scopes.append((branch, "\(place)/Branches[\(index)]"))
        }
        for name in ["ItemProcessor", "Iterator"] {
            if let processor = state[name] { scopes.append((processor, "\(place)/\(name)")) }
        }
        return scopes
    }

    private func fault(_ resource: String, at place: String, listing: Bool) -> Diagnostic {
        let remedy = listing ? ". \(remedy(for: resource))" : ""
        return Diagnostic(
            code: .schemaValidationFailed,
            location: place,
            message: "The resource provided \(resource) is not recognized. The value is not a valid resource ARN, "
                + "or the resource is not available in this region\(remedy)"
        )
    }

    private func remedy(for resource: String) -> String {
        let suggestion = NearestName.find(resource, among: integrations.flatMap(\.resources))
        return (suggestion.map { "Did you mean \($0)? " } ?? "") + "The resources here are: \(summary)"
    }

    /// All resources in one line, for people: `arn:aws:states:::aws-sdk:s3:{getObject, putObject}[.waitForTaskToken]`.
    public var summary: String {
        let services = integrations.map { integration in
            let actions = integration.actions
            let call = actions.count == 1 ? actions[0] : "{\(actions.joined(separator: ", "))}"
            let suffixes = integration.patterns.filter { $0 != .requestResponse }.map(\.rawValue)
            return integration.prefix + call + (suffixes.isEmpty ? "" : "[\(suffixes.joined(separator: "|"))]")
        }
        let rest = others.map { $0.hasSuffix(":") ? "\($0)*" : $0 }
        return (services + rest + ["arn:aws:states:REGION:ACCOUNT:activity:NAME"]).joined(separator: "; ")
    }
}

public import DurableExecution

/// The state machines that come with the program; their text is in `statemachines/`.
public enum ShippedStateMachine: String, Sendable, CaseIterable {
    /// From a configuration to campaigns that answer.
    case deploy
    /// Removes a dataset group and all in it.
    case delete

    /// The definition as JSON text.
    public var definition: String {
        switch self {
        case .deploy: String(decoding: PackageResources.deploy_asl_json, as: UTF8.self)
        case .delete: String(decoding: PackageResources.delete_asl_json, as: UTF8.self)
        }
    }

    /// Makes sure that an engine has this state machine in its newest form; executions that run keep theirs.
    ///
    /// - Parameters:
    ///   - engine: The engine.
    ///   - names: The region and account of its ARNs.
    /// - Returns: The state machine's ARN.
    /// - Throws: `ExecutionError` when it cannot be stored.
    @discardableResult
    public func install(in engine: Engine, names: ResourceNames) async throws(ExecutionError) -> String {
        let request = CreateStateMachineRequest(name: rawValue, definition: definition)
        do {
            return try await engine.createStateMachine(request).arn
        } catch  where error.code == .stateMachineAlreadyExists {
            return try await engine.updateStateMachine(names.stateMachine(rawValue), definition: definition).arn
        }
    }
}

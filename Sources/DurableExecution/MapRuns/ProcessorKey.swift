import StatesLanguage
import Synchronization

/// Names the processor of a distributed Map state in a revision.
struct ProcessorKey: Hashable, Sendable {
    var revision: Int64
    var stateName: String
}

extension Engine {
    /// What an execution runs: its state machine, or the processor of the Map state whose child it is.
    func machine(for execution: Execution) async throws -> Machine? {
        guard let child = execution.mapRun else { return try await machine(execution.revision) }
        let key = ProcessorKey(revision: execution.revision, stateName: child.stateName)
        if let machine = processors.withLock({ $0[key] }) { return machine }
        guard let whole = try await machine(execution.revision),
            let processor = whole.interpreter.definition.itemProcessor(of: child.stateName)
        else { return nil }
        let machine = Machine(
            stateMachine: whole.stateMachine,
            interpreter: interpreter(of: processor),
            logging: whole.logging
        )
        processors.withLock { $0.insert(machine, for: key) }
        return machine
    }
}

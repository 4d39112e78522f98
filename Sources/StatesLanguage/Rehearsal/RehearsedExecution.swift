import FoundationEssentials
import JSON

/// An execution in a rehearsal: the one that is rehearsed, or a child of one of its Map Runs.
struct RehearsedExecution {
    let interpreter: Interpreter
    var state: ExecutionState
    var history: [HistoryEvent] = []
    var outcome: Outcome?
    var stopDate: Date?
    /// The places of its Map Runs, by their ids.
    var runs: [Int: Int] = [:]
    let child: Child?

    /// What it is in a Map Run.
    struct Child {
        /// The run's place.
        let run: Int
        let index: Int
        let itemCount: Int
    }

    init(_ definition: Definition, _ state: ExecutionState, child: Child?) {
        interpreter = Interpreter(definition)
        self.state = state
        self.child = child
    }

    /// What a result says of it.
    var mapRunChild: MapRunChild {
        let context = state.context
        var child = MapRunChild(
            arn: context.execution.id,
            name: context.execution.name,
            stateMachineArn: context.stateMachine.id,
            status: state.status,
            input: context.execution.input.text,
            startDate: context.execution.startTime
        )
        child.stopDate = stopDate
        switch outcome {
        case .succeeded(let output): child.output = output.text
        case .failed(let error), .timedOut(let error): (child.error, child.cause) = (error.name, error.cause)
        case .aborted(let error, let cause): (child.error, child.cause) = (error, cause)
        case nil: break
        }
        return child
    }
}

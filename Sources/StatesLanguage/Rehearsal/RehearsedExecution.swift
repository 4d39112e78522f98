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

/// A Map Run in a rehearsal.
struct RehearsedRun {
    let request: MapRunRequest
    /// The place of the execution that asked for it.
    let execution: Int
    let startDate: Date
    var standing: MapRunStanding
    var driver: MapRunDriver
    var processor: Definition?
    /// The places of its children.
    var children: [Int] = []
    var status = ExecutionState.Status.running
    var error: StatesError?
    var stopDate: Date?
    private var inputs: ChildInputs<MapRunItem>?
    /// The items that are in no child yet.
    private var items: ArraySlice<MapRunItem> = []

    init(_ request: MapRunRequest, execution: Int, concurrencyCap: Int, startDate: Date) {
        self.request = request
        self.execution = execution
        self.startDate = startDate
        driver = MapRunDriver(concurrencyCap: concurrencyCap)
        standing = MapRunStanding(
            maxConcurrency: request.maxConcurrency,
            toleratedFailureCount: request.toleratedFailureCount,
            toleratedFailurePercentage: request.toleratedFailurePercentage
        )
    }

    /// Takes the items it is to run.
    mutating func take(_ items: [MapRunItem], _ definition: Definition, now: Date) {
        self.items = items[...]
        standing.itemTotal = items.count
        processor = definition.itemProcessor(of: request.stateName)
        inputs = ChildInputs(request, definition, now: now, read: \.self)
    }

    /// The inputs of the next children.
    mutating func nextInputs(limit: Int) throws(StatesError) -> [ChildInputs<MapRunItem>.Input] {
        let made = try inputs?.make(of: items, from: items.startIndex, isLast: true, limit: limit) ?? []
        items = items.dropFirst(made.reduce(0) { $0 + $1.itemCount })
        standing.isComplete = items.isEmpty || made.isEmpty
        return made
    }

    mutating func end(_ status: ExecutionState.Status, at date: Date) {
        self.status = status
        stopDate = date
        standing.isRunning = false
    }
}

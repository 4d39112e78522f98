import FoundationEssentials
import JSON

/// One call of `Interpreter.handle`: takes an event in, runs what it sets free, and collects the effects.
struct Turn {
    let interpreter: Interpreter
    var state: ExecutionState
    let now: Date
    var effects = Effects()
    /// The frames that can run.
    private var queue: [Int] = []
    private var transitions = 0

    /// What stands in for the state while a turn owns it.
    static let placeholder = ExecutionState(
        context: ExecutionContext(
            execution: .init(id: "", name: "", roleArn: "", startTime: Date(timeIntervalSince1970: 0), input: .null),
            stateMachine: .init(id: "", name: "")
        ),
        seed: 0
    )

    var definition: Definition { interpreter.definition }

    init(_ interpreter: Interpreter, state: ExecutionState, now: Date) {
        self.interpreter = interpreter
        self.state = state
        self.now = now
    }

    mutating func handle(_ event: Event) {
        if case .redriven = event {
            redrive()
        } else {
            guard state.isRunning else { return }
            switch event {
            case .started: start()
            case .taskStarted(let task, let workerName): taskStarted(task, workerName: workerName)
            case .taskSubmitted(let task, let output): taskSubmitted(task, output: output)
            case .taskSucceeded(let task, let output): taskSucceeded(task, output: output)
            case .taskFailed(let task, let error): taskFailed(task, error: error)
            case .taskHeartbeat(let task): heartbeat(task)
            case .timerFired(let timer): fired(timer)
            case .stopped(let error, let cause): stop(error: error, cause: cause)
            case .mapRunSucceeded, .mapRunFailed: break
            case .redriven: break
            }
        }
        drain()
    }

    // MARK: Running

    mutating func enqueue(_ frame: Int) {
        queue.append(frame)
    }

    /// Runs frames until all wait for something or the execution ends, or the call has made transitions enough.
    private mutating func drain() {
        var next = 0
        while next < queue.count, state.isRunning {
            guard transitions < Interpreter.transitionLimit else { return yield() }
            let id = queue[next]
            next += 1
            if next > 1024 {
                queue.removeFirst(next)
                next = 0
            }
            run(id)
        }
        queue.removeAll(keepingCapacity: true)
    }

    /// Leaves the rest to another call: frames that can run stay as they are until the timer fires.
    private mutating func yield() {
        queue.removeAll()
        guard !state.timers.values.contains(.continuation) else { return }
        _ = startTimer(.continuation, at: now)
    }

    /// Runs one frame from state to state until it waits, ends or fails.
    private mutating func run(_ id: Int) {
        guard var frame = state.frames.removeValue(forKey: id) else { return }
        while true {
            guard let current = definition.statesByName[frame.stateName] else {
                preconditionFailure("state \"\(frame.stateName)\" is not in the definition")
            }
            switch step(&frame, current) {
            case .exit(let output, let transition):
                exit(&frame, current, with: output)
                guard case .next(let name) = transition else { return finish(frame, output: output) }
                frame.move(to: name, input: output)
                transitions += 1
                guard transitions < Interpreter.transitionLimit else {
                    state.frames[id] = frame
                    queue.append(id)
                    return
                }
            case .wait:
                state.frames[id] = frame
                return
            case .fail(let error):
                state.frames[id] = frame
                return fail(id, error)
            }
        }
    }

    /// What came of one step of a frame.
    enum Step {
        case exit(output: JSON, StateDefinition.Transition)
        case wait
        case fail(StatesError)
    }

    private mutating func step(_ frame: inout Frame, _ current: StateDefinition) -> Step {
        do throws(StatesError) {
            switch frame.phase {
            case .ready:
                enter(&frame, current)
                return try execute(&frame, current)
            case .rerun:
                return try execute(&frame, current)
            case .children(let children):
                guard children.isDone else { return .wait }
                return try complete(&frame, current, children)
            case .finished(let result):
                guard case .task(let task) = current.kind else { return .wait }
                return try finish(task, &frame, current, result)
            case .waited:
                return try finishWait(frame, current)
            case .task, .wait, .retry, .stopped:
                return .wait
            }
        } catch {
            return .fail(place(error, in: frame))
        }
    }

    private mutating func execute(_ frame: inout Frame, _ current: StateDefinition) throws(StatesError) -> Step {
        switch current.kind {
        case .pass(let pass): return try run(pass, &frame, current)
        case .choice(let choice): return try run(choice, &frame, current)
        case .succeed:
            let output = try output(effectiveInput(frame, current), frame, current)
            return .exit(output: output, .end)
        case .task(let task): return try run(task, &frame, current)
        case .wait(let wait): return try run(wait, &frame, current)
        case .fail(let fail): return .fail(try error(of: fail, frame, current))
        case .parallel(let parallel): return try run(parallel, &frame, current)
        case .map(let map): return try run(map, &frame, current)
        }
    }

    private mutating func complete(
        _ frame: inout Frame,
        _ current: StateDefinition,
        _ children: Frame.Children
    ) throws(StatesError) -> Step {
        let output = JSON.array(children.outputs.map { $0 ?? .null })
        switch current.kind {
        case .parallel(let parallel): return try finish(parallel, &frame, current, output)
        case .map(let map): return try finish(map, &frame, current, output)
        default: preconditionFailure("state \"\(current.name)\" has no branches")
        }
    }

    /// Puts the state's name in front of what went wrong in it.
    func place(_ error: StatesError, in frame: Frame) -> StatesError {
        guard error.name != StatesError.dataLimitExceeded else { return error }
        return StatesError(
            name: error.name,
            cause: "An error occurred while executing the state '\(frame.stateName)' "
                + "(entered at the event id #\(frame.enteredEvent)). \(error.cause ?? "")"
        )
    }
}

extension Frame {
    /// Goes to the next state.
    mutating func move(to name: String, input: JSON) {
        stateName = name
        self.input = input
        if !retries.isEmpty { retries = [] }
        phase = .ready
    }
}

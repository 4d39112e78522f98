import FoundationEssentials
import JSON

/// One call of `Interpreter.handle`: takes an event in, runs what it sets free, and collects the effects.
struct Turn {
    let interpreter: Interpreter
    let definition: Definition
    var state: ExecutionState
    let now: Date
    let slice: TimeSlice?
    var effects = Effects()
    var inspection: Inspection?
    /// Whether the frame under way is the one that is inspected: the outermost.
    var isInspected = true
    /// Whether an event found no room in the history.
    var isHistoryFull = false
    /// The frames that can run.
    private var queue: [Int] = []
    private var transitions = 0
    private var isOutOfTime = false
    /// Boundaries between states until the time is asked for.
    private var boundariesUntilCheck = 0

    /// The processor's time is asked for less often than states are left.
    private static let boundariesPerCheck = 16

    /// What stands in for the state while a turn owns it.
    static let placeholder = ExecutionState(
        context: ExecutionContext(
            execution: .init(id: "", name: "", roleArn: "", startTime: Date(timeIntervalSince1970: 0), input: nil),
            stateMachine: .init(id: "", name: "")
        ),
        seed: 0
    )

    init(_ interpreter: Interpreter, state: ExecutionState, now: Date, slice: TimeSlice? = nil) {
        self.slice = slice
        self.interpreter = interpreter
        definition = interpreter.definition
        self.state = state
        self.now = now
    }

    mutating func handle(_ event: Event) {
        if case .redriven(let input) = event {
            redrive(input: input)
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
            case .mapRunSucceeded(let id, let result): mapRunSucceeded(id, result: result)
            case .mapRunFailed(let id, let error): mapRunFailed(id, error: error)
            case .redriven: break
            }
        }
        drain()
    }

    // MARK: Running

    mutating func enqueue(_ frame: Int) {
        queue.append(frame)
    }

    /// Runs frames until all wait for something or the execution ends, or the call has done enough.
    private mutating func drain() {
        var next = 0
        while next < queue.count, state.isRunning, !isHistoryFull, !isExceeded {
            guard !isSpent() else { return yield() }
            let id = queue[next]
            next += 1
            if next > 1024 {
                queue.removeFirst(next)
                next = 0
            }
            run(id)
        }
        queue.removeAll(keepingCapacity: true)
        if isHistoryFull, state.isRunning { failOfHistory() }
    }

    /// Whether this call may begin no other state.
    private mutating func isSpent() -> Bool {
        guard transitions < Interpreter.transitionsPerCall else { return true }
        guard let slice, !isOutOfTime else { return isOutOfTime }
        boundariesUntilCheck -= 1
        guard boundariesUntilCheck < 0 else { return false }
        boundariesUntilCheck = Self.boundariesPerCheck
        isOutOfTime = slice.isOver
        return isOutOfTime
    }

    /// Whether an expression was given up, and with it all that this call makes.
    private var isExceeded: Bool { slice?.isExceeded == true }

    /// Leaves the rest to another call: frames that can run stay as they are until the timer fires.
    private mutating func yield() {
        queue.removeAll()
        guard !state.hasContinuation else { return }
        _ = startTimer(.continuation, at: now)
    }

    /// Runs one frame from state to state until it waits, ends or fails.
    private mutating func run(_ id: Int) {
        guard var frame = state.frames.removeValue(forKey: id) else { return }
        isInspected = frame.parent == nil
        while true {
            guard let current = definition.statesByName[frame.stateName] else {
                preconditionFailure("state \"\(frame.stateName)\" is not in the definition")
            }
            let step = step(&frame, current)
            guard !isHistoryFull, !isExceeded else {
                state.frames[id] = frame
                return
            }
            switch step {
            case .exit(let exit):
                leave(&frame, current, exit)
                guard case .next(let name) = exit.transition else { return finish(frame, output: exit.output) }
                frame.move(to: name, input: exit.output)
                if let excess = countTransition() {
                    state.frames[id] = frame
                    return exceedTransitions(excess, frame)
                }
                guard !isSpent() else {
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

    /// Ends an execution whose history is full.
    private mutating func failOfHistory() {
        let limit = interpreter.configuration.historyLimit ?? 0
        let cause = "The execution reached the maximum number of history events (\(limit))."
        failExecution(StatesError(name: StatesError.runtime, cause: cause), after: state.nextEventID - 1)
    }

    /// Counts a transition; says how many there were too many of, if it is no longer allowed.
    private mutating func countTransition() -> String? {
        transitions += 1
        state.transitions += 1
        let limit = interpreter.configuration.transitionLimit
        guard state.transitions <= limit else { return "\(limit) transitions" }
        guard let rate = interpreter.configuration.transitionsPerSecond else { return nil }
        return state.pace.count(at: now) <= rate ? nil : "\(rate) transitions within a second"
    }

    private mutating func exceedTransitions(_ excess: String, _ frame: Frame) {
        let cause =
            "The execution made more than \(excess) and was about to "
            + "enter the state '\(frame.stateName)'. Check for a loop without end."
        failExecution(StatesError(name: StatesError.runtime, cause: cause), after: frame.lastEvent)
    }

    /// What came of one step of a frame.
    enum Step {
        case exit(Exit)
        case wait
        case fail(StatesError)
    }

    /// How a state is left.
    struct Exit {
        var output: Payload
        var assigned: JSONObject
        var transition: StateDefinition.Transition
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
                return try complete(&frame, current, Payload(.array(children.outputs.map { $0 ?? .null })))
            case .finished(let result):
                return try complete(&frame, current, result)
            case .waited:
                return try finishWait(frame, current)
            case .task, .mapRun, .wait, .retry, .stopped:
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
        case .succeed: return try exit(frame, current, passing: effectiveInput(frame, current))
        case .task(let task): return try run(task, &frame, current)
        case .wait(let wait): return try run(wait, &frame, current)
        case .fail(let fail): return .fail(try error(of: fail, frame, current))
        case .parallel(let parallel): return try run(parallel, &frame, current)
        case .map(let map): return try run(map, &frame, current)
        }
    }

    /// Puts what a task or the children brought into the state's output.
    mutating func complete(
        _ frame: inout Frame,
        _ current: StateDefinition,
        _ result: Payload
    ) throws(StatesError) -> Step {
        switch current.kind {
        case .task(let task): return try exit(frame, current, result: result, task.result)
        case .parallel(let parallel):
            record(.parallelStateSucceeded, after: frame.lastEvent)
            return try exit(frame, current, result: result, parallel.result)
        case .map(let map):
            record(.mapStateSucceeded, after: frame.lastEvent)
            return try exit(frame, current, result: result, map.result)
        default: preconditionFailure("state \"\(current.name)\" has no result")
        }
    }

    /// Puts the state's name in front of what went wrong in it.
    func place(_ error: StatesError, in frame: Frame) -> StatesError {
        guard interpreter.configuration.namesStateInCauses else { return error }
        return error.placed(in: frame.stateName, enteredAt: frame.enteredEvent)
    }
}

extension Frame {
    /// Goes to the next state.
    mutating func move(to name: String, input: Payload) {
        stateName = name
        self.input = input
        if !retries.isEmpty { retries = [] }
        phase = .ready
    }
}

import FoundationEssentials
import JSON
import StatesLanguage

/// Takes one state through the interpreter: its tasks are answered from outside, its clock jumps.
struct StateRun {
    /// What the run waits for.
    enum Need {
        /// A task's answer.
        case task(TaskRequest)
        /// The end of a Map Run.
        case mapRun(MapRunRequest)
    }

    private let interpreter: Interpreter
    /// Where it computes what takes long.
    private let threads: FairThreads
    private var state: ExecutionState
    private(set) var now: Date
    private(set) var inspection = Inspection()
    private(set) var history: [HistoryEvent] = []
    private var outcome: Outcome?
    private var tasks: [TaskRequest] = []
    private var mapRuns: [MapRunRequest] = []
    private var timers: [Int: Date] = [:]
    private let deadline: Date
    /// How many retries are waited for; the next one ends the run.
    private var retriesLeft: Int

    /// AWS lets a test take so many seconds.
    private static let timeLimit = 300.0

    init(
        _ interpreter: Interpreter,
        context: ExecutionContext,
        variables: JSONObject,
        retries: Int,
        seed: UInt64,
        now: Date,
        aside threads: FairThreads
    ) async {
        self.interpreter = interpreter
        self.threads = threads
        state = ExecutionState(context: context, seed: seed, variables: variables)
        self.now = now
        deadline = now.addingTimeInterval(Self.timeLimit)
        retriesLeft = retries
        await send(.started)
    }

    private mutating func send(_ event: Event) async {
        let effects = await advance(event)
        history += effects.history
        for command in effects.commands {
            switch command {
            case .scheduleTask(let request): tasks.append(request)
            case .cancelTask(let id): tasks.removeAll { $0.id == id }
            case .startMapRun(let request): mapRuns.append(request)
            case .redriveMapRun, .cancelMapRun: break
            case .startTimer(let id, let date): timers[id] = date
            case .cancelTimer(let id): timers[id] = nil
            case .end(let outcome): self.outcome = outcome
            }
        }
    }

    /// Advances among others when that is quick, and aside when it takes long.
    private mutating func advance(_ event: Event) async -> Effects {
        let slice = TimeSlice.short
        var attempt = state
        var notes = inspection
        let effects = interpreter.handle(event, in: &attempt, at: now, within: slice, inspection: &notes)
        guard slice.isExceeded else {
            (state, inspection) = (attempt, notes)
            return effects
        }
        // All tests have one turn among those who ask for the threads.
        return await threads.compute(for: 0) {
            interpreter.handle(event, in: &state, at: now, within: .long, inspection: &inspection)
        }
    }

    /// What is needed from outside to go on; `nil` when the state has ended, or waits for its next attempt.
    mutating func next() async -> Need? {
        while outcome == nil {
            if !tasks.isEmpty { return .task(tasks.removeFirst()) }
            if !mapRuns.isEmpty { return .mapRun(mapRuns.removeFirst()) }
            if inspection.retryIndex != nil, retriesLeft == 0 { return nil }
            guard let timer = timers.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }) else { return nil }
            if inspection.retryIndex != nil {
                retriesLeft -= 1
            } else if timer.value > deadline {
                outcome = .timedOut(StatesError(name: StatesError.timeout))
                return nil
            }
            timers[timer.key] = nil
            now = max(now, timer.value)
            inspection.forgetRetry()
            await send(.timerFired(timer: timer.key))
        }
        return nil
    }

    mutating func answer(_ task: TaskRequest, _ result: Result<Payload, StatesError>) async {
        await send(.taskStarted(task: task.id))
        switch result {
        case .success(let output): await send(.taskSucceeded(task: task.id, output: output))
        case .failure(let error): await send(.taskFailed(task: task.id, error: error))
        }
    }

    mutating func answer(_ run: MapRunRequest, _ result: Result<JSON, StatesError>) async {
        switch result {
        case .success(let value): await send(.mapRunSucceeded(id: run.id, result: value))
        case .failure(let error): await send(.mapRunFailed(id: run.id, error: error))
        }
    }

    /// How the state ended.
    func result(of name: String, level: TestStateRequest.InspectionLevel) -> TestStateResult {
        var result = TestStateResult(status: .succeeded)
        if outcome == nil || inspection.retryIndex != nil {
            result.status = .retriable
            (result.error, result.cause) = lastError
        } else if let exit = history.last(where: { isExit($0, of: name) }) {
            result.output = exit.data?.payload.text
            result.nextState = inspection.nextState
            if inspection.catchIndex != nil {
                result.status = .caughtError
                (result.error, result.cause) = lastError
            }
        } else {
            result.status = .failed
            switch outcome {
            case .failed(let error), .timedOut(let error): (result.error, result.cause) = (error.name, error.cause)
            default: break
            }
        }
        if level != .info { result.inspectionData = inspection.json(error: result.status != .succeeded) }
        return result
    }

    private func isExit(_ event: HistoryEvent, of name: String) -> Bool {
        event.type.rawValue.hasSuffix("StateExited") && event.details["name"] == .string(name)
    }

    /// What went wrong last, as the history has it.
    private var lastError: (String?, String?) {
        guard let event = history.last(where: { $0.details["error"] != nil }) else { return (nil, nil) }
        return (event.details["error"]?.string, event.details["cause"]?.string)
    }
}

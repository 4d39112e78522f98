public import FoundationEssentials
public import JSON

/// Runs an execution to its end in no time, the children of its Map Runs included: a closure answers its tasks, and
/// its clock jumps from timer to timer.
///
/// ```swift
/// var rehearsal = Rehearsal(definition, context: context, seed: 1) { task in .output(["id": 7]) }
/// rehearsal.run()
/// ```
///
/// All executions share one clock, so that children which wait side by side wait once. What can be done at one time is
/// done in the order in which it came up; the same definition, answers and seed make the same run.
public struct Rehearsal {
    /// What becomes of a task, or of what an `ItemReader` reads.
    public enum Answer: Sendable, Equatable {
        /// It ends well.
        case output(JSON)
        /// It ends in an error.
        case error(StatesError)
        /// Nobody answers: its time-out decides, and where it has none, the rehearsal ends there.
        case silence
        /// The reader reads the elements of an array, or the members of an object.
        case items(JSON)
    }

    /// The time on the clock.
    public internal(set) var now: Date
    /// The tasks that were asked for, in order, those of children too.
    public internal(set) var requests: [TaskRequest] = []
    /// Whether it was given up after `eventLimit` events.
    public internal(set) var hasRunAway = false
    /// What nobody had an answer for; the rehearsal ends there.
    public internal(set) var missingMock: MissingMock?

    /// How many events the execution and all children may have together before they are given up.
    public var eventLimit = 250_000
    /// How many children of a Map Run that does not limit them run at once: as many as an engine runs unless told
    /// otherwise.
    public var mapRunConcurrency = 1000

    let definition: Definition
    let answer: (TaskRequest) -> Answer?
    let items: (MapRunRequest) -> Answer?
    /// The execution, and the children after it in the order in which they were started.
    var executions: [RehearsedExecution]
    var runs: [RehearsedRun] = []
    var ready = Queue<Job>()
    /// Map Runs of which a child has ended, or which are to end.
    var changedRuns = Queue<Int>()
    var timers = TimerQueue()
    var seeds: SeededGenerator
    var eventCount = 0

    /// What can be done now; executions and runs by their place.
    enum Job {
        case start(execution: Int)
        case answer(TaskRequest, execution: Int)
        case open(run: Int)
    }

    /// An execution that is about to start.
    ///
    /// - Parameters:
    ///   - definition: What to run.
    ///   - context: The execution and its machine; the input is in it, and the time at which the clock starts.
    ///   - seed: Where `States.UUID`, `$random`, jitter and tokens come from: the same seed, the same run.
    ///   - items: What the `ItemReader` of a distributed Map reads, as items or an error; `nil` where nobody knows.
    ///   - answer: What each task answers; `nil` where nobody knows.
    public init(
        _ definition: Definition,
        context: ExecutionContext,
        seed: UInt64,
        items: @escaping (MapRunRequest) -> Answer? = { _ in nil },
        answer: @escaping (TaskRequest) -> Answer?
    ) {
        self.definition = definition
        self.items = items
        self.answer = answer
        now = context.execution.startTime
        seeds = SeededGenerator(seed: seed)
        executions = [RehearsedExecution(definition, ExecutionState(context: context, seed: seed), child: nil)]
        ready.append(.start(execution: 0))
    }

    /// Runs until the execution ends or nothing more can happen.
    public mutating func run() {
        while step() != nil {}
    }

    /// Makes one step: a start, an answer or a timer.
    ///
    /// - Returns: The seconds that passed on the clock; `nil` when nothing more can happen.
    public mutating func step() -> TimeInterval? {
        guard outcome == nil, !hasRunAway, missingMock == nil else { return nil }
        let before = now
        if let job = ready.next() {
            perform(job)
        } else if !fireTimer() {
            return nil
        }
        settle()
        return now.timeIntervalSince(before)
    }

    /// All events of the execution, in order; those of children are in `mapRuns`.
    public var history: [HistoryEvent] { executions[0].history }

    /// How the execution ended; `nil` when it waits for an answer that never comes, or has gone on for too long.
    public var outcome: Outcome? { executions[0].outcome }

    /// The states the execution and its children were in when it was given up, each once.
    public var currentStateNames: [String] {
        var seen: Set<String> = []
        return executions.flatMap(\.state.currentStateNames).filter { seen.insert($0).inserted }
    }
}

// MARK: - Steps

extension Rehearsal {
    private mutating func perform(_ job: Job) {
        switch job {
        case .start(let execution): send(.started, to: execution)
        case .answer(let task, let execution): answer(task, of: execution)
        case .open(let run): open(run)
        }
    }

    private mutating func answer(_ task: TaskRequest, of execution: Int) {
        guard executions[execution].state.tasks[task.id] != nil else { return }
        send(.taskStarted(task: task.id), to: execution)
        switch answer(task) {
        case .output(let output): send(.taskSucceeded(task: task.id, output: Payload(output)), to: execution)
        case .error(let error): send(.taskFailed(task: task.id, error: error), to: execution)
        case .silence: break
        case .items, nil: missingMock = .task(task)
        }
    }

    private mutating func fireTimer() -> Bool {
        while let due = timers.next() {
            // One that was cancelled does not move the clock.
            guard executions[due.execution].state.timers[due.timer] != nil else { continue }
            now = max(now, due.date)
            send(.timerFired(timer: due.timer), to: due.execution)
            return true
        }
        return false
    }

    /// Hands an event to an execution and does what it asks for.
    mutating func send(_ event: Event, to index: Int) {
        let interpreter = executions[index].interpreter
        let effects = interpreter.handle(event, in: &executions[index].state, at: now)
        executions[index].history += effects.history
        eventCount += effects.history.count
        for command in effects.commands { obey(command, of: index) }
    }

    private mutating func obey(_ command: Command, of index: Int) {
        switch command {
        case .scheduleTask(let request):
            requests.append(request)
            ready.append(.answer(request, execution: index))
        case .startTimer(let id, let date): timers.insert(date, execution: index, timer: id)
        case .startMapRun(let request):
            executions[index].runs[request.id] = runs.count
            ready.append(.open(run: runs.count))
            runs.append(RehearsedRun(request, execution: index, concurrencyCap: mapRunConcurrency, startDate: now))
        case .cancelMapRun(let id):
            if let run = executions[index].runs[id] { abort(run) }
        case .cancelTask, .cancelTimer: break  // Seen when its turn comes.
        case .redriveMapRun: break  // Nothing is redriven.
        case .end(let outcome): end(index, outcome)
        }
    }

    private mutating func end(_ index: Int, _ outcome: Outcome) {
        executions[index].outcome = outcome
        executions[index].stopDate = now
        guard let child = executions[index].child else { return }
        runs[child.run].standing.runningCount -= 1
        if case .succeeded = outcome {} else { runs[child.run].standing.failedItemCount += child.itemCount }
        changedRuns.append(child.run)
    }

    /// Goes on with the Map Runs that have changed.
    private mutating func settle() {
        while eventCount <= eventLimit, let run = changedRuns.next() { drive(run) }
        hasRunAway = eventCount > eventLimit
    }
}

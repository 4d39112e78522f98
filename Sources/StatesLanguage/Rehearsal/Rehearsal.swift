public import FoundationEssentials
public import JSON

/// Runs an execution to its end in no time: a closure answers its tasks, and its clock jumps from timer to timer.
///
/// ```swift
/// var rehearsal = Rehearsal(definition, context: context, seed: 1) { task in .output(["id": 7]) }
/// rehearsal.run()
/// ```
public struct Rehearsal {
    /// What becomes of a task.
    public enum Answer: Sendable, Equatable {
        /// It ends well.
        case output(JSON)
        /// It ends in an error.
        case error(StatesError)
        /// Nobody answers: its time-out decides, and where it has none, the rehearsal ends there.
        case silence
    }

    /// All events, in order.
    public private(set) var history: [HistoryEvent] = []
    /// How the execution ended; `nil` when it waits for an answer that never comes, or has gone on for too long.
    public private(set) var outcome: Outcome?
    /// The time on the execution's clock.
    public private(set) var now: Date
    /// The tasks that were asked for, in order.
    public private(set) var requests: [TaskRequest] = []
    /// Whether it was given up after `eventLimit` events.
    public private(set) var hasRunAway = false
    /// The state whose task, or whose items, nobody had an answer for; the rehearsal ends there.
    public private(set) var unansweredState: String?

    /// How many events an execution may have before it is given up.
    public var eventLimit = 250_000

    private let interpreter: Interpreter
    private let answer: (TaskRequest) -> Answer?
    private let items: (MapRunRequest) -> [JSON]?
    private var state: ExecutionState
    private var waiting: [TaskRequest] = []
    private var timers: [Int: Date] = [:]

    /// An execution that is about to start.
    ///
    /// - Parameters:
    ///   - definition: What to run.
    ///   - context: The execution and its machine; the input is in it, and the time at which the clock starts.
    ///   - seed: Where `States.UUID`, `$random`, jitter and tokens come from: the same seed, the same run.
    ///   - items: What the `ItemReader` of a distributed Map reads; `nil` where nobody knows.
    ///   - answer: What each task answers; `nil` where nobody knows.
    public init(
        _ definition: Definition,
        context: ExecutionContext,
        seed: UInt64,
        items: @escaping (MapRunRequest) -> [JSON]? = { _ in nil },
        answer: @escaping (TaskRequest) -> Answer?
    ) {
        interpreter = Interpreter(definition)
        state = ExecutionState(context: context, seed: seed)
        now = context.execution.startTime
        self.items = items
        self.answer = answer
    }

    /// Runs until the execution ends or nothing more can happen.
    public mutating func run() {
        while step() != nil {}
    }

    /// Makes one step: the start, an answer or a timer.
    ///
    /// - Returns: The seconds that passed on the execution's clock; `nil` when nothing more can happen.
    public mutating func step() -> TimeInterval? {
        guard outcome == nil, !hasRunAway, unansweredState == nil else { return nil }
        let before = now
        if history.isEmpty {
            send(.started)
        } else if !answerTask(), !fireTimer() {
            return nil
        }
        hasRunAway = history.count > eventLimit
        return now.timeIntervalSince(before)
    }

    /// The states the execution was in when it was given up.
    public var currentStateNames: [String] { state.currentStateNames }

    private mutating func send(_ event: Event) {
        let effects = interpreter.handle(event, in: &state, at: now)
        history += effects.history
        for command in effects.commands { obey(command) }
    }

    private mutating func obey(_ command: Command) {
        switch command {
        case .scheduleTask(let request):
            requests.append(request)
            waiting.append(request)
        case .cancelTask(let id): waiting.removeAll { $0.id == id }
        case .startTimer(let id, let date): timers[id] = date
        case .cancelTimer(let id): timers[id] = nil
        case .startMapRun, .redriveMapRun, .cancelMapRun: break
        case .end(let outcome): self.outcome = outcome
        }
    }

    private mutating func answerTask() -> Bool {
        guard !waiting.isEmpty else { return false }
        let task = waiting.removeFirst()
        send(.taskStarted(task: task.id))
        switch answer(task) {
        case nil: unansweredState = task.stateName
        case .output(let output): send(.taskSucceeded(task: task.id, output: Payload(output)))
        case .error(let error): send(.taskFailed(task: task.id, error: error))
        case .silence: break
        }
        return true
    }

    private mutating func fireTimer() -> Bool {
        guard let next = timers.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }) else { return false }
        timers[next.key] = nil
        now = max(now, next.value)
        send(.timerFired(timer: next.key))
        return true
    }
}

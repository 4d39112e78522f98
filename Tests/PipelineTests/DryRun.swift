import Foundation
import JSON
import StatesLanguage

/// Walks a definition with scripted answers: no service, no clock.
struct DryRun {
    /// What a task answers.
    enum Answer {
        case output(JSON)
        case error(String, String)
    }

    private let interpreter: Interpreter
    private let answers: (TaskRequest) -> Answer
    private var state: ExecutionState
    private var now = Date(timeIntervalSince1970: 1_700_000_000)
    private var waiting: [TaskRequest] = []
    private var timers: [Int: Date] = [:]
    /// The history so far.
    private(set) var history: [JSON] = []
    /// How it ended.
    private(set) var outcome: Outcome?
    /// The tasks that were asked for, in order.
    private(set) var requests: [TaskRequest] = []

    init(_ definition: String, input: JSON, answers: @escaping (TaskRequest) -> Answer) throws {
        interpreter = Interpreter(try Definition(JSON(parsing: definition)))
        self.answers = answers
        state = ExecutionState(
            context: ExecutionContext(
                execution: .init(id: "execution", name: "run", roleArn: "role", startTime: now, input: input),
                stateMachine: .init(id: "machine", name: "machine")
            ),
            seed: 1
        )
        send(.started)
        while outcome == nil, answer() || fire() {}
    }

    /// The names of the states that were entered, in order.
    var states: [String] { history.compactMap { $0["stateEnteredEventDetails"]?["name"]?.string } }

    /// The parameters of the tasks of one state.
    func parameters(of state: String) -> [JSON] { requests.filter { $0.stateName == state }.map(\.parameters) }

    private mutating func send(_ event: Event) {
        let effects = interpreter.handle(event, in: &state, at: now)
        history += effects.history.map(\.json)
        for command in effects.commands {
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
    }

    private mutating func answer() -> Bool {
        guard !waiting.isEmpty else { return false }
        let task = waiting.removeFirst()
        send(.taskStarted(task: task.id))
        switch answers(task) {
        case .output(let output): send(.taskSucceeded(task: task.id, output: output))
        case .error(let name, let cause): send(.taskFailed(task: task.id, error: StatesError(name: name, cause: cause)))
        }
        return true
    }

    private mutating func fire() -> Bool {
        guard let next = timers.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }) else { return false }
        timers[next.key] = nil
        now = max(now, next.value)
        send(.timerFired(timer: next.key))
        return true
    }
}

/// Answers by state, each list in order; the last of a list is given again and again.
final class Script {
    private var answers: [String: [DryRun.Answer]]

    init(_ answers: [String: [DryRun.Answer]]) { self.answers = answers }

    func callAsFunction(_ task: TaskRequest) -> DryRun.Answer {
        guard var list = answers[task.stateName], let first = list.first else {
            return .error("NotInTheScript", task.stateName)
        }
        if list.count > 1 { list.removeFirst() }
        answers[task.stateName] = list
        return first
    }
}

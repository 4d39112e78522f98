import Foundation
import JSON

@testable import StatesLanguage

/// Runs an execution to its end under a clock of its own: tasks are answered from a script, timers fire in order.
///
/// After every event the state goes through its saved form, so that whatever a test shows holds across restarts.
struct Simulation {
    let interpreter: Interpreter
    var state: ExecutionState
    var now = Date(timeIntervalSince1970: 1_700_000_000)
    var history: [HistoryEvent] = []
    var commands: [Command] = []
    var requests: [TaskRequest] = []
    /// The open tasks that nobody answered yet.
    var waiting: [TaskRequest] = []
    var mapRuns: [MapRunRequest] = []
    /// The open Map Runs that nobody answered yet.
    var waitingMapRuns: [MapRunRequest] = []
    var timers: [Int: Date] = [:]
    var outcome: Outcome?
    /// What tasks answer, by state, in order; the last answer is given again and again.
    var answers: [String: [JSON]] = [:]
    /// Whether calls have no time, so that each leaves all it can to a continuation.
    var isHasty = false

    init(_ definition: JSON, input: JSON = [:], answers: [String: [JSON]] = [:], seed: UInt64 = 1) throws {
        try self.init(definition, payload: Payload(input), answers: answers, seed: seed)
    }

    init(
        _ definition: JSON,
        payload: Payload,
        answers: [String: [JSON]] = [:],
        seed: UInt64 = 1,
        configuration: Interpreter.Configuration = .init()
    ) throws {
        interpreter = Interpreter(try Definition(definition), configuration: configuration)
        state = ExecutionState(
            context: ExecutionContext(
                execution: .init(
                    id: "arn:aws:states:us-east-1:123456789012:execution:machine:run",
                    name: "run",
                    roleArn: "arn:aws:iam::123456789012:role/machine",
                    startTime: now,
                    input: payload
                ),
                stateMachine: .init(id: "arn:aws:states:us-east-1:123456789012:stateMachine:machine", name: "machine")
            ),
            seed: seed
        )
        self.answers = answers
    }

    @discardableResult
    mutating func send(_ event: Event) -> Effects {
        let effects = handle(event)
        let saved = state
        state = try! ExecutionState(json: JSON(parsing: saved.json.text))
        precondition(state == saved && state.json.text == saved.json.text, "saved state differs")
        history += effects.history
        commands += effects.commands
        for command in effects.commands { obey(command) }
        return effects
    }

    private mutating func handle(_ event: Event) -> Effects {
        if isHasty, !isContinuation(event) {
            let slice = TimeSlice(interruptsExpressions: true) { true }
            var attempt = state
            let effects = interpreter.handle(event, in: &attempt, at: now, within: slice)
            if !slice.isExceeded {
                state = attempt
                return effects
            }
        }
        return interpreter.handle(event, in: &state, at: now)
    }

    private func isContinuation(_ event: Event) -> Bool {
        if case .timerFired(let timer) = event { state.isContinuation(timer) } else { false }
    }

    private mutating func obey(_ command: Command) {
        switch command {
        case .scheduleTask(let request):
            requests.append(request)
            waiting.append(request)
        case .cancelTask(let id): waiting.removeAll { $0.id == id }
        case .startTimer(let id, let date): timers[id] = date
        case .cancelTimer(let id):
            precondition(timers.removeValue(forKey: id) != nil, "timer \(id) cancelled but never started")
        case .startMapRun(let request):
            mapRuns.append(request)
            waitingMapRuns.append(request)
        case .redriveMapRun(let id): waitingMapRuns += mapRuns.filter { $0.id == id }
        case .cancelMapRun(let id): waitingMapRuns.removeAll { $0.id == id }
        case .end(let outcome):
            precondition(self.outcome == nil, "ended twice")
            self.outcome = outcome
        }
    }

    /// Answers tasks and fires timers until the execution ends or nothing more can happen.
    mutating func run(_ first: Event = .started) {
        outcome = nil
        send(first)
        while outcome == nil, answerTask() || answerMapRun() || fireTimer() {}
    }

    /// Answers the first waiting task that has an answer.
    mutating func answerTask() -> Bool {
        guard let index = waiting.firstIndex(where: { answers[$0.stateName]?.isEmpty == false }) else { return false }
        let request = waiting.remove(at: index)
        let answer = nextAnswer(of: request.stateName)
        send(.taskStarted(task: request.id))
        if let submitted = answer["submitted"] { send(.taskSubmitted(task: request.id, output: submitted)) }
        if let error = answer["error"]?.string {
            send(.taskFailed(task: request.id, error: StatesError(name: error, cause: answer["cause"]?.string)))
        } else if let text = answer["outputText"]?.string {
            send(.taskSucceeded(task: request.id, output: try! Payload(parsing: text)))
        } else if let output = answer["output"] {
            send(.taskSucceeded(task: request.id, output: Payload(output)))
        }
        return true
    }

    /// Answers the first Map Run that has an answer.
    mutating func answerMapRun() -> Bool {
        guard let index = waitingMapRuns.firstIndex(where: { answers[$0.stateName]?.isEmpty == false }) else {
            return false
        }
        let request = waitingMapRuns.remove(at: index)
        let answer = nextAnswer(of: request.stateName)
        if let error = answer["error"]?.string {
            send(.mapRunFailed(id: request.id, error: StatesError(name: error, cause: answer["cause"]?.string)))
        } else {
            send(.mapRunSucceeded(id: request.id, result: answer["output"] ?? .null))
        }
        return true
    }

    private mutating func nextAnswer(of state: String) -> JSON {
        var script = answers[state] ?? []
        let answer = script.count > 1 ? script.removeFirst() : script[0]
        answers[state] = script
        return answer
    }

    /// Moves the clock to the next timer and fires it.
    mutating func fireTimer() -> Bool {
        guard let next = timers.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }) else { return false }
        timers[next.key] = nil
        now = max(now, next.value)
        send(.timerFired(timer: next.key))
        return true
    }

    /// The history, an event a line: id, previous id, type, and what tells it apart.
    var lines: [String] {
        history.map { event in
            let details = event.allDetails
            let name = details["name"]?.string ?? details["resource"]?.string
            let index = details["index"]?.int.map { "[\($0)]" }
            let error = details["error"]?.string.map { "!\($0)" }
            return
                (["\(event.id)<\(event.previousID)", event.type.rawValue, (name ?? "") + (index ?? ""), error ?? ""])
                .filter { !$0.isEmpty }.joined(separator: " ")
        }
    }

    /// The outcome in one word, with output or error.
    var result: JSON {
        switch outcome {
        case nil: ["status": "RUNNING"]
        case .succeeded(let output): ["status": "SUCCEEDED", "output": output.value]
        case .failed(let error): ["status": "FAILED", "error": .string(error.name), "cause": JSON(error.cause)]
        case .timedOut(let error): ["status": "TIMED_OUT", "error": .string(error.name)]
        case .aborted(let error, let cause): ["status": "ABORTED", "error": JSON(error), "cause": JSON(cause)]
        }
    }
}

extension JSON {
    /// JSON written in a test.
    init(written text: String) {
        self = try! JSON(parsing: text)
    }
}

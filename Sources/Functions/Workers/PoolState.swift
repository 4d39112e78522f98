internal import ChildProcesses
internal import struct FoundationEssentials.Date

/// What a pool knows, and what it decides: calls come in, actions go out; nothing is done here.
struct PoolState {
    typealias NextAnswer = @Sendable (RuntimePeer.Invocation?) -> Void

    enum Action {
        /// A worker is to be started.
        case start(worker: Int)
        /// A plain program is to be run for one invocation.
        case run(worker: Int, Invocation)
        /// A worker that waits gets an invocation.
        case deliver(worker: Int, Invocation, NextAnswer)
        /// A worker that waits is told that nothing comes any more.
        case dismiss(NextAnswer)
        case finish(Invocation, InvocationOutcome, WorkerOutput? = nil)
        case stop(ChildProcess, grace: Duration)
        /// What a worker has written is to be read before it goes on.
        case settle(worker: Int, ChildProcess)
    }

    struct Worker {
        enum Status {
            case starting
            case waiting(since: Date)
            case busy(Invocation)
            /// It has answered, and what it wrote is still read.
            case settling(Invocation, InvocationOutcome)
            /// It has answered and not yet asked for more.
            case answered
            case ending
        }

        var status = Status.starting
        var process: ChildProcess?
        var output: WorkerOutput?
        var answer: NextAnswer?
        var timer: Task<Void, Never>?
        var failure: InvocationFailure?
    }

    let mode: FunctionConfiguration.Mode
    let concurrency: Int
    let maximumWaiting: Int
    var queue = InvocationQueue()
    private(set) var isRetired = false
    var workers: [Int: Worker] = [:]
    private var waiting: [Int] = []
    private var lastWorker = 0

    /// How long a worker that has nothing to do may take to end.
    private static let grace = Duration.seconds(2)

    init(mode: FunctionConfiguration.Mode, concurrency: Int, maximumWaiting: Int) {
        self.mode = mode
        self.concurrency = concurrency
        self.maximumWaiting = maximumWaiting
    }

    // MARK: - Callers

    mutating func submit(_ invocation: Invocation) -> [Action] {
        guard queue.count < maximumWaiting else {
            let error = FunctionError(
                .tooManyRequests,
                "Rate Exceeded: \(maximumWaiting) invocations wait for a worker; try again later, or raise concurrency"
            )
            return [.finish(invocation, .refused(error))]
        }
        queue.append(invocation)
        return assign()
    }

    mutating func retire() -> (waiting: [Invocation], [Action]) {
        isRetired = true
        return (queue.removeAll(), end { status in if case .busy = status { false } else { true } })
    }

    mutating func endIdle(since date: Date) -> [Action] {
        end { status in if case .waiting(let since) = status { since < date } else { false } }
    }

    mutating func killAll() -> [Action] {
        var actions: [Action] = []
        for id in workers.keys.sorted() {
            if case .busy(let invocation) = workers[id]?.status {
                let error = FunctionError(.service, "the service stops; invoke the function again")
                actions.append(.finish(invocation, .refused(error)))
            }
            actions += end(id, grace: .zero)
        }
        return actions
    }

    /// Gives invocations to workers that wait, and has more workers started where that is not enough.
    private mutating func assign(at date: Date? = nil) -> [Action] {
        var actions: [Action] = []
        while !queue.isEmpty, let id = waiting.popLast() {
            guard case .waiting = workers[id]?.status, let answer = workers[id]?.answer else { continue }
            guard let invocation = queue.popFirst() else { break }
            workers[id]?.status = .busy(invocation)
            workers[id]?.answer = nil
            actions.append(.deliver(worker: id, invocation, answer))
        }
        guard !isRetired else { return actions }
        var starting = workers.values.count { if case .starting = $0.status { true } else { false } }
        while workers.count < concurrency, mode == .plain ? !queue.isEmpty : starting < queue.count {
            lastWorker += 1
            workers[lastWorker] = Worker()
            if mode == .plain, let invocation = queue.popFirst() {
                workers[lastWorker]?.status = .busy(invocation)
                actions.append(.run(worker: lastWorker, invocation))
            } else {
                actions.append(.start(worker: lastWorker))
            }
            starting += 1
        }
        return actions
    }

    // MARK: - Workers

    mutating func started(_ id: Int, _ process: ChildProcess, _ output: WorkerOutput) -> [Action] {
        workers[id]?.process = process
        workers[id]?.output = output
        guard case .ending = workers[id]?.status else { return [] }
        return [.stop(process, grace: .zero)]
    }

    /// Takes the timer of a request, or without one that of the worker's start.
    mutating func setTimer(_ timer: Task<Void, Never>, of id: Int, for requestID: String?) {
        let isStillMeant =
            switch workers[id]?.status {
            case .starting: requestID == nil
            case .busy(let invocation): requestID == invocation.requestID
            default: false
            }
        // It may have gone on before its watch was there.
        guard isStillMeant else { return timer.cancel() }
        workers[id]?.timer?.cancel()
        workers[id]?.timer = timer
    }

    mutating func next(_ id: Int, _ answer: @escaping NextAnswer, at date: Date) -> [Action] {
        switch workers[id]?.status {
        case .starting, .answered:
            workers[id]?.timer?.cancel()
            guard !isRetired else { return [.dismiss(answer)] + end(id) }
            workers[id]?.answer = answer
            workers[id]?.status = .waiting(since: date)
            waiting.append(id)
            return assign()
        case .settling:
            workers[id]?.answer = answer
            return []
        case .busy(let invocation):
            // It asks for more without having answered: nothing it says can be relied on.
            let failure = InvocationFailure.endedSilently(requestID: invocation.requestID)
            return [.finish(invocation, .failed(failure)), .dismiss(answer)] + end(id, grace: .zero)
        case .waiting, .ending, nil:
            return [.dismiss(answer)]
        }
    }

    /// - Returns: `nil` when the worker does not have the request in hand.
    mutating func answer(_ id: Int, _ requestID: String, _ outcome: InvocationOutcome) -> [Action]? {
        guard case .busy(let invocation) = workers[id]?.status, invocation.requestID == requestID else { return nil }
        workers[id]?.timer?.cancel()
        if let process = workers[id]?.process, process.hasUnreadOutput {
            workers[id]?.status = .settling(invocation, outcome)
            return [.settle(worker: id, process)]
        }
        workers[id]?.status = .answered
        return [.finish(invocation, outcome, workers[id]?.output)]
    }

    mutating func settled(_ id: Int, at date: Date) -> [Action] {
        guard case .settling(let invocation, let outcome) = workers[id]?.status else { return [] }
        workers[id]?.status = .answered
        let next = workers[id]?.answer
        workers[id]?.answer = nil
        return [.finish(invocation, outcome, workers[id]?.output)] + (next.map { self.next(id, $0, at: date) } ?? [])
    }

    mutating func failInitialization(_ id: Int, _ failure: InvocationFailure) -> [Action] {
        guard case .starting = workers[id]?.status else { return [] }
        workers[id]?.failure = failure
        // It ends by itself; should it not, it is ended. Its status stays, so that its end is that of a start.
        return workers[id]?.process.map { [.stop($0, grace: Self.grace)] } ?? []
    }

    mutating func timeOut(_ id: Int, _ requestID: String, afterSeconds seconds: Int) -> [Action] {
        guard case .busy(let invocation) = workers[id]?.status, invocation.requestID == requestID else { return [] }
        let failure = InvocationFailure.timedOut(afterSeconds: seconds, requestID: requestID)
        let output = workers[id]?.output
        return [.finish(invocation, .failed(failure), output)] + end(id, grace: .zero)
    }

    mutating func initializationTimeOut(_ id: Int, afterSeconds seconds: Int) -> [Action] {
        guard case .starting = workers[id]?.status else { return [] }
        workers[id]?.failure = InvocationFailure(
            type: "Sandbox.Timedout",
            message: "Initialization timed out after \(seconds).00 seconds",
            requestID: nil
        )
        return workers[id]?.process.map { [.stop($0, grace: .zero)] } ?? []
    }

    mutating func notStarted(_ id: Int, _ reason: String) -> [Action] {
        let worker = remove(id)
        let invocation = if case .busy(let own) = worker?.status { Optional(own) } else { queue.popFirst() }
        guard let invocation else { return [] }
        let failure = InvocationFailure.notStarted(reason, requestID: invocation.requestID)
        return [.finish(invocation, .failed(failure))] + assign()
    }

    mutating func ended(_ id: Int, _ ending: ProcessEnding) -> [Action] {
        guard let worker = remove(id) else { return [] }
        var actions = worker.answer.map { [Action.dismiss($0)] } ?? []
        switch worker.status {
        case .busy(let invocation):
            actions.append(.finish(invocation, .failed(Self.failure(ending, invocation)), worker.output))
        case .settling(let invocation, let outcome): actions.append(.finish(invocation, outcome, worker.output))
        case .starting:
            // Each worker that cannot get ready costs one invocation, so that none is tried for ever.
            if let invocation = queue.popFirst() {
                let failure = worker.failure ?? Self.failure(ending, invocation)
                worker.output?.begin(invocation.requestID)
                actions.append(.finish(invocation, .failed(failure), worker.output))
            }
        case .waiting, .answered, .ending: break
        }
        return actions + assign()
    }

    private static func failure(_ ending: ProcessEnding, _ invocation: Invocation) -> InvocationFailure {
        guard !ending.isSuccess else { return .endedSilently(requestID: invocation.requestID) }
        let limit = ending.exceeded.map { " (it had more \($0 == .processes ? "processes" : "memory") than it may)" }
        return .ended("\(ending)\(limit ?? "")", requestID: invocation.requestID)
    }

    // MARK: - Ending

    private mutating func remove(_ id: Int) -> Worker? {
        waiting.removeAll { $0 == id }
        let worker = workers.removeValue(forKey: id)
        worker?.timer?.cancel()
        return worker
    }

    private mutating func end(where isMeant: (Worker.Status) -> Bool) -> [Action] {
        let meant = workers.filter { isMeant($0.value.status) }.keys.sorted()
        return meant.flatMap { end($0) }
    }

    private mutating func end(_ id: Int, grace: Duration = Self.grace) -> [Action] {
        guard var worker = workers[id] else { return [] }
        waiting.removeAll { $0 == id }
        worker.timer?.cancel()
        var actions: [Action] = []
        if case .settling(let invocation, let outcome) = worker.status { actions.append(.finish(invocation, outcome)) }
        if let answer = worker.answer { actions.append(.dismiss(answer)) }
        if let process = worker.process { actions.append(.stop(process, grace: grace)) }
        worker.answer = nil
        worker.status = .ending
        workers[id] = worker
        return actions
    }
}

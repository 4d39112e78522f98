internal import ChildProcesses
internal import Synchronization
internal import struct FoundationEssentials.Date

/// The workers of one function as it is now, and the invocations that wait for them.
///
/// ```text
///           ┌────────── ended by itself, killed, timed out ──────────┐
///           │                                                        ▼
/// starting ─┴─ next ─► waiting ─── invocation ───► busy ── answer ─► ended
///                         ▲                          │
///                         └────────── next ──────────┘
/// ```
///
/// What is decided is in `PoolState`, under one lock; what follows from it is done here, outside of it.
final class WorkerPool: Sendable {
    let function: Function
    private let parts: WorkerParts
    private let state: Mutex<PoolState>

    init(function: Function, parts: WorkerParts) {
        self.function = function
        self.parts = parts
        state = Mutex(
            PoolState(
                mode: function.configuration.mode,
                concurrency: function.configuration.concurrency,
                maximumWaiting: parts.configuration.maximumWaiting
            )
        )
    }

    // MARK: - Callers

    func submit(_ invocation: Invocation) { perform(state.withLock { $0.submit(invocation) }) }

    /// Forgets an invocation that nobody waits for any more, unless a worker has it.
    func cancel(_ requestID: String) {
        _ = state.withLock { $0.queue.remove(requestID) }
    }

    /// Ends all workers once they have done what they have in hand.
    ///
    /// - Returns: The invocations that wait.
    func retire() -> [Invocation] {
        let (waiting, actions) = state.withLock { $0.retire() }
        perform(actions)
        return waiting
    }

    /// Ends the workers that have had nothing to do for long.
    func endIdle(since date: Date) { perform(state.withLock { $0.endIdle(since: date) }) }

    /// How many workers there are.
    var workerCount: Int { state.withLock { $0.workers.count } }

    /// Ends all workers at once.
    func shutDown() -> [Invocation] {
        let (waiting, retiring) = state.withLock { $0.retire() }
        perform(retiring)
        perform(state.withLock { $0.killAll() })
        return waiting
    }

    // MARK: - Workers

    func next(_ worker: Int, _ answer: @escaping @Sendable (RuntimePeer.Invocation?) -> Void) {
        perform(state.withLock { $0.next(worker, answer, at: parts.now()) })
    }

    /// - Returns: Whether the worker has this request in hand.
    func answer(_ worker: Int, _ requestID: String, _ outcome: InvocationOutcome) -> Bool {
        let actions = state.withLock { $0.answer(worker, requestID, outcome) }
        if let actions { perform(actions) }
        return actions != nil
    }

    func failInitialization(_ worker: Int, _ failure: InvocationFailure) {
        perform(state.withLock { $0.failInitialization(worker, failure) })
    }

    // MARK: - What follows

    private func perform(_ actions: [PoolState.Action]) {
        for action in actions { perform(action) }
    }

    private func perform(_ action: PoolState.Action) {
        switch action {
        case .start(let worker): start(worker)
        case .run(let worker, let invocation): run(worker, invocation)
        case .deliver(let worker, let invocation, let answer): deliver(worker, invocation, answer)
        case .dismiss(let answer): answer(nil)
        case .finish(let invocation, let outcome, let output):
            let memory = function.configuration.memoryMegabytes
            invocation.finish(outcome, invocation.wantsLog ? output?.tail(invocation.requestID, memory: memory) : nil)
        case .stop(let process, let grace): process.stop(grace: grace)
        case .settle(let worker, let process):
            // Unstructured: the worker's call returns while what it has written is still read.
            Task {
                await process.drained()
                perform(state.withLock { $0.settled(worker, at: parts.now()) })
            }
        }
    }

    private func deliver(
        _ worker: Int,
        _ invocation: Invocation,
        _ answer: @Sendable (RuntimePeer.Invocation?) -> Void
    ) {
        begin(worker, invocation)
        answer(
            RuntimePeer.Invocation(
                requestID: invocation.requestID,
                deadline: deadline,
                functionARN: parts.arn(of: function.configuration.name),
                clientContext: invocation.clientContext,
                payload: invocation.payload
            )
        )
    }

    private var deadline: Int64 {
        Int64(parts.now().timeIntervalSince1970 * 1_000) + Int64(function.configuration.timeoutSeconds) * 1_000
    }

    /// Starts the time of an invocation and the log of it.
    private func begin(_ worker: Int, _ invocation: Invocation) {
        state.withLock { $0.workers[worker]?.output?.begin(invocation.requestID) }
        watch(worker, .seconds(function.configuration.timeoutSeconds), invocation.requestID) { state, seconds in
            state.timeOut(worker, invocation.requestID, afterSeconds: seconds)
        }
    }

    private func watch(
        _ worker: Int,
        _ limit: Duration,
        _ requestID: String?,
        _ decide: @escaping @Sendable (inout PoolState, _ seconds: Int) -> [PoolState.Action]
    ) {
        let seconds = Int(limit / .seconds(1))
        // Unstructured: the watch outlives the call that asked for it, and ends with what it watches.
        let timer = Task {
            guard (try? await parts.clock.sleep(for: limit)) != nil else { return }
            perform(state.withLock { decide(&$0, seconds) })
        }
        state.withLock { $0.setTimer(timer, of: worker, for: requestID) }
    }

    // MARK: - Starting

    private func start(_ worker: Int) {
        let output = output()
        // Unstructured: a worker lives on when the invocation that asked for it has ended.
        Task {
            do {
                let address = try await parts.listen(RuntimePeer(pool: self, worker: worker))
                defer { address.close() }
                let command = try await parts.command(for: function, runtimeAPI: address.text)
                let process = try await ChildProcess.start(
                    command,
                    output: .lines(longest: 8_192) { output.take($0) },
                    errors: .lines(longest: 8_192) { output.take($0) }
                )
                perform(state.withLock { $0.started(worker, process, output) })
                watch(worker, parts.configuration.initializationTimeout, nil) { state, seconds in
                    state.initializationTimeOut(worker, afterSeconds: seconds)
                }
                let ending = await process.ended()
                perform(state.withLock { $0.ended(worker, ending) })
            } catch {
                perform(state.withLock { $0.notStarted(worker, "\(error)") })
            }
        }
    }

    /// Runs a plain program for one invocation.
    private func run(_ worker: Int, _ invocation: Invocation) {
        let (output, answer) = (output(), PlainAnswer())
        output.begin(invocation.requestID)
        // Unstructured: the caller waits for the outcome by its continuation.
        Task {
            do {
                let command = try await parts.command(for: function, runtimeAPI: nil, requestID: invocation.requestID)
                let process = try await ChildProcess.start(
                    command,
                    output: .chunks { answer.append($0) },
                    errors: .lines(longest: 8_192) { output.take($0) }
                )
                perform(state.withLock { $0.started(worker, process, output) })
                begin(worker, invocation)
                process.write(invocation.payload)
                process.closeInput()
                let ending = await process.ended()
                if ending.isSuccess { _ = self.answer(worker, invocation.requestID, answer.outcome) }
                perform(state.withLock { $0.ended(worker, ending) })
            } catch {
                perform(state.withLock { $0.notStarted(worker, "\(error)") })
            }
        }
    }

    private func output() -> WorkerOutput {
        let (name, logs) = (function.configuration.name, parts.logs)
        return WorkerOutput { requestID, line in logs.append(line, requestID: requestID, function: name) }
    }
}

/// The standard output of a plain program, as far as an answer may be long.
private final class PlainAnswer: Sendable {
    private let state = Mutex((bytes: [UInt8](), count: 0))

    func append(_ bytes: [UInt8]) {
        state.withLock { state in
            state.count += bytes.count
            let room = RuntimePeer.maximumAnswerBytes - state.bytes.count
            state.bytes.append(contentsOf: bytes.prefix(max(room, 0)))
        }
    }

    var outcome: InvocationOutcome {
        state.withLock { state in
            let limit = RuntimePeer.maximumAnswerBytes
            guard state.count <= limit else { return .failed(.tooLarge(state.count, limit: limit)) }
            return .answered(state.bytes)
        }
    }
}

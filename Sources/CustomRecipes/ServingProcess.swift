internal import ChildProcesses
internal import DurableFiles
internal import Logging
internal import Personalize

/// Keeps a recipe's `serve` running for one campaign and one model, and asks it.
///
/// What ends by itself is started again, after pauses that grow while it keeps ending; questions wait for it as long as
/// their own time allows.
actor ServingProcess: ServedProgram {
    private enum Phase {
        /// Not up yet; why the last attempt came to nothing, if there was one.
        case starting(ProgramFault?)
        case ready(port: Int)
        /// Another serves in its place: it ends once nothing is in hand.
        case retired
        /// The service ends.
        case stopped
    }

    private let recipe: String
    private let model: String
    private let label: String
    private let surroundings: ProcessSurroundings
    private let log: ProgramLog
    private var phase = Phase.starting(nil)
    private var questions = 0
    private var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    private var nextWaiter = 0
    private var invokeTime = Duration.seconds(60)
    private var supervision: Task<Void, Never>?

    /// How long a program that is to end may take for it.
    private static let grace = Duration.seconds(5)
    private static let shortestPause = Duration.milliseconds(200)
    private static let longestPause = Duration.seconds(30)
    /// A program that was up for so long begins with the shortest pause again.
    private static let steadyTime = Duration.seconds(30)

    init(recipe: String, model: String, label: String, _ surroundings: ProcessSurroundings) {
        self.recipe = recipe
        self.model = model
        self.label = label
        self.surroundings = surroundings
        log = ProgramLog(surroundings.logPath("serving", label))
    }

    /// Starts the program; once.
    func begin() {
        guard supervision == nil else { return }
        supervision = Task { await supervise() }
    }

    // MARK: Asking

    func waitUntilReady() async throws {
        while true {
            switch phase {
            case .ready: return
            case .starting(let fault?): throw fault
            case .retired, .stopped: throw fault(.unavailable, "was stopped before it was up")
            case .starting(nil): try await change()
            }
        }
    }

    func invoke(_ question: ProgramMessage) async throws(ProgramFault) -> ProgramAnswer? {
        let deadline = surroundings.now.advanced(by: invokeTime)
        var attempts = 0
        while true {
            guard let port = try await port(until: deadline) else { return nil }
            attempts += 1
            questions += 1
            let result = await ask(question, port, until: deadline)
            questions -= 1
            if case .retired = phase { changed() }
            switch result {
            case .success(let answer): return answer
            // An inference has no effect, so that what has no answer may be asked once more.
            // A connection that breaks is mostly the first that is seen of a program's end, which is taken note of soon.
            case .failure(.broken) where attempts < 2: try? await surroundings.clock.sleep(for: Self.shortestPause)
            case .failure(let failure): throw self.fault(of: failure)
            }
        }
    }

    private func ask(
        _ question: ProgramMessage,
        _ port: Int,
        until deadline: ContinuousClock.Instant
    ) async -> Result<ProgramAnswer, LoopbackClient.Failure> {
        let client = LoopbackClient(port: port, clock: surroundings.clock)
        do {
            return .success(try await client.invoke(question, within: surroundings.now.duration(to: deadline)))
        } catch let failure as LoopbackClient.Failure {
            return .failure(failure)
        } catch {
            return .failure(.broken("\(error)"))
        }
    }

    /// Where the program listens, when it does; `nil` when another serves in its place.
    private func port(until deadline: ContinuousClock.Instant) async throws(ProgramFault) -> Int? {
        let alarm = Task { [surroundings] in
            try await surroundings.clock.sleep(for: surroundings.now.duration(to: deadline))
            self.changed()
        }
        defer { alarm.cancel() }
        while true {
            switch phase {
            case .ready(let port): return port
            case .retired: return nil
            case .stopped: throw fault(.unavailable, "is being stopped with the service")
            case .starting(let last):
                guard surroundings.now < deadline else {
                    throw last ?? fault(.unavailable, "is not up yet; try again")
                }
                do {
                    try await change()
                } catch {
                    throw fault(.unavailable, "was asked by who has gone")
                }
            }
        }
    }

    private func fault(of failure: LoopbackClient.Failure) -> ProgramFault {
        switch failure {
        case .broken(let fact): fault(.unavailable, "cut the connection: \(fact)\(log.lastWords)")
        case .timedOut:
            fault(.timedOut, "did not answer within \(invokeTime.components.seconds) seconds; raise invokeSeconds")
        case .tooLarge: fault(.failed, "answered more than \(LoopbackClient.largestAnswer >> 20) MB")
        }
    }

    private func fault(_ code: ProgramFault.Code, _ fact: String) -> ProgramFault {
        ProgramFault(code, "serve of recipe \"\(recipe)\" (\(label)) \(fact)")
    }

    // MARK: Ending

    nonisolated func retire() { Task { await end(as: .retired) } }

    /// Ends the program with the service, and waits until it has ended.
    func stop() async {
        end(as: .stopped)
        await supervision?.value
    }

    /// Waits until the program is not kept up any more.
    func ended() async { await supervision?.value }

    private func end(as last: Phase) {
        switch phase {
        case .stopped: return
        case .retired:
            guard case .stopped = last else { return }
        case .starting, .ready: break
        }
        phase = last
        changed()
        supervision?.cancel()
    }

    // MARK: Waiting for another phase

    private func change() async throws {
        let id = nextWaiter
        nextWaiter += 1
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !Task.isCancelled else { return continuation.resume() }
                waiting[id] = continuation
            }
        } onCancel: {
            Task { await self.wake(id) }
        }
        try Task.checkCancellation()
    }

    private func wake(_ id: Int) { waiting.removeValue(forKey: id)?.resume() }

    private func changed() {
        let woken = waiting.values
        waiting = [:]
        for continuation in woken { continuation.resume() }
    }

    private func set(_ next: Phase) {
        switch phase {
        case .retired, .stopped: return
        case .starting, .ready: phase = next
        }
        changed()
    }

    // MARK: Keeping it up

    private var isEnding: Bool {
        switch phase {
        case .retired, .stopped: true
        case .starting, .ready: false
        }
    }

    private func supervise() async {
        var pause = Self.shortestPause
        while !isEnding {
            let began = surroundings.now
            do {
                try await runOnce()
            } catch {
                guard !isEnding else { break }
                let fault = error as? ProgramFault ?? fault(.unavailable, "cannot be run: \(error)")
                set(.starting(fault))
                surroundings.logger.warning(
                    "a recipe's serve has ended",
                    metadata: ["label": "\(label)", "reason": "\(fault)"]
                )
            }
            guard !isEnding else { break }
            if surroundings.now - began > Self.steadyTime { pause = Self.shortestPause }
            try? await surroundings.clock.sleep(for: pause)
            pause = min(pause * 2, Self.longestPause)
        }
        await surroundings.removeFolder(label)
    }

    /// Starts the program and follows it to its end.
    private func runOnce() async throws {
        guard let file = try surroundings.read(recipe) else { throw fault(.unavailable, "is gone with its directory") }
        invokeTime = file.invokeTime
        let runner = try Runner(file, path: surroundings.path)
        let port = try LoopbackPort.free()
        let root = try surroundings.makeFolder(label)
        if let removal = runner.removal(of: label) { _ = await (try? ChildProcess.start(removal))?.ended() }
        let output = ProcessOutput.lines(longest: ProgramLog.longestLine) { [log] in log.append($0) }
        let child: ChildProcess
        do {
            child = try await ChildProcess.start(
                runner.serving(model, port: port, root: root, label: label),
                output: output,
                errors: output
            )
        } catch let error as ProcessError {
            throw fault(.unavailable, "\(error)")
        }
        let watch = Task { await child.ended() }
        let client = LoopbackClient(port: port, clock: surroundings.clock)
        do {
            try await waitForPing(client, file.startTime, watch)
            set(.ready(port: port))
        } catch {
            child.stop(grace: Self.grace)
            _ = await watch.value
            throw error
        }
        try await follow(child, watch, runner)
    }

    /// Waits for the end of a program that is up; ends it when its time has come.
    private func follow(_ child: ChildProcess, _ watch: Task<ProcessEnding, Never>, _ runner: Runner) async throws {
        if let ending = await Self.first(of: watch) { throw ended(ending) }
        await drain()
        child.stop(grace: Self.grace)
        _ = await watch.value
        if let removal = runner.removal(of: label) { _ = await (try? ChildProcess.start(removal))?.ended() }
    }

    /// The end of a program; `nil` when the waiting task is cancelled before.
    private static func first(of watch: Task<ProcessEnding, Never>) async -> ProcessEnding? {
        let (ends, end) = AsyncStream.makeStream(of: ProcessEnding.self)
        let relay = Task {
            end.yield(await watch.value)
            end.finish()
        }
        defer { relay.cancel() }
        for await ending in ends { return ending }
        return nil
    }

    /// Waits until all questions are answered; not when the whole service ends.
    private func drain() async {
        while questions > 0, case .retired = phase {
            await withCheckedContinuation { continuation in
                waiting[nextWaiter] = continuation
                nextWaiter += 1
            }
        }
    }

    /// Waits until the program answers `GET /ping` with 200.
    private func waitForPing(
        _ client: LoopbackClient,
        _ time: Duration,
        _ watch: Task<ProcessEnding, Never>
    ) async throws {
        let deadline = surroundings.now.advanced(by: time)
        let pinging = Task { [surroundings] in
            var pause = Duration.milliseconds(20)
            while surroundings.now < deadline, !Task.isCancelled {
                if await client.isWell(within: .seconds(2)) { return true }
                try? await surroundings.clock.sleep(for: pause)
                pause = min(pause * 2, .milliseconds(500))
            }
            return false
        }
        let dying = Task {
            let ending = await watch.value
            pinging.cancel()
            return ending
        }
        let isWell = await withTaskCancellationHandler {
            await pinging.value
        } onCancel: {
            pinging.cancel()
        }
        guard !isWell else { return }
        try Task.checkCancellation()
        if surroundings.now < deadline { throw ended(await dying.value) }
        throw fault(
            .timedOut,
            "has not answered GET /ping with 200 within \(time.components.seconds) seconds; raise startSeconds\(log.lastWords)"
        )
    }

    private func ended(_ ending: ProcessEnding) -> ProgramFault {
        let isTooLarge = ending.exceeded == .residentMemory
        return fault(
            .unavailable,
            "has ended: \(ending)\(isTooLarge ? " (more memory than memoryMegabytes)" : "")\(log.lastWords)"
        )
    }
}

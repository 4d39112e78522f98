internal import CChildProcess
internal import Glibc
internal import Synchronization

/// The thread of a process: starts it, moves bytes, keeps the grace, takes its end.
final class ProcessMonitor: Sendable {
    private let state = Mutex(State())
    private let output: ProcessOutput
    private let errors: ProcessOutput
    /// Wakes the thread when something is asked of it.
    private let wake: Int32
    /// Whether something was read and is being handed over.
    private let isHandingOver = Atomic(false)

    struct State {
        var process: pid_t?
        /// The pipes that are read from, while they are open.
        var outputs: [Int32] = []
        var input: [ArraySlice<UInt8>] = []
        var endsInput = false
        /// When the group is killed; set once it was asked to end.
        var deadline: ContinuousClock.Instant?
        var exceeded: ProcessEnding.Limit?
        var ending: ProcessEnding?
        var waiters: [CheckedContinuation<ProcessEnding, Never>] = []
        /// Who waits until what is in the pipes was read.
        var drains: [CheckedContinuation<Void, Never>] = []
    }

    init(output: ProcessOutput, errors: ProcessOutput) {
        self.output = output
        self.errors = errors
        wake = child_process_wake()
    }

    deinit { close(wake) }

    // MARK: - What is asked from outside

    func start(_ command: ProcessCommand) async throws -> pid_t {
        try await withCheckedThrowingContinuation { (started: CheckedContinuation<pid_t, any Error>) in
            let isStarted = MonitorThread.start { self.run(command, started) }
            if !isStarted { started.resume(throwing: ProcessError(command.program, code: EAGAIN)) }
        }
    }

    func write(_ bytes: [UInt8]) {
        state.withLock { if $0.ending == nil, !$0.endsInput, !bytes.isEmpty { $0.input.append(bytes[...]) } }
        notify()
    }

    func closeInput() {
        state.withLock { $0.endsInput = true }
        notify()
    }

    func stop(grace: Duration) {
        let deadline = ContinuousClock.now + grace
        state.withLock { state in
            guard let process = state.process, state.ending == nil else { return }
            if state.deadline == nil, grace > .zero { kill(-process, SIGTERM) }
            state.deadline = min(state.deadline ?? deadline, deadline)
            if grace <= .zero { kill(-process, SIGKILL) }
        }
        notify()
    }

    func exceed(_ limit: ProcessEnding.Limit) {
        state.withLock { state in
            guard let process = state.process, state.ending == nil else { return }
            if state.exceeded == nil { state.exceeded = limit }
            kill(-process, SIGKILL)
        }
    }

    func ended() async -> ProcessEnding {
        await withCheckedContinuation { waiter in
            let ending = state.withLock { state in
                if state.ending == nil { state.waiters.append(waiter) }
                return state.ending
            }
            if let ending { waiter.resume(returning: ending) }
        }
    }

    var hasUnreadOutput: Bool {
        let isInPipe = state.withLock { state in
            state.outputs.contains { descriptor in
                var count: Int32 = 0
                return unsafe ioctl(descriptor, UInt(FIONREAD), &count) == 0 && count > 0
            }
        }
        return isInPipe || isHandingOver.load(ordering: .sequentiallyConsistent)
    }

    func drained() async {
        await withCheckedContinuation { drain in
            let isOver = state.withLock { state in
                if state.ending == nil { state.drains.append(drain) }
                return state.ending != nil
            }
            if isOver { drain.resume() } else { notify() }
        }
    }

    private func notify() {
        var one: UInt64 = 1
        _ = unsafe Glibc.write(wake, &one, 8)
    }

    // MARK: - The thread

    private func run(_ command: ProcessCommand, _ started: CheckedContinuation<pid_t, any Error>) {
        guard let pipes = Pipes() else {
            return started.resume(throwing: ProcessError(command.program, code: errno))
        }
        let process: pid_t
        do throws(ProcessError) {
            process = try ProcessStart(command: command).run(pipes)
        } catch {
            pipes.closeAll()
            return started.resume(throwing: error)
        }
        pipes.closeChildEnds()
        state.withLock { state in
            state.process = process
            state.outputs = [pipes.output, pipes.errors]
        }
        let watched = ProcessGroupWatch.shared.add(process, command.limits) { [weak self] in self?.exceed($0) }
        started.resume(returning: process)
        var traffic = ProcessTraffic(pipes: pipes, wake: wake, output: output, errors: errors)
        follow(process, &traffic)
        if watched { ProcessGroupWatch.shared.remove(process) }
        state.withLock { $0.outputs = [] }
        traffic.finish()
        takeEnd(of: process)
    }

    /// Moves bytes until the process has ended, which leaves its id taken until `takeEnd`.
    private func follow(_ process: pid_t, _ traffic: inout ProcessTraffic) {
        let descriptor = child_process_descriptor(process)
        defer { close(descriptor) }
        while true {
            let (input, endsInput, drains) = state.withLock { state in
                defer {
                    state.input.removeAll()
                    state.drains.removeAll()
                }
                return (state.input, state.endsInput, state.drains)
            }
            if !drains.isEmpty { traffic.drain() }
            for drain in drains { drain.resume() }
            traffic.give(input, ends: endsInput)
            let hasEnded = traffic.move(until: descriptor, timeout: milliseconds(), handingOver: isHandingOver)
            if hasEnded { break }
            killWhenDue(process)
        }
        // What it has left behind ends with it.
        kill(-process, SIGKILL)
    }

    private func milliseconds() -> Int32 {
        guard let deadline = state.withLock({ $0.deadline }) else { return -1 }
        let rest = deadline - .now
        return rest <= .zero ? 1_000 : Int32(min(rest / .milliseconds(1) + 1, 60_000))
    }

    private func killWhenDue(_ process: pid_t) {
        if let deadline = state.withLock({ $0.deadline }), deadline <= .now { kill(-process, SIGKILL) }
    }

    private func takeEnd(of process: pid_t) {
        let (ending, waiters, drains) = state.withLock { state in
            var status: Int32 = 0
            while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
            let signal = status & 0x7f
            let ending = ProcessEnding(
                reason: signal == 0 ? .exited(code: (status >> 8) & 0xff) : .signalled(signal),
                exceeded: state.exceeded
            )
            state.ending = ending
            state.input = []
            defer { (state.waiters, state.drains) = ([], []) }
            return (ending, state.waiters, state.drains)
        }
        for drain in drains { drain.resume() }
        for waiter in waiters { waiter.resume(returning: ending) }
    }
}

/// A thread with a small stack.
enum MonitorThread {
    /// - Returns: Whether the system gave one.
    static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { _ = unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setstacksize(&attributes, 512 * 1_024)
        unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let job = unsafe Unmanaged.passRetained(Job(body: body))
        let status = unsafe pthread_create(
            &thread,
            &attributes,
            { argument in
                unsafe argument.map { unsafe Unmanaged<Job>.fromOpaque($0).takeRetainedValue().body() }
                return nil
            },
            job.toOpaque()
        )
        if status != 0 { unsafe job.release() }
        return status == 0
    }

    private final class Job: Sendable {
        let body: @Sendable () -> Void

        init(body: @escaping @Sendable () -> Void) { self.body = body }
    }
}

internal import Dispatch
import Synchronization

/// Threads of their own for what computes: the system shares the processors out among them and everything else, so that
/// an expression without end holds up nobody who runs on the shared pool.
final class ComputeThreads: TaskExecutor {
    private struct State {
        /// Jobs that wait for a thread, from `next` on.
        var jobs: [UnownedJob] = []
        var next = 0
        /// The threads that have nothing to do.
        var idle: [Int]

        mutating func take() -> UnownedJob? {
            guard next < jobs.count else {
                jobs.removeAll(keepingCapacity: true)
                next = 0
                return nil
            }
            defer { next += 1 }
            return jobs[next]
        }
    }

    /// Each has a thread of its own while it has work.
    private let queues: [DispatchQueue]
    private let state: Mutex<State>

    init(_ name: String, count: Int) {
        queues = (0..<count).map { DispatchQueue(label: "millrace.\(name).\($0)") }
        state = Mutex(State(idle: Array(0..<count)))
    }

    /// Gives a job to a thread that has nothing to do, or to the first that has done its own.
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let thread = state.withLock { state in
            let thread = state.idle.popLast()
            if thread == nil { state.jobs.append(job) }
            return thread
        }
        guard let thread else { return }
        queues[thread].async { [self] in work(thread, job) }
    }

    private func work(_ thread: Int, _ first: UnownedJob) {
        var job = first
        while true {
            unsafe job.runSynchronously(on: asUnownedTaskExecutor())
            let next = state.withLock { state in
                let next = state.take()
                if next == nil { state.idle.append(thread) }
                return next
            }
            guard let next else { return }
            job = next
        }
    }
}

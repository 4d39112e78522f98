internal import Synchronization

/// The imports and trainings that are going on, so that none runs twice and each can be stopped.
final class RunningJobs: Sendable {
    /// Whether one job is to end; asked many times a second from any thread.
    final class Flag: Sendable {
        private let isSet = Atomic(false)
        private let listener = Mutex<(@Sendable () -> Void)?>(nil)

        var isStopped: Bool { isSet.load(ordering: .relaxed) }

        func stop() {
            isSet.store(true, ordering: .relaxed)
            listener.withLock(\.self)?()
        }

        /// Has a function called when the job is to end; at once where that was asked already.
        func whenStopped(_ body: @escaping @Sendable () -> Void) {
            listener.withLock { $0 = body }
            if isStopped { body() }
        }
    }

    private let flags = Mutex<[String: Flag]>([:])

    /// Begins a job, unless it is going on already.
    func begin(_ arn: String) -> Flag? {
        flags.withLock { flags in
            guard flags[arn] == nil else { return nil }
            let flag = Flag()
            flags[arn] = flag
            return flag
        }
    }

    /// Ends a job.
    func end(_ arn: String) { flags.withLock { $0[arn] = nil } }

    /// Asks a job to end soon.
    func stop(_ arn: String) { flags.withLock { $0[arn] }?.stop() }
}

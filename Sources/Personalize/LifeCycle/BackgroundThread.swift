internal import Glibc

/// Runs long work on a thread of its own with low priority, so that neither the shared pool nor a request waits for it.
///
/// Threads that the work starts inherit the priority.
enum BackgroundThread {
    /// How far the work steps back; 0 is what everything else has, 19 the furthest.
    private static let niceness: Int32 = 10

    /// Runs a body to its end.
    ///
    /// When the waiting task is cancelled, `onCancel` is called, which should make the body end soon.
    static func run<T: Sendable>(
        onCancel: @escaping @Sendable () -> Void,
        _ body: @escaping @Sendable () throws -> T
    ) async throws -> T {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let job = Job { continuation.resume(with: Result(catching: body)) }
                guard start(job) else {
                    return continuation.resume(throwing: BackgroundThreadError.noThread)
                }
            }
        } onCancel: {
            onCancel()
        }
    }

    private static func start(_ job: Job) -> Bool {
        var thread = pthread_t()
        let argument = unsafe Unmanaged.passRetained(job)
        let status = unsafe pthread_create(
            &thread,
            nil,
            { argument in
                _ = nice(BackgroundThread.niceness)
                unsafe argument.map { unsafe Unmanaged<Job>.fromOpaque($0).takeRetainedValue().work() }
                return nil
            },
            argument.toOpaque()
        )
        guard status == 0 else {
            unsafe argument.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    private final class Job: Sendable {
        let work: @Sendable () -> Void

        init(work: @escaping @Sendable () -> Void) { self.work = work }
    }
}

/// The system refused to start a thread.
enum BackgroundThreadError: Error, CustomStringConvertible {
    case noThread

    var description: String { "the system refused another thread; end some other work and try again" }
}

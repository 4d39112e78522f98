internal import Logging
internal import ServiceLifecycle

/// Tells the world what a store holds, at every signal; when that fails, again and again until it does not.
struct Telling {
    /// What is told, for the log.
    let what: String
    let clock: any Clock<Duration>
    let logger: Logger

    private static let pauses = [Duration.seconds(1), .seconds(5), .seconds(30)]

    /// Tells until the service shuts down.
    func run(
        _ signals: some AsyncSequence<Void, Never> & Sendable,
        _ tell: @escaping @Sendable () async throws -> Void
    ) async {
        await cancelWhenGracefulShutdown {
            for await _ in signals { await insist(tell) }
        }
    }

    private func insist(_ tell: @Sendable () async throws -> Void) async {
        var failures = 0
        while !Task.isCancelled {
            do {
                return try await tell()
            } catch is CancellationError {
                return
            } catch {
                logger.error("\(what) could not be told and will be later", metadata: ["error": "\(error)"])
                try? await clock.sleep(for: Self.pauses[min(failures, Self.pauses.count - 1)])
                failures += 1
            }
        }
    }
}

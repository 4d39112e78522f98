import FoundationEssentials
import Logging
import StatesLanguage
import Synchronization

/// Tasks that wait for the end of another execution: `states:startExecution.sync`.
///
/// Such a task holds no handler while it waits. Which execution it waits for is in the row of that execution; what is
/// to be done follows from the two rows alone, so a restart needs no memory of its own.
extension Engine {
    /// Looks at everything that earlier processes may have left.
    func recoverNested() async throws {
        try await finishNested(of: nil)
        try await stopAbandoned(of: nil)
    }

    /// Takes in steps that are on disk.
    func noteNested(_ steps: [Step]) {
        let hasNews = nested.withLock { board in
            steps.reduce(false) { hasNews, step in
                guard let transition = step.transition else { return hasNews }
                return board.note(transition, abandonsTasks: step.abandonsTasks) || hasNews
            }
        }
        if hasNews { nestedSignal.give() }
    }

    /// Ends tasks whose execution has ended, and stops executions whose task has.
    func driveNested() async {
        var failures = 0
        while !Task.isCancelled {
            await nestedSignal.wait()
            let work = nested.withLock { $0.take() }
            do {
                try await finishNested(of: Array(work.awaiting))
                try await stopAbandoned(of: Array(work.abandoning))
                failures = 0
            } catch {
                failures += 1
                logger.error("nested executions cannot be read", metadata: ["error": "\(error)"])
                nested.withLock { $0.putBack(work) }
                await backOff(failures, or: nestedSignal)
                nestedSignal.give()
            }
        }
    }

    private func finishNested(of arns: [String]?) async throws {
        guard arns?.isEmpty != true else { return }
        for result in try await store.nestedResults(of: arns) {
            deliver(.event(result.event), to: result.task.executionArn)
        }
    }

    private func stopAbandoned(of arns: [String]?) async throws {
        guard arns?.isEmpty != true else { return }
        for arn in try await store.abandonedExecutions(of: arns) { deliver(.stop(error: nil, cause: nil), to: arn) }
    }
}

import FoundationEssentials
import Logging
import StatesLanguage
import Synchronization

extension Engine {
    /// Timers fired in one go at most; the next are read when these are done with.
    private static let timerLimit = 1000

    /// Fires timers when they are due; in memory is only when that is next.
    func fireTimers() async {
        var failures = 0
        while !Task.isCancelled {
            guard let next = agenda.withLock(\.nextTimer) else {
                await timerSignal.wait()
                continue
            }
            guard next <= now else {
                await sleep(until: next, or: timerSignal)
                continue
            }
            do {
                try await fireDueTimers()
                failures = 0
            } catch {
                failures += 1
                logger.error("timers cannot be fired", metadata: ["error": "\(error)"])
                await backOff(failures, or: timerSignal)
            }
        }
    }

    private func fireDueTimers() async throws {
        let due = try await store.dueTimers(at: now, limit: Self.timerLimit)
        try await fire(due)
        guard due.count < Self.timerLimit else { return }
        // A timer that is set while the store is asked counts beside the answer.
        agenda.withLock { $0.forgetTimer() }
        do {
            let next = try await store.nextTimerDate()
            agenda.withLock { _ = $0.noteTimer(next) }
        } catch {
            agenda.withLock { [now] in _ = $0.noteTimer(now) }
            throw error
        }
    }

    /// Delivers timers and waits until what came of them is on disk.
    private func fire(_ timers: [TimerKey]) async throws {
        guard !timers.isEmpty else { return }
        let countdown = Countdown(timers.count)
        for timer in timers {
            deliver(.event(.timerFired(timer: timer.id)), to: timer.executionArn) { countdown.count($0) }
        }
        try await countdown.wait()
    }
}

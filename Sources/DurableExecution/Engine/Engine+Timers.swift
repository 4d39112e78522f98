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

    /// Fires what is due from the earliest timer on that is not under way already.
    private func fireDueTimers() async throws {
        let now = now
        let (start, firing) = agenda.withLock { $0.takeNextTimer() }
        guard let start else { return }
        do {
            let limit = Self.timerLimit + firing
            let due = try await store.dueTimers(from: start, to: now, limit: limit)
            try await fire(due)
            // A timer that was set meanwhile counts beside the answer.
            let next = due.count < limit ? try await store.nextTimerDate(after: now) : start
            agenda.withLock { _ = $0.noteTimer(next) }
        } catch {
            agenda.withLock { _ = $0.noteTimer(start) }
            throw error
        }
    }

    /// Delivers timers and waits until what came of them is on disk, or has to wait for what takes long.
    private func fire(_ timers: [TimerKey]) async throws {
        let timers = agenda.withLock { $0.fire(timers) }
        guard !timers.isEmpty else { return }
        let countdown = Countdown(timers.count)
        for (number, timer) in timers.enumerated() {
            deliver(
                .event(.timerFired(timer: timer.id)),
                to: timer.executionArn,
                onDelay: { countdown.count(number) },
                reply: { [self] answer in
                    settle(timer, answer)
                    countdown.count(number, answer)
                }
            )
        }
        try await countdown.wait()
    }

    /// Forgets a timer that is done with; one whose end could not be saved is read again.
    private func settle(_ timer: TimerKey, _ answer: Result<Execution, ExecutionError>) {
        let isEarlier = agenda.withLock { agenda in
            agenda.hasFired(timer)
            guard case .failure = answer else { return false }
            return agenda.noteTimer(.distantPast)
        }
        if isEarlier { timerSignal.give() }
    }
}

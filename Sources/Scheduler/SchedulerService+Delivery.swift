import Foundation
import Logging

extension SchedulerService {
    private static let batchSize = 100

    // MARK: - Recording

    func advanceDueSchedules() async throws {
        while true {
            let due = try await store.dueSchedules(at: now(), limit: Self.batchSize)
            for schedule in due { try await advance(schedule) }
            if due.count < Self.batchSize { return }
        }
    }

    private func advance(_ schedule: Schedule) async throws {
        let now = now()
        let limits = configuration
        let decision = schedule.decision(
            at: now,
            punctuality: limits.punctuality.seconds,
            catchUpLimit: limits.catchUpLimit
        )
        guard let decision, let expected = schedule.nextFire else { return }
        var firings = decision.times.map { scheduledFiring(of: schedule.key, at: $0, now: now) }
        if try await isQueueFull(of: schedule) {
            firings = firings.map { $0.skipped(because: "\(limits.queueLimit) earlier firing(s) still wait") }
        }
        if let missed = decision.missed {
            firings = [scheduledFiring(of: schedule.key, at: missed, now: now).skipped(because: "missed: fired late")]
        }
        let advance = ScheduleAdvance(
            key: schedule.key,
            expectedNextFire: expected,
            nextFire: decision.next,
            firings: firings
        )
        guard try await store.advance(advance) else { return }
        logger.debug(
            "schedule is due",
            metadata: ["schedule.name": "\(schedule.key)", "schedule.firings": "\(firings.count)"]
        )
    }

    private func isQueueFull(of schedule: Schedule) async throws -> Bool {
        guard schedule.definition.overlap == .queue else { return false }
        let recent = try await store.firings(of: schedule.key, limit: Self.batchSize)
        return recent.count { $0.status == .pending } >= configuration.queueLimit
    }

    private func scheduledFiring(of key: Schedule.Key, at time: Date, now: Date) -> Firing {
        let moment = time.formatted(.iso8601)
        return Firing(
            id: "\(key)@\(moment)",
            schedule: key,
            scheduledTime: time,
            trigger: .schedule,
            recordedAt: now,
            nextAttempt: now
        )
    }

    // MARK: - Handing over

    func deliverPendingFirings() async throws {
        while true {
            let pending = try await store.pendingFirings(at: now(), limit: 1)
            guard let (firing, schedule) = pending.first else { return }
            try await deliver(firing, of: schedule)
        }
    }

    /// Hands one firing over and saves what became of it.
    @discardableResult
    func deliver(_ firing: Firing, of schedule: Schedule) async throws -> Firing {
        let outcome: Firing
        do {
            outcome = try await attempt(firing, of: schedule)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            outcome = firing.failedAttempt(error, at: now(), delays: configuration.retryDelays)
        }
        try await store.finish(outcome, keepingLast: configuration.historyLimit)
        log(outcome)
        return outcome
    }

    private func attempt(_ firing: Firing, of schedule: Schedule) async throws -> Firing {
        if schedule.definition.overlap != .allow, let last = schedule.lastExecution, try await isRunning(last) {
            if schedule.definition.overlap == .skip { return firing.skipped(because: "execution \(last) still runs") }
            return firing.deferred(to: now().addingTimeInterval(configuration.queueInterval.seconds))
        }
        return firing.started(try await fire(firing, schedule))
    }

    private func log(_ firing: Firing) {
        var metadata: Logger.Metadata = ["schedule.name": "\(firing.schedule)", "firing.id": "\(firing.id)"]
        metadata["execution.arn"] = firing.executionARN.map { "\($0)" }
        metadata["reason"] = firing.reason.map { "\($0)" }
        switch firing.status {
        case .started: logger.info("schedule fired", metadata: metadata)
        case .skipped: logger.info("firing skipped", metadata: metadata)
        case .pending: logger.debug("firing waits", metadata: metadata)
        case .failed: logger.error("firing failed", metadata: metadata)
        }
    }
}

extension Firing {
    fileprivate func started(_ executionARN: String) -> Firing {
        var firing = self
        firing.status = .started
        firing.executionARN = executionARN
        firing.reason = nil
        return firing
    }

    fileprivate func skipped(because reason: String) -> Firing {
        var firing = self
        firing.status = .skipped
        firing.reason = reason
        return firing
    }

    fileprivate func deferred(to date: Date) -> Firing {
        var firing = self
        firing.nextAttempt = date
        return firing
    }

    /// The next try after a longer wait, or the end when there is no wait left.
    fileprivate func failedAttempt(_ error: any Error, at now: Date, delays: [Duration]) -> Firing {
        var firing = self
        firing.reason = "\(error)"
        if attempts < delays.count {
            firing.nextAttempt = now.addingTimeInterval(delays[attempts].seconds)
        } else {
            firing.status = .failed
        }
        firing.attempts += 1
        return firing
    }
}

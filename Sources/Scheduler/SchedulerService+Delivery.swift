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
        var firings = decision.times.map { scheduledFiring(of: schedule, at: $0, now: now) }
        if try await isQueueFull(of: schedule) {
            firings = firings.map { $0.skipped(because: "\(limits.queueLimit) earlier firing(s) still wait") }
        }
        if let missed = decision.missed {
            var firing = scheduledFiring(of: schedule, at: missed, now: now).skipped(because: Firing.missedReason)
            if firing.noticeDue != nil { firing.noticeDue = now }
            firings = [firing]
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

    private func scheduledFiring(of schedule: Schedule, at time: Date, now: Date) -> Firing {
        let definition = schedule.definition
        let id = Firing.id(of: schedule.key, at: time)
        let start = time.addingTimeInterval(Firing.offset(of: id, within: definition.flexibleMinutes))
        let grace = definition.grace.map(TimeInterval.init) ?? configuration.grace.seconds
        return Firing(
            id: id,
            schedule: schedule.key,
            scheduledTime: time,
            trigger: .schedule,
            recordedAt: now,
            nextAttempt: max(now, start),
            noticeDue: grace > 0 ? start.addingTimeInterval(grace) : nil
        )
    }

    // MARK: - Handing over

    /// Hands over what is pending; returns whether one of the schedules is to be deleted after its last firing.
    func deliverPendingFirings() async throws -> Bool {
        var isAnyToBeDeleted = false
        while let (firing, schedule) = try await store.pendingFirings(at: now(), limit: 1).first {
            try await deliver(firing, of: schedule)
            isAnyToBeDeleted = isAnyToBeDeleted || schedule.definition.completion == .delete
        }
        return isAnyToBeDeleted
    }

    /// Hands one firing over and saves what became of it.
    @discardableResult
    func deliver(_ firing: Firing, of schedule: Schedule) async throws -> Firing {
        var outcome: Firing
        do {
            outcome = try await attempt(firing, of: schedule)
        } catch is CancellationError {
            throw CancellationError()
        } catch let deferral as FiringDeferral {
            outcome = firing.deferred(to: now().addingTimeInterval(queueInterval), because: deferral.reason)
        } catch {
            let policy = schedule.definition.target.retryPolicy
            outcome = firing.failedAttempt(error, at: now(), policy: policy, delays: configuration.retryDelays)
        }
        outcome.settleNotice(at: now())
        try await store.finish(outcome, keepingLast: configuration.historyLimit)
        log(outcome)
        return outcome
    }

    private func attempt(_ firing: Firing, of schedule: Schedule) async throws -> Firing {
        // Whoever makes up for the past says how many runs go on at once.
        let isBound = firing.trigger != .backfill && schedule.definition.overlap != .allow
        if isBound, let last = schedule.lastExecution, try await isRunning(last) {
            switch schedule.definition.overlap {
            case .skip: return firing.skipped(because: "execution \(last) still runs")
            case .queue:
                return firing.deferred(
                    to: now().addingTimeInterval(queueInterval),
                    because: "execution \(last) still runs"
                )
            case .cancel: try await stop(last, "Schedule.Replaced", Self.replacement(of: last, by: firing))
            case .allow: break
            }
        }
        return firing.started(try await fire(firing, schedule))
    }

    private var queueInterval: TimeInterval { configuration.queueInterval.seconds }

    private static func replacement(of execution: String, by firing: Firing) -> String {
        "schedule \"\(firing.schedule)\" is due again, at \(firing.scheduledTime.formatted(.iso8601)), and its overlap "
            + "policy \"cancel\" has the new run replace the one that still goes on"
    }

    // MARK: - Telling

    /// How long after an error it is tried again to tell of a run that did not happen.
    private static let tellDelay: TimeInterval = 60

    func tellOfOverdueFirings() async throws {
        while let (firing, schedule) = try await store.overdueFirings(at: now(), limit: 1).first {
            var next: Date?
            do {
                if try await isOverdue(firing, of: schedule) {
                    try await tell(OverdueRun(firing: firing, schedule: schedule, date: now()))
                    logger.notice("a run that was due did not happen", metadata: ["firing.id": "\(firing.id)"])
                }
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                logger.error(
                    "a notice could not be given",
                    metadata: ["firing.id": "\(firing.id)", "error": "\(error)"]
                )
                next = now().addingTimeInterval(Self.tellDelay)
            }
            try await store.setNotice(of: firing.id, due: next)
        }
    }

    /// Whether a run did not happen; one that was left out for another is told of only if that other still goes on.
    private func isOverdue(_ firing: Firing, of schedule: Schedule) async throws -> Bool {
        guard firing.status == .skipped, firing.reason != Firing.missedReason else { return true }
        guard let last = schedule.lastExecution else { return false }
        return try await isRunning(last)
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
    fileprivate static let missedReason = "missed: fired late"

    /// A run that started in time needs no notice; one that did not, or was given up, is told of now.
    fileprivate mutating func settleNotice(at now: Date) {
        guard let due = noticeDue else { return }
        switch status {
        case .started: noticeDue = now <= due ? nil : now
        case .failed: noticeDue = now
        case .pending, .skipped: break
        }
    }

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

    fileprivate func deferred(to date: Date, because reason: String) -> Firing {
        var firing = self
        firing.nextAttempt = date
        firing.reason = reason
        return firing
    }

    /// The next try after a longer wait, or the end when there is no wait left.
    ///
    /// With a policy the last wait is repeated until the policy's attempts or time are used up.
    fileprivate func failedAttempt(
        _ error: any Error,
        at now: Date,
        policy: ScheduleDefinition.RetryPolicy?,
        delays: [Duration]
    ) -> Firing {
        var firing = self
        firing.reason = "\(error)"
        firing.attempts += 1
        let delay = attempts < delays.count ? delays[attempts] : policy == nil ? nil : delays.last
        guard let delay, trigger != .backfill, attempts < policy?.maximumAttempts ?? .max else {
            firing.status = .failed
            return firing
        }
        firing.nextAttempt = now.addingTimeInterval(delay.seconds)
        let age = firing.nextAttempt.timeIntervalSince(scheduledTime)
        if let policy, age > Double(policy.maximumAge) { firing.status = .failed }
        return firing
    }
}

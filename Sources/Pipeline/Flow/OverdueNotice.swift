internal import FoundationEssentials
internal import JSON
internal import Notifications
public import Scheduler

extension Notices {
    /// Tells that a run that was due did not happen, once for each outage of a schedule.
    ///
    /// It goes to whoever listens to the ends of the group's executions.
    ///
    /// - Parameter run: The run.
    /// - Throws: `NotificationError`, or the store's error.
    public func tell(_ run: OverdueRun) async throws {
        let topic = try await topic(of: run.schedule.key.groupName, for: nil)
        _ = try await publish(run.message, topic: topic)
    }
}

extension OverdueRun {
    fileprivate var message: Message {
        let key = schedule.key
        let moment = firing.scheduledTime.formatted(.iso8601)
        let subject = "Millrace: a run of \"\(key.name)\" did not happen in time"
        let zone = schedule.definition.timeZone
        let lines = [
            "The run of schedule \"\(key.name)\" that was due at \(moment) did not happen in time.",
            "\(Excerpt.of(fact)).",
            "", "Schedule:   \(key)", "Expression: \(schedule.definition.expression.text) in \(zone)",
            "Due:        \(moment)", "Last run:   \(schedule.lastExecution ?? "none")", "",
            "Look:       millrace schedules list",
            "Make up:    millrace schedules backfill \(key.name) --from \(moment) "
                + "--to \(date.formatted(.iso8601)) --only-missing",
            "Until a run starts again, this is not told again.",
        ]
        return Message(
            subject: subject,
            body: lines.joined(separator: "\n") + "\n",
            payload: [
                "type": "schedule.overdue", "schedule": .string(key.name), "group": .string(key.groupName),
                "scheduledTime": .string(moment), "status": .string(firing.status.rawValue),
                "reason": .init(firing.reason.map(Excerpt.of)), "lastExecution": .init(schedule.lastExecution),
                "subject": .string(subject), "message": .string(Excerpt.of(fact)),
            ],
            attributes: ["Outcome": "OVERDUE"],
            deduplicationKey: "schedule/\(outage)"
        )
    }
}

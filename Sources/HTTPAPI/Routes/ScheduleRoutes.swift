internal import FoundationEssentials
internal import JSON
public import Scheduler

extension OperationTable {
    /// `Millrace.…Schedule…`: the schedules, in the words of EventBridge Scheduler.
    ///
    /// | Operation | Members (those in parentheses may be absent) | Answer |
    /// | --- | --- | --- |
    /// | `ListSchedules` | (`groupName`) | `schedules` |
    /// | `GetSchedule`, `PauseSchedule`, `ResumeSchedule` | `name`, (`groupName`) | the schedule |
    /// | `CreateSchedule`, `UpdateSchedule` | `name`, (`groupName`), `scheduleExpression`, (`scheduleExpressionTimezone`, `startDate`, `endDate`, `state`, `catchUp`, `overlap`, `description`, `flexibleMinutes`, `completion`, `graceSeconds`), `target.kind`, (`target.input`) | the schedule and `warnings` |
    /// | `TriggerSchedule` | `name`, (`groupName`) | the firing |
    /// | `ListFirings` | `name`, (`groupName`, `maxResults`) | `firings` |
    /// | `ListScheduleTimes` | `name`, (`groupName`), `from`, `to` | `times`, each with `isMissing` and its `firing` |
    /// | `BackfillSchedule` | `name`, (`groupName`), `scheduledTime`, (`isRepeated`) | the firing |
    /// | `CancelBackfill` | `name`, (`groupName`) | `cancelled`: how many runs no longer wait |
    /// | `DeleteSchedule` | `name`, (`groupName`) | nothing |
    public mutating func addSchedules(_ scheduler: SchedulerService) {
        addScheduleReading(scheduler)
        addScheduleWriting(scheduler)
        addBackfill(scheduler)
    }

    private mutating func addScheduleReading(_ scheduler: SchedulerService) {
        self["ListSchedules"] = { input in
            let group = try OperationInput(input).optionalString("groupName")
            return ["schedules": .array(try await scheduler.schedules(inGroup: group).map(\.json))]
        }
        self["GetSchedule"] = { try await scheduler.schedule(OperationInput($0).scheduleKey()).json }
        self["ListFirings"] = { input in
            let members = OperationInput(input)
            let limit = try members.optionalInt("maxResults", in: 1...100) ?? 20
            let firings = try await scheduler.firings(of: members.scheduleKey(), limit: limit)
            return ["firings": .array(firings.map(\.json))]
        }
    }

    private mutating func addScheduleWriting(_ scheduler: SchedulerService) {
        self["CreateSchedule"] = { input in
            let members = OperationInput(input)
            let state = try members.optionalCase("state", of: Schedule.State.self)
            let definition = try members.scheduleDefinition()
            return try await scheduler.create(definition, state: state).jsonWithWarnings
        }
        self["UpdateSchedule"] = { input in
            let members = OperationInput(input)
            let state = try members.optionalCase("state", of: Schedule.State.self)
            let definition = try members.scheduleDefinition()
            return try await scheduler.update(definition, state: state).jsonWithWarnings
        }
        self["PauseSchedule"] = { try await scheduler.pause(OperationInput($0).scheduleKey()).json }
        self["ResumeSchedule"] = { try await scheduler.resume(OperationInput($0).scheduleKey()).json }
        self["TriggerSchedule"] = { try await scheduler.trigger(OperationInput($0).scheduleKey()).json }
        self["DeleteSchedule"] = { input in
            try await scheduler.delete(OperationInput(input).scheduleKey())
            return [:]
        }
    }
}

extension OperationTable {
    private mutating func addBackfill(_ scheduler: SchedulerService) {
        self["ListScheduleTimes"] = { input in
            let members = OperationInput(input)
            let (start, end) = (try members.date("from"), try members.date("to"))
            let times = try await scheduler.times(of: members.scheduleKey(), from: start, through: end)
            return [
                "times": .array(
                    times.map { time in
                        .present([
                            "scheduledTime": time.time.epochSeconds, "isMissing": .bool(time.isMissing),
                            "firing": time.firing?.json,
                        ])
                    }
                )
            ]
        }
        self["BackfillSchedule"] = { input in
            let members = OperationInput(input)
            let isRepeated = try members.optionalBool("isRepeated") ?? false
            let time = try members.date("scheduledTime")
            return try await scheduler.backfill(members.scheduleKey(), at: time, isRepeated: isRepeated).json
        }
        self["CancelBackfill"] = { input in
            ["cancelled": JSON(try await scheduler.cancelBackfill(of: OperationInput(input).scheduleKey()))]
        }
    }
}

extension OperationInput {
    /// A moment that must be there.
    fileprivate func date(_ key: String) throws(WireError) -> Date {
        guard let date = try optionalDate(key) else {
            throw WireError("ValidationException", "\(key) is missing; it is a number of seconds since 1970")
        }
        return date
    }

    fileprivate func scheduleKey() throws(WireError) -> Schedule.Key {
        Schedule.Key(
            name: try string("name"),
            groupName: try optionalString("groupName") ?? Schedule.Key.defaultGroupName
        )
    }

    /// A target; one that is a state machine is checked as through EventBridge Scheduler's API.
    private func scheduleTarget() throws -> ScheduleDefinition.Target {
        let target = ScheduleDefinition.Target(kind: try string("kind"), input: json("input") ?? [:])
        guard target.kind == ScheduleDefinition.Target.stateMachineKind else { return target }
        return try .stateMachine(target.input["arn"]?.string ?? "", input: target.input["input"]?.string)
    }

    fileprivate func scheduleDefinition() throws -> ScheduleDefinition {
        let target = try optionalObject("target") ?? OperationInput([:], at: "target.")
        var definition = try ScheduleDefinition(
            key: scheduleKey(),
            expression: ScheduleExpression(string("scheduleExpression")),
            timeZone: optionalString("scheduleExpressionTimezone") ?? "UTC",
            startDate: optionalDate("startDate"),
            endDate: optionalDate("endDate"),
            target: target.scheduleTarget(),
            catchUp: optionalCase("catchUp", of: ScheduleDefinition.CatchUp.self) ?? .once,
            overlap: optionalCase("overlap", of: ScheduleDefinition.Overlap.self) ?? .skip,
            description: optionalString("description")
        )
        definition.flexibleMinutes = try optionalInt("flexibleMinutes", in: 1...1440)
        definition.completion =
            try optionalCase("completion", of: ScheduleDefinition.ActionAfterCompletion.self) ?? .none
        definition.grace = try optionalInt("graceSeconds", in: 0...31_536_000)
        return definition
    }
}

extension Schedule {
    fileprivate var json: JSON {
        .present([
            "name": .string(key.name),
            "groupName": .string(key.groupName),
            "state": .string(state.rawValue),
            "scheduleExpression": .string(definition.expression.text),
            "scheduleExpressionTimezone": .string(definition.timeZone),
            "startDate": definition.startDate?.epochSeconds,
            "endDate": definition.endDate?.epochSeconds,
            "target": ["kind": .string(definition.target.kind), "input": definition.target.input],
            "catchUp": .string(definition.catchUp.rawValue),
            "overlap": .string(definition.overlap.rawValue),
            "description": definition.description.map(JSON.string),
            "flexibleMinutes": definition.flexibleMinutes.map { JSON($0) },
            "completion": .string(definition.completion.rawValue),
            "graceSeconds": definition.grace.map { JSON($0) },
            "creationDate": createdAt.epochSeconds,
            "lastModificationDate": modifiedAt.epochSeconds,
            "lastFired": lastFired?.epochSeconds,
            "nextFire": nextFire?.epochSeconds,
            "lastExecution": lastExecution.map(JSON.string),
            "lastError": lastError.map(JSON.string),
        ])
    }

    /// What was saved, and what its author should know about it.
    fileprivate var jsonWithWarnings: JSON {
        var json = json
        json["warnings"] = .array(definition.warnings(at: modifiedAt).map(JSON.string))
        return json
    }
}

extension Firing {
    fileprivate var json: JSON {
        .present([
            "id": .string(id),
            "name": .string(schedule.name),
            "groupName": .string(schedule.groupName),
            "scheduledTime": scheduledTime.epochSeconds,
            "trigger": .string(trigger.rawValue),
            "status": .string(status.rawValue),
            "recordedAt": recordedAt.epochSeconds,
            "attempts": JSON(attempts),
            "executionArn": executionARN.map(JSON.string),
            "reason": reason.map(JSON.string),
        ])
    }
}

internal import JSON
internal import Scheduler

/// What a request says of a schedule.
extension OperationInput {
    func key() throws(WireError) -> Schedule.Key {
        Schedule.Key(
            name: try string("Name"),
            groupName: try optionalString("GroupName") ?? Schedule.Key.defaultGroupName
        )
    }

    func definition(overlap: ScheduleDefinition.Overlap) throws -> ScheduleDefinition {
        var definition = try ScheduleDefinition(
            key: key(),
            expression: ScheduleExpression(string("ScheduleExpression")),
            timeZone: optionalString("ScheduleExpressionTimezone") ?? "UTC",
            startDate: optionalDate("StartDate"),
            endDate: optionalDate("EndDate"),
            target: target(),
            overlap: overlap,
            description: optionalString("Description")
        )
        definition.flexibleMinutes = try flexibleMinutes()
        definition.completion =
            try optionalCase("ActionAfterCompletion", of: ScheduleDefinition.ActionAfterCompletion.self) ?? .none
        definition.kmsKeyARN = try optionalString("KmsKeyArn")
        return definition
    }

    private func flexibleMinutes() throws(WireError) -> Int? {
        guard let window = try optionalObject("FlexibleTimeWindow") else { return nil }
        let minutes = try window.optionalInt("MaximumWindowInMinutes", in: 1...1440)
        switch (try window.string("Mode"), minutes) {
        case ("OFF", nil): return nil
        case ("OFF", .some):
            throw WireError(
                "ValidationException",
                "FlexibleTimeWindow.MaximumWindowInMinutes must not be given where Mode is OFF; leave it out, or write "
                    + "FLEXIBLE"
            )
        case (_, let minutes?): return minutes
        case (_, nil):
            throw WireError(
                "ValidationException",
                "FlexibleTimeWindow.MaximumWindowInMinutes must be given where Mode is FLEXIBLE"
            )
        }
    }

    private func target() throws -> ScheduleDefinition.Target {
        let members = try optionalObject("Target") ?? OperationInput([:], at: "target.")
        for name in ["Ecs", "EventBridge", "Kinesis", "SageMakerPipeline", "Sqs"].map({ "\($0)Parameters" })
        where members.json(name) != nil {
            throw WireError(
                "ValidationException",
                "Target.\(name) belongs to a target of another service; here targets are state machines, leave it out"
            )
        }
        let input = try members.optionalString("Input")
        var target = try Self.target(members.string("Arn"), input: input)
        target.roleARN = try members.string("RoleArn")
        target.deadLetterARN = try members.optionalObject("DeadLetterConfig")?.optionalString("Arn")
        if let policy = try members.optionalObject("RetryPolicy") {
            target.retryPolicy = .init(
                maximumAttempts: try policy.optionalInt("MaximumRetryAttempts", in: 0...185) ?? 185,
                maximumAge: try policy.optionalInt("MaximumEventAgeInSeconds", in: 60...86_400) ?? 86_400
            )
        } else if target.kind == ScheduleDefinition.Target.stateMachineKind {
            target.retryPolicy = .init()
        }
        return target
    }

    /// A state machine, or the pipeline, which has an ARN of ours.
    private static func target(_ arn: String, input: String?) throws -> ScheduleDefinition.Target {
        let pipeline = ScheduleDefinition.Target.pipelineKind
        guard arn == ScheduleDefinition.Target(kind: pipeline, input: [:]).wireARN else {
            return try .stateMachine(arn, input: input)
        }
        guard let input = input.flatMap({ try? JSON(parsing: $0) }), input["bucket"]?.string != nil,
            input["key"]?.string != nil
        else {
            throw WireError(
                "ValidationException",
                #"Target.Input of the pipeline must be JSON such as {"bucket": "films", "key": "params.json"}"#
            )
        }
        return ScheduleDefinition.Target(kind: pipeline, input: input)
    }
}

extension ScheduleDefinition.Target {
    /// The ARN by which the API knows the target.
    var wireARN: String {
        guard kind == Self.stateMachineKind else { return "arn:aws:scheduler:::millrace:\(kind)" }
        return input["arn"]?.string ?? ""
    }
}

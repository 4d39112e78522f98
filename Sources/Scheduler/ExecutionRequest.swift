public import Foundation
internal import JSON

/// The execution that a target of kind `stateMachine` asks for.
public struct ExecutionRequest: Sendable, Equatable {
    /// The state machine, or a version or alias of it.
    public let stateMachineARN: String
    /// The execution's name; `nil` where the target gives none.
    public let name: String?
    /// The input, as JSON text.
    public let input: String
}

/// One try of handing a firing over, as the words in a target's input show it.
///
/// | Word | Value |
/// | --- | --- |
/// | `<aws.scheduler.schedule-arn>` | the schedule's ARN |
/// | `<aws.scheduler.scheduled-time>` | the time meant by the expression, as `2026-03-22T18:59:43Z` |
/// | `<aws.scheduler.execution-id>` | an id of this try |
/// | `<aws.scheduler.attempt-number>` | which try it is, from 1 |
public struct ScheduledInvocation: Sendable, Equatable {
    /// The schedule's ARN.
    public let scheduleARN: String
    /// The time meant by the expression.
    public let scheduledTime: Date
    /// An id of this try.
    public let executionID: String
    /// Which try it is, from 1.
    public let attempt: Int

    /// A try of known parts.
    public init(scheduleARN: String, scheduledTime: Date, executionID: String, attempt: Int) {
        self.scheduleARN = scheduleARN
        self.scheduledTime = scheduledTime
        self.executionID = executionID
        self.attempt = attempt
    }

    /// A text with the values in place of the words.
    func filling(_ text: String) -> String {
        guard text.contains("<aws.scheduler.") else { return text }
        return text.replacing("<aws.scheduler.schedule-arn>", with: scheduleARN)
            .replacing("<aws.scheduler.scheduled-time>", with: scheduledTime.formatted(.iso8601))
            .replacing("<aws.scheduler.execution-id>", with: executionID)
            .replacing("<aws.scheduler.attempt-number>", with: String(attempt))
    }
}

extension Schedule.Key {
    /// The ARN of the schedule.
    public func arn(region: String, account: String) -> String {
        "arn:aws:scheduler:\(region):\(account):schedule/\(groupName)/\(name)"
    }
}

extension ScheduleDefinition.Target {
    /// The kind of targets that run the pipeline: the input has `bucket`, `key` and `mode`.
    public static let pipelineKind = "pipeline"
    /// The kind of targets that start an execution: the input has `arn`, and `input` as text.
    public static let stateMachineKind = "stateMachine"
    /// What stands for a state machine's ARN where the input is a whole request of `StartExecution`.
    public static let startExecutionARN = "arn:aws:scheduler:::aws-sdk:sfn:startExecution"

    /// A target that starts executions.
    ///
    /// - Parameters:
    ///   - arn: The ARN of a state machine, a version or an alias, or `startExecutionARN`.
    ///   - input: The executions' input, or the request, as JSON text; may hold the words of `ScheduledInvocation`.
    /// - Returns: The target.
    /// - Throws: `SchedulerError` with `validation` for anything but a state machine, and an input that is no JSON.
    public static func stateMachine(_ arn: String, input: String?) throws(SchedulerError) -> Self {
        var members: JSON = ["arn": .string(arn)]
        if let input { members["input"] = .string(input) }
        let target = Self(kind: stateMachineKind, input: members)
        let example = ScheduledInvocation(scheduleARN: "arn", scheduledTime: .distantPast, executionID: "0", attempt: 1)
        _ = try target.executionRequest(of: example)
        return target
    }

    /// The execution that one try asks for.
    ///
    /// - Parameter invocation: The try.
    /// - Returns: What to start.
    /// - Throws: `SchedulerError` with `validation` when the target does not name a state machine or its input is no
    ///   JSON.
    public func executionRequest(of invocation: ScheduledInvocation) throws(SchedulerError) -> ExecutionRequest {
        let arn = input["arn"]?.string ?? ""
        let text = input["input"]?.string.map(invocation.filling) ?? "{}"
        guard let value = try? JSON(parsing: text) else {
            throw SchedulerError(.validation, "Target.Input must be JSON, since it becomes the input of an execution")
        }
        guard arn == Self.startExecutionARN else {
            try Self.checkIsStateMachine(arn, at: "Target.Arn")
            return ExecutionRequest(stateMachineARN: arn, name: nil, input: text)
        }
        let known = ["StateMachineArn", "Input", "Name", "TraceHeader"]
        if let unknown = value.object?.keys.first(where: { !known.contains($0) }) {
            let names = known.joined(separator: ", ")
            throw SchedulerError(.validation, "Target.Input.\(unknown) is no member of StartExecution, write \(names)")
        }
        let machine = value["StateMachineArn"]?.string ?? ""
        try Self.checkIsStateMachine(machine, at: "Target.Input.StateMachineArn")
        let input = value["Input"]?.string ?? "{}"
        guard (try? JSON(parsing: input)) != nil else {
            throw SchedulerError(.validation, "Target.Input.Input must be JSON, since it is the input of an execution")
        }
        return ExecutionRequest(stateMachineARN: machine, name: value["Name"]?.string, input: input)
    }

    private static func checkIsStateMachine(_ arn: String, at place: String) throws(SchedulerError) {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        let isStateMachine =
            (7...8).contains(parts.count) && parts[0] == "arn" && parts[2] == "states" && parts[5] == "stateMachine"
        guard isStateMachine, parts.allSatisfy({ !$0.isEmpty }) else {
            throw SchedulerError(
                .validation,
                "\(place) \"\(arn)\" must be the ARN of a state machine of this service, \"\(startExecutionARN)\" or "
                    + "\"arn:aws:scheduler:::millrace:\(pipelineKind)\"; there are no other targets here"
            )
        }
    }
}

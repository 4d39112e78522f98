public import DurableExecution
internal import JSON
internal import Notifications
public import StatesLanguage

/// Runs `arn:aws:states:::sns:publish` tasks.
///
/// A message with the attribute `Outcome` is the notice of how its execution ends: it carries the state, Error and Cause
/// from the attribute `Failure`, what was decided about campaigns from the attribute `Deployments`, and is told once, whether by the definition, by a repeated task or by the engine.
public struct PublishTask: TaskHandler {
    /// What these tasks can ask.
    public static let integration = Integration("sns", actions: ["publish"])

    private static let names: Set<String> = [
        "TopicArn", "TargetArn", "PhoneNumber", "Message", "Subject", "MessageAttributes", "MessageStructure",
        "MessageGroupId", "MessageDeduplicationId",
    ]

    private let notices: Notices
    private let makeID: @Sendable () -> String

    /// A handler that publishes through the outbox; the function makes the ids of requests.
    public init(notices: Notices, makeID: @escaping @Sendable () -> String) {
        self.notices = notices
        self.makeID = makeID
    }

    /// Puts the message into the outbox.
    public func run(_ task: TaskInvocation) async throws -> TaskResult {
        let requestID = makeID()
        do {
            let id = try await publish(task, TaskParameters(task, names: Self.names))
            return .succeeded(SDKMetadata.adding(to: ["MessageId": .string(id)], requestID: requestID))
        } catch let error as NotificationError {
            throw Self.statesError(error, requestID: requestID)
        }
    }

    private func publish(_ task: TaskInvocation, _ parameters: TaskParameters) async throws -> String {
        let topic = try Self.topic(parameters)
        let message = try Self.message(parameters, key: task.clientToken)
        guard let outcome = message.attributes["Outcome"].flatMap(Execution.Status.init) else {
            return try await notices.publish(message, topic: topic)
        }
        return try await notices.tell(
            Notices.Announcement(
                status: outcome,
                executionARN: task.executionArn,
                state: task.stateName,
                topic: topic,
                subject: message.subject,
                message: message.body,
                failure: message.attributes["Failure"].flatMap { try? JSON(parsing: $0) },
                deployments: message.attributes["Deployments"].flatMap { try? JSON(parsing: $0) }
            )
        )
    }

    private static func topic(_ parameters: TaskParameters) throws -> String {
        try Topic.target(
            arn: parameters.optionalString("TopicArn") ?? parameters.optionalString("TargetArn"),
            phoneNumber: parameters["PhoneNumber"]?.text
        )
    }

    private static func message(_ parameters: TaskParameters, key: String) throws -> Message {
        guard let content = parameters["Message"] else {
            throw parameters.refusal("The field 'Message' is required but was missing")
        }
        var message = try Message(
            publishing: content.string ?? content.text,
            subject: parameters.optionalString("Subject"),
            structure: parameters.optionalString("MessageStructure"),
            attributes: parameters.optionalObject("MessageAttributes") ?? [:]
        )
        message.deduplicationKey = key
        return message
    }

    // MARK: Errors

    private static func statesError(_ error: NotificationError, requestID: String) -> StatesError {
        let code: (name: String, status: Int, message: String) =
            switch error.code {
            case .notFound: ("NotFound", 404, "Topic does not exist")
            case .internalError: ("InternalError", 500, error.message)
            default: ("InvalidParameter", 400, error.message)
            }
        return StatesError(
            name: "SNS.\(error.code.rawValue)",
            cause: "\(code.message) (Service: AmazonSNS; Status Code: \(code.status); Error Code: \(code.name); "
                + "Request ID: \(requestID); Proxy: null)"
        )
    }
}

public import DurableExecution
internal import JSON
internal import Notifications
public import StatesLanguage

/// Runs `arn:aws:states:::sns:publish` tasks.
///
/// A message with the attribute `Outcome` is the notice of how its execution ends: it carries the state, and Error and
/// Cause from the attribute `Failure`, and is told once, whether by the definition, by a repeated task or by the engine.
public struct PublishTask: TaskHandler {
    /// What these tasks can ask.
    public static let integration = Integration("sns", actions: ["publish"])

    private let notices: Notices

    /// A handler that publishes through the outbox.
    public init(notices: Notices) {
        self.notices = notices
    }

    /// Puts the message into the outbox.
    public func run(_ task: TaskInvocation) async throws -> TaskResult {
        let parameters = task.parameters
        guard let topic = parameters["TopicArn"]?.string, let message = parameters["Message"] else {
            throw StatesError(
                name: "SNS.InvalidParameterException",
                cause: "Invalid parameter: TopicArn and Message are required"
            )
        }
        let text = message.string ?? message.text
        let subject = parameters["Subject"]?.string
        let attributes = parameters["MessageAttributes"]
        let outcome = attributes?["Outcome"]?["StringValue"]?.string.flatMap(Execution.Status.init)
        do {
            guard let outcome else {
                let id = try await notices.publish(text, subject: subject, topic: topic, key: task.clientToken)
                return .succeeded(["MessageId": .string(id)])
            }
            let failure = attributes?["Failure"]?["StringValue"]?.string.flatMap { try? JSON(parsing: $0) }
            let announcement = Notices.Announcement(
                status: outcome,
                executionARN: task.executionArn,
                state: task.stateName,
                topic: topic,
                subject: subject,
                message: text,
                failure: failure
            )
            let id = try await notices.tell(announcement)
            return .succeeded(["MessageId": .string(id)])
        } catch let error as NotificationError {
            throw StatesError(name: "SNS.\(error.code.rawValue)", cause: error.message)
        }
    }
}

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
                failure: message.attributes["Failure"].flatMap { try? JSON(parsing: $0) }
            )
        )
    }

    private static func topic(_ parameters: TaskParameters) throws -> String {
        guard parameters["PhoneNumber"] == nil else {
            throw refusal("PhoneNumber Reason: text messages are not sent from here; publish to a topic")
        }
        guard let arn = try parameters.optionalString("TopicArn") ?? parameters.optionalString("TargetArn") else {
            throw refusal("TopicArn or TargetArn Reason: no value for required parameter")
        }
        let count = arn.split(separator: ":", omittingEmptySubsequences: false).count
        guard count >= 6 else {
            throw refusal("TopicArn Reason: An ARN must have at least 6 elements, not \(count)")
        }
        guard !arn.hasSuffix(".fifo") else {
            throw refusal("TopicArn Reason: topics here are standard topics; leave out \".fifo\"")
        }
        return arn
    }

    // MARK: The message

    private static func message(_ parameters: TaskParameters, key: String) throws -> Message {
        guard let content = parameters["Message"] else {
            throw parameters.refusal("The field 'Message' is required but was missing")
        }
        let text = content.string ?? content.text
        guard !text.isEmpty else { throw refusal("Empty message") }
        let subject = try parameters.optionalString("Subject")
        if let subject, !isSubject(subject) { throw refusal("Subject") }
        var message = Message(subject: subject, body: text, deduplicationKey: key)
        message.attributes = try attributes(parameters)
        switch try parameters.optionalString("MessageStructure") {
        case nil, "": break
        case "json": message.bodies = try bodies(text)
        case let structure?: throw refusal("MessageStructure \"\(structure)\" Reason: it must be \"json\" or absent")
        }
        message.body = message.bodies["default"] ?? text
        return message
    }

    private static func isSubject(_ text: String) -> Bool {
        (1...100).contains(text.unicodeScalars.count)
            && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }

    /// A text a protocol: `{"default": "…", "email": "…", "http": "…"}`.
    private static func bodies(_ text: String) throws -> [String: String] {
        let structure = "Message Structure - "
        guard let json = try? JSON(parsing: text), let object = json.object else {
            throw refusal("\(structure)JSON message body failed to parse")
        }
        guard object["default"]?.string != nil else {
            throw refusal("\(structure)No default entry in JSON message body")
        }
        var bodies: [String: String] = [:]
        for (name, body) in object { bodies[name] = body.string }
        return bodies
    }

    private static func attributes(_ parameters: TaskParameters) throws -> [String: String] {
        var attributes: [String: String] = [:]
        for (name, attribute) in try parameters.optionalObject("MessageAttributes") ?? [:] {
            guard let type = attribute["DataType"]?.string, !type.isEmpty else {
                throw refusal("The message attribute '\(name)' must contain non-empty message attribute type.")
            }
            let kind = type.prefix { $0 != "." }
            guard ["String", "Number", "Binary"].contains(kind) else {
                throw refusal(
                    "The message attribute '\(name)' has an invalid message attribute type, the set of supported type "
                        + "prefixes is Binary, Number, and String."
                )
            }
            let value = attribute[kind == "Binary" ? "BinaryValue" : "StringValue"]
            guard let text = value?.string ?? value?.text, !text.isEmpty else {
                throw refusal("The message attribute '\(name)' must contain non-empty message attribute value.")
            }
            guard kind != "Number" || Double(text)?.isFinite == true else {
                throw refusal("Could not cast message attribute '\(name)' value to number.")
            }
            attributes[name] = text
        }
        return attributes
    }

    // MARK: Errors

    private static func refusal(_ fault: String) -> NotificationError {
        NotificationError(.invalidParameter, "Invalid parameter: \(fault)")
    }

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

public import DurableExecution
internal import JSON
public import Notifications
public import StatesLanguage

/// Runs `arn:aws:states:::events:putEvents` tasks: events for the rules of this machine.
///
/// The execution and its state machine are added to the resources of each entry, and a task that has entries which are
/// not taken fails, both as on AWS. A task that runs twice tells its events once.
public struct PutEventsTask: TaskHandler {
    /// What these tasks can ask.
    public static let integration = Integration("events", actions: ["putEvents"])

    private let bus: EventBus
    private let makeID: @Sendable () -> String

    /// A handler for one bus; the function makes the ids of requests.
    public init(bus: EventBus, makeID: @escaping @Sendable () -> String) {
        self.bus = bus
        self.makeID = makeID
    }

    /// Puts the events.
    public func run(_ task: TaskInvocation) async throws -> TaskResult {
        let parameters = try TaskParameters(task, names: ["Entries", "EndpointId"])
        guard let entries = parameters["Entries"] else {
            throw parameters.refusal("The field 'Entries' is required but was missing")
        }
        guard entries.array != nil else { throw parameters.malformed("Entries") }
        let answer: JSON
        do {
            answer = try await bus.putEvents(
                ["Entries": entries],
                key: task.clientToken,
                resources: [task.executionArn] + Self.stateMachine(of: task.executionArn)
            )
        } catch let error as NotificationError {
            throw StatesError(
                name: "EventBridge.EventBridgeException",
                cause: "\(error.message) (Service: EventBridge, Status Code: 400)"
            )
        }
        guard answer["FailedEntryCount"] == 0 else {
            throw StatesError(name: "EventBridge.FailedEntry", cause: answer.text)
        }
        return .succeeded(SDKMetadata.adding(to: answer, requestID: makeID()))
    }

    /// The state machine in the ARN of an execution.
    private static func stateMachine(of execution: String) -> [String] {
        let parts = execution.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 8 else { return [] }
        return [(parts[..<5] + ["stateMachine", parts[6]]).joined(separator: ":")]
    }
}

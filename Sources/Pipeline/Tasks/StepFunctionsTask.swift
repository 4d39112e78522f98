public import DurableExecution
public import JSON
public import StatesLanguage

/// Runs `arn:aws:states:::aws-sdk:sfn:…` tasks: every operation of Step Functions, through the table the wire uses.
public struct StepFunctionsTask: TaskHandler {
    /// What these tasks can ask.
    public static let integration = Integration(
        "aws-sdk:sfn",
        actions: [
            "createActivity", "createStateMachine", "createStateMachineAlias", "deleteActivity",
            "deleteStateMachine", "deleteStateMachineAlias", "deleteStateMachineVersion", "describeActivity",
            "describeExecution", "describeMapRun", "describeStateMachine", "describeStateMachineAlias",
            "describeStateMachineForExecution", "getActivityTask", "getExecutionHistory", "listActivities",
            "listExecutions", "listMapRuns", "listStateMachineAliases", "listStateMachineVersions",
            "listStateMachines", "listTagsForResource", "publishStateMachineVersion", "redriveExecution",
            "sendTaskFailure", "sendTaskHeartbeat", "sendTaskSuccess", "startExecution", "startSyncExecution",
            "stopExecution", "tagResource", "testState", "untagResource", "updateMapRun", "updateStateMachine",
            "updateStateMachineAlias", "validateStateMachineDefinition",
        ]
    )

    /// Calls an operation by its name on the wire, as `StartExecution`, and throws `ServiceError` when it refuses.
    public typealias Call = @Sendable (_ operation: String, _ input: JSON) async throws -> JSON

    private let call: Call
    private let makeID: @Sendable () -> String

    /// Members that are JSON text on the wire, and that a definition may write as JSON.
    private static let textual = ["definition", "input", "output", "context", "variables"]

    /// A handler that calls operations; the second function makes the ids of requests that fail.
    public init(makeID: @escaping @Sendable () -> String, call: @escaping Call) {
        self.call = call
        self.makeID = makeID
    }

    /// Calls the operation that the resource names.
    public func run(_ task: TaskInvocation) async throws -> TaskResult {
        let parameters = try TaskParameters(task)
        let operation = task.action.prefix(1).uppercased() + task.action.dropFirst()
        var input = SDKCase.stepFunctions.wire(fromSDK: parameters.json)
        for name in Self.textual {
            if let value = input[name], value.string == nil, !value.isNull { input[name] = .string(value.text) }
        }
        if operation == "StartExecution", input["name"] == nil { input["name"] = .string(task.executionName) }
        do {
            return .succeeded(SDKCase.stepFunctions.sdk(fromWire: try await call(operation, input)))
        } catch let error as ServiceError {
            throw error.statesError(service: "Sfn", requestID: makeID())
        }
    }
}

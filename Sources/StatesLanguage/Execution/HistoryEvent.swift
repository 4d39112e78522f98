public import FoundationEssentials
public import JSON

/// An event of an execution's history, as `GetExecutionHistory` shows it.
public struct HistoryEvent: Sendable, Equatable {
    /// The event's number in its execution, from 1.
    public var id: Int
    /// The event that led to this one; 0 for the first two.
    public var previousID: Int
    /// When it happened.
    public var timestamp: Date
    /// What happened.
    public var type: HistoryEventType
    /// The details but for the input, output or parameters; variables that were set as values.
    public var details: JSONObject
    /// The input, output or parameters, written as JSON text only when shown.
    public var data: DataMember?

    /// A value that appears in the details as JSON text.
    public struct DataMember: Sendable, Equatable {
        /// The member that holds it.
        public var key: Key
        /// The value.
        public var payload: Payload

        /// The members that hold such values.
        public enum Key: String, Sendable {
            case input, output, parameters
        }
    }
}

extension HistoryEvent {
    /// The event in the exact shape of AWS; the timestamp is seconds since 1970 with milliseconds.
    public var json: JSON {
        var object: JSONObject = [
            "timestamp": .double((timestamp.timeIntervalSince1970 * 1000).rounded() / 1000),
            "type": .string(type.rawValue),
            "id": JSON(id),
            "previousEventId": JSON(previousID),
        ]
        if let member = type.detailsMember { object[member] = .object(allDetails) }
        return .object(object)
    }

    /// The details as AWS shows them, with the input or output as JSON text.
    public var allDetails: JSONObject {
        guard let data else { return details }
        var all = JSONObject()
        if type.hasLeadingData { add(data, to: &all) }
        for (key, value) in details where key != "assignedVariables" { all[key] = value }
        if !type.hasLeadingData { add(data, to: &all) }
        guard let variables = details["assignedVariables"]?.object else { return all }
        all["assignedVariables"] = .object(JSONObject(variables.map { ($0.key, .string($0.value.text)) }))
        all["assignedVariablesDetails"] = ["truncated": false]
        return all
    }

    private func add(_ data: DataMember, to object: inout JSONObject) {
        object[data.key.rawValue] = .string(data.payload.text)
        if data.key != .parameters { object["\(data.key.rawValue)Details"] = ["truncated": false] }
    }
}

/// The kinds of history events.
public enum HistoryEventType: String, Sendable, CaseIterable {
    case activityFailed = "ActivityFailed"
    case activityScheduled = "ActivityScheduled"
    case activityStarted = "ActivityStarted"
    case activitySucceeded = "ActivitySucceeded"
    case activityTimedOut = "ActivityTimedOut"
    case choiceStateEntered = "ChoiceStateEntered"
    case choiceStateExited = "ChoiceStateExited"
    case evaluationFailed = "EvaluationFailed"
    case executionAborted = "ExecutionAborted"
    case executionFailed = "ExecutionFailed"
    case executionRedriven = "ExecutionRedriven"
    case executionStarted = "ExecutionStarted"
    case executionSucceeded = "ExecutionSucceeded"
    case executionTimedOut = "ExecutionTimedOut"
    case failStateEntered = "FailStateEntered"
    case lambdaFunctionFailed = "LambdaFunctionFailed"
    case lambdaFunctionScheduled = "LambdaFunctionScheduled"
    case lambdaFunctionStarted = "LambdaFunctionStarted"
    case lambdaFunctionSucceeded = "LambdaFunctionSucceeded"
    case lambdaFunctionTimedOut = "LambdaFunctionTimedOut"
    case mapIterationAborted = "MapIterationAborted"
    case mapIterationFailed = "MapIterationFailed"
    case mapIterationStarted = "MapIterationStarted"
    case mapIterationSucceeded = "MapIterationSucceeded"
    case mapRunAborted = "MapRunAborted"
    case mapRunFailed = "MapRunFailed"
    case mapRunRedriven = "MapRunRedriven"
    case mapRunStarted = "MapRunStarted"
    case mapRunSucceeded = "MapRunSucceeded"
    case mapStateAborted = "MapStateAborted"
    case mapStateEntered = "MapStateEntered"
    case mapStateExited = "MapStateExited"
    case mapStateFailed = "MapStateFailed"
    case mapStateStarted = "MapStateStarted"
    case mapStateSucceeded = "MapStateSucceeded"
    case parallelStateAborted = "ParallelStateAborted"
    case parallelStateEntered = "ParallelStateEntered"
    case parallelStateExited = "ParallelStateExited"
    case parallelStateFailed = "ParallelStateFailed"
    case parallelStateStarted = "ParallelStateStarted"
    case parallelStateSucceeded = "ParallelStateSucceeded"
    case passStateEntered = "PassStateEntered"
    case passStateExited = "PassStateExited"
    case succeedStateEntered = "SucceedStateEntered"
    case succeedStateExited = "SucceedStateExited"
    case taskFailed = "TaskFailed"
    case taskScheduled = "TaskScheduled"
    case taskStarted = "TaskStarted"
    case taskStateAborted = "TaskStateAborted"
    case taskStateEntered = "TaskStateEntered"
    case taskStateExited = "TaskStateExited"
    case taskSubmitted = "TaskSubmitted"
    case taskSucceeded = "TaskSucceeded"
    case taskTimedOut = "TaskTimedOut"
    case waitStateAborted = "WaitStateAborted"
    case waitStateEntered = "WaitStateEntered"
    case waitStateExited = "WaitStateExited"

    /// The member of the event that holds its details; `nil` for kinds that have none.
    public var detailsMember: String? {
        switch self {
        case .choiceStateEntered, .failStateEntered, .mapStateEntered, .parallelStateEntered, .passStateEntered,
            .succeedStateEntered, .taskStateEntered, .waitStateEntered:
            "stateEnteredEventDetails"
        case .choiceStateExited, .mapStateExited, .parallelStateExited, .passStateExited, .succeedStateExited,
            .taskStateExited, .waitStateExited:
            "stateExitedEventDetails"
        case .lambdaFunctionStarted, .mapRunAborted, .mapRunSucceeded, .mapStateAborted, .mapStateFailed,
            .mapStateSucceeded, .parallelStateAborted,
            .parallelStateFailed, .parallelStateStarted, .parallelStateSucceeded, .taskStateAborted,
            .waitStateAborted:
            nil
        default: rawValue.prefix(1).lowercased() + rawValue.dropFirst() + "EventDetails"
        }
    }

    /// Whether the input or output comes before the other details, as in AWS's answers.
    var hasLeadingData: Bool {
        switch self {
        case .executionStarted, .lambdaFunctionScheduled, .activityScheduled: true
        default: false
        }
    }
}

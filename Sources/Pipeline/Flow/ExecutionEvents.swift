public import DurableExecution
internal import FoundationEssentials
internal import JSON
public import Notifications

/// Tells the rules how the status of executions changes, as Step Functions tells EventBridge.
public struct ExecutionEvents: Sendable {
    private let bus: EventBus
    private let executions: any ExecutionStore

    /// As much input and output as an event carries, in bytes.
    private static let dataLimit = 248_000

    /// Events on a bus; the store has the details of executions.
    public init(bus: EventBus, executions: any ExecutionStore) {
        self.bus = bus
        self.executions = executions
    }

    /// Tells that executions have begun.
    func tell(_ beginnings: [ExecutionBeginning]) async throws {
        guard !beginnings.isEmpty, try await bus.isListening() else { return }
        try await bus.take(
            beginnings.map { beginning in
                var execution = beginning.execution
                execution.status = .running
                execution.redriveCount = beginning.redriveCount
                (execution.stopDate, execution.output) = (nil, nil)
                (execution.error, execution.cause) = (nil, nil)
                let date = beginning.redriveCount > 0 ? execution.redriveDate : nil
                return event(execution, at: date ?? execution.startDate)
            }
        )
    }

    /// Tells that executions have ended.
    func tell(_ outcomes: [ExecutionOutcome]) async throws {
        guard !outcomes.isEmpty, try await bus.isListening() else { return }
        var events: [Event] = []
        for outcome in outcomes {
            guard var execution = try await executions.execution(outcome.executionArn) else { continue }
            // It may have been redriven, and be under way again.
            if execution.status != outcome.status || execution.redriveCount != outcome.redriveCount {
                execution.output = nil
            }
            execution.status = outcome.status
            execution.redriveCount = outcome.redriveCount
            (execution.error, execution.cause) = (outcome.error, outcome.cause)
            execution.stopDate = outcome.date
            events.append(event(execution, at: outcome.date))
        }
        try await bus.take(events)
    }

    private func event(_ execution: Execution, at date: Date) -> Event {
        Event(
            id: bus.eventID(for: "\(execution.arn)#\(execution.redriveCount)/\(execution.status.rawValue)"),
            source: "aws.states",
            detailType: "Step Functions Execution Status Change",
            detail: Self.detail(of: execution),
            resources: [execution.arn],
            time: date
        )
    }

    static func detail(of execution: Execution) -> JSON {
        let output = execution.output
        let isIncluded = JSON.string(execution.input).utf8.count + JSON(output).utf8.count <= dataLimit
        let details: JSON = ["included": .bool(isIncluded)]
        var detail: JSON = [
            "executionArn": .string(execution.arn), "stateMachineArn": .string(execution.stateMachineArn),
            "name": .string(execution.name), "status": .string(execution.status.rawValue),
            "startDate": milliseconds(execution.startDate), "stopDate": milliseconds(execution.stopDate),
            "input": isIncluded ? .string(execution.input) : nil,
            "output": isIncluded ? JSON(output) : nil,
            "inputDetails": details, "outputDetails": output == nil ? nil : details,
            "error": JSON(execution.error), "cause": JSON(execution.cause),
            "stateMachineVersionArn": nil, "stateMachineAliasArn": nil,
            "redriveCount": JSON(execution.redriveCount), "redriveDate": milliseconds(execution.redriveDate),
        ]
        let described = execution.json
        for name in ["stateMachineVersionArn", "stateMachineAliasArn", "redriveStatus", "redriveStatusReason"] {
            if let value = described[name] { detail[name] = value }
        }
        if detail["redriveStatusReason"] == nil { detail["redriveStatusReason"] = .null }
        return detail
    }

    private static func milliseconds(_ date: Date?) -> JSON {
        date.map { JSON(Int64(($0.timeIntervalSince1970 * 1000).rounded())) } ?? .null
    }
}

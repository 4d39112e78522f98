import DurableExecution
import JSON
import StatesLanguage
import Testing

@testable import Pipeline

@Suite struct StepFunctionsTaskTests {
    /// What was called, and what is answered.
    private func run(
        _ action: String,
        _ parameters: JSON,
        answer: @escaping @Sendable (String, JSON) async throws -> JSON
    ) async throws -> Execution {
        let stage = try IntegrationStage { tasks, _ in
            let task = StepFunctionsTask(makeID: { "request-1" }, call: answer)
            tasks.register(StepFunctionsTask.integration, task)
        }
        return try await stage.running { try await stage.end("arn:aws:states:::aws-sdk:sfn:\(action)", parameters) }
    }

    @Test func `parameters and results are spelled as the SDK spells them`() async throws {
        let execution = try await run(
            "createStateMachine",
            [
                "Name": "m", "RoleArn": "r", "Definition": ["StartAt": "a"],
                "LoggingConfiguration": ["Level": "ALL", "IncludeExecutionData": true],
                "Tags": [["Key": "team", "Value": "Search"]],
            ]
        ) { operation, input in
            #expect(operation == "CreateStateMachine")
            #expect(
                input == [
                    "name": "m", "roleArn": "r", "definition": #"{"StartAt":"a"}"#,
                    "loggingConfiguration": ["level": "ALL", "includeExecutionData": true],
                    "tags": [["key": "team", "value": "Search"]],
                ]
            )
            return ["stateMachineArn": "arn", "creationDate": 1_700_000_000.25]
        }
        #expect(
            try JSON(parsing: execution.output ?? "") == [
                "StateMachineArn": "arn", "CreationDate": "2023-11-14T22:13:20.250Z",
            ]
        )
    }

    @Test func `an execution without a name gets one that a repeated task gives again`() async throws {
        let names = Locked<[String]>([])
        let task = StepFunctionsTask(makeID: { "" }) { _, input in
            let name = input["name"]?.string ?? ""
            names.withLock { $0.append(name) }
            return [:]
        }
        let resource = "arn:aws:states:::aws-sdk:sfn:startExecution"
        for (id, attempt) in [(1, 1), (1, 2), (2, 1)] {
            let request = TaskRequest(
                id: id,
                stateName: "S",
                resource: resource,
                input: Payload(["StateMachineArn": "m"]),
                token: "t",
                timeoutSeconds: nil,
                heartbeatSeconds: nil
            )
            _ = try await task.run(TaskInvocation(executionArn: "arn", request: request, attempt: attempt))
        }
        let given = names.withLock { $0 }
        #expect(given[0] == given[1])
        #expect(given[0] != given[2])
        #expect(given[0].count == 36)
    }

    @Test(arguments: [
        ("ExecutionAlreadyExists", 400, "Sfn.ExecutionAlreadyExistsException"),
        ("ValidationException", 400, "Sfn.ValidationException"), ("ServiceUnavailable", 503, "Sfn.SfnException"),
    ])
    func `a refusal has the name of the SDK's exception`(code: String, status: Int, name: String) async throws {
        let execution = try await run("stopExecution", ["ExecutionArn": "e"]) { _, _ in
            throw ServiceError(code: code, message: "It is so: 'e'", status: status)
        }
        #expect(execution.error == name)
        #expect(execution.cause == "It is so: 'e' (Service: Sfn, Status Code: \(status), Request ID: request-1)")
    }
}

import FoundationEssentials
import HTTPAPI
import JSON
import Testing

@Suite struct StepFunctionsRoutesTests {
    private static let role = "arn:aws:iam::000000000000:role/any"
    private static let pass = #"{"StartAt":"A","States":{"A":{"Type":"Pass","Result":{"a":1},"End":true}}}"#
    private static let waiting = #"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":3600,"End":true}}}"#
    private static let callback = """
        {"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters":{"FunctionName":"f","Payload":{"token.$":"$$.Task.Token"}},"End":true}}}
        """

    /// A client of Step Functions on a running engine.
    private struct States: Sendable {
        let client: Client

        init(_ port: Int) throws { client = Client(endpoint: try #require(URL(string: "http://127.0.0.1:\(port)"))) }

        func callAsFunction(_ operation: String, _ input: JSON = [:]) async throws -> JSON {
            try await client.call("AWSStepFunctions", operation, input)
        }

        func create(_ name: String, _ definition: String) async throws -> JSON {
            let input: JSON = ["name": .string(name), "definition": .string(definition), "roleArn": .string(role)]
            return try #require(try await self("CreateStateMachine", input)["stateMachineArn"])
        }

        func start(_ name: String, _ definition: String, input: String = "{}") async throws -> JSON {
            let arn = try await create(name, definition)
            let started = try await self("StartExecution", ["stateMachineArn": arn, "input": .string(input)])
            return ["executionArn": try #require(started["executionArn"])]
        }
    }

    private static func withStates<Result: Sendable>(
        _ body: @escaping @Sendable (States) async throws -> Result
    ) async throws -> Result {
        try await withEngine { port in try await body(States(port)) }
    }

    private static func refusal(_ body: () async throws -> Void) async -> (code: String, message: String)? {
        let error = await #expect(throws: ClientError.self) { try await body() }
        guard case .refused(let code, let message, 400) = error else { return nil }
        return (code, message)
    }

    @Test func `a pass is created, started, described and told`() async throws {
        try await Self.withStates { states in
            let execution = try await states.start("pass", Self.pass, input: #"{"b":2}"#)
            let described = try await states("DescribeExecution", execution)
            #expect(described["status"] == "SUCCEEDED")
            #expect(described["output"] == #"{"a":1}"#)
            #expect(described["input"] == #"{"b":2}"#)
            #expect(described["startDate"]?.double ?? 0 > 1_600_000_000)
            let events = try await states("GetExecutionHistory", execution)["events"]?.array ?? []
            #expect(
                events.map { $0["type"]?.string } == [
                    "ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded",
                ]
            )
            let hidden = try await states("DescribeExecution", execution.with("includedData", "METADATA_ONLY"))
            #expect(hidden["output"] == nil)
            #expect(hidden["status"] == "SUCCEEDED")
        }
    }

    @Test func `lists come in pages`() async throws {
        try await Self.withStates { states in
            let arn = try await states.create("waiting", Self.waiting)
            for name in ["a", "b", "c"] {
                _ = try await states("StartExecution", ["stateMachineArn": arn, "name": .string(name)])
            }
            let first = try await states("ListExecutions", ["stateMachineArn": arn, "maxResults": 2])
            let rest = try await states(
                "ListExecutions",
                ["stateMachineArn": arn, "nextToken": try #require(first["nextToken"])]
            )
            let pages = [first, rest].map { $0["executions"]?.array?.compactMap { $0["name"]?.string } ?? [] }
            #expect(pages.map(\.count) == [2, 1])
            #expect(Set(pages.joined()) == ["a", "b", "c"])
            #expect(rest["nextToken"] == nil)
            let failed = try await states("ListExecutions", ["stateMachineArn": arn, "statusFilter": "FAILED"])
            #expect(failed == ["executions": []])
            let machines = try await states("ListStateMachines")
            #expect(machines["stateMachines"]?[0]?["stateMachineArn"] == arn)
        }
    }

    @Test func `an execution is stopped and redriven`() async throws {
        try await Self.withStates { states in
            let execution = try await states.start("waiting", Self.waiting)
            let stopped = try await states("StopExecution", execution.with("error", "Enough"))
            #expect(stopped["stopDate"]?.double ?? 0 > 1_600_000_000)
            let aborted = try await states("DescribeExecution", execution)
            #expect(aborted["status"] == "ABORTED")
            #expect(aborted["error"] == "Enough")
            #expect(try await states("RedriveExecution", execution)["redriveDate"]?.double ?? 0 > 1_600_000_000)
            let running = try await states("DescribeExecution", execution)
            #expect(running["status"] == "RUNNING")
            #expect(running["redriveCount"] == 1)
        }
    }

    @Test func `a task that waits for a token is ended by it`() async throws {
        try await Self.withStates { states in
            let execution = try await states.start("callback", Self.callback)
            let events = try await states("GetExecutionHistory", execution)["events"]?.array ?? []
            let details = events.compactMap { $0["taskScheduledEventDetails"] }
            let scheduled = try #require(details.first?["parameters"]?.string)
            let token = try #require(try JSON(parsing: scheduled)["Payload"]?["token"])
            #expect(try await states("SendTaskHeartbeat", ["taskToken": token]) == [:])
            let ended = try await states("SendTaskSuccess", ["taskToken": token, "output": #"{"done":true}"#])
            #expect(ended == [:])
            #expect(try await states("DescribeExecution", execution)["output"] == #"{"done":true}"#)
            let late = await Self.refusal { _ = try await states("SendTaskFailure", ["taskToken": token]) }
            #expect(late?.code == "TaskTimedOut")
        }
    }

    @Test func `a definition is updated, described and deleted`() async throws {
        try await Self.withStates { states in
            let arn = try await states.create("m", Self.pass)
            let updated = try await states(
                "UpdateStateMachine",
                ["stateMachineArn": arn, "definition": .string(Self.waiting)]
            )
            #expect(updated["revisionId"]?.string?.isEmpty == false)
            let described = try await states("DescribeStateMachine", ["stateMachineArn": arn])
            #expect(described["definition"] == .string(Self.waiting))
            #expect(described["status"] == "ACTIVE")
            _ = try await states("DeleteStateMachine", ["stateMachineArn": arn])
            let gone = await Self.refusal { _ = try await states("DescribeStateMachine", ["stateMachineArn": arn]) }
            #expect(gone?.code == "StateMachineDoesNotExist")
        }
    }

    @Test func `what is wrong with a request is told in the words of AWS`() async throws {
        try await Self.withStates { states in
            let missing = await Self.refusal { _ = try await states("StartExecution") }
            #expect(missing?.code == "ValidationException")
            #expect(missing?.message.contains("Value null at 'stateMachineArn'") == true)
            let wrong = await Self.refusal { _ = try await states("DescribeExecution", ["executionArn": 1]) }
            #expect(wrong?.code == "SerializationException")
            let filter = await Self.refusal { _ = try await states("ListExecutions", ["statusFilter": "succeeded"]) }
            #expect(filter?.message.contains("Value 'succeeded' at 'statusFilter'") == true)
            let page = await Self.refusal { _ = try await states("ListStateMachines", ["maxResults": 1001]) }
            #expect(page?.message.contains("less than or equal to 1000") == true)
            let definition = await Self.refusal { _ = try await states.create("bad", #"{"StartAt":"A","States":{}}"#) }
            #expect(definition?.code == "InvalidDefinition")
        }
    }

    @Test func `a definition is checked without being created`() async throws {
        try await Self.withStates { states in
            let good = try await states("ValidateStateMachineDefinition", ["definition": .string(Self.pass)])
            #expect(good == ["result": "OK", "diagnostics": [], "truncated": false])
            let text = #"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"C":{"Type":"Pss"}}}"#
            let bad = try await states("ValidateStateMachineDefinition", ["definition": .string(text)])
            #expect(bad["result"] == "FAIL")
            #expect(bad["diagnostics"]?.array?.allSatisfy { $0["severity"] == "ERROR" } == true)
            let one = try await states(
                "ValidateStateMachineDefinition",
                ["definition": .string(text), "maxResults": 1]
            )
            #expect(one["diagnostics"]?.array?.count == 1)
            #expect(one["truncated"] == true)
            let noJSON = try await states("ValidateStateMachineDefinition", ["definition": "{"])
            #expect(noJSON["diagnostics"]?[0]?["code"] == "INVALID_JSON_DESCRIPTION")
            #expect(try await states("ListStateMachines") == ["stateMachines": []])
        }
    }
}

extension JSON {
    fileprivate func with(_ key: String, _ value: JSON) -> JSON {
        var json = self
        json[key] = value
        return json
    }
}

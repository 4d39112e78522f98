import Foundation
import HTTPAPI
import JSON

/// How many executions a second a real service starts and ends over HTTP, and how fast it shows the history of a long
/// one.
struct ExecutionsBenchmark {
    private static let connections = 16
    private static let role = "arn:aws:iam::000000000000:role/bench"

    let workspace: Workspace

    func measure() async throws -> [Measurement] {
        let folder = try workspace.subdirectory("executions")
        defer { try? workspace.remove(folder) }
        return try await ServiceProcess.with(workspace, home: "\(folder)/home") { service in
            let standard = try await load(service, Self.threeStates, type: "STANDARD", operation: "StartExecution")
            let ended = try await count(service, standard.arn, status: "SUCCEEDED")
            let express = try await load(service, Self.tenStates, type: "EXPRESS", operation: "StartSyncExecution")
            return try await [
                Measurement(
                    "executions of three states",
                    standard.outcome.requestsPerSecond,
                    "executions/s",
                    aim: .atLeast(3000),
                    method: "StartExecution over HTTP on \(Self.connections) connections, 10 s: Pass, Choice, Succeed, "
                        + "each ended and on disk when it is answered (of the last 1,000 listed, \(ended) SUCCEEDED)"
                ),
                Measurement(
                    "their latency, p99",
                    standard.outcome.latencies.percentile(0.99),
                    "ms",
                    method: "from sending to the whole answer"
                ),
                Measurement(
                    "Express executions of ten states",
                    express.outcome.requestsPerSecond,
                    "executions/s",
                    method: "StartSyncExecution over HTTP of ten Pass states, \(Self.connections) connections, 10 s"
                ),
            ] + histories(service)
        }
    }

    private struct Load {
        let arn: JSON
        let outcome: LoadGenerator.Outcome
    }

    private func load(
        _ service: ServiceProcess,
        _ definition: JSON,
        type: String,
        operation: String
    ) async throws -> Load {
        let arn = try await Self.create(service, operation, definition, type: type)
        let input: JSON = ["stateMachineArn": arn, "input": #"{"count":1}"#]
        let request = LoadGenerator.Request(
            "/",
            headers: [
                ("Content-Type", "application/x-amz-json-1.0"), ("X-Amz-Target", "AWSStepFunctions.\(operation)"),
            ],
            body: input.text
        )
        let generator = LoadGenerator(port: service.port, connections: Self.connections) { _, _ in request }
        _ = try await generator.run(.duration(.seconds(1)))
        return Load(arn: arn, outcome: try await generator.run(.duration(.seconds(10))))
    }

    private func count(_ service: ServiceProcess, _ machine: JSON, status: String) async throws -> Int {
        let input: JSON = ["stateMachineArn": machine, "maxResults": 1000]
        let listed = try await service.client.call("AWSStepFunctions", "ListExecutions", input)
        return (listed["executions"]?.array ?? []).count { $0["status"] == .string(status) }
    }

    private static func create(
        _ service: ServiceProcess,
        _ name: String,
        _ definition: JSON,
        type: String
    ) async throws -> JSON {
        let request: JSON = [
            "name": .string(name), "definition": .string(definition.text), "roleArn": .string(role),
            "type": .string(type),
        ]
        return try await service.client.call("AWSStepFunctions", "CreateStateMachine", request)["stateMachineArn"]
            ?? .null
    }

    private static let threeStates: JSON = [
        "StartAt": "Pass",
        "States": [
            "Pass": ["Type": "Pass", "Next": "Choose"],
            "Choose": [
                "Type": "Choice", "Default": "Done",
                "Choices": [["Variable": "$.count", "NumericGreaterThan": 5, "Next": "Done"]],
            ], "Done": ["Type": "Succeed"],
        ],
    ]

    private static let tenStates: JSON = {
        var states = JSONObject()
        for number in 1...10 {
            states["S\(number)"] =
                number < 10 ? ["Type": "Pass", "Next": .string("S\(number + 1)")] : ["Type": "Pass", "End": true]
        }
        return ["StartAt": "S1", "States": .object(states)]
    }()
}

// MARK: - History

extension ExecutionsBenchmark {
    /// How long a page of 100 events takes, from a short history and from within a long one.
    private func histories(_ service: ServiceProcess) async throws -> [Measurement] {
        let short = try await page(service, items: 50)
        let long = try await page(service, items: 20_000)
        return [
            Measurement(
                "page of a history of \(short.events) events",
                short.milliseconds,
                "ms",
                method: "GetExecutionHistory, 100 events from the end on, median of 50 calls"
            ),
            Measurement(
                "page of a history of \(long.events) events",
                long.milliseconds,
                "ms",
                aim: .atMost(3 * max(short.milliseconds, 1)),
                method: "the same; aim: as long as from the short one"
            ),
        ]
    }

    private func page(_ service: ServiceProcess, items: Int) async throws -> (events: Int, milliseconds: Double) {
        let map: JSON = [
            "Type": "Map", "End": true,
            "ItemProcessor": ["StartAt": "I", "States": ["I": ["Type": "Pass", "End": true]]],
        ]
        let arn = try await Self.create(
            service,
            "map\(items)",
            ["StartAt": "M", "States": ["M": map]],
            type: "STANDARD"
        )
        let input = JSON.array((0..<items).map { _ in 1 }).text
        let start: JSON = ["stateMachineArn": arn, "input": .string(input)]
        let execution =
            try await service.client.call("AWSStepFunctions", "StartExecution", start)["executionArn"] ?? .null
        while try await service.client.call("AWSStepFunctions", "DescribeExecution", ["executionArn": execution])[
            "status"
        ]
            == "RUNNING"
        { try await Task.sleep(for: .milliseconds(50)) }
        var events = 0
        var times: [Duration] = []
        for _ in 0..<50 {
            let clock = ContinuousClock()
            let began = clock.now
            let page = try await service.client.call(
                "AWSStepFunctions",
                "GetExecutionHistory",
                ["executionArn": execution, "reverseOrder": true, "maxResults": 100]
            )
            times.append(began.duration(to: clock.now))
            events = page["events"]?[0]?["id"]?.int ?? 0
        }
        return (events, Distribution(times).median)
    }
}

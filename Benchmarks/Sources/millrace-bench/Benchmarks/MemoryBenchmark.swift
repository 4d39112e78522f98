import Foundation
import HTTPAPI
import JSON

/// How much memory a service takes, idle and with a hundred thousand executions waiting.
struct MemoryBenchmark {
    private static let connections = 50
    private static let executionsPerConnection = 2000
    private static let executionCount = connections * executionsPerConnection

    let workspace: Workspace

    func measure() async throws -> [Measurement] {
        let folder = try workspace.subdirectory("memory")
        defer { try? workspace.remove(folder) }
        let home = "\(folder)/home"
        let bucket = "\(folder)/bucket"
        try FileManager.default.createDirectory(atPath: bucket, withIntermediateDirectories: true)
        var measurements = try await ServiceProcess.with(workspace, home: home, buckets: ["drops=\(bucket)"]) {
            service in
            let idle = try await service.memory.settled()
            let started = try await startAll(service)
            let waiting = try await service.memory.settled()
            return try Self.measurements(idle: idle, waiting: waiting, started, peak: service.memory.peak())
        }
        try await ServiceProcess.with(workspace, home: home, buckets: ["drops=\(bucket)"]) { service in
            let waiting = try await service.memory.settled()
            measurements += Self.measurements(restarted: waiting, secondsToFirstAnswer: service.secondsToFirstAnswer)
        }
        return measurements
    }

    private func startAll(_ service: ServiceProcess) async throws -> LoadGenerator.Outcome {
        let definition: JSON = [
            "StartAt": "Wait", "States": ["Wait": ["Type": "Wait", "Seconds": 1_000_000, "End": true]],
        ]
        let machine = try await service.client.call(
            "AWSStepFunctions",
            "CreateStateMachine",
            [
                "name": "waiting", "definition": .string(definition.text),
                "roleArn": "arn:aws:iam::000000000000:role/bench",
            ]
        )
        let input: JSON = ["stateMachineArn": machine["stateMachineArn"] ?? .null]
        let request = LoadGenerator.Request(
            "/",
            headers: [
                ("Content-Type", "application/x-amz-json-1.0"), ("X-Amz-Target", "AWSStepFunctions.StartExecution"),
            ],
            body: input.text
        )
        let generator = LoadGenerator(port: service.port, connections: Self.connections) { _, _ in request }
        return try await generator.run(.requestsPerConnection(Self.executionsPerConnection))
    }

    private static func measurements(
        idle: Double,
        waiting: Double,
        _ started: LoadGenerator.Outcome,
        peak: Double
    ) -> [Measurement] {
        let count = "100,000 executions"
        return [
            Measurement(
                "memory, idle",
                idle,
                "MB",
                aim: .atMost(50),
                method: "VmRSS of `millrace serve` on an empty home and an empty bucket, once it has settled"
            ),
            Measurement(
                "memory, 100,000 waiting",
                waiting,
                "MB",
                aim: .atMost(2 * idle),
                method: "VmRSS once it has settled after \(count) of one Wait state were started; aim: twice idle"
            ),
            Measurement("memory, peak while starting", peak, "MB", method: "VmHWM of the same process"),
            Measurement(
                "starting 100,000 executions",
                Double(executionCount) / started.requestsPerSecond,
                "s",
                method: "StartExecution over HTTP on \(connections) connections, each answered when it is on disk"
            ),
        ]
    }

    private static func measurements(restarted: Double, secondsToFirstAnswer: Double) -> [Measurement] {
        [
            Measurement(
                "memory, 100,000 after restart",
                restarted,
                "MB",
                method: "VmRSS of a new process on the same home, once it has settled"
            ),
            Measurement(
                "restart with 100,000 waiting",
                secondsToFirstAnswer,
                "s",
                aim: .atMost(1),
                method: "from the start of that process to its first answer"
            ),
        ]
    }
}

import Foundation
import HTTPAPI
import JSON

/// How long a drop waits before its execution is in its first state.
struct LatencyBenchmark {
    private static let dropCount = 100

    let workspace: Workspace

    private struct Times {
        /// From the rename to the time that the first `…StateEntered` bears.
        var entered: [Double] = []
        /// From the rename until the execution could be read over HTTP, hence was on disk.
        var seen: [Double] = []
    }

    func measure() async throws -> [Measurement] {
        let folder = try workspace.subdirectory("latency")
        defer { try? workspace.remove(folder) }
        for number in 0..<Self.dropCount { try prepare(folder, number) }
        let times = try await ServiceProcess.with(
            workspace,
            home: "\(folder)/home",
            buckets: ["drops=\(folder)/bucket"]
        ) { service in
            var times = Times()
            for number in 0..<Self.dropCount { try await drop(number, in: folder, service, &times) }
            return times
        }
        let entered = Distribution(times.entered)
        let seen = Distribution(times.seen)
        let method =
            "real `millrace serve`, \(Self.dropCount) drops one by one, each of another dataset group: "
            + "rename(2) to the event's time (whole ms)"
        return [
            Measurement("rename to first state, p50", entered.median, "ms", aim: .atMost(10), method: method),
            Measurement("rename to first state, p99", entered.percentile(0.99), "ms", method: "the same"),
            Measurement(
                "rename to durable, p50",
                seen.median,
                "ms",
                method: "rename(2) until ListExecutions shows the execution, asked about every ms"
            ),
            Measurement("rename to durable, p99", seen.percentile(0.99), "ms", method: "the same"),
        ]
    }

    /// Puts a folder with data into the bucket, and its configuration beside the bucket.
    private func prepare(_ folder: String, _ number: Int) throws {
        let data = "\(folder)/bucket/\(number)/Interactions"
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        try workspace.write("USER_ID,ITEM_ID,TIMESTAMP\n1,1,1000000000\n", to: "\(data)/interactions.csv")
        try workspace.write(Self.params(number).text, to: "\(folder)/\(number).json")
    }

    private func drop(_ number: Int, in folder: String, _ service: ServiceProcess, _ times: inout Times) async throws {
        let earlier = try await newest(service)
        let start = Date()
        guard unsafe rename("\(folder)/\(number).json", "\(folder)/bucket/\(number)/params.json") == 0 else {
            throw BenchmarkError("cannot rename \"\(folder)/\(number).json\" into the bucket: errno \(errno)")
        }
        let arn = try await execution(after: earlier, service)
        times.seen.append(Date().timeIntervalSince(start) * 1000)
        let entered = try await firstStateEntered(arn, service)
        times.entered.append((entered - start.timeIntervalSince1970) * 1000)
        _ = try await service.client.call("AWSStepFunctions", "StopExecution", ["executionArn": .string(arn)])
        // What the execution had begun ends before the next drop.
        try await Task.sleep(for: .milliseconds(200))
    }

    private func newest(_ service: ServiceProcess) async throws -> String? {
        let list = try await service.client.call("AWSStepFunctions", "ListExecutions", ["maxResults": 1])
        return list["executions"]?[0]?["executionArn"]?.string
    }

    private func execution(after earlier: String?, _ service: ServiceProcess) async throws -> String {
        for _ in 0..<10_000 {
            if let arn = try await newest(service), arn != earlier { return arn }
            try await Task.sleep(for: .microseconds(500))
        }
        throw BenchmarkError("a drop started no execution")
    }

    private func firstStateEntered(_ arn: String, _ service: ServiceProcess) async throws -> Double {
        let history = try await service.client.call(
            "AWSStepFunctions",
            "GetExecutionHistory",
            ["executionArn": .string(arn), "maxResults": 10]
        )
        let events = history["events"]?.array ?? []
        guard let event = events.first(where: { $0["type"]?.string?.hasSuffix("StateEntered") == true }),
            let seconds = event["timestamp"]?.double
        else { throw BenchmarkError("the history of \"\(arn)\" has no state entered") }
        return seconds
    }

    private static func params(_ number: Int) -> JSON {
        [
            "datasetGroup": ["name": "drop-\(number)"],
            "datasets": [
                "Interactions": [
                    "name": "drop-\(number)-interactions",
                    "schema": [
                        "type": "record", "name": "Interactions", "version": "1.0",
                        "namespace": "com.amazonaws.personalize.schema",
                        "fields": [
                            ["name": "USER_ID", "type": "string"], ["name": "ITEM_ID", "type": "string"],
                            ["name": "TIMESTAMP", "type": "long"],
                        ],
                    ],
                ]
            ],
            "solution": [
                "name": "drop-\(number)", "recipeArn": "arn:aws:personalize:::recipe/aws-user-personalization",
            ],
            "campaign": ["name": "drop-\(number)", "minProvisionedTPS": 1],
        ]
    }
}

import Foundation
import HTTPAPI
import JSON

/// How many recommendations a second a service answers, and how fast.
struct RecommendationsBenchmark {
    private static let connections = 16
    private static let path = "/recommendations"
    private static let headers = [("Content-Type", "application/json")]
    private static let campaign = "arn:aws:personalize:us-east-1:000000000000:campaign/movielens-user-personalization"
    /// The users of the example.
    private static let userCount = 610

    let workspace: Workspace

    func measure() async throws -> [Measurement] {
        let folder = try workspace.subdirectory("http")
        defer { try? workspace.remove(folder) }
        let home = "\(folder)/home"
        try await train(home)
        return try await ServiceProcess.with(workspace, home: home) { service in
            try await check(service)
            let loaded = try await measureOwn(service)
            return try await loaded + measureWrk(service, folder)
        }
    }

    /// Runs the pipeline on the example, so that the home holds its campaigns.
    private func train(_ home: String) async throws {
        let log = "\(home).run.log"
        let child = try ChildProcess(workspace.program, ["run", workspace.example, "--home", home], log: log)
        guard try await child.exitStatus() == 0 else {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            throw BenchmarkError("`millrace run example` has failed: \(text.suffix(2000))")
        }
    }

    /// Waits until the campaign has its model again, and sees that an answer is whole.
    private func check(_ service: ServiceProcess) async throws {
        for attempt in 1... {
            do {
                let answer = try await service.client.post(Self.path, Self.input(user: 1))
                guard answer["itemList"]?.array?.count == 25 else {
                    throw BenchmarkError("25 items were asked for and \(answer["itemList"]?.array?.count ?? 0) came")
                }
                return
            } catch  where attempt < 100 && !(error is BenchmarkError) {
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    private func measureOwn(_ service: ServiceProcess) async throws -> [Measurement] {
        let requests = (1...Self.userCount).map {
            LoadGenerator.Request(Self.path, headers: Self.headers, body: Self.input(user: $0).text)
        }
        func load(_ connections: Int, _ duration: Duration) async throws -> LoadGenerator.Outcome {
            let generator = LoadGenerator(port: service.port, connections: connections) { connection, number in
                requests[(connection * 37 + number) % requests.count]
            }
            return try await generator.run(.duration(duration))
        }
        _ = try await load(Self.connections, .seconds(2))
        let many = try await load(Self.connections, .seconds(10))
        let one = try await load(1, .seconds(3))
        let method =
            "real `millrace serve`, user personalization trained on example/, top 25 of 9,724 items for 610 users in turn; "
            + "16 connections on loopback from this process, 10 s after 2 s to warm up"
        return [
            Measurement("recommendations, 16 connections", many.requestsPerSecond, "requests/s", method: method),
            Measurement("their latency, p50", many.latencies.median, "ms", method: "from sending to the whole answer"),
            Measurement("their latency, p99", many.latencies.percentile(0.99), "ms", method: "the same"),
            Measurement("latency alone, p50", one.latencies.median, "ms", method: "the same, 1 connection, 3 s"),
            Measurement("latency alone, p99", one.latencies.percentile(0.99), "ms", method: "the same"),
        ]
    }

    private static func input(user: Int) -> JSON {
        ["campaignArn": .string(campaign), "userId": .string("\(user)"), "numResults": 25]
    }
}

// MARK: - wrk

extension RecommendationsBenchmark {
    /// The same load from wrk, where it is installed.
    private func measureWrk(_ service: ServiceProcess, _ folder: String) async throws -> [Measurement] {
        let directories = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let candidates = directories.map { "\($0)/wrk" }
        guard let wrk = candidates.first(where: FileManager.default.isExecutableFile(atPath:)) else { return [] }
        let script = "\(folder)/load.lua"
        let output = "\(folder)/wrk.txt"
        try workspace.write(Self.script, to: script)
        let url = "http://127.0.0.1:\(service.port)\(Self.path)"
        let arguments = ["-t1", "-c\(Self.connections)", "-d10s", "--latency", "-s", script, url]
        let child = try ChildProcess(wrk, arguments, log: output)
        let status = try await child.exitStatus()
        let text = try String(contentsOfFile: output, encoding: .utf8)
        guard status == 0, !text.contains("Non-2xx"),
            let rate = Self.field("Requests/sec:", in: text).flatMap(Double.init)
        else { throw BenchmarkError("wrk has failed: \(text)") }
        let latencies = ["50%", "99%"].map { Self.field($0, in: text).flatMap(Self.milliseconds) ?? .nan }
        return [
            Measurement(
                "recommendations, by wrk",
                rate,
                "requests/s",
                method: "the same load from `wrk -t1 -c16 -d10s`"
            ),
            Measurement("their latency, p50", latencies[0], "ms", method: "as wrk tells it"),
            Measurement("their latency, p99", latencies[1], "ms", method: "as wrk tells it"),
        ]
    }

    /// The word after a label.
    private static func field(_ label: String, in text: String) -> String? {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.first.map(String.init) == label, words.count > 1 { return String(words[1]) }
        }
        return nil
    }

    /// `1.25ms`, `830.00us`, `1.02s`.
    private static func milliseconds(_ text: String) -> Double? {
        let number = text.prefix { $0.isNumber || $0 == "." }
        let factors = ["us": 0.001, "ms": 1, "s": 1000]
        guard let value = Double(number), let factor = factors[String(text.dropFirst(number.count))] else { return nil }
        return value * factor
    }

    private static var script: String {
        """
        wrk.method = "POST"
        wrk.headers["Content-Type"] = "application/json"
        local number = 0
        request = function()
            number = number % \(userCount) + 1
            local body = '{"campaignArn":"\(campaign)","userId":"' .. number .. '","numResults":25}'
            return wrk.format(nil, nil, nil, body)
        end
        """
    }
}

import Foundation
import JSON
import Kernels

/// How many users a second a batch inference job answers, from its creation to its end.
struct BatchBenchmark {
    private static let rowCount = 1_000_000
    private static let userCount = 50_000
    private static let itemCount = 5_000
    private static let results = 25

    let workspace: Workspace

    func measure() async throws -> [Measurement] {
        let folder = try workspace.subdirectory("batch")
        defer { try? workspace.remove(folder) }
        for name in ["Interactions", "in"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/bucket/\(name)",
                withIntermediateDirectories: true
            )
        }
        try Self.generate("\(folder)/bucket/Interactions/interactions.csv")
        try workspace.write(#"{"allUsers": true}"# + "\n", to: "\(folder)/bucket/in/users.json")
        return try await TrainedService.with(
            bucket: "\(folder)/bucket",
            home: folder,
            schemas: [("Interactions", Self.schema)]
        ) { trained in
            try await measure(trained, folder)
        }
    }

    /// Ours and the peer take turns.
    private func measure(_ trained: TrainedService, _ folder: String) async throws -> [Measurement] {
        let memory = ProcessMemory.own
        try memory.resetPeak()
        var (own, busy, peer): ([Double], [Double], [Double]) = ([], [], [])
        for number in 0..<3 {
            let start = ProcessorTime.seconds
            own.append(try await Self.job("plain-\(number)", trained, [:]))
            busy.append(ProcessorTime.seconds - start)
            if let seconds = try await peerSeconds(folder) { peer.append(seconds) }
        }
        let peak = try memory.peak()
        let database: JSON = ["sqliteDataDestination": ["path": "s3://bucket/answers.sqlite"]]
        let written = try await Self.job("rows", trained, database)
        let output = try String(contentsOfFile: "\(folder)/bucket/out/users.json.out", encoding: .utf8)
        let users = Double(output.utf8.count { $0 == UInt8(ascii: "\n") })
        let method =
            "top \(Self.results) with scores for \(Int(users)) users of a million interactions with \(Self.itemCount) "
            + "items, aws-user-personalization; from CreateBatchInferenceJob to ACTIVE, files synced; median of 3"
        let rate = users / Distribution(own).median
        var measurements = [
            Measurement("batch inference, all users", rate, "users/s", method: method),
            Measurement(
                "the same, processor time",
                Distribution(busy).median / users * 1_000_000,
                "µs/user",
                method: "of all threads of this process"
            ),
            Measurement("the same, peak memory", peak, "MB", method: "VmHWM of this process over the jobs"),
            Measurement(
                "the same, as SQLite too",
                users / written,
                "users/s",
                method: "the same, with \(Int(users) * Self.results) rows in a database, once"
            ),
        ]
        if !peer.isEmpty {
            let peerRate = users / Distribution(peer).median
            measurements.append(
                Measurement(
                    "batch inference, times implicit",
                    rate / peerRate,
                    "×",
                    aim: .atLeast(1),
                    method: "beside recommend() of implicit, which writes nothing, on the same data by turns: "
                        + "\(peerRate.rounded3) users/s"
                )
            )
        }
        return measurements
    }

    /// How long implicit takes for all users; `nil` where `make load` or `make peers` has not installed it.
    private func peerSeconds(_ folder: String) async throws -> Double? {
        let benchmarks = URL(filePath: workspace.example).deletingLastPathComponent().appending(path: "Benchmarks").path
        let python = "\(benchmarks)/.venv/bin/python"
        guard FileManager.default.isExecutableFile(atPath: python) else { return nil }
        let script = "\(benchmarks)/Peers/recommend_all.py"
        let interactions = "\(folder)/bucket/Interactions/interactions.csv"
        let arguments = [script, interactions, "--count", "\(Self.results)", "--repeat", "1"]
        let log = "\(folder)/peer.json"
        guard try await ChildProcess(python, arguments, log: log).exitStatus() == 0 else { return nil }
        let answer = try JSON(parsing: String(contentsOfFile: log, encoding: .utf8))
        return answer["runs"]?[0]?["seconds"]?.double
    }

    /// Runs a job; answers how long it took.
    private static func job(
        _ name: String,
        _ trained: TrainedService,
        _ output: JSON
    ) async throws -> Double {
        var destination: JSON = ["s3DataDestination": ["path": "s3://bucket/out/"]]
        for (member, value) in output.object ?? [:] { destination[member] = value }
        let input: JSON = [
            "jobName": .string(name), "solutionVersionArn": trained.version, "numResults": JSON(results),
            "roleArn": "arn:aws:iam::000000000000:role/bench",
            "jobInput": ["s3DataSource": ["path": "s3://bucket/in/"]], "jobOutput": destination,
        ]
        return try await timed { _ = try await trained.create("CreateBatchInferenceJob", input) }.seconds
    }

    private static let schema: JSON = [
        "type": "record", "name": "Interactions", "version": "1.0",
        "fields": [
            ["name": "USER_ID", "type": "string"], ["name": "ITEM_ID", "type": "string"],
            ["name": "TIMESTAMP", "type": "long"],
        ],
    ]

    /// Writes the interactions; a few users and items have most of them, as in life.
    private static func generate(_ path: String) throws {
        let random = CounterRandom(seed: 1, stream: 1)
        var text = "USER_ID,ITEM_ID,TIMESTAMP\n"
        for row in 0..<rowCount {
            let draws = (0..<2).map { random.uniform(at: UInt64(row * 2 + $0)) }
            let (user, item) = (draws[0] * draws[0] * Double(userCount), draws[1] * draws[1] * Double(itemCount))
            text += "\(Int(user)),\(Int(item)),\(1_000_000_000 + row)\n"
        }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
}

import Foundation
import JSON
import Kernels
import Logging
import Personalize
import SQLiteStore

/// How many users a second a batch inference job answers, from its creation to its end.
struct BatchBenchmark {
    private static let rowCount = 1_000_000
    private static let userCount = 50_000
    private static let itemCount = 5_000
    private static let results = 25

    let workspace: Workspace

    /// A bucket that is a directory.
    private struct Folder: ObjectSource {
        let root: String

        func files(at location: String, suffix: String) throws -> [String] {
            let path = path(location)
            return try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(suffix) }.sorted()
                .map { path + $0 }
        }

        func writablePath(of location: String) throws -> String {
            let path = path(location)
            let folder = (path as NSString).deletingLastPathComponent
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            return path
        }

        private func path(_ location: String) -> String { "\(root)/\(location.dropFirst("s3://bucket/".count))" }
    }

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
        let service = try PersonalizeService(
            store: try SQLiteStore(path: "\(folder)/store.sqlite"),
            objects: Folder(root: "\(folder)/bucket"),
            answers: SQLiteAnswers(),
            home: "\(folder)/home",
            now: { Date() },
            makeID: { UUID() },
            logger: TransitionsBenchmark.logger
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            let version = try await Self.train(service)
            let measurements = try await Self.measure(service, version, folder)
            group.cancelAll()
            return measurements
        }
    }

    private static func measure(
        _ service: PersonalizeService,
        _ version: JSON,
        _ folder: String
    ) async throws -> [Measurement] {
        let memory = ProcessMemory.own
        try memory.resetPeak()
        var seconds: [Double] = []
        for number in 0..<3 { seconds.append(try await job("plain-\(number)", service, version, [:])) }
        let peak = try memory.peak()
        let database: JSON = ["sqliteDataDestination": ["path": "s3://bucket/answers.sqlite"]]
        let written = try await job("rows", service, version, database)
        let output = try String(contentsOfFile: "\(folder)/bucket/out/users.json.out", encoding: .utf8)
        let users = output.utf8.count { $0 == UInt8(ascii: "\n") }
        let method =
            "top \(results) with scores for \(users) users of a million interactions with \(itemCount) items, "
            + "aws-user-personalization; from CreateBatchInferenceJob to ACTIVE, files synced; median of 3"
        return [
            Measurement(
                "batch inference, all users",
                Double(users) / Distribution(seconds).median,
                "users/s",
                method: method
            ),
            Measurement("the same, peak memory", peak, "MB", method: "VmHWM of this process over the jobs"),
            Measurement(
                "the same, as SQLite too",
                Double(users) / written,
                "users/s",
                method: "the same, with \(users * results) rows in a database, once"
            ),
        ]
    }

    /// Runs a job; answers how long it took.
    private static func job(
        _ name: String,
        _ service: PersonalizeService,
        _ version: JSON,
        _ output: JSON
    ) async throws -> Double {
        var destination: JSON = ["s3DataDestination": ["path": "s3://bucket/out/"]]
        for (member, value) in output.object ?? [:] { destination[member] = value }
        let input: JSON = [
            "jobName": .string(name), "solutionVersionArn": version, "numResults": JSON(results),
            "roleArn": "arn:aws:iam::000000000000:role/bench",
            "jobInput": ["s3DataSource": ["path": "s3://bucket/in/"]], "jobOutput": destination,
        ]
        return try await timed { _ = try await create("CreateBatchInferenceJob", input, service) }.seconds
    }

    /// Calls a creation and waits until it is ACTIVE.
    private static func create(
        _ operation: String,
        _ input: JSON,
        _ service: PersonalizeService
    ) async throws -> JSON {
        let answer = try await service.call(operation, input)
        let arn = answer.object?.first { $0.key.hasSuffix("Arn") }?.value ?? .null
        guard try await service.waitUntilSettled(arn.string ?? "") == .active else {
            throw BenchmarkError("\(operation) has failed: \(arn)")
        }
        return arn
    }

    private static func train(_ service: PersonalizeService) async throws -> JSON {
        let group = try await create("CreateDatasetGroup", ["name": "bench"], service)
        let schema = """
            {"type":"record","name":"Interactions","fields":[{"name":"USER_ID","type":"string"},
            {"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"}],"version":"1.0"}
            """
        let made = try await create("CreateSchema", ["name": "bench", "schema": .string(schema)], service)
        let dataset = try await create(
            "CreateDataset",
            ["name": "bench", "schemaArn": made, "datasetGroupArn": group, "datasetType": "Interactions"],
            service
        )
        let location: JSON = ["dataLocation": "s3://bucket/Interactions/"]
        let importing: JSON = ["jobName": "bench", "datasetArn": dataset, "dataSource": location]
        _ = try await create("CreateDatasetImportJob", importing, service)
        let recipe = JSON.string("arn:aws:personalize:::recipe/aws-user-personalization")
        let solution: JSON = ["name": "bench", "datasetGroupArn": group, "recipeArn": recipe]
        let arn = try await create("CreateSolution", solution, service)
        return try await create("CreateSolutionVersion", ["solutionArn": arn], service)
    }

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

import Foundation
import JSON
import Personalize
import SQLiteStore

/// A service in this process that has imported a bucket's data and trained user personalization on it.
struct TrainedService {
    let service: PersonalizeService
    let group: JSON
    let version: JSON

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

    /// Runs a service while the body works.
    ///
    /// - Parameters:
    ///   - bucket: The directory that is `s3://bucket`; each dataset lies in a folder of its type's name.
    ///   - home: A directory for what the service keeps.
    ///   - schemas: The datasets' types and their schemas.
    ///   - body: What to do with it.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, and why the service could not be made.
    static func with<T: Sendable>(
        bucket: String,
        home: String,
        schemas: [(type: String, schema: JSON)],
        _ body: (TrainedService) async throws -> T
    ) async throws -> T {
        let service = try PersonalizeService(
            store: try SQLiteStore(path: "\(home)/store.sqlite"),
            objects: Folder(root: bucket),
            answers: SQLiteAnswers(),
            home: "\(home)/home",
            now: { Date() },
            makeID: { UUID() },
            logger: TransitionsBenchmark.logger
        )
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await service.run() }
            defer { tasks.cancelAll() }
            return try await body(try await train(service, schemas))
        }
    }

    private static func train(
        _ service: PersonalizeService,
        _ schemas: [(type: String, schema: JSON)]
    ) async throws -> TrainedService {
        let group = try await create("CreateDatasetGroup", ["name": "bench"], service)
        for (type, schema) in schemas {
            let name = JSON.string(type.lowercased())
            let made = try await create("CreateSchema", ["name": name, "schema": .string(schema.text)], service)
            let dataset = try await create(
                "CreateDataset",
                ["name": name, "schemaArn": made, "datasetGroupArn": group, "datasetType": .string(type)],
                service
            )
            let location: JSON = ["dataLocation": .string("s3://bucket/\(type)/")]
            let importing: JSON = ["jobName": name, "datasetArn": dataset, "dataSource": location]
            _ = try await create("CreateDatasetImportJob", importing, service)
        }
        let recipe = JSON.string("arn:aws:personalize:::recipe/aws-user-personalization")
        let solution: JSON = ["name": "bench", "datasetGroupArn": group, "recipeArn": recipe]
        let arn = try await create("CreateSolution", solution, service)
        let version = try await create("CreateSolutionVersion", ["solutionArn": arn], service)
        return TrainedService(service: service, group: group, version: version)
    }

    /// Calls a creation and waits until it is ACTIVE.
    ///
    /// - Returns: The ARN of what was made.
    func create(_ operation: String, _ input: JSON) async throws -> JSON {
        try await Self.create(operation, input, service)
    }

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
}

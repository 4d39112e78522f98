import Bucket
import FoundationEssentials
import HTTPAPI
import JSON
import Logging
import Personalize
import Pipeline
import SQLiteStore
import TestSupport

/// Runs the recommender service behind a server for as long as a test needs it, with a bucket `walk`.
func withPersonalize<Result: Sendable>(
    _ body: @escaping @Sendable (_ port: Int, _ bucket: String) async throws -> Result
) async throws -> Result {
    let home = try TemporaryDirectory()
    var configuration = PersonalizeService.Configuration()
    configuration.minimumInteractions = 20
    configuration.minimumUsers = 2
    let bucket = home.file("bucket")
    try FileManager.default.createDirectory(atPath: bucket, withIntermediateDirectories: true)
    let service = try PersonalizeService(
        store: try SQLiteStore(path: home.file("millrace.sqlite")),
        objects: BucketDirectory([try Bucket(name: "walk", root: bucket)]),
        home: home.path,
        configuration: configuration,
        now: { Date() },
        makeID: { UUID() },
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await service.run() }
        let routes = RESTRoute.runtime(service.runtime) + RESTRoute.puts(service)
        var millrace = OperationTable(service: "Millrace", protocol: .json11)
        millrace.addRollouts(service)
        let operations = [OperationTable.personalize(service), millrace]
        let result = try await withServer(operations: operations, routes: routes) { port in
            try await body(port, bucket)
        }
        group.cancelAll()
        return result
    }
}

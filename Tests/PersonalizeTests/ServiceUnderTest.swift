import FoundationEssentials
import JSON
import Logging
import Personalize
import SQLiteStore
import Synchronization
import TestSupport

/// Finds the files of `s3://bucket/…` in a directory.
struct FolderSource: ObjectSource {
    struct NoSuchFolder: Error {}

    let root: String

    func files(at location: String, suffix: String) throws -> [String] {
        let path = try path(location)
        if path.hasSuffix("/") {
            return try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(suffix) }.sorted()
                .map { path + $0 }
        }
        guard FileManager.default.fileExists(atPath: path) else { throw NoSuchFolder() }
        return [path]
    }

    func writablePath(of location: String) throws -> String {
        let path = try path(location)
        let folder = path.prefix(upTo: path.lastIndex(of: "/") ?? path.endIndex)
        try FileManager.default.createDirectory(atPath: String(folder), withIntermediateDirectories: true)
        return path
    }

    private func path(_ location: String) throws -> String {
        guard location.hasPrefix("s3://bucket/") else { throw NoSuchFolder() }
        return "\(root)/\(location.dropFirst("s3://bucket/".count))"
    }
}

/// A service on a database file of its own, with small limits; `restarted` opens the same home again.
struct ServiceUnderTest: Sendable {
    let directory: TemporaryDirectory
    let service: PersonalizeService
    let store: SQLiteStore
    let clock: ManualClock

    init(
        _ change: (inout PersonalizeService.Configuration) -> Void = { _ in },
        answers: any AnswerDatabase = SQLiteAnswers(),
        onTransaction: SQLiteStore.TransactionHook? = nil
    ) throws {
        var configuration = PersonalizeService.Configuration()
        configuration.minimumInteractions = 100
        configuration.minimumUsers = 10
        change(&configuration)
        try self.init(
            directory: TemporaryDirectory(),
            configuration: configuration,
            clock: ManualClock(),
            answers: answers,
            onTransaction: onTransaction
        )
    }

    private init(
        directory: TemporaryDirectory,
        configuration: PersonalizeService.Configuration,
        clock: ManualClock,
        answers: any AnswerDatabase = SQLiteAnswers(),
        onTransaction: SQLiteStore.TransactionHook? = nil
    ) throws {
        self.directory = directory
        self.clock = clock
        store = try SQLiteStore(path: directory.file("millrace.sqlite"), onTransaction: onTransaction)
        service = try PersonalizeService(
            store: store,
            objects: FolderSource(root: directory.file("bucket")),
            answers: answers,
            home: directory.file("home"),
            configuration: configuration,
            now: { clock.date },
            clock: clock,
            makeID: { UUID() },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    /// The same home in a new service, as after the end of the process.
    func restarted() throws -> ServiceUnderTest {
        try store.close()
        return try ServiceUnderTest(directory: directory, configuration: service.configuration, clock: clock)
    }

    /// Runs the service for as long as the body takes.
    func running<T: Sendable>(_ body: @Sendable () async throws -> T) async throws -> T {
        let service = service
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            let result = try await body()
            group.cancelAll()
            return result
        }
    }

    /// Runs the service until nothing more happens to a resource.
    func settling(_ arn: String) async throws -> ResourceStatus? {
        try await running { try await service.waitUntilSettled(arn) }
    }

    @discardableResult
    func call(_ operation: String, _ input: JSON, token: String? = nil) async throws -> JSON {
        try await service.call(operation, input, context: OperationContext(clientToken: token))
    }

    /// Calls a creation and waits until the resource is ACTIVE or has failed.
    @discardableResult
    func create(_ operation: String, _ input: JSON) async throws -> (arn: String, status: ResourceStatus?) {
        let answer = try await call(operation, input)
        let arn = answer.object?.first { $0.key.hasSuffix("Arn") }?.value.string ?? ""
        return (arn, try await service.waitUntilSettled(arn))
    }

    /// The code of the exception a call throws; `nil` when it throws none.
    func code(_ operation: String, _ input: JSON) async -> PersonalizeError.Code? {
        await error(operation, input)?.code
    }

    func error(_ operation: String, _ input: JSON) async -> PersonalizeError? {
        do throws(PersonalizeError) {
            _ = try await service.call(operation, input)
            return nil
        } catch {
            return error
        }
    }
}

/// ARNs of the default region and account.
func arn(_ path: String) -> String { "arn:aws:personalize:us-east-1:000000000000:\(path)" }

let interactionsSchema = """
    {"type":"record","name":"Interactions","namespace":"com.amazonaws.personalize.schema","fields":[
    {"name":"USER_ID","type":"string"},{"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"},
    {"name":"EVENT_TYPE","type":["null","string"]},{"name":"EVENT_VALUE","type":["null","float"]}],"version":"1.0"}
    """

let itemsSchema = """
    {"type":"record","name":"Items","namespace":"com.amazonaws.personalize.schema","fields":[
    {"name":"ITEM_ID","type":"string"},{"name":"GENRES","type":["null","string"],"categorical":true},
    {"name":"PRICE","type":["null","float"]}],"version":"1.0"}
    """

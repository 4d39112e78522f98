import Bucket
import DurableExecution
import FoundationEssentials
import JSON
import Logging
import Pipeline
import SQLiteStore
import StatesLanguage
import Synchronization
import TestSupport

/// An engine on a real database with a real bucket, whose tasks a test answers.
struct MapRunStage: Sendable {
    /// The resource of tasks that the test answers.
    static let resource = "arn:aws:states:::test:work"

    let store: SQLiteStore
    let engine: Engine
    let bucket: Bucket

    init(
        _ directory: TemporaryDirectory,
        store: SQLiteStore? = nil,
        configuration: Engine.Configuration = Engine.Configuration(),
        work: @escaping @Sendable (TaskInvocation) async throws -> JSON = { $0.parameters }
    ) throws {
        try FileManager.default.createDirectory(atPath: directory.file("data"), withIntermediateDirectories: true)
        bucket = try Bucket(name: "data", root: directory.file("data"))
        let store = try store ?? SQLiteStore(path: directory.file("store.sqlite"))
        self.store = store
        var tasks = TaskRegistry()
        tasks.register(Self.resource) { .succeeded(try await work($0)) }
        let buckets = BucketDirectory([bucket])
        engine = Engine(
            store: store,
            tasks: tasks,
            itemReader: BucketItemReader(buckets: buckets, makeID: { "request" }),
            objectSink: BucketObjectSink(buckets: buckets),
            configuration: configuration,
            environment: Engine.Environment(
                now: { Date() },
                clock: ContinuousClock(),
                makeID: { UUID().uuidString.lowercased() },
                makeSeed: { UInt64.random(in: .min ... .max) }
            ),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// Runs the engine while the body runs.
    func run<T: Sendable>(_ body: @escaping @Sendable (Engine) async throws -> T) async throws -> T {
        let engine = engine
        return try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask {
                try await engine.run()
                return nil
            }
            group.addTask { try await body(engine) }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    /// The result writer's manifest and files, by name.
    func results(of output: String?) throws -> [String: JSON] {
        let output = try JSON(parsing: output ?? "null")
        guard let key = output["ResultWriterDetails"]?["Key"]?.string else { return [:] }
        let manifest = try JSON(parsing: bucket.read(key))
        var results = ["manifest": manifest]
        for (_, files) in manifest["ResultFiles"]?.object ?? [:] {
            for file in files.array ?? [] {
                guard let key = file["Key"]?.string, let name = key.split(separator: "/").last else { continue }
                results[String(name)] = try JSON(parsing: bucket.read(key))
            }
        }
        return results
    }
}

extension Engine {
    /// Creates a machine with one distributed Map state and starts it.
    func startMap(_ map: JSON, name: String? = nil, input: JSON = [:]) async throws -> Execution {
        let definition: JSON = ["StartAt": "Each", "States": ["Each": map]]
        let request = CreateStateMachineRequest(name: "machine", definition: definition.text)
        let machine = try await createStateMachine(request)
        return try await startExecution(of: machine.arn, name: name, input: input.text)
    }

    /// The only Map Run of an execution.
    func onlyMapRun(of execution: Execution) async throws -> MapRun {
        let runs = try await listMapRuns(of: execution.arn).elements
        guard let run = runs.first, runs.count == 1 else { throw CancellationError() }
        return try await describeMapRun(run.arn)
    }
}

/// A distributed Map state whose children do one task, or pass their input on.
func distributedMap(
    _ fields: JSONObject = [:],
    type: String = "STANDARD",
    hasTask: Bool = true
) -> JSON {
    let state: JSON =
        hasTask
        ? ["Type": "Task", "Resource": .string(MapRunStage.resource), "End": true] : ["Type": "Pass", "End": true]
    var map: JSON = [
        "Type": "Map", "End": true, "Label": "each",
        "ItemProcessor": [
            "ProcessorConfig": ["Mode": "DISTRIBUTED", "ExecutionType": .string(type)], "StartAt": "Work",
            "States": ["Work": state],
        ],
    ]
    for (key, value) in fields { map[key] = value }
    return map
}

/// An `ItemReader` of an object in the bucket.
func reader(_ key: String, _ type: String, _ config: JSONObject = [:]) -> JSON {
    var reader: JSON = [
        "Resource": "arn:aws:states:::s3:getObject", "Parameters": ["Bucket": "data", "Key": .string(key)],
        "ReaderConfig": ["InputType": .string(type)],
    ]
    for (key, value) in config { reader["ReaderConfig"]?[key] = value }
    return reader
}

/// A `ResultWriter` into the bucket.
func writer(_ config: JSONObject? = nil) -> JSON {
    var writer: JSON = [
        "Resource": "arn:aws:states:::s3:putObject", "Parameters": ["Bucket": "data", "Prefix": "results"],
    ]
    if let config { writer["WriterConfig"] = .object(config) }
    return writer
}

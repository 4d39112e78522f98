import Bucket
import DurableExecution
import Foundation
import JSON
import Logging
import Personalize
import SQLiteStore
import Scheduler
import StatesLanguage
import Synchronization
import TestSupport

@testable import Notifications
@testable import Pipeline

/// A value behind a lock.
final class Locked<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    func withLock<Result: Sendable>(_ body: @Sendable (inout Value) -> Result) -> Result {
        value.withLock { body(&$0) }
    }
}

/// The pipeline and all it works with, real, on a manual clock, a database in memory and a bucket in a directory.
final class PipelineStage: Sendable {
    let directory: TemporaryDirectory
    let clock = ManualClock()
    let store: SQLiteStore
    let bucket: Bucket
    let engine: Engine
    let personalize: PersonalizeService
    let scheduler: SchedulerService
    let outbox: Outbox
    let notices: Notices
    let launcher: PipelineLauncher
    let notifier: OutcomeNotifier
    let deployARN: String
    /// What tasks of `arn:aws:states:::millrace:work` fail with, in order; then they succeed.
    let failures = Locked<[StatesError]>([])
    private let published: AsyncStream<Void>

    /// A stage whose outbox is kept in its store, or in one that a test lays over it.
    init(outboxStore: (SQLiteStore) -> any NotificationStore = { $0 }) throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let names = ResourceNames()
        let clock = clock
        let now: @Sendable () -> Date = { clock.date }
        let makeID: @Sendable () -> String = { UUID().uuidString.lowercased() }
        directory = try TemporaryDirectory()
        store = try .inMemory()
        bucket = try Bucket(name: "films", root: directory.file("bucket"))
        try FileManager.default.createDirectory(atPath: bucket.root, withIntermediateDirectories: true)
        let buckets = BucketDirectory([bucket])
        var limits = PersonalizeService.Configuration()
        limits.minimumInteractions = 100
        limits.minimumUsers = 10
        personalize = try PersonalizeService(
            store: store,
            objects: buckets,
            home: directory.file("home"),
            configuration: limits,
            now: now,
            clock: clock,
            makeID: { UUID() },
            logger: logger
        )
        let wakes = AsyncStream<Void>.makeStream()
        published = wakes.stream
        outbox = Outbox(store: outboxStore(store), now: now, newID: makeID)
        outbox.onPublish { wakes.continuation.yield() }
        notices = Notices(outbox: outbox, executions: store)
        let failures = failures
        var tasks = TaskRegistry()
        tasks.register(
            PersonalizeTask.integration,
            PersonalizeTask(personalize: personalize, clock: clock)
        )
        tasks.register(PublishTask.integration, PublishTask(notices: notices, makeID: makeID))
        tasks.register("arn:aws:states:::millrace:work") { _ in
            let failure = failures.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            if let failure { throw failure }
            return .succeeded([:])
        }
        engine = Engine(
            store: store,
            tasks: tasks,
            environment: .init(now: now, clock: clock, makeID: makeID, makeSeed: { 1 }),
            logger: logger
        )
        notifier = OutcomeNotifier(engine: engine, notices: notices, clock: clock, logger: logger)
        deployARN = names.stateMachine("deploy")
        let targets = Locked<ScheduleTargets?>(nil)
        scheduler = SchedulerService(
            store: store,
            clock: clock,
            now: now,
            makeID: makeID,
            logger: logger,
            isRunning: { [engine] arn in try await engine.describeExecution(arn).status == .running },
            stop: { [engine] arn, error, cause in _ = try await engine.stopExecution(arn, error: error, cause: cause) },
            tell: { [notices] run in try await notices.tell(run) },
            fire: { firing, schedule in
                guard let targets = targets.withLock({ $0 }) else { throw CancellationError() }
                return try await targets.fire(firing, schedule)
            }
        )
        launcher = PipelineLauncher(
            configuration: .init(deployARN: deployARN, region: "us-east-1", account: "000000000000", pollSeconds: 5),
            buckets: buckets,
            engine: engine,
            personalize: personalize,
            scheduler: scheduler,
            notices: notices,
            logger: logger
        )
        let complete = ScheduleTargets(
            retraining: Retraining(launcher: launcher, buckets: buckets),
            engine: engine,
            region: "us-east-1",
            account: "000000000000"
        )
        targets.withLock { $0 = complete }
    }

    /// Which services run beside the engine.
    struct Services: OptionSet {
        let rawValue: Int
        static let personalize = Services(rawValue: 1)
        static let notifier = Services(rawValue: 2)
    }

    /// Runs the engine, and more, for as long as the body takes.
    func running(_ services: Services = [], _ body: @Sendable () async throws -> Void) async throws {
        for machine in ShippedStateMachine.allCases { try await machine.install(in: engine, names: ResourceNames()) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [engine] in try await engine.run() }
            if services.contains(.personalize) { group.addTask { [personalize] in try await personalize.run() } }
            if services.contains(.notifier) { group.addTask { [notifier] in try await notifier.run() } }
            try await body()
            group.cancelAll()
        }
    }

    /// Lets time pass, a second whenever somebody waits for it, for as long as the body takes.
    func passingTime<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { [clock] group in
            group.addTask {
                while !Task.isCancelled {
                    await clock.sleepers(atLeast: 1)
                    clock.advance(by: .seconds(1))
                    await Task.yield()
                }
                return nil
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    /// Waits until so many messages were published since, those that were told before among them.
    func publications(_ count: Int) async {
        var iterator = published.makeAsyncIterator()
        for _ in 0..<count { await iterator.next() }
    }

    /// Puts the interactions where a file in a folder looks for them.
    func putEvents(in folder: String = "") throws {
        try directory.write(Samples.events, to: "bucket/\(folder)Interactions/events.csv")
    }

    func drop(_ id: Int64, _ text: String, at key: String = "params.json") -> Drop {
        let version = ObjectVersion(
            sha256: "",
            size: text.utf8.count,
            modifiedNanoseconds: 0,
            changedNanoseconds: 0,
            inode: 1
        )
        return Drop(
            id: id,
            bucket: "films",
            key: key,
            version: version,
            detectedAt: clock.date,
            content: Array(text.utf8)
        )
    }

    /// Hands a drop over as the watcher does.
    func handle(_ drop: Drop) async throws { try await BucketTrigger(launcher: launcher).handle(drop) }

    /// The executions of the pipeline, newest first.
    func executions() async throws -> [Execution] {
        try await engine.listExecutions(ExecutionQuery(stateMachineArn: deployARN)).elements
    }

    /// The messages that wait to be sent, oldest first.
    func messages() async throws -> [Message] {
        try await outbox.deliveries().map(\.message.message).reversed()
    }

    /// Starts an execution of a machine of its own, which tells its ends on a topic.
    func start(_ definition: JSON, topic: String) async throws -> Execution {
        let machine = try await engine.createStateMachine(
            CreateStateMachineRequest(name: UUID().uuidString, definition: definition.text)
        )
        let input: JSON = ["topicArn": .string(topic), "datasetGroup": ["create": ["Name": "shop"]]]
        return try await engine.startExecution(of: machine.arn, name: "run", input: input.text)
    }
}

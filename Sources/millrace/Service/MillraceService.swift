import Bucket
import DurableExecution
import DurableFiles
import Foundation
import HTTPAPI
import JSON
import Logging
import Notifications
import Personalize
import Pipeline
import SQLiteStore
import Scheduler
import ServiceLifecycle
import Synchronization
import UnixSignals

/// The whole service, wired: every noun on one store, in one home.
struct MillraceService: Sendable {
    let settings: Settings
    let surroundings: Surroundings
    let store: SQLiteStore
    let buckets: BucketDirectory
    let engine: Engine
    let personalize: PersonalizeService
    let scheduler: SchedulerService
    let outbox: Outbox
    let bus: EventBus
    let launcher: PipelineLauncher
    let logger: Logger
    private let notifier: OutcomeNotifier
    private let rolloutNotifier: RolloutNotifier
    private let dispatcher: Dispatcher
    private let lock: DirectoryLock

    /// Opens a home and wires everything on it; nothing runs yet.
    ///
    /// - Parameters:
    ///   - settings: What it is started with.
    ///   - surroundings: The clock and randomness.
    ///   - logger: Where it tells what happens.
    ///   - onTransaction: Called before each commit; for tests of crashes.
    /// - Throws: `CommandError` when the home is in use, or the fault of the part that cannot be opened.
    init(
        settings: Settings,
        surroundings: Surroundings = .real,
        logger: Logger,
        onTransaction: SQLiteStore.TransactionHook? = nil
    ) throws {
        self.settings = settings
        self.surroundings = surroundings
        self.logger = logger
        lock = try Self.claim(settings.home)
        store = try SQLiteStore(path: "\(settings.home)/millrace.sqlite", onTransaction: onTransaction)
        buckets = BucketDirectory(try settings.buckets.map { try Bucket(name: $0.name, root: $0.path) })
        let makeID = surroundings.makeID
        let newID: @Sendable () -> String = { makeID().uuidString.lowercased() }
        outbox = Outbox(
            store: store,
            region: settings.region,
            account: settings.account,
            now: surroundings.now,
            newID: newID
        )
        bus = EventBus(
            store: store,
            outbox: outbox,
            region: settings.region,
            account: settings.account,
            now: surroundings.now,
            newID: newID
        )
        let isSendmail = settings.sendmail != nil
        let notices = Notices(outbox: outbox, executions: store) { isSendmail ? .sendmail($0) : .maildir($0) }
        personalize = try PersonalizeService(
            store: store,
            objects: buckets,
            answers: SQLiteAnswers(),
            home: settings.home,
            configuration: settings.personalize,
            now: surroundings.now,
            clock: surroundings.clock,
            makeID: makeID,
            logger: logger
        )
        let stepFunctions = LateBound<OperationTable>()
        let lateEngine = LateBound<Engine>()
        let parts = TaskParts(
            settings: settings,
            clock: surroundings.clock,
            personalize: personalize,
            notices: notices,
            buckets: buckets,
            bus: bus,
            stepFunctions: stepFunctions,
            engine: lateEngine,
            newID: newID
        )
        engine = Self.engine(parts, surroundings, store, logger)
        stepFunctions.set(.stepFunctions(engine))
        lateEngine.set(engine)
        dispatcher = try Self.dispatcher(settings, surroundings, outbox, store, logger)
        notifier = OutcomeNotifier(
            engine: engine,
            notices: notices,
            events: ExecutionEvents(bus: bus, executions: store),
            clock: surroundings.clock,
            logger: logger
        )
        rolloutNotifier = RolloutNotifier(
            personalize: personalize,
            notices: notices,
            clock: surroundings.clock,
            logger: logger
        )
        let targets = LateBound<ScheduleTargets>()
        scheduler = Self.scheduler(surroundings, store, engine, notices, targets, newID, logger)
        launcher = PipelineLauncher(
            configuration: settings.launcher,
            buckets: buckets,
            engine: engine,
            personalize: personalize,
            scheduler: scheduler,
            notices: notices,
            logger: logger
        )
        targets.set(
            ScheduleTargets(
                retraining: Retraining(launcher: launcher, buckets: buckets),
                engine: engine,
                region: settings.region,
                account: settings.account
            )
        )
    }

    /// What a group runs, consumers before producers: shutdown goes in reverse.
    ///
    /// - Parameters:
    ///   - watchesBuckets: Whether drops start runs.
    ///   - onRunning: Called with the port once the server listens.
    /// - Returns: The services.
    func services(
        watchesBuckets: Bool,
        onRunning: @escaping @Sendable (Int) async -> Void
    ) -> [any Service] {
        let trigger = BucketTrigger(launcher: launcher) { [store] in try await store.pendingDrops(in: $0) }
        var watching = BucketWatcher.Configuration()
        watching.isDrop = ConfigurationFile.isDrop
        let watchers = buckets.buckets.map { bucket in
            BucketWatcher(
                bucket: bucket,
                store: store,
                configuration: watching,
                clock: surroundings.clock,
                logger: logger,
                now: surroundings.now,
                handle: trigger.handle
            )
        }
        return [dispatcher, notifier, rolloutNotifier, personalize, engine, scheduler]
            + (watchesBuckets ? watchers : []) + [server(onRunning)]
    }

    /// Puts in place what must be there before anything asks: the shipped state machines, the campaigns' models.
    func prepare() async throws {
        try await personalize.recover()
        for machine in ShippedStateMachine.allCases { try await machine.install(in: engine, names: settings.names) }
    }

    /// Runs until a signal or a cancellation.
    func run(onRunning: @escaping @Sendable (Int) async -> Void) async throws {
        try await prepare()
        let group = group(watchesBuckets: true, signals: [.sigterm, .sigint], onRunning: onRunning)
        try await group.run()
    }

    /// Closes the database and lets go of the home, when nothing runs any more.
    func close() throws {
        defer { lock.release() }
        try store.close()
    }

    /// The services as one group.
    func group(
        watchesBuckets: Bool,
        signals: [UnixSignal],
        onRunning: @escaping @Sendable (Int) async -> Void
    ) -> ServiceGroup {
        ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services(watchesBuckets: watchesBuckets, onRunning: onRunning).map {
                    .init(service: $0, successTerminationBehavior: .ignore)
                },
                gracefulShutdownSignals: signals,
                logger: quietLogger
            )
        )
    }

    private func server(_ onRunning: @escaping @Sendable (Int) async -> Void) -> Server {
        let makeID = surroundings.makeID
        return Server(
            configuration: settings.server,
            operations: [
                .stepFunctions(engine), .personalize(personalize), .events(bus),
                MillraceOperations(service: self).table,
            ],
            routes: RESTRoute.runtime(personalize.runtime) + RESTRoute.puts(personalize)
                + RESTRoute.scheduler(.scheduler(scheduler, region: settings.region, account: settings.account)),
            makeRequestID: { makeID().uuidString.lowercased() },
            now: surroundings.now,
            logger: logger,
            onRunning: onRunning
        )
    }

    private var quietLogger: Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }
}

// MARK: - Parts

extension MillraceService {
    private static func claim(_ home: String) throws -> DirectoryLock {
        try DirectoryListing.create(home)
        do throws(DirectoryLock.Failure) {
            return try DirectoryLock(home)
        } catch {
            switch error {
            case .heldByProcess(let process):
                let owner = process.map { "process \($0)" } ?? "another process"
                throw CommandError(
                    message: "home \"\(home)\" is used by \(owner); stop it, or choose another with --home"
                )
            case .file(let fault): throw fault
            }
        }
    }

    private static func engine(
        _ parts: TaskParts,
        _ surroundings: Surroundings,
        _ store: SQLiteStore,
        _ logger: Logger
    ) -> Engine {
        let makeID = surroundings.makeID
        return Engine(
            store: store,
            tasks: tasks(parts),
            itemReader: BucketItemReader(buckets: parts.buckets, makeID: parts.newID),
            objectSink: BucketObjectSink(buckets: parts.buckets),
            logSink: LogFiles(directory: "\(parts.settings.home)/logs"),
            configuration: Engine.Configuration(
                names: parts.settings.names,
                transitions: parts.settings.transitions
            ),
            environment: Engine.Environment(
                now: surroundings.now,
                clock: surroundings.clock,
                makeID: parts.newID,
                makeSeed: { makeID().seed }
            ),
            logger: logger
        )
    }

    private static func dispatcher(
        _ settings: Settings,
        _ surroundings: Surroundings,
        _ outbox: Outbox,
        _ store: SQLiteStore,
        _ logger: Logger
    ) throws -> Dispatcher {
        var configuration = Dispatcher.Configuration(maildir: "\(settings.home)/mail")
        configuration.sender = settings.mailFrom
        configuration.sendmail = settings.sendmail ?? configuration.sendmail
        try configuration.validate()
        var generator = SystemRandomNumberGenerator()
        let secret = try WebhookSecret.load(orCreateAt: "\(settings.home)/webhook-secret") { count in
            (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        }
        return Dispatcher(
            outbox: outbox,
            store: store,
            configuration: configuration,
            secret: secret,
            clock: surroundings.clock,
            logger: logger,
            now: surroundings.now,
            random: surroundings.random
        )
    }

    private static func scheduler(
        _ surroundings: Surroundings,
        _ store: SQLiteStore,
        _ engine: Engine,
        _ notices: Notices,
        _ targets: LateBound<ScheduleTargets>,
        _ newID: @escaping @Sendable () -> String,
        _ logger: Logger
    ) -> SchedulerService {
        SchedulerService(
            store: store,
            clock: surroundings.clock,
            now: surroundings.now,
            makeID: newID,
            logger: logger,
            isRunning: { arn in
                do throws(ExecutionError) {
                    return try await engine.describeExecution(arn).status == .running
                } catch {
                    // An Express execution cannot be asked: nobody waits for one.
                    guard error.code == .executionDoesNotExist || error.code == .invalidArn else { throw error }
                    return false
                }
            },
            stop: { arn, error, cause in _ = try await engine.stopExecution(arn, error: error, cause: cause) },
            tell: { run in try await notices.tell(run) },
            fire: { firing, schedule in
                guard let targets = targets.value else {
                    throw CommandError(message: "the pipeline is not wired yet")
                }
                return try await targets.fire(firing, schedule)
            }
        )
    }
}

/// A part that is set once, after what needs it was made: the scheduler fires runs that themselves put schedules.
final class LateBound<Value: Sendable>: Sendable {
    private let stored = Mutex<Value?>(nil)

    var value: Value? { stored.withLock(\.self) }

    func set(_ value: Value) { stored.withLock { $0 = value } }
}

extension UUID {
    /// Its first eight bytes as a seed.
    fileprivate var seed: UInt64 {
        let bytes = uuid
        return [bytes.0, bytes.1, bytes.2, bytes.3, bytes.4, bytes.5, bytes.7, bytes.9].reduce(0) {
            $0 << 8 | UInt64($1)
        }
    }
}

extension Settings {
    var region: String { personalize.region }
    var account: String { personalize.account }
    var names: ResourceNames { ResourceNames(region: region, account: account) }

    var launcher: PipelineLauncher.Configuration {
        PipelineLauncher.Configuration(
            deployARN: names.stateMachine(ShippedStateMachine.deploy.rawValue),
            region: region,
            account: account,
            pollSeconds: pollSeconds
        )
    }

    var server: Server.Configuration {
        var configuration = Server.Configuration()
        configuration.host = host
        configuration.port = port
        configuration.maximumConnections = OpenFiles.connectionLimit()
        return configuration
    }
}

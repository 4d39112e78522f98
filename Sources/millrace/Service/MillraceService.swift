import Bucket
import CustomRecipes
import DurableExecution
import DurableFiles
import Foundation
import Functions
import HTTPAPI
import JSON
import Logging
import Notifications
import Personalize
import Pipeline
import SQLiteStore
import Scheduler
import ServiceLifecycle
import UnixSignals

/// The whole service, wired: every noun on one store, in one home.
struct MillraceService: Sendable {
    let settings: Settings
    let surroundings: Surroundings
    let store: SQLiteStore
    let buckets: BucketDirectory
    let engine: Engine
    let personalize: PersonalizeService
    let recipes: ProgramRecipes
    let endpoints: EndpointFiles
    let scheduler: SchedulerService
    let outbox: Outbox
    let bus: EventBus
    let launcher: PipelineLauncher
    let functions: FunctionService
    let logger: Logger
    private let notifier: OutcomeNotifier
    private let rolloutNotifier: RolloutNotifier
    private let stateChangeNotifier: StateChangeNotifier
    private let driftNotifier: DriftNotifier
    let dispatcher: Dispatcher
    private let lock: DirectoryLock
    let readiness = Readiness()
    let retention: Retention
    let backups: Backups
    private let manager: ServiceManager?
    private let address = ServiceAddress()

    /// Opens a home and wires everything on it; nothing runs yet.
    ///
    /// - Parameters:
    ///   - settings: What it is started with.
    ///   - surroundings: The clock and randomness.
    ///   - logger: Where it tells what happens.
    ///   - environment: Says by `NOTIFY_SOCKET` which service manager is told; none unless given.
    ///   - onTransaction: Called before each commit; for tests of crashes.
    /// - Throws: `CommandError` when the home is in use, or the fault of the part that cannot be opened.
    init(
        settings: Settings,
        surroundings: Surroundings = .real,
        logger: Logger,
        environment: [String: String] = [:],
        onTransaction: SQLiteStore.TransactionHook? = nil
    ) throws {
        self.settings = settings
        self.surroundings = surroundings
        self.logger = logger
        lock = try Self.claim(settings.home)
        store = try SQLiteStore(path: "\(settings.home)/millrace.sqlite", onTransaction: onTransaction)
        let configured = try settings.buckets.map { try Bucket(name: $0.name, root: $0.path) }
        buckets = BucketDirectory(try Buckets(configured, newIn: "\(settings.home)/buckets"))
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
        let notices = Notices(outbox: outbox, executions: store, mail: settings.mail)
        recipes = try ProgramRecipes(
            directory: settings.recipes ?? "\(settings.home)/recipes",
            home: settings.home,
            path: ProcessInfo.processInfo.environment["PATH"] ?? "",
            logger: logger
        )
        personalize = try PersonalizeService(
            store: store,
            objects: buckets,
            answers: SQLiteAnswers(),
            programs: recipes,
            home: settings.home,
            configuration: settings.personalize,
            now: surroundings.now,
            clock: surroundings.clock,
            makeID: makeID,
            logger: logger
        )
        retention = Retention(
            settings: settings.retention,
            home: settings.home,
            store: store,
            personalize: personalize,
            surroundings: surroundings,
            logger: logger
        )
        backups = Backups(home: settings.home, store: store, now: surroundings.now)
        manager = ServiceManager(environment: environment, clock: surroundings.clock, logger: logger) { [store] in
            (try? await store.ping()) != nil
        }
        functions = Self.functions(settings, surroundings, address, buckets.registry, store, newID, logger)
        let stepFunctions = LateBound<OperationTable>()
        var operations = OperationTable(service: "Millrace", protocol: .json11)
        operations.addRecommender(personalize)
        let lateEngine = LateBound<Engine>()
        let parts = TaskParts(
            settings: settings,
            clock: surroundings.clock,
            personalize: personalize,
            notices: notices,
            buckets: buckets,
            bus: bus,
            functions: functions,
            stepFunctions: stepFunctions,
            operations: operations,
            engine: lateEngine,
            newID: newID
        )
        engine = Self.engine(parts, surroundings, store, logger)
        stepFunctions.set(.stepFunctions(engine))
        endpoints = EndpointFiles(
            directory: "\(settings.home)/endpoints",
            names: settings.names,
            table: .stepFunctions(engine),
            logger: logger
        )
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
        stateChangeNotifier = StateChangeNotifier(
            personalize: personalize,
            bus: bus,
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
        driftNotifier = DriftNotifier(
            personalize: personalize,
            notices: notices,
            launcher: launcher,
            clock: surroundings.clock,
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
        let server = server { [manager] port in
            await onRunning(port)
            manager?.ready("Listening on port \(port)")
        }
        let notifiers: [any Service] = [dispatcher, notifier, rolloutNotifier, stateChangeNotifier, driftNotifier]
        let services: [any Service] = [recipes, personalize, functions, engine, scheduler, retention]
        // The manager is told first that the service stops: it is the last to start.
        return notifiers + services + (watchesBuckets ? [bucketWatchers()] : []) + [server]
            + (manager.map { [$0] } ?? [])
    }

    /// Puts in place what must be there before anything asks: the shipped state machines, the campaigns' models.
    func prepare() async throws {
        try await personalize.recover()
        removeLeftovers()
        try await functions.prepare()
        for machine in ShippedStateMachine.allCases { try await machine.install(in: engine, names: settings.names) }
        readiness.noteRecovery()
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
                .sns(outbox, account: settings.account, mail: settings.mail), .sts(account: settings.account),
                MillraceOperations(service: self).table,
            ],
            routes: RESTRoute.runtime(personalize.runtime) + RESTRoute.puts(personalize)
                + RESTRoute.functions(functions) + RESTRoute.endpoints(personalize)
                + RESTRoute.scheduler(.scheduler(scheduler, region: settings.region, account: settings.account)),
            objects: S3Service(
                buckets: buckets.registry,
                functions: functions,
                region: settings.region,
                account: settings.account,
                now: surroundings.now,
                makeID: { makeID().uuidString.lowercased() }
            ),
            opened: endpoints.opened,
            monitoring: monitoring,
            makeRequestID: { makeID().uuidString.lowercased() },
            now: surroundings.now,
            logger: logger,
            onRunning: { [settings, address] port in
                address.set(settings.host, port)
                await onRunning(port)
            }
        )
    }

    private var quietLogger: Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }
}

extension Settings {
    var region: String { personalize.region }
    var account: String { personalize.account }
    var names: ResourceNames { ResourceNames(region: region, account: account) }

    /// How a mail address is reached.
    var mail: @Sendable (String) -> Endpoint { sendmail == nil ? Endpoint.maildir : Endpoint.sendmail }

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
        configuration.accessKeys = accessKeys
        configuration.maximumConnections = OpenFiles.connectionLimit()
        return configuration
    }
}

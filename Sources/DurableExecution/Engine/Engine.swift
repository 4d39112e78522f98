public import FoundationEssentials
public import Logging
public import ServiceLifecycle
public import StatesLanguage
import Synchronization

/// Runs executions so that they survive the process.
///
/// Every step of an execution, its history, tasks, timers and outcome, is saved in one transaction before anything is
/// done about it; steps that come while a commit is under way share the next. What waits is in the store and costs
/// no memory. Kill the process at any instant: the next engine on the same store goes on from the last commit.
///
/// `run()` does the work; requests made before it wait for it.
public final class Engine: Service, Sendable {
    /// What may be chosen.
    public struct Configuration: Sendable {
        /// The region and account of ARNs.
        public var names: ResourceNames
        /// Handlers at work at once; further tasks wait in the store; 64 unless given.
        public var maxConcurrentTasks: Int
        /// How long a task belongs to this process unless renewed; 60 s unless given.
        public var leaseDuration: Duration
        /// Executions advanced in one transaction at most; 256 unless given.
        public var batchLimit: Int
        /// Running executions kept decoded in memory at most; 512 unless given.
        public var hotExecutions: Int
        /// Children of a Map Run at once when its state does not say, and at most; 1,000 unless given.
        public var mapRunConcurrency: Int
        /// Children of a Map Run started in one transaction at most; 512 unless given.
        public var mapRunBatch: Int
        /// Express executions at once at most; who starts more is refused; 10,000 unless given.
        public var expressLimit: Int
        /// So many executions may wait for one another at most; 50 unless given.
        public var nestingLimit: Int
        /// How many transitions an execution may make, in all and in a second.
        public var transitions: Interpreter.Configuration
        /// A file of a Map Run's results ends when it has so many bytes; 64 MiB unless given.
        public var resultFileBytes: Int

        /// The defaults, unless given.
        public init(
            names: ResourceNames = ResourceNames(),
            maxConcurrentTasks: Int = 64,
            leaseDuration: Duration = .seconds(60),
            batchLimit: Int = 256,
            hotExecutions: Int = 512,
            mapRunConcurrency: Int = 1000,
            mapRunBatch: Int = 512,
            resultFileBytes: Int = 64 << 20,
            expressLimit: Int = 10_000,
            nestingLimit: Int = 50,
            transitions: Interpreter.Configuration = Interpreter.Configuration()
        ) {
            self.names = names
            self.maxConcurrentTasks = maxConcurrentTasks
            self.leaseDuration = leaseDuration
            self.batchLimit = batchLimit
            self.hotExecutions = hotExecutions
            self.mapRunConcurrency = mapRunConcurrency
            self.mapRunBatch = mapRunBatch
            self.resultFileBytes = resultFileBytes
            self.expressLimit = expressLimit
            self.nestingLimit = nestingLimit
            self.transitions = transitions
        }
    }

    /// Where time and chance come from.
    public struct Environment: Sendable {
        /// The wall time.
        public var now: @Sendable () -> Date
        /// What the engine sleeps on.
        public var clock: any Clock<Duration>
        /// New names for executions, revisions and this process.
        public var makeID: @Sendable () -> String
        /// Seeds for executions, secrets and choices by chance: nobody may be able to guess the next.
        public var makeSeed: @Sendable () -> UInt64

        /// An environment of all its parts.
        public init(
            now: @escaping @Sendable () -> Date,
            clock: any Clock<Duration>,
            makeID: @escaping @Sendable () -> String,
            makeSeed: @escaping @Sendable () -> UInt64
        ) {
            self.now = now
            self.clock = clock
            self.makeID = makeID
            self.makeSeed = makeSeed
        }
    }

    let store: any ExecutionStore
    let tasks: TaskRegistry
    /// What definitions may ask; machines that ask others are refused.
    public let resources: ResourceCatalogue
    let configuration: Configuration
    let environment: Environment
    let logger: Logger
    /// This process among the holders of leases.
    let owner: String

    let agenda: Mutex<Agenda>
    /// The revisions of which a step took long when it was last made.
    let slowRevisions = Mutex(RecentValues<Int64, Bool>(limit: 256))
    /// Where executions advance.
    private let steppingThreads = ComputeThreads("steps", count: Engine.laneCount + Engine.asideLaneCount)
    /// Where Express executions and states under test run.
    let expressThreads = ComputeThreads("express", count: 4)
    /// Where they do what takes long.
    let expressAside = FairThreads("express aside", count: 4)
    /// Where the inputs of Map Runs' children are made.
    private let mapRunThreads = ComputeThreads("map runs", count: 4)
    let machines = Mutex(RecentValues<Int64, Machine>(limit: 64))
    /// What the children of Map Runs run: a state's processor in a revision.
    let processors = Mutex(RecentValues<ProcessorKey, Machine>(limit: 64))
    let mapRuns = Mutex(MapRunBoard())
    /// Reads what `ItemReader`s name; `nil` where there are no buckets.
    let itemReader: (any ItemReader)?
    /// Puts what `ResultWriter`s write; `nil` where there are no buckets.
    let objectSink: (any ObjectSink)?
    /// Takes what state machines have logged; `nil` where there are no logs.
    let logSink: (any LogSink)?
    let express: Mutex<ExpressBoard>
    let nested = Mutex(NestedBoard())
    let counters = EngineCounters()
    let watchers = Watchers()
    let mailSignal = Signal()
    let asideSignal = Signal()
    let dispatchSignal = Signal()
    let timerSignal = Signal()
    let mapRunSignal = Signal()
    let expressSignal = Signal()
    let nestedSignal = Signal()

    let polls = Mutex(ActivityPolls())
    let pollSignal = Signal()
    let pollDeadlineSignal = Signal()
    /// The ARNs of all activities, so that a step need not ask the store.
    let activityARNs = Mutex(Set<String>())
    /// What task tokens are sealed with; read when the engine starts.
    let tokenKey = Mutex<[UInt8]>([])

    /// An engine on a store; one at a time.
    ///
    /// - Parameters:
    ///   - store: What is remembered.
    ///   - tasks: Who does the tasks.
    ///   - itemReader: Who reads the items of distributed Map states; only those of their input unless given.
    ///   - objectSink: Who puts their results; only the state's own result unless given.
    ///   - logSink: Who takes what state machines have logged; nobody unless given.
    ///   - configuration: What may be chosen.
    ///   - environment: Where time and chance come from.
    ///   - logger: Where executions' starts and ends, and faults of the store, are noted.
    public init(
        store: any ExecutionStore,
        tasks: TaskRegistry,
        itemReader: (any ItemReader)? = nil,
        objectSink: (any ObjectSink)? = nil,
        logSink: (any LogSink)? = nil,
        configuration: Configuration = Configuration(),
        environment: Environment,
        logger: Logger
    ) {
        self.store = store
        self.tasks = tasks
        resources = tasks.catalogue
        self.itemReader = itemReader
        self.objectSink = objectSink
        self.logSink = logSink
        express = Mutex(ExpressBoard(limit: configuration.expressLimit))
        self.configuration = configuration
        self.environment = environment
        self.logger = logger
        owner = environment.makeID()
        agenda = Mutex(Agenda(slots: configuration.maxConcurrentTasks, hotExecutions: configuration.hotExecutions))
    }

    /// Works until it is cancelled or shut down; then every task at work is cancelled and stays in the store.
    ///
    /// - Throws: What the store throws when it cannot be read at the start.
    public func run() async throws {
        agenda.withLock { $0.open() }
        defer { stop() }
        try await recover()
        await cancelWhenGracefulShutdown { await self.work() }
    }

    /// How many batches of executions are advanced at once: one computes while the other syncs.
    private static let laneCount = 2
    /// How many executions whose steps take long are advanced at once, each by itself.
    private static let asideLaneCount = 4

    private func work() async {
        await withDiscardingTaskGroup { group in
            for _ in 0..<Self.laneCount {
                group.addTask(executorPreference: steppingThreads) { await self.advanceExecutions() }
            }
            for _ in 0..<Self.asideLaneCount {
                group.addTask(executorPreference: steppingThreads) { await self.advanceExecutionsAside() }
            }
            group.addTask { await self.fireTimers() }
            group.addTask { await self.keepLeases() }
            group.addTask(executorPreference: mapRunThreads) { await self.driveMapRuns() }
            group.addTask { await self.runExpressExecutions() }
            group.addTask { await self.driveNested() }
            group.addTask { await self.serveActivityPolls() }
            group.addTask { await self.expireActivityPolls() }
            while !Task.isCancelled {
                for start in await nextStarts() {
                    group.addTask { await self.perform(start.task, cancellation: start.cancellation) }
                }
            }
            // Who waits for an answer within the group holds it up until told that there will be none.
            stop()
        }
    }

    /// Takes over what earlier processes have left.
    private func recover() async throws {
        try await loadTokenKey()
        let activities = try await store.activityARNs()
        activityARNs.withLock { $0.formUnion(activities) }
        let released = try await store.releaseTasks(notOwnedBy: owner)
        if released > 0 {
            logger.info("tasks of an earlier process are offered again", metadata: ["task.count": "\(released)"])
        }
        let isOffered = try await store.offeredTaskCount() > 0
        let timer = try await store.nextTimerDate(after: .distantPast)
        agenda.withLock { agenda in
            agenda.noteOffered(isOffered)
            _ = agenda.noteTimer(timer)
        }
        if isOffered { dispatchSignal.give() }
        try await recoverMapRuns()
        try await recoverExpress()
        try await recoverNested()
    }

    private func stop() {
        mapRuns.withLock { $0.removeAll() }
        for delivery in agenda.withLock({ $0.close() }) {
            delivery.reply?(.failure(ExecutionError(.unavailable, "the engine is stopping; try again later")))
        }
        for poll in polls.withLock({ $0.removeAll() }) { poll.reply(nil) }
    }

    /// The wall time in milliseconds, as the store keeps it.
    var now: Date {
        Date(timeIntervalSince1970: (environment.now().timeIntervalSince1970 * 1000).rounded() / 1000)
    }
}

// MARK: - Mail and sleep

extension Engine {
    func deliver(
        _ letter: Delivery.Letter,
        to arn: String,
        onDelay: (@Sendable () -> Void)? = nil,
        reply: Delivery.Reply? = nil
    ) {
        let delivery = Delivery(letter: letter, reply: reply, onDelay: onDelay)
        switch agenda.withLock({ $0.add(delivery, to: arn) }) {
        case .refused:
            reply?(.failure(ExecutionError(.unavailable, "the engine has stopped; start the service")))
            return
        case .delayed: onDelay?()
        case .taken: break
        }
        mailSignal.give()
    }

    /// Delivers a letter and waits until what came of it is on disk.
    func request(_ letter: Delivery.Letter, of arn: String) async throws(ExecutionError) -> Execution {
        let result = await withCheckedContinuation { continuation in
            deliver(letter, to: arn, reply: { continuation.resume(returning: $0) })
        }
        return try result.get()
    }

    /// Sleeps until a date, a signal or the task's cancellation, and never longer than a minute, since the wall
    /// clock may be set meanwhile.
    func sleep(until date: Date, or signal: Signal) async {
        func remaining(_ clock: some Clock<Duration>) async throws {
            // The instant first: time that passes between the two lines makes the sleep shorter, not longer.
            let start = clock.now
            let seconds = min(date.timeIntervalSince(environment.now()), 60)
            guard seconds > 0 else { return }
            try await clock.sleep(until: start.advanced(by: .seconds(seconds)), tolerance: nil)
        }
        await withTaskGroup { group in
            group.addTask { try? await remaining(self.environment.clock) }
            group.addTask { await signal.wait() }
            await group.next()
            group.cancelAll()
        }
    }

    /// Waits after a fault of the store: longer each time, up to half a minute, or until the signal.
    func backOff(_ failures: Int, or signal: Signal) async {
        let seconds = min(0.1 * Double(1 << min(failures, 9)), 30)
        await sleep(until: environment.now().addingTimeInterval(seconds), or: signal)
    }
}

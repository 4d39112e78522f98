public import Logging
public import ServiceLifecycle
internal import Synchronization
public import struct FoundationEssentials.Date

/// Functions: keeps them, runs their workers, and invokes them, at once or later.
///
/// They come from folders (`FUNCTIONS/NAME/function.json`) or through the operations of Lambda. Folders are looked at
/// when a function is asked for, once a second at most; what has changed in one is what the next invocation runs.
public final class FunctionService: Service, Sendable {
    /// How the service works.
    public struct Configuration: Sendable {
        /// The region in ARNs and in the environment of workers.
        public var region = "us-east-1"
        /// The account in ARNs.
        public var account = "000000000000"
        /// Where the user's folders are.
        public var folders: String
        /// Where archives are kept.
        public var code: String
        /// The Python of handlers: a path, or a name on the path.
        public var python = "python3"
        /// What every worker has in its environment: where the service is, with which credentials, the path.
        public var environment: @Sendable () async throws -> [String: String] = {
            ["PATH": "/usr/local/bin:/usr/bin:/bin"]
        }
        /// The bytes of an object that holds code, up to so many; throws what is wrong with it.
        public var readObject: @Sendable (_ bucket: String, _ key: String, _ limit: Int) throws -> [UInt8] = {
            _,
            _,
            _ in
            throw FunctionError(.invalidParameterValue, "there are no buckets here; send the code as ZipFile")
        }
        /// How long a worker may take to ask for its first invocation.
        ///
        /// Default 30 s.
        public var initializationTimeout: Duration = .seconds(30)
        /// How long a worker that has nothing to do stays.
        ///
        /// Default 5 minutes.
        public var idleTimeout: Duration = .seconds(300)
        /// How many invocations of a function may wait for a worker; default 10,000.
        public var maximumWaiting = 10_000
        /// How many events run at the same time; default 64.
        public var concurrentEvents = 64
        /// How long an event waits before its second and its third attempt.
        public var eventRetryDelays: [Duration] = [.seconds(60), .seconds(120)]

        /// The defaults.
        ///
        /// - Parameters:
        ///   - folders: Where the user's folders are.
        ///   - code: Where archives are kept.
        public init(folders: String, code: String) {
            self.folders = folders
            self.code = code
        }
    }

    /// The most bytes of a payload.
    public static let maximumPayloadBytes = 6_291_456

    let configuration: Configuration
    let store: any FunctionStore
    let code: CodeStore
    let folders: FunctionFolders
    let logs: FunctionLogs
    let clock: any Clock<Duration>
    let now: @Sendable () -> Date
    let makeID: @Sendable () -> String
    let logger: Logger
    let writeLog: @Sendable (_ lines: [String], _ function: String) throws -> Void
    private let listen: RuntimeListener
    let state = Mutex(Catalog())
    let eventWakes: AsyncStream<Void>
    let eventWaker: AsyncStream<Void>.Continuation
    /// Called after what became of an attempt at an event was saved; for tests.
    let onEvent: Mutex<(@Sendable (FunctionEvent, FunctionEvent.Outcome) -> Void)?> = Mutex(nil)

    /// A service on a store.
    ///
    /// - Parameters:
    ///   - configuration: How it works.
    ///   - store: Where functions, layers and events are kept.
    ///   - listen: Gives a worker its Runtime API.
    ///   - writeLog: Writes lines of JSON to the log of a function.
    ///   - clock: What to wait on.
    ///   - now: The time.
    ///   - makeID: Makes ids of requests, which nobody must be able to guess.
    ///   - logger: Where to log.
    public init(
        configuration: Configuration,
        store: any FunctionStore,
        listen: @escaping RuntimeListener,
        writeLog: @escaping @Sendable (_ lines: [String], _ function: String) throws -> Void,
        clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Date,
        makeID: @escaping @Sendable () -> String,
        logger: Logger
    ) {
        self.configuration = configuration
        self.store = store
        self.listen = listen
        self.writeLog = writeLog
        self.clock = clock
        self.now = now
        self.makeID = makeID
        self.logger = logger
        code = CodeStore(folder: configuration.code)
        folders = FunctionFolders(root: configuration.folders)
        logs = FunctionLogs(now: now)
        (eventWakes, eventWaker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    var parts: WorkerParts {
        WorkerParts(
            configuration: configuration,
            code: code,
            python: state.withLock { $0.python(configuration) },
            logs: logs,
            listen: listen,
            clock: clock,
            now: now,
            layerFolder: { [self] arn in try code.folder(of: layer(arn).code) }
        )
    }

    /// Reads what is stored and looks at the folders; must have ended before anything is asked.
    ///
    /// - Throws: The store's own error, or `FileError` when the folders cannot be made.
    public func prepare() async throws {
        let functions = try await store.functions()
        let layers = try await store.layerVersions()
        let notifications = try await store.bucketNotifications()
        let archives = (functions.map(\.code) + layers.map(\.code)).compactMap { code in
            if case .archive(let hash, _) = code { hash } else { nil }
        }
        try code.prepare(keeping: Set(archives))
        try BootstrapFile.write(into: configuration.code)
        state.withLock { state in
            for function in functions { state.functions[function.configuration.name] = function }
            state.layers = layers
            state.notifications = notifications
        }
        lookAtFolders()
    }

    /// Looks after events, logs and workers that have nothing to do, until shut down; then ends all workers.
    public func run() async throws {
        await withTaskGroup { group in
            group.addTask { await self.logs.run(self.writeLog, self.logger) }
            await withTaskGroup { inner in
                inner.addTask { await self.endIdleWorkers() }
                inner.addTask { await self.dispatchEvents() }
                try? await gracefulShutdown()
                eventWaker.finish()
                inner.cancelAll()
            }
            shutDownWorkers()
            logs.finish()
        }
    }

    private func endIdleWorkers() async {
        while (try? await clock.sleep(for: .seconds(60))) != nil, !Task.isShuttingDownGracefully {
            let date = now().addingTimeInterval(-(configuration.idleTimeout / .seconds(1)))
            for pool in state.withLock({ Array($0.pools.values) }) { pool.endIdle(since: date) }
            try? await store.pruneFunctionEvents(endedBefore: now().addingTimeInterval(-14 * 86_400))
        }
    }

    /// Ends all workers at once; nothing can be invoked any more.
    func shutDownWorkers() {
        let pools = state.withLock { state in
            state.isShutDown = true
            defer { state.pools = [:] }
            return state.pools.values
        }
        for pool in pools {
            for invocation in pool.shutDown() {
                let error = FunctionError(.service, "the service stops; invoke the function again")
                invocation.finish(.refused(error), nil)
            }
        }
    }
}

extension FunctionService {
    /// Looks at the folders now, and takes over what has changed.
    public func lookAtFolders() {
        let found = folders.scan()
        var outdated: [String] = []
        let newFaults = state.withLock { state in
            let names = Set(found.functions.map(\.configuration.name))
            // A function whose file has become wrong stays as it was.
            for (name, function) in state.functions where function.isFolder && !names.contains(name) {
                if found.faults[name] == nil {
                    state.functions[name] = nil
                    outdated.append(name)
                }
            }
            for function in found.functions {
                let name = function.configuration.name
                guard state.functions[name] != function else { continue }
                state.functions[name] = function
                outdated.append(name)
            }
            defer { state.faults = found.faults }
            return found.faults.filter { state.faults[$0.key] != $0.value }
        }
        for name in outdated { replacePool(of: name) }
        for (name, fault) in newFaults {
            logger.error(
                "a function cannot be used",
                metadata: ["function.name": "\(name)", "function.fault": "\(fault)"]
            )
        }
    }

    /// Looks at the folders, unless that was done within a second.
    func lookAtFoldersIfDue() {
        let date = now()
        let isDue = state.withLock { state in
            guard let last = state.lastLook, abs(date.timeIntervalSince(last)) < 1 else {
                state.lastLook = date
                return true
            }
            return false
        }
        if isDue { lookAtFolders() }
    }

    /// Has the workers of a function end, and others take over what waits for them.
    func replacePool(of name: String) {
        let pool = state.withLock { $0.pools.removeValue(forKey: name) }
        guard let waiting = pool?.retire() else { return }
        for invocation in waiting {
            do throws(FunctionError) {
                try self.pool(of: name).submit(invocation)
            } catch {
                invocation.finish(.refused(error), nil)
            }
        }
    }

    /// The workers of a function as it is now.
    func pool(of name: String) throws(FunctionError) -> WorkerPool {
        lookAtFoldersIfDue()
        let parts = parts
        let found = state.withLock { state -> Result<WorkerPool, FunctionError> in
            if let pool = state.pools[name] { return .success(pool) }
            guard !state.isShutDown else { return .failure(FunctionError(.service, "the service stops")) }
            guard let function = state.functions[name] else { return .failure(notFound(name, state.faults[name])) }
            let pool = WorkerPool(function: function, parts: parts)
            state.pools[name] = pool
            return .success(pool)
        }
        return try found.get()
    }

    /// The function of a name.
    func function(_ name: String) throws(FunctionError) -> Function {
        lookAtFoldersIfDue()
        let (function, fault) = state.withLock { ($0.functions[name], $0.faults[name]) }
        guard let function else { throw notFound(name, fault) }
        return function
    }

    private func notFound(_ name: String, _ fault: String?) -> FunctionError {
        let reason = fault.map { "; \($0)" } ?? ""
        return FunctionError(.resourceNotFound, "Function not found: \(arn(of: name))\(reason)")
    }

    func arn(of name: String) -> String {
        "arn:aws:lambda:\(configuration.region):\(configuration.account):function:\(name)"
    }
}

/// What is there now.
struct Catalog {
    var functions: [String: Function] = [:]
    /// What is wrong with folders that hold no function yet or a wrong one, by name.
    var faults: [String: String] = [:]
    var layers: [LayerVersion] = []
    var notifications: [BucketNotification] = []
    var pools: [String: WorkerPool] = [:]
    var isShutDown = false
    /// When the folders were looked at last.
    var lastLook: Date?
    private var interpreter: PythonInterpreter?

    mutating func python(_ configuration: FunctionService.Configuration) -> PythonInterpreter {
        if let interpreter { return interpreter }
        let made = PythonInterpreter(name: configuration.python, environment: configuration.environment)
        interpreter = made
        return made
    }
}

public import struct FoundationEssentials.Date
public import Logging
public import ServiceLifecycle

/// Notices what is dropped into a bucket and hands each drop over, once.
///
/// inotify only wakes it; the truth is the listing compared with the object table, so a lost event costs a delay,
/// never a drop. A file counts as dropped when it was closed after writing or renamed into place, and never while
/// somebody still has it open for writing. Each drop is recorded before it is handed over and marked afterwards: after
/// a crash in between it comes again, with the same `Drop.id`.
///
/// ```swift
/// let watcher = BucketWatcher(bucket: bucket, store: store, logger: logger, now: { Date() }) { drop in
///     try await trigger.start(drop)
/// }
/// ```
public struct BucketWatcher: Service {
    /// How a watcher works.
    public struct Configuration: Sendable {
        /// How often the whole bucket is listed, in case an event was lost.
        ///
        /// Default 60 s.
        public var rescanInterval: Duration = .seconds(60)
        /// How long a file must stay unchanged where nothing else tells that it is complete: an empty file, or one
        /// whose writers the file system does not let us see.
        ///
        /// Default 2 s.
        public var settleTime: Duration = .seconds(2)
        /// How long after a failed hand-over the drop is handed over again; doubles each time, up to 64 times.
        ///
        /// Default 1 s.
        public var retryInterval: Duration = .seconds(1)
        /// Up to how many bytes a drop carries its content.
        ///
        /// Default 1 MiB.
        public var maximumContentSize = 1 << 20
        /// How long a drop is remembered after it was handled.
        ///
        /// Default 30 days.
        public var retention: Duration = .seconds(30 * 24 * 3600)
        /// Which keys make drops.
        ///
        /// Default: `params.json` at the root or in any folder.
        public var isDrop: @Sendable (_ key: String) -> Bool = { $0 == "params.json" || $0.hasSuffix("/params.json") }

        /// The defaults.
        public init() {}
    }

    let bucket: Bucket
    let store: any BucketStore
    let configuration: Configuration
    let clock: any Clock<Duration>
    let now: @Sendable () -> Date
    let logger: Logger
    let handle: @Sendable (Drop) async throws -> Void
    /// Called after each listing of the whole bucket, also when its directory is missing.
    public var onScan: @Sendable () -> Void = {}
    /// Called with each fault that is reported; for tests.
    var onFault: @Sendable (String) -> Void = { _ in }

    /// A watcher of one bucket.
    ///
    /// - Parameters:
    ///   - bucket: What to watch; its directory may appear later, or vanish and come back.
    ///   - store: Where objects and drops are kept.
    ///   - configuration: How to work.
    ///   - clock: What to wait on.
    ///   - logger: Where to log.
    ///   - now: The time.
    ///   - handle: Takes a drop over; when it throws, it gets the drop again later: soon and as often as it takes
    ///     after a `DropPostponed`, less and less often after any other error. It must be safe to call twice
    ///     with the same `Drop.id`.
    public init(
        bucket: Bucket,
        store: any BucketStore,
        configuration: Configuration = Configuration(),
        clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger,
        now: @escaping @Sendable () -> Date,
        handle: @escaping @Sendable (Drop) async throws -> Void
    ) {
        self.bucket = bucket
        self.store = store
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        self.now = now
        self.handle = handle
    }

    /// Watches until the service shuts down; what is being handed over then is finished first.
    ///
    /// - Throws: When the store cannot be read at the start.
    public func run() async throws {
        let (wakes, waker) = AsyncStream.makeStream(of: Wake.self)
        let (drops, found) = AsyncStream.makeStream(of: HandOver.self)
        let (unsettled, settler) = AsyncStream.makeStream(of: String.self)
        let pending = try await store.pendingDrops(in: bucket.name)
        let known = try await store.knownObjects(in: bucket.name)
        for drop in pending { found.yield(HandOver(drop: drop)) }
        let events = await subscribe(waker)
        let detector = DropDetector(self, known: known, events: events, found: found, settler: settler)
        waker.yield(.rescan)
        await withTaskGroup { group in
            group.addTask { await detect(wakes, with: detector) }
            group.addTask { await deliver(drops, again: found) }
            group.addTask { await rescanRegularly(waker) }
            group.addTask { await settle(unsettled, waker) }
            try? await gracefulShutdown()
            waker.finish()
            found.finish()
            settler.finish()
        }
        await events.close()
    }

    /// Turns events into reasons to look; what cannot make a drop wakes nobody.
    private func subscribe(_ waker: AsyncStream<Wake>.Continuation) async -> FileEvents.Subscription {
        let isDrop = configuration.isDrop
        return await FileEvents.shared.subscribe { event in
            let isAbove = event.folder == DropDetector.above
            switch event.kind {
            case .overflow: waker.yield(.rescan)
            case .gone: if isAbove || event.folder.isEmpty { waker.yield(.rescan) }
            case .folderAppeared where isAbove: waker.yield(.rescan)
            case .folderAppeared, .folderLeft:
                if !isAbove, !ObjectName.isIgnored(event.name) { waker.yield(.event(event)) }
            case .completed:
                let key = event.folder + event.name
                if !isAbove, !ObjectName.isIgnored(event.name), isDrop(key) { waker.yield(.event(event)) }
            }
        }
    }

    private func detect(_ wakes: AsyncStream<Wake>, with detector: DropDetector) async {
        var detector = detector
        for await wake in wakes {
            if Task.isCancelled || Task.isShuttingDownGracefully { return }
            await detector.handle(wake)
        }
    }

    private func rescanRegularly(_ waker: AsyncStream<Wake>.Continuation) async {
        try? await cancelWhenGracefulShutdown {
            while true {
                try await clock.sleep(for: configuration.rescanInterval)
                waker.yield(.rescan)
                let date = now().addingTimeInterval(-(configuration.retention / .seconds(1)))
                _ = try? await store.pruneDrops(handledBefore: date)
            }
        }
    }

    private func settle(_ keys: AsyncStream<String>, _ waker: AsyncStream<Wake>.Continuation) async {
        await withDiscardingTaskGroup { group in
            for await key in keys {
                group.addTask {
                    try? await cancelWhenGracefulShutdown { try await clock.sleep(for: configuration.settleTime) }
                    waker.yield(.settled(key))
                }
            }
        }
    }
}

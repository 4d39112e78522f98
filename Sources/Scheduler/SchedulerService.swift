public import Foundation
public import Logging
public import ServiceLifecycle
internal import Synchronization

/// Fires schedules when they are due.
///
/// Each firing is recorded in the same transaction that moves its schedule on, and only then handed over; so a crash
/// between the two is made good at the next start, and the receiver tells a repetition by the firing's id.
public final class SchedulerService: Service {
    /// Hands a firing over: starts an execution and returns its ARN, without waiting for its end.
    ///
    /// May be called again with a firing of the same id after a crash or an error; it then returns the same execution.
    public typealias Fire = @Sendable (Firing, Schedule) async throws -> String

    /// Tells whether an execution still runs; `false` for one that is unknown.
    public typealias IsRunning = @Sendable (_ executionARN: String) async throws -> Bool

    /// Stops an execution for another that is to run in its place.
    public typealias Stop = @Sendable (_ executionARN: String, _ error: String, _ cause: String) async throws -> Void

    /// Tells people of a run that was due and did not happen; called again after a crash, it tells nothing twice.
    public typealias Tell = @Sendable (OverdueRun) async throws -> Void

    /// The scheduler's numbers.
    public struct Configuration: Sendable {
        /// The most firings that `catchUp: all` makes up for: 24.
        public var catchUpLimit = 24
        /// How late a firing may be and still count as on time: a minute.
        public var punctuality: Duration = .seconds(60)
        /// The waits before a firing that could not be handed over is tried again; after the last it has failed.
        public var retryDelays: [Duration] = [.seconds(5), .seconds(30), .seconds(120), .seconds(600)]
        /// How often a queued firing looks whether the running execution has ended: 15 seconds.
        public var queueInterval: Duration = .seconds(15)
        /// How many firings of a schedule may wait in its queue before further ones are skipped: 1.
        public var queueLimit = 1
        /// How many finished firings of a schedule are kept: 1,000.
        public var historyLimit = 1_000
        /// How late a run may be before it is told that it did not happen, where the schedule does not say: an hour.
        public var grace: Duration = .seconds(3_600)
        /// The most times a range to be made up for may have: 10,000.
        public var backfillLimit = 10_000
        /// The longest the service sleeps before it looks at the clock again, which may have jumped: a minute.
        public var recheckInterval: Duration = .seconds(60)

        /// The default numbers.
        public init() {}
    }

    let store: any ScheduleStore
    let configuration: Configuration
    let now: @Sendable () -> Date
    let makeID: @Sendable () -> String
    let fire: Fire
    let isRunning: IsRunning
    let stop: Stop
    let tell: Tell
    let logger: Logger
    let alarm = Alarm()
    /// When the clock was last looked at: a look at an earlier time shows that it was set back.
    private let lastLook = Mutex<Date?>(nil)
    private let clock: any Clock<Duration>

    /// A scheduler over a store, with its clock, its ids and the closures that reach the engine.
    public init(
        store: any ScheduleStore,
        clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Date,
        makeID: @escaping @Sendable () -> String,
        logger: Logger,
        configuration: Configuration = Configuration(),
        isRunning: @escaping IsRunning,
        stop: @escaping Stop,
        tell: @escaping Tell,
        fire: @escaping Fire
    ) {
        self.store = store
        self.clock = clock
        self.now = now
        self.makeID = makeID
        self.logger = logger
        self.configuration = configuration
        self.isRunning = isRunning
        self.stop = stop
        self.tell = tell
        self.fire = fire
    }

    /// Fires what was missed or left unfinished, then each schedule at its time, until shut down.
    public func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled { try await self.turn() }
        }
    }

    /// Fires all that is due now; returns the moment at which something is due next.
    ///
    /// The service does this by itself; whoever moves the clock by hand may call it instead.
    @discardableResult
    public func fireDue() async throws -> Date? {
        let isFirstLook = lastLook.withLock { $0 == nil }
        try await replanIfClockWentBack()
        try await advanceDueSchedules()
        var mayBeCompleted = try await deliverPendingFirings()
        mayBeCompleted = mayBeCompleted || isFirstLook
        var next = try await store.nextDueDate()
        if let due = next, due <= now() {
            // What is still due after all is handed over is to be told.
            try await tellOfOverdueFirings()
            mayBeCompleted = true
            next = try await store.nextDueDate()
        }
        if mayBeCompleted { try await deleteCompletedSchedules() }
        return next
    }

    private func deleteCompletedSchedules() async throws {
        for key in try await store.deleteCompletedSchedules() {
            logger.info("schedule deleted after its last firing", metadata: ["schedule.name": "\(key)"])
        }
    }

    /// Has the times fire that lie between an earlier time, to which the clock was set, and what was planned before.
    ///
    /// The first look counts as one back: the clock may have been set while nothing ran.
    private func replanIfClockWentBack() async throws {
        let now = now()
        if let last = lastLook.withLock(\.self), last <= now {
            lastLook.withLock { $0 = now }
            return
        }
        let pageSize = 500
        var key: Schedule.Key?
        repeat {
            let page = try await store.schedules(ScheduleQuery(state: .enabled), after: key, limit: pageSize)
            for schedule in page where schedule.replanned(afterClockAt: now) != nil {
                try await store.updateSchedule(schedule.key) { $0.flatMap { $0.replanned(afterClockAt: now) ?? $0 } }
            }
            key = page.count < pageSize ? nil : page.last?.key
        } while key != nil
        lastLook.withLock { $0 = now }
    }

    private func turn() async throws {
        do {
            let next = try await fireDue()
            await sleep(until: next)
        } catch is CancellationError {
            return
        } catch {
            logger.error("schedules could not be fired", metadata: ["error": "\(error)"])
            await sleep(until: nil)
        }
    }

    /// Sleeps until a moment, a change of the schedules, or the next look at the clock.
    private func sleep(until date: Date?) async {
        let longest = configuration.recheckInterval.seconds
        let wait = Duration.seconds(min(max(date?.timeIntervalSince(now()) ?? longest, 0), longest))
        let (clock, alarm) = (clock, alarm)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await clock.sleep(for: wait) }
            group.addTask { await alarm.wait() }
            await group.next()
            group.cancelAll()
        }
    }
}

extension Duration {
    /// The length in seconds.
    var seconds: TimeInterval { self / .seconds(1) }
}

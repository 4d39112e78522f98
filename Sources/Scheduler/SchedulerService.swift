public import Foundation
public import Logging
public import ServiceLifecycle

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
        /// How many finished firings of a schedule are kept: 100.
        public var historyLimit = 100
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
    let logger: Logger
    let alarm = Alarm()
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
        fire: @escaping Fire
    ) {
        self.store = store
        self.clock = clock
        self.now = now
        self.makeID = makeID
        self.logger = logger
        self.configuration = configuration
        self.isRunning = isRunning
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
        try await advanceDueSchedules()
        try await deliverPendingFirings()
        return try await store.nextDueDate()
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

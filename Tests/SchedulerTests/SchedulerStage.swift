import Foundation
import JSON
import Logging
import SQLiteStore
import Synchronization
import TestSupport

@testable import Scheduler

/// A scheduler on a manual clock, with a target that notes what it is handed.
final class SchedulerStage: Sendable {
    struct Refused: Error, CustomStringConvertible {
        let description = "the engine is full"
    }

    let clock: ManualClock
    let store: SQLiteStore
    let service: SchedulerService
    private let target: Target

    /// What lies behind the closures of the service.
    private final class Target: Sendable {
        struct State {
            var fired: [Firing] = []
            var inputs: [JSON] = []
            var running: Set<String> = []
            var refusals = 0
            var leavesRunning = false
            var stopped: [String] = []
            var told: [OverdueRun] = []
            var deferrals = 0
        }

        let state = Mutex(State())
        let arrivals: AsyncStream<String>
        private let arrived: AsyncStream<String>.Continuation

        init() {
            (arrivals, arrived) = AsyncStream.makeStream()
        }

        func start(_ firing: Firing, _ input: JSON) throws -> String {
            defer { arrived.yield(firing.id) }
            return try state.withLock { state in
                guard state.deferrals == 0 else {
                    state.deferrals -= 1
                    throw FiringDeferral("another runs")
                }
                guard state.refusals == 0 else {
                    state.refusals -= 1
                    throw Refused()
                }
                let arn = "arn:\(firing.id)"
                state.fired.append(firing)
                state.inputs.append(input)
                if state.leavesRunning { state.running.insert(arn) }
                return arn
            }
        }
    }

    init(
        at start: String,
        store: SQLiteStore? = nil,
        configuration: SchedulerService.Configuration = .init()
    ) throws {
        let clock = ManualClock(at: Date(start))
        let target = Target()
        let ids = Mutex(0)
        self.clock = clock
        self.target = target
        self.store = try store ?? .inMemory()
        service = SchedulerService(
            store: self.store,
            clock: clock,
            now: { clock.date },
            makeID: {
                ids.withLock { id in
                    id += 1
                    return "manual-\(id)"
                }
            },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            configuration: configuration,
            isRunning: { arn in target.state.withLock { $0.running.contains(arn) } },
            stop: { arn, error, cause in
                target.state.withLock { state in
                    state.running.remove(arn)
                    state.stopped.append("\(arn) \(error): \(cause)")
                }
            },
            tell: { run in target.state.withLock { $0.told.append(run) } },
            fire: { firing, schedule in try target.start(firing, schedule.definition.target.input) }
        )
    }

    /// The scheduled times that were handed over, in order.
    var fired: [String] { target.state.withLock { $0.fired.map(\.scheduledTime.text) } }
    var firedIDs: [String] { target.state.withLock { $0.fired.map(\.id) } }
    var inputs: [JSON] { target.state.withLock(\.inputs) }
    /// The id of each firing as it arrives, also of those refused.
    var arrivals: AsyncStream<String> { target.arrivals }

    /// Lets the next so many firings fail.
    func refuse(_ count: Int) { target.state.withLock { $0.refusals = count } }
    /// Has the next so many firings come again later.
    func postpone(_ count: Int) { target.state.withLock { $0.deferrals = count } }
    /// The executions that were stopped, with error and cause.
    var stopped: [String] { target.state.withLock(\.stopped) }
    /// The runs that were told of as not having happened.
    var told: [OverdueRun] { target.state.withLock(\.told) }
    /// Whether executions go on until `endExecutions`.
    func leaveRunning() { target.state.withLock { $0.leavesRunning = true } }
    func endExecutions() { target.state.withLock { $0.running.removeAll() } }

    /// Moves the clock in one leap and lets the service do what is due.
    func leap(to moment: String) async throws {
        clock.advance(by: .seconds(Date(moment).timeIntervalSince(clock.date)))
        try await service.fireDue()
    }

    @discardableResult
    func put(
        _ expression: String,
        name: String = "nightly",
        zone: String = "UTC",
        startDate: String? = nil,
        endDate: String? = nil,
        input: JSON = nil,
        catchUp: ScheduleDefinition.CatchUp = .once,
        overlap: ScheduleDefinition.Overlap = .skip
    ) async throws -> Schedule {
        try await service.put(
            ScheduleDefinition(
                key: Schedule.Key(name: name),
                expression: ScheduleExpression(expression),
                timeZone: zone,
                startDate: startDate.map { Date($0) },
                endDate: endDate.map { Date($0) },
                target: ScheduleDefinition.Target(kind: "full", input: input),
                catchUp: catchUp,
                overlap: overlap
            )
        )
    }

    func schedule(_ name: String = "nightly") async throws -> Schedule {
        try await service.schedule(Schedule.Key(name: name))
    }

    /// The statuses of the firings, the oldest first.
    func history(_ name: String = "nightly") async throws -> [Firing] {
        try await service.firings(of: Schedule.Key(name: name), limit: 1_000).reversed()
    }
}

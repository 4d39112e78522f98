public import FoundationEssentials
import Synchronization

/// A clock that stands still until a test moves it.
///
/// It hands out both wall time (`now`) and sleeping (`Clock`), so that a month of schedules and waits passes in a
/// moment. `advance` wakes the sleepers whose time has come, in the order of their deadlines.
public final class ManualClock: Clock, Sendable {
    /// A point of the clock's time, counted from its start.
    public struct Instant: InstantProtocol {
        /// How far from the start.
        public var offset: Duration

        public func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        public func duration(to other: Instant) -> Duration { other.offset - offset }
        public static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct Sleeper {
        let id: Int
        let deadline: Instant
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var offset: Duration = .zero
        var sleepers: [Sleeper] = []
        var cancelled: Set<Int> = []
        var nextID = 0
        var watchers: [(minimum: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let start: Date
    private let state = Mutex(State())

    /// A clock that stands at a date.
    public init(at start: Date = Date(timeIntervalSince1970: 1_800_000_000)) {
        self.start = start
    }

    public var now: Instant { Instant(offset: state.withLock(\.offset)) }
    public var minimumResolution: Duration { .nanoseconds(1) }

    /// The wall time the clock shows.
    public var date: Date {
        let offset = state.withLock(\.offset)
        return start.addingTimeInterval(offset / .seconds(1))
    }

    /// How many are asleep on the clock.
    public var sleeperCount: Int { state.withLock(\.sleepers.count) }

    public func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                add(Sleeper(id: id, deadline: deadline, continuation: continuation))
            }
        } onCancel: {
            cancel(id)
        }
    }

    /// Moves the clock and wakes whoever is due.
    public func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.offset += duration
            let now = Instant(offset: state.offset)
            let due = state.sleepers.filter { $0.deadline <= now }.sorted { $0.deadline < $1.deadline }
            state.sleepers.removeAll { $0.deadline <= now }
            return due
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Waits until at least so many are asleep on the clock.
    public func sleepers(atLeast minimum: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.sleepers.count >= minimum { return true }
                state.watchers.append((minimum, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }

    private func add(_ sleeper: Sleeper) {
        enum Action { case sleep, wake, cancel }
        let (action, watchers) = state.withLock { state in
            if state.cancelled.remove(sleeper.id) != nil {
                return (Action.cancel, state.watchers.filter { _ in false })
            }
            if sleeper.deadline.offset <= state.offset { return (Action.wake, state.watchers.filter { _ in false }) }
            state.sleepers.append(sleeper)
            let count = state.sleepers.count
            let ready = state.watchers.filter { $0.minimum <= count }
            state.watchers.removeAll { $0.minimum <= count }
            return (Action.sleep, ready)
        }
        switch action {
        case .cancel: sleeper.continuation.resume(throwing: CancellationError())
        case .wake: sleeper.continuation.resume()
        case .sleep: for watcher in watchers { watcher.continuation.resume() }
        }
    }

    private func cancel(_ id: Int) {
        let sleeper = state.withLock { state -> Sleeper? in
            guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                state.cancelled.insert(id)
                return nil
            }
            return state.sleepers.remove(at: index)
        }
        sleeper?.continuation.resume(throwing: CancellationError())
    }
}

import Synchronization

/// A part that is set once, after what needs it was made: the scheduler fires runs that themselves put schedules.
final class LateBound<Value: Sendable>: Sendable {
    private let stored = Mutex<Value?>(nil)

    var value: Value? { stored.withLock(\.self) }

    func set(_ value: Value) { stored.withLock { $0 = value } }
}

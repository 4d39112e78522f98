import Synchronization

/// The time that calls of `Interpreter.handle` have.
///
/// When it is over, a call yields before the next state with a timer that is due at once, as it does after 1,000
/// transitions. A state is gone through whole, unless expressions are interrupted.
public final class TimeSlice: Sendable {
    private let interruptsExpressions: Bool
    private let clock: @Sendable () -> Bool
    private let wasExceeded = Atomic(false)

    /// A slice that is measured by somebody else.
    ///
    /// - Parameters:
    ///   - interruptsExpressions: Whether a JSONata expression is given up that still computes when the time is over.
    ///   - isOver: Whether the time is over; it is asked often, and once it is over it stays so.
    public init(interruptsExpressions: Bool, isOver: @escaping @Sendable () -> Bool) {
        self.interruptsExpressions = interruptsExpressions
        clock = isOver
    }

    /// Whether an expression was given up: then the state and the effects of the call are of no use.
    public var isExceeded: Bool { wasExceeded.load(ordering: .relaxed) }

    /// Whether the time is over.
    var isOver: Bool { clock() }

    /// What ends an expression that takes too long.
    var interruption: (@Sendable () -> Bool)? {
        guard interruptsExpressions else { return nil }
        return { [self] in
            guard clock() else { return false }
            wasExceeded.store(true, ordering: .relaxed)
            return true
        }
    }
}

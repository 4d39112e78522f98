internal import Synchronization

/// What follows from a model and is made when it is first asked for; it is no part of what models are compared by.
final class Derived<Value: Sendable>: Sendable, Equatable {
    private let made = Mutex<Value?>(nil)
    private let make: @Sendable () -> Value

    init(_ make: @escaping @Sendable () -> Value) { self.make = make }

    /// The value; who asks while it is being made waits for it.
    var value: Value {
        made.withLock { made in
            if let value = made { return value }
            let value = make()
            made = value
            return value
        }
    }

    static func == (left: Derived, right: Derived) -> Bool { true }
}

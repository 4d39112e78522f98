internal import Synchronization

/// The last line that a program has written.
final class LastLine: Sendable {
    private let line = Mutex("")

    var text: String { line.withLock { $0 } }

    func set(_ text: String) { line.withLock { $0 = text } }
}

import ChildProcesses
import Synchronization

/// What a process wrote, and who waits for a line of it.
final class Capture: Sendable {
    private let state = Mutex<(lines: [ProcessLine], bytes: Int, waiters: [Waiter])>(([], 0, []))

    private struct Waiter {
        let isMet: @Sendable ([ProcessLine]) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    var lines: [String] { state.withLock { $0.lines.map(\.text) } }
    var captured: [ProcessLine] { state.withLock { $0.lines } }
    var byteCount: Int { state.withLock { $0.bytes } }

    var asLines: ProcessOutput { .lines(longest: 100) { self.take($0) } }
    var asChunks: ProcessOutput { .chunks { bytes in self.state.withLock { $0.bytes += bytes.count } } }

    private func take(_ line: ProcessLine) {
        let met = state.withLock { state in
            state.lines.append(line)
            let met = state.waiters.filter { $0.isMet(state.lines) }
            state.waiters.removeAll { $0.isMet(state.lines) }
            return met
        }
        for waiter in met { waiter.continuation.resume() }
    }

    /// Waits until there are so many lines.
    func lines(atLeast count: Int) async -> [String] {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.lines.count >= count { return true }
                state.waiters.append(Waiter(isMet: { $0.count >= count }, continuation: continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
        return lines
    }
}

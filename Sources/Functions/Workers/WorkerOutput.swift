internal import ChildProcesses
internal import Synchronization

/// What a worker writes: into the log under the request it has in hand, and the last of it for who asks for that.
final class WorkerOutput: Sendable {
    /// The most of one request that goes into the log, and the most that is kept for its caller, in bytes.
    private static let (logLimit, tailLimit) = (1 << 20, 4_096)

    private let state = Mutex(State())
    private let write: @Sendable (_ requestID: String, _ line: String) -> Void

    private struct State {
        var requestID = ""
        var start = ContinuousClock.now
        var logged = 0
        var tail: [String] = []
        var tailSize = 0
    }

    init(write: @escaping @Sendable (_ requestID: String, _ line: String) -> Void) { self.write = write }

    /// Begins with another request.
    func begin(_ requestID: String) {
        state.withLock { state in
            guard state.requestID != requestID else { return }
            // What was written while nothing was in hand belongs to the first request, as on Lambda.
            let isFirst = state.requestID.isEmpty
            state = State(
                requestID: requestID,
                logged: 0,
                tail: isFirst ? state.tail : [],
                tailSize: isFirst ? state.tailSize : 0
            )
        }
    }

    func take(_ line: ProcessLine) {
        let dropped = line.droppedBytes > 0 ? " … \(line.droppedBytes) more bytes" : ""
        let text = line.text + dropped
        let size = text.utf8.count + 1
        let (requestID, logged) = state.withLock { state in
            state.logged += size
            state.tail.append(text)
            state.tailSize += size
            while state.tailSize > Self.tailLimit, state.tail.count > 1 {
                state.tailSize -= state.tail.removeFirst().utf8.count + 1
            }
            return (state.requestID, state.logged)
        }
        if logged <= Self.logLimit {
            write(requestID, text)
        } else if logged - size <= Self.logLimit {
            write(requestID, "… more than \(Self.logLimit) bytes were written; the rest is left out")
        }
    }

    /// The last of what the request in hand has written, between the lines that Lambda puts around it.
    func tail(_ requestID: String, memory: Int) -> String {
        let (lines, start) = state.withLock { ($0.tail, $0.start) }
        let milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1)) + 1
        let last = """
            END RequestId: \(requestID)
            REPORT RequestId: \(requestID)\tDuration: \(milliseconds).00 ms\tBilled Duration: \(milliseconds) ms\t\
            Memory Size: \(memory) MB

            """
        let all = (["START RequestId: \(requestID) Version: $LATEST"] + lines + [last]).joined(separator: "\n")
        return String(decoding: all.utf8.suffix(Self.tailLimit), as: UTF8.self)
    }
}

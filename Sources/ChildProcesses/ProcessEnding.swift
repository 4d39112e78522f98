/// How a program ended.
public struct ProcessEnding: Sendable, Equatable {
    /// What ended it.
    public enum Reason: Sendable, Equatable {
        /// It ended by itself, with an exit code.
        case exited(code: Int32)
        /// A signal ended it.
        case signalled(Int32)
    }

    /// A limit of the whole group.
    public enum Limit: Sendable, Equatable {
        /// `ProcessLimits.residentMemory`.
        case residentMemory
        /// `ProcessLimits.processes`.
        case processes
    }

    /// What ended it.
    public let reason: Reason
    /// The limit for whose sake it was killed, if it was.
    public let exceeded: Limit?

    /// Whether it ended by itself with exit code 0.
    public var isSuccess: Bool { reason == .exited(code: 0) }
}

extension ProcessEnding: CustomStringConvertible {
    /// `exit status 3`, `signal: killed`: as the log and an error have it.
    public var description: String {
        switch reason {
        case .exited(let code): "exit status \(code)"
        case .signalled(let number): "signal: \(Self.signalNames[number] ?? String(number))"
        }
    }

    private static let signalNames: [Int32: String] = [
        1: "hangup", 2: "interrupt", 3: "quit", 4: "illegal instruction", 6: "aborted", 7: "bus error",
        8: "floating point exception", 9: "killed", 11: "segmentation fault", 13: "broken pipe", 15: "terminated",
        24: "CPU time limit exceeded", 25: "file size limit exceeded",
    ]
}

internal import Glibc

/// A call to the file system that failed.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was tried, as a verb: `write`, `rename`.
    public let operation: String
    /// The file or directory it was tried on.
    public let path: String
    /// The system's error number.
    public let code: Int32

    /// An error of a call that has just failed with a known number.
    ///
    /// - Parameters:
    ///   - operation: What was tried, as a verb.
    ///   - path: The file or directory.
    ///   - code: The system's error number.
    public init(_ operation: String, _ path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    /// An error of the call that has just failed on this thread.
    init(_ operation: String, _ path: String) {
        self.init(operation, path, code: errno)
    }

    /// Whether the disk, or the user's quota of it, is full.
    public var isDiskFull: Bool { code == ENOSPC || code == EDQUOT }

    /// Whether the file or directory does not exist.
    public var isMissing: Bool { code == ENOENT }

    /// Place, fact and, where there is one, remedy.
    public var description: String {
        let fact = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        let remedy = isDiskFull ? "; free some space and try again" : ""
        return "cannot \(operation) \"\(path)\": \(fact)\(remedy)"
    }
}

internal import Glibc

/// A program that could not be started.
public struct ProcessError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was to be started.
    public let program: String
    /// The system's error number.
    public let code: Int32

    init(_ program: String, code: Int32) {
        self.program = program
        self.code = code
    }

    /// Place, fact and, where there is one, remedy.
    public var description: String {
        let fact = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        let remedy =
            switch code {
            case ENOENT: "; install it or name another (a script's first line must name a program that exists)"
            case EACCES: "; make it executable with chmod +x"
            case ENOEXEC: "; a script needs a first line such as #!/bin/sh"
            default: ""
            }
        return "\"\(program)\" cannot be started: \(fact)\(remedy)"
    }
}

internal import Glibc
internal import NIOCore

/// Why the server cannot listen.
public struct ServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What stood in the way.
    public enum Code: Sendable {
        /// Another program listens there.
        case portInUse
        /// The port is for the superuser.
        case portNotAllowed
        /// This machine has no such address.
        case addressNotAvailable
        /// Something else, which the message tells.
        case other
    }

    /// What stood in the way.
    public let code: Code
    /// Place, fact and remedy.
    public let message: String

    /// The message.
    public var description: String { message }

    init(_ error: IOError, _ configuration: Server.Configuration) {
        let place = "cannot listen on \(configuration.host):\(configuration.port)"
        switch error.errnoCode {
        case EADDRINUSE:
            code = .portInUse
            message = """
                \(place): the port is in use; is another millrace running? \
                Stop what listens there (ss -ltnp shows it) or choose another port with --port
                """
        case EACCES:
            code = .portNotAllowed
            message = "\(place): ports below 1024 are for the superuser; choose another with --port"
        case EADDRNOTAVAIL:
            code = .addressNotAvailable
            message = "\(place): this machine has no such address; choose another with --host"
        default:
            code = .other
            message = "\(place): \(error)"
        }
    }

    init(unknownHostIn configuration: Server.Configuration) {
        code = .addressNotAvailable
        message = """
            cannot listen on \(configuration.host):\(configuration.port): \
            the host is not known; choose another with --host
            """
    }
}

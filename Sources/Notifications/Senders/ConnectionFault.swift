internal import AsyncHTTPClient
internal import Glibc
internal import NIOCore

/// Why a request had no answer, in words.
enum ConnectionFault {
    /// What stands behind the name of the peer: `could not be reached: Connection refused`.
    static func text(of error: any Error, timeout: Duration) -> String {
        switch error as? HTTPClientError {
        case .deadlineExceeded?, .readTimeout?: "did not answer within \(timeout)"
        case .connectTimeout?: "could not be reached in time"
        case let error?: "failed: \(error.shortDescription)"
        case nil: "could not be reached: \(cause(of: error))"
        }
    }

    private static func cause(of error: any Error) -> String {
        guard let code = (error as? IOError)?.errnoCode, let text = unsafe strerror(code) else { return "\(error)" }
        return unsafe String(cString: text)
    }
}

internal import GRDB

/// Why the store could not do what was asked.
///
/// Values bound to a statement never enter a message, so an error may be logged and shown.
public struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failure a caller can tell apart.
    public enum Code: String, Sendable {
        /// The file cannot be opened, created or written.
        case cannotOpen
        /// Another process holds the database for longer than the busy timeout.
        case locked
        /// The disk, or the user's quota of it, is full.
        case diskFull
        /// The file was written by a newer version of this program.
        case newerSchema
        /// The file is something else than a database.
        case notADatabase
        /// The database is damaged.
        case corrupt
        /// The disk failed to read or write.
        case inputOutput
        /// A constraint of the schema was broken.
        case constraint
        /// The store was stopped before a commit, as if the process had died.
        case stopped
        /// The store was closed.
        case closed
        /// Anything else SQLite reported.
        case other
    }

    /// The kind of failure.
    public let code: Code
    /// Place, fact and, where there is one, remedy.
    public let message: String

    /// An error of a kind, with its text.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }

    /// Whether the same write may succeed later without anybody touching the program.
    public var isTemporary: Bool {
        switch code {
        case .locked, .diskFull, .inputOutput: true
        default: false
        }
    }
}

extension StoreError {
    static let stopped = StoreError(.stopped, "the store was stopped before a commit; open it again")
    static let closed = StoreError(.closed, "the store is closed")

    /// Translates whatever a database function threw, and leaves every other error as it is.
    static func translating(_ error: any Error, path: String) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        return StoreError(error, path: path)
    }

    init(_ error: DatabaseError, path: String) {
        let fact = error.message ?? "\(error.resultCode)"
        let place = "database \"\(path)\""
        switch error.resultCode {
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            self.init(.cannotOpen, "\(place) cannot be opened for writing: \(fact); check the path and its permissions")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.locked, "\(place) is locked by another process; end that process or choose another home")
        case .SQLITE_FULL:
            self.init(.diskFull, "\(place) cannot grow, the disk is full; free some space and try again")
        case .SQLITE_NOTADB:
            self.init(.notADatabase, "\(place) is not a database; move the file away or choose another home")
        case .SQLITE_CORRUPT:
            self.init(.corrupt, "\(place) is damaged: \(fact); restore it from a backup")
        case .SQLITE_IOERR:
            self.init(.inputOutput, "\(place) cannot be read or written: \(fact); check the disk")
        case .SQLITE_CONSTRAINT:
            self.init(.constraint, "\(place) refused a row: \(fact)")
        case .SQLITE_MISUSE:
            self.init(.closed, "\(place) is closed")
        default:
            self.init(.other, "\(place) failed: \(fact)")
        }
    }
}

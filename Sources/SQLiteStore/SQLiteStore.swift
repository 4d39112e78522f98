internal import GRDB
internal import Synchronization

/// The one database of a process: every noun's store protocol is implemented on it.
///
/// Writes that arrive while a commit is being synced gather and share the next one: each runs in a savepoint of its
/// own, and its caller goes on only when the transaction is on disk. Writes are durable (`synchronous=FULL`).
public final class SQLiteStore: Sendable {
    /// Called before the commit of transaction n, counted from 1.
    ///
    /// A hook that throws a `StoreError` makes that one commit fail with it, as a full disk would; any other error
    /// stops the store: the transaction is rolled back and everything after it fails, as if the process had died.
    public typealias TransactionHook = @Sendable (_ number: Int) throws -> Void

    private enum Condition { case open, stopped, closed }

    private struct State {
        var condition = Condition.open
        var pending: [PendingWrite] = []
        var isFlushing = false
        var transactionCount = 0
    }

    /// Writes that share one transaction at most.
    private static let groupLimit = 1024

    private let path: String
    private let writer: any DatabaseWriter
    private let onTransaction: TransactionHook?
    private let state = Mutex(State())

    /// Opens the database, makes it where there is none, and brings its schema up to date.
    ///
    /// - Parameters:
    ///   - path: The file; its directory must exist.
    ///   - busyTimeout: How long to wait for another process that holds the database.
    ///   - onTransaction: Called before each commit; for tests of crashes.
    /// - Throws: `StoreError`: `cannotOpen`, `locked`, `diskFull`, `newerSchema`, `notADatabase`, `corrupt`.
    public convenience init(
        path: String,
        busyTimeout: Duration = .seconds(5),
        onTransaction: TransactionHook? = nil
    ) throws {
        let open = {
            let pool = try DatabasePool(path: path, configuration: Self.configuration(busyTimeout))
            // The pool has set NORMAL, which may lose the last commits when the power fails.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            return pool as any DatabaseWriter
        }
        try self.init(path: path, onTransaction: onTransaction, open: open)
    }

    /// A database in memory that is gone with the value; for tests.
    ///
    /// - Parameter onTransaction: Called before each commit.
    /// - Returns: An empty store with the newest schema.
    /// - Throws: `StoreError` when there is no memory for it.
    public static func inMemory(onTransaction: TransactionHook? = nil) throws -> SQLiteStore {
        try SQLiteStore(path: ":memory:", onTransaction: onTransaction) {
            try DatabaseQueue(configuration: configuration(.seconds(5)))
        }
    }

    private init(path: String, onTransaction: TransactionHook?, open: () throws -> any DatabaseWriter) throws {
        self.path = path
        self.onTransaction = onTransaction
        do {
            let migrator = Migrations.migrator()
            writer = try open()
            guard try !writer.read(migrator.hasBeenSuperseded) else {
                throw StoreError(
                    .newerSchema,
                    "database \"\(path)\" was written by a newer version; upgrade this program or choose another home"
                )
            }
            try migrator.migrate(writer)
        } catch {
            throw StoreError.translating(error, path: path)
        }
    }

    private static func configuration(_ busyTimeout: Duration) -> Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(busyTimeout / .seconds(1))
        configuration.maximumReaderCount = 3
        configuration.prepareDatabase { db in
            // Kibibytes a connection: an idle process stays small, the system's page cache does the rest.
            try db.execute(sql: "PRAGMA cache_size = -2048; PRAGMA journal_size_limit = 16777216")
        }
        return configuration
    }

    /// How many transactions were begun by `write`; groups count once.
    public var transactionCount: Int { state.withLock(\.transactionCount) }

    /// How many writes wait for the next transaction.
    var pendingWriteCount: Int { state.withLock(\.pending.count) }

    /// Closes the database; whatever comes after fails with `closed`.
    ///
    /// - Throws: `StoreError` when a connection cannot be closed.
    public func close() throws {
        state.withLock { state in
            if state.condition == .open { state.condition = .closed }
        }
        do {
            try writer.close()
        } catch {
            throw StoreError.translating(error, path: path)
        }
    }

    private var refusal: StoreError? {
        switch state.withLock(\.condition) {
        case .open: nil
        case .stopped: .stopped
        case .closed: .closed
        }
    }
}

// MARK: - Reading

extension SQLiteStore {
    /// Reads in a snapshot of its own, beside whatever is being written.
    ///
    /// - Parameter body: Reads and maps rows; must not write.
    /// - Returns: What the body returns.
    /// - Throws: `StoreError`, or what the body throws.
    func read<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
        if let refusal { throw refusal }
        do {
            return try await writer.read(body)
        } catch {
            throw StoreError.translating(error, path: path)
        }
    }
}

// MARK: - Writing

/// A write that waits for its turn in a group.
private struct PendingWrite: Sendable {
    /// Runs the body in its savepoint; throws only when the whole transaction is gone.
    let run: @Sendable (Database) throws -> Finish
    /// Tells the caller that the body did not run.
    let fail: @Sendable (any Error) -> Void

    /// Tells the caller how it ended, given the error of the commit.
    typealias Finish = @Sendable ((any Error)?) -> Void
}

extension SQLiteStore {
    /// Writes in a group: bodies of concurrent callers run one after another and share one commit.
    ///
    /// A body that throws rolls back its own changes only. A commit that fails throws to every caller of the group.
    ///
    /// - Parameter body: Reads and writes rows; must not keep the database.
    /// - Returns: What the body returned, once it is on disk.
    /// - Throws: `StoreError`, or what the body throws.
    func write<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            enqueue(pending(body, continuation))
        }
    }

    private func pending<T: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> T,
        _ continuation: CheckedContinuation<T, any Error>
    ) -> PendingWrite {
        let path = path
        return PendingWrite(
            run: { db in
                let result = Result { try db.inOwnSavepoint(body) }
                    .mapError { StoreError.translating($0, path: path) }
                if case .failure(let error) = result, !db.isInsideTransaction { throw error }
                return { commitError in
                    if case .success = result, let commitError {
                        continuation.resume(throwing: commitError)
                    } else {
                        continuation.resume(with: result)
                    }
                }
            },
            fail: { continuation.resume(throwing: $0) }
        )
    }

    private func enqueue(_ write: PendingWrite) {
        enum Action { case wait, flush, refuse(StoreError) }
        let action = state.withLock { state -> Action in
            switch state.condition {
            case .stopped: return .refuse(.stopped)
            case .closed: return .refuse(.closed)
            case .open: break
            }
            state.pending.append(write)
            guard !state.isFlushing else { return .wait }
            state.isFlushing = true
            return .flush
        }
        switch action {
        case .wait: break
        case .flush: writer.asyncWriteWithoutTransaction { self.flush($0) }
        case .refuse(let error): write.fail(error)
        }
    }

    /// Commits group after group until nobody waits.
    private func flush(_ db: Database) {
        while let group = nextGroup() { commit(group, db) }
    }

    private func nextGroup() -> [PendingWrite]? {
        state.withLock { state in
            guard !state.pending.isEmpty else {
                state.isFlushing = false
                return nil
            }
            let group = Array(state.pending.prefix(Self.groupLimit))
            state.pending.removeFirst(group.count)
            return group
        }
    }

    private func commit(_ group: [PendingWrite], _ db: Database) {
        var finishes: [PendingWrite.Finish] = []
        do {
            if let refusal { throw refusal }
            try db.inTransaction(.immediate) {
                for write in group { finishes.append(try write.run(db)) }
                try willCommit()
                return .commit
            }
            for finish in finishes { finish(nil) }
        } catch {
            let error = StoreError.translating(error, path: path)
            for finish in finishes { finish(error) }
            for write in group.dropFirst(finishes.count) { write.fail(error) }
        }
    }

    private func willCommit() throws {
        let number = state.withLock { state in
            state.transactionCount += 1
            return state.transactionCount
        }
        do {
            try onTransaction?(number)
        } catch let error as StoreError {
            throw error
        } catch {
            state.withLock { $0.condition = .stopped }
            throw StoreError.stopped
        }
    }
}

extension Database {
    /// Runs a body so that its error takes back only what it did itself.
    fileprivate func inOwnSavepoint<T>(_ body: (Database) throws -> T) throws -> T {
        try execute(sql: "SAVEPOINT body")
        do {
            let value = try body(self)
            try execute(sql: "RELEASE body")
            return value
        } catch {
            // Some errors, such as a full disk, have already ended the whole transaction.
            if isInsideTransaction { try execute(sql: "ROLLBACK TO body; RELEASE body") }
            throw error
        }
    }
}

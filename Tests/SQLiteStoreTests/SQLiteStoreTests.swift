import FoundationEssentials
import GRDB
import Synchronization
import Testing
import TestSupport

@testable import SQLiteStore

@Suite struct SQLiteStoreTests {
    private static func store(_ hook: SQLiteStore.TransactionHook? = nil) async throws -> SQLiteStore {
        let store = try SQLiteStore.inMemory(onTransaction: hook)
        try await store.write { try $0.execute(sql: "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT UNIQUE)") }
        return store
    }

    private static func add(_ text: String, to store: SQLiteStore) async throws {
        try await store.write { try $0.execute(sql: "INSERT INTO note (text) VALUES (?)", arguments: [text]) }
    }

    private static func notes(in store: SQLiteStore) async throws -> Set<String> {
        try await store.read { Set(try String.fetchAll($0, sql: "SELECT text FROM note")) }
    }

    /// Holds the connection until so many writes are waiting; returns when it is held.
    private static func hold(
        _ store: SQLiteStore,
        until count: Int,
        in group: inout ThrowingTaskGroup<Void, any Error>
    ) async throws {
        let (held, continuation) = AsyncStream<Void>.makeStream()
        group.addTask {
            try await store.write { _ in
                continuation.finish()
                while store.pendingWriteCount < count {}
            }
        }
        for await _ in held {}
    }

    @Test func `writes that come together share a transaction`() async throws {
        let store = try await Self.store()
        let before = store.transactionCount
        try await withThrowingTaskGroup(of: Void.self) { group in
            try await Self.hold(store, until: 200, in: &group)
            for number in 0..<200 { group.addTask { try await Self.add("\(number)", to: store) } }
            try await group.waitForAll()
        }
        #expect(store.transactionCount - before == 2)
        #expect(try await Self.notes(in: store).count == 200)
    }

    @Test func `a write that throws takes back only its own changes`() async throws {
        struct Refused: Error {}
        let store = try await Self.store()
        let before = store.transactionCount
        try await withThrowingTaskGroup(of: Void.self) { group in
            try await Self.hold(store, until: 2, in: &group)
            group.addTask { try await Self.add("kept", to: store) }
            group.addTask {
                await #expect(throws: Refused.self) {
                    try await store.write { db in
                        try db.execute(sql: "INSERT INTO note (text) VALUES ('lost')")
                        throw Refused()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(store.transactionCount - before == 2)
        #expect(try await Self.notes(in: store) == ["kept"])
    }

    @Test func `a broken constraint is told without the values`() async throws {
        let store = try await Self.store()
        try await Self.add("secret", to: store)
        let error = await #expect(throws: StoreError.self) { try await Self.add("secret", to: store) }
        #expect(error?.code == .constraint)
        #expect(error?.message.contains("secret") == false)
    }

    @Test func `a commit that fails throws to everybody in its group, and the next succeeds`() async throws {
        let isFull = Mutex(false)
        let store = try await Self.store { _ in
            if isFull.withLock(\.self) { throw StoreError(.diskFull, "full") }
        }
        isFull.withLock { $0 = true }
        await withTaskGroup { group in
            for number in 0..<3 {
                group.addTask {
                    let error = await #expect(throws: StoreError.self) { try await Self.add("\(number)", to: store) }
                    #expect(error?.code == .diskFull)
                }
            }
        }
        isFull.withLock { $0 = false }
        try await Self.add("later", to: store)
        #expect(try await Self.notes(in: store) == ["later"])
    }

    @Test func `a stopped store rolls back and refuses everything after`() async throws {
        struct Crash: Error {}
        let store = try await Self.store { number in if number == 2 { throw Crash() } }
        await #expect(throws: StoreError.stopped) { try await Self.add("lost", to: store) }
        await #expect(throws: StoreError.stopped) { try await Self.add("after", to: store) }
        await #expect(throws: StoreError.stopped) { try await Self.notes(in: store) }
    }

    @Test func `a real full disk is told as one and leaves the store usable`() async throws {
        let directory = try TemporaryDirectory()
        let store = try SQLiteStore(path: directory.file("store.sqlite"))
        try await store.write { db in
            try db.execute(sql: "CREATE TABLE blob (content BLOB)")
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(pages + 4)")
        }
        let error = await #expect(throws: StoreError.self) {
            try await store.write { try $0.execute(sql: "INSERT INTO blob VALUES (zeroblob(1000000))") }
        }
        #expect(error?.code == .diskFull)
        #expect(error?.isTemporary == true)
        try await store.write { try $0.execute(sql: "INSERT INTO blob VALUES ('small')") }
        #expect(try await store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM blob") } == 1)
    }

    @Test func `writes are synced to the disk`() async throws {
        let directory = try TemporaryDirectory()
        let store = try SQLiteStore(path: directory.file("store.sqlite"))
        let level = try await store.write { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
        #expect(level == 2)
        #expect(try await store.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
    }

    @Test func `what was written is there when the file is opened again`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("store.sqlite")
        let store = try SQLiteStore(path: path)
        try await store.write { try $0.execute(sql: "CREATE TABLE note (text TEXT)") }
        try await Self.add("here", to: store)
        try store.close()
        await #expect(throws: StoreError.closed) { try await Self.add("late", to: store) }
        #expect(try await Self.notes(in: SQLiteStore(path: path)) == ["here"])
    }
}

/// What can be wrong with a file.
@Suite struct OpeningTests {
    @Test func `a database that another process holds is told as locked`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("store.sqlite")
        try SQLiteStore(path: path).close()
        let other = try DatabaseQueue(path: path)
        try await other.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT")
        }
        let error = #expect(throws: StoreError.self) {
            try SQLiteStore(path: path, busyTimeout: .milliseconds(20))
        }
        #expect(error?.code == .locked)
        #expect(error?.message.contains(path) == true)
        try other.close()
        #expect(throws: Never.self) { try SQLiteStore(path: path).close() }
    }

    @Test func `a write while another process writes is told as locked, and succeeds later`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("store.sqlite")
        let store = try SQLiteStore(path: path, busyTimeout: .milliseconds(20))
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: path, configuration: configuration)
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        let error = await #expect(throws: StoreError.self) {
            try await store.write { try $0.execute(sql: "CREATE TABLE note (text TEXT)") }
        }
        #expect(error?.code == .locked)
        try await other.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
        try await store.write { try $0.execute(sql: "CREATE TABLE note (text TEXT)") }
    }

    @Test func `a file of something else is not touched`() throws {
        let directory = try TemporaryDirectory()
        let text = String(repeating: "user,item,timestamp\n", count: 1000)
        let path = try directory.write(text, to: "data.csv")
        let error = #expect(throws: StoreError.self) { try SQLiteStore(path: path) }
        #expect(error?.code == .notADatabase)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }

    @Test func `a database of a newer version is refused`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("store.sqlite")
        let store = try SQLiteStore(path: path)
        try await store.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('999 tomorrow')") }
        try store.close()
        let error = #expect(throws: StoreError.self) { try SQLiteStore(path: path) }
        #expect(error?.code == .newerSchema)
    }

    @Test func `a directory that is missing is told with the path`() throws {
        let error = #expect(throws: StoreError.self) { try SQLiteStore(path: "/nowhere/at/all/store.sqlite") }
        #expect(error?.code == .cannotOpen)
        #expect(error?.message.contains("/nowhere/at/all/store.sqlite") == true)
    }
}

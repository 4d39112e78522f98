import Foundation
import Logging
import SQLiteStore
import Synchronization
import TestSupport

@testable import Bucket

/// A bucket in a temporary directory, and a place beside it to prepare files.
///
/// Its watcher's clock stands still, so nothing that arrives was found by the regular listing.
final class WatchedBucket: Sendable {
    let directory: TemporaryDirectory
    let bucket: Bucket
    let store: SQLiteStore
    let clock = ManualClock(at: Date())

    init(isPresent: Bool = true, store: SQLiteStore? = nil) throws {
        directory = try TemporaryDirectory()
        bucket = try Bucket(name: "test-bucket", root: directory.file("bucket"))
        self.store = try store ?? .inMemory()
        if isPresent { try FileManager.default.createDirectory(atPath: bucket.root, withIntermediateDirectories: true) }
        try FileManager.default.createDirectory(atPath: directory.file("staging"), withIntermediateDirectories: true)
    }

    /// The same bucket with another store, as after a restart.
    init(at other: WatchedBucket, store: SQLiteStore) throws {
        directory = other.directory
        bucket = other.bucket
        self.store = store
    }

    func path(_ key: String) -> String { "\(bucket.root)/\(key)" }

    func write(_ text: String, to key: String) throws { try directory.write(text, to: "bucket/\(key)") }

    /// Runs a shell script beside the bucket: `$B` is the bucket, `$S` the staging directory.
    func shell(_ script: String) async throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-euc", "umask 022; \(script)"]
        process.currentDirectoryURL = URL(filePath: directory.path)
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["B": bucket.root, "S": directory.file("staging")]
        ) { $1 }
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { process in
                if process.terminationStatus == 0 {
                    continuation.resume()
                } else {
                    continuation.resume(throwing: ScriptFailed(script: script, status: process.terminationStatus))
                }
            }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
    }

    struct ScriptFailed: Error {
        let script: String
        let status: Int32
    }

    /// Runs a watcher around a body, which begins when the bucket was first listed.
    ///
    /// Losing events makes every watcher of the process list its bucket, so who provokes that is alone.
    func watch(
        alone isAlone: Bool = false,
        _ configure: (inout BucketWatcher.Configuration) -> Void = { _ in },
        handle: (@Sendable (Drop) async throws -> Void)? = nil,
        _ body: (Watch) async throws -> Void
    ) async throws {
        await EventQueue.shared.enter(alone: isAlone)
        defer { EventQueue.shared.leave() }
        var configuration = BucketWatcher.Configuration()
        let isDrop = configuration.isDrop
        configuration.isDrop = { isDrop($0) || $0 == Watch.marker }
        configure(&configuration)
        let watch = Watch(self)
        var watcher = BucketWatcher(
            bucket: bucket,
            store: store,
            configuration: configuration,
            clock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            now: { [clock] in clock.date },
            handle: { drop in
                try await handle?(drop)
                watch.found(drop)
            }
        )
        watcher.onScan = { watch.scanned.yield() }
        watcher.onFault = { watch.faulted.yield($0) }
        let running = Task { [watcher] in try await watcher.run() }
        await watch.scan()
        do {
            try await body(watch)
        } catch {
            running.cancel()
            throw error
        }
        running.cancel()
        try await running.value
    }
}

/// What a running watcher tells.
final class Watch: Sendable {
    static let marker = "marker.json"

    let scanned: AsyncStream<Void>.Continuation
    let faulted: AsyncStream<String>.Continuation
    private let scans: AsyncStream<Void>
    private let faults: AsyncStream<String>
    private let dropped: AsyncStream<Drop>.Continuation
    private let drops: AsyncStream<Drop>
    private let place: WatchedBucket

    init(_ place: WatchedBucket) {
        self.place = place
        (scans, scanned) = AsyncStream.makeStream()
        (faults, faulted) = AsyncStream.makeStream()
        (drops, dropped) = AsyncStream.makeStream()
    }

    func found(_ drop: Drop) { dropped.yield(drop) }

    /// Waits until the whole bucket was listed once more.
    func scan() async {
        for await _ in scans { return }
    }

    /// Lets the time of the regular listing come, and waits for it.
    func listAgain() async {
        await place.clock.sleepers()
        place.clock.advance(by: .seconds(61))
        await scan()
    }

    func fault() async -> String {
        for await text in faults { return text }
        return ""
    }

    func next() async -> Drop? {
        for await drop in drops { return drop }
        return nil
    }

    /// All drops up to now: those that come before one that is made now.
    ///
    /// - Parameter count: How many are surely on their way. A program that another test starts may hold a file of this one
    ///   open until it ends, and only then is the file complete.
    func untilNow(atLeast count: Int = 0) async throws -> [Drop] {
        // A listing may meet the marker before what is in folders; a second marker comes after that listing.
        var found = try await untilMarker() + untilMarker()
        while found.count < count, let drop = await next() { found.append(drop) }
        return found
    }

    private func untilMarker() async throws -> [Drop] {
        let staged = place.directory.file("staging/\(UUID().uuidString)")
        try Data("{}".utf8).write(to: URL(filePath: staged))
        try FileManager.default.moveItemReplacing(staged, place.path(Self.marker))
        var found: [Drop] = []
        for await drop in drops {
            if drop.key == Self.marker { return found }
            found.append(drop)
        }
        return found
    }
}

extension FileManager {
    func moveItemReplacing(_ from: String, _ to: String) throws {
        guard unsafe rename(from, to) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}

extension Drop {
    var text: String? { content.map { String(decoding: $0, as: UTF8.self) } }
}

/// Who uses the process's one queue of events: many at once, or one alone.
final class EventQueue: Sendable {
    static let shared = EventQueue()

    private struct State {
        var users = 0
        var isTakenAlone = false
        var waiting: [(isAlone: Bool, continuation: CheckedContinuation<Void, Never>)] = []

        mutating func admitted() -> [CheckedContinuation<Void, Never>] {
            var admitted: [CheckedContinuation<Void, Never>] = []
            while let next = waiting.first, !isTakenAlone, users == 0 || !next.isAlone {
                waiting.removeFirst()
                users += 1
                isTakenAlone = next.isAlone
                admitted.append(next.continuation)
            }
            return admitted
        }
    }

    private let state = Mutex(State())

    func enter(alone isAlone: Bool) async {
        await withCheckedContinuation { continuation in
            let admitted = state.withLock { state in
                state.waiting.append((isAlone, continuation))
                return state.admitted()
            }
            for continuation in admitted { continuation.resume() }
        }
    }

    func leave() {
        let admitted = state.withLock { state in
            state.users -= 1
            if state.users == 0 { state.isTakenAlone = false }
            return state.admitted()
        }
        for continuation in admitted { continuation.resume() }
    }
}

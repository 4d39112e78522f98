import DurableFiles
import Foundation
import HTTPAPI
import JSON
import Logging
import Personalize
import SQLiteStore
import ServiceLifecycle
import Synchronization

/// Removes what nobody needs any more, soon after the start and then regularly: rows first, then the files that only they named.
struct Retention: Service {
    /// What went, or may go.
    struct Item: Sendable, Equatable {
        /// `executions`, `solutionVersion`, `snapshot`, `job` or `log`.
        let kind: String
        /// Its name; of executions how many there are.
        let name: String
        var count = 1
        let bytes: Int
        let reason: String

        var json: JSON {
            [
                "kind": .string(kind), "name": .string(name), "count": JSON(count), "bytes": JSON(bytes),
                "reason": .string(reason),
            ]
        }
    }

    let settings: RetentionSettings
    let home: String
    let store: SQLiteStore
    let personalize: PersonalizeService
    let clock: any Clock<Duration>
    let now: @Sendable () -> Date
    let logger: Logger
    private let state = Collecting()

    init(
        settings: RetentionSettings,
        home: String,
        store: SQLiteStore,
        personalize: PersonalizeService,
        surroundings: Surroundings,
        logger: Logger
    ) {
        self.settings = settings
        self.home = home
        self.store = store
        self.personalize = personalize
        clock = surroundings.clock
        now = surroundings.now
        self.logger = logger
    }

    /// Collects regularly until shut down; what fails is told to the log and tried again the next time.
    func run() async throws {
        guard let interval = settings.interval.seconds else { return try await gracefulShutdown() }
        try? await cancelWhenGracefulShutdown {
            // Soon after a start too: a service that is restarted often must not fill the disk.
            try await clock.sleep(for: .seconds(max(interval / 10, 1)))
            while true {
                await collectAndTell()
                try await clock.sleep(for: .seconds(max(interval, 1)))
            }
        }
    }

    private func collectAndTell() async {
        do {
            let gone = try await collect()
            guard !gone.isEmpty else { return }
            logger.info(
                "what nobody needs any more was removed",
                metadata: ["count": "\(gone.count(of: nil))", "bytes": "\(gone.bytes)"]
            )
        } catch is CancellationError {
            return
        } catch {
            logger.warning("what nobody needs any more could not be removed", metadata: ["error": "\(error)"])
        }
    }

    /// What may go now.
    ///
    /// - Throws: When the store or a folder cannot be read.
    func removable() async throws -> [Item] {
        var items: [Item] = []
        if let date = date(settings.executions) {
            let found = try await store.removableExecutions(endedBefore: date)
            if found.count > 0 { items.append(executions(found.count, bytes: found.bytes)) }
        }
        items += try await personalize.removable(policy).map(Item.init)
        return items + (try oldLogs())
    }

    /// Removes what may go.
    ///
    /// - Returns: What is gone.
    /// - Throws: `WireError` when it is going on already; what the store or a folder throws.
    func collect() async throws -> [Item] {
        guard state.begin() else {
            throw WireError("ResourceInUseException", "a collection is going on; try again when it has ended")
        }
        defer { state.end() }
        var items: [Item] = []
        if let date = date(settings.executions) {
            let found = try await store.removableExecutions(endedBefore: date)
            var count = 0
            while let removed = try await store.removeExecutions(endedBefore: date) {
                count += removed
                try Task.checkCancellation()
            }
            if count > 0 { items.append(executions(count, bytes: found.bytes)) }
        }
        if let date = date(settings.jobs) { try await store.removeAnsweredRequests(answeredBefore: date) }
        items += try await personalize.remove(policy).map(Item.init)
        try rotateLogs()
        for log in try oldLogs() {
            try FileTree.remove("\(logs)/\(log.name)")
            items.append(log)
        }
        return items
    }

    private var policy: RetentionPolicy {
        var policy = RetentionPolicy()
        policy.versions = settings.versions
        policy.jobAge = settings.jobs.seconds ?? .infinity
        return policy
    }

    private func date(_ age: RetentionSettings.Age) -> Date? {
        age.seconds.map { now().addingTimeInterval(-$0) }
    }

    private func executions(_ count: Int, bytes: Int) -> Item {
        Item(
            kind: "executions",
            name: "\(count) executions",
            count: count,
            bytes: bytes,
            reason: "ended more than \(Moment.seconds(settings.executions.seconds ?? 0)) ago, and nobody waits for them"
        )
    }

    // MARK: Logs of state machines

    private var logs: String { "\(home)/logs" }

    /// Logs that were put aside long ago.
    ///
    /// The one that is written to is not among them: a line may just be on its way.
    private func oldLogs() throws(FileError) -> [Item] {
        guard let date = date(settings.logs) else { return [] }
        return try FileTree.files(in: logs).filter { file in
            !file.path.hasSuffix(".jsonl") && Double(file.modified) < date.timeIntervalSince1970
        }
        .map { Item(kind: "log", name: $0.path, bytes: $0.bytes, reason: "its last line is older than the limit") }
    }

    /// Puts logs aside that are large, or that nobody has written to for long; whoever writes next begins a new one.
    private func rotateLogs() throws(FileError) {
        let limit = date(settings.logs)?.timeIntervalSince1970 ?? -.infinity
        let format = Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted)
        let stamp = now().formatted(format)
        for file in try FileTree.files(in: logs) where file.path.hasSuffix(".jsonl") && file.bytes > 0 {
            guard file.bytes > settings.logBytes || Double(file.modified) < limit else { continue }
            try FileCopy.rename("\(logs)/\(file.path)", to: "\(logs)/\(file.path).\(stamp)")
        }
    }
}

/// Whether a collection is going on.
private final class Collecting: Sendable {
    private let isGoingOn = Mutex(false)

    func begin() -> Bool {
        isGoingOn.withLock { isGoingOn in
            if isGoingOn { return false }
            isGoingOn = true
            return true
        }
    }

    func end() { isGoingOn.withLock { $0 = false } }
}

extension Retention.Item {
    fileprivate init(_ removable: Removable) {
        self.init(
            kind: removable.kind.rawValue,
            name: removable.name,
            bytes: removable.bytes,
            reason: removable.reason
        )
    }
}

extension [Retention.Item] {
    /// How many things of a kind there are, or of all kinds.
    func count(of kind: String?) -> Int { filter { kind == nil || $0.kind == kind }.reduce(0) { $0 + $1.count } }

    /// What they take together.
    var bytes: Int { reduce(0) { $0 + $1.bytes } }
}

internal import DurableFiles
internal import Logging
internal import struct FoundationEssentials.Date

/// Why the watcher looks.
enum Wake: Sendable {
    /// Something happened in a folder.
    case event(FileEvent)
    /// The whole bucket is to be listed.
    case rescan
    /// A key that was not yet settled has had its time.
    case settled(String)
}

/// Compares what is in the bucket with what is known, and records drops.
struct DropDetector: Sendable {
    /// The folder under which the directory above a missing bucket is watched; no key starts with a slash.
    static let above = "/"

    private let watcher: BucketWatcher
    private let events: FileEvents.Subscription
    private let found: AsyncStream<HandOver>.Continuation
    private let settler: AsyncStream<String>.Continuation
    private var known: [String: ObjectVersion]
    private var takenAt: [String: Date] = [:]
    private var unsettled: [String: BucketObject] = [:]
    private var reported: Set<String> = []
    private var reportedBefore: Set<String> = []

    private enum Sight { case event, listing, settled }

    init(
        _ watcher: BucketWatcher,
        known: [String: ObjectVersion],
        events: FileEvents.Subscription,
        found: AsyncStream<HandOver>.Continuation,
        settler: AsyncStream<String>.Continuation
    ) {
        self.watcher = watcher
        self.known = known
        self.events = events
        self.found = found
        self.settler = settler
    }

    /// Looks at what woke us.
    mutating func handle(_ wake: Wake) async {
        switch wake {
        case .rescan:
            await rescan()
        case .settled(let key):
            await look(at: key, .settled)
        case .event(let event):
            let path = event.folder + event.name
            switch event.kind {
            case .completed: await look(at: path, .event)
            case .folderAppeared: await scan("\(path)/")
            case .folderLeft: await events.unwatch(under: "\(path)/")
            case .gone, .overflow: await rescan()
            }
        }
    }

    // MARK: - Listing

    private mutating func rescan() async {
        reportedBefore = reported
        reported = []
        if let seen = await scan("") {
            let gone = known.keys.filter { !seen.contains($0) }
            await forget(gone)
        }
        watcher.onScan()
    }

    /// Watches and lists a folder and all in it; `nil` when the bucket's directory is missing.
    @discardableResult
    private mutating func scan(_ folder: String) async -> Set<String>? {
        let root: String
        do {
            root = try watcher.bucket.resolvedRoot()
        } catch {
            report(error.description)
            await awaitRoot()
            return nil
        }
        var seen: Set<String> = []
        var folders = [folder]
        while let folder = folders.popLast() {
            // The watch comes first: what lands after it makes an event, what landed before it is in the listing.
            await watch(folder, in: root)
            let entries = watcher.bucket.entries(in: folder, of: root)
            for refusal in entries.refusals { report(refusal.description) }
            folders += entries.folders
            for object in entries.objects where watcher.configuration.isDrop(object.key) {
                seen.insert(object.key)
                if known[object.key]?.isShown(by: object) != true { await look(at: object.key, .listing) }
            }
        }
        return seen
    }

    private mutating func watch(_ folder: String, in root: String) async {
        do {
            try await events.watch(folder.isEmpty ? root : "\(root)/\(folder.dropLast())", as: folder)
        } catch  where error.isMissing {
            return
        } catch {
            let remedy = error.code == 28 ? "; raise fs.inotify.max_user_watches" : ""
            report(
                "\(error.description)\(remedy); drops there are noticed only every \(watcher.configuration.rescanInterval)"
            )
        }
    }

    /// Watches the nearest directory above a bucket that is missing, to notice when it comes back.
    private func awaitRoot() async {
        await events.unwatch(under: "")
        var path = watcher.bucket.root
        while let slash = path.lastIndex(of: "/") {
            path = slash == path.startIndex ? "/" : String(path[..<slash])
            if (try? await events.watch(path, as: Self.above)) != nil || path == "/" { return }
        }
    }

    private mutating func forget(_ keys: [String]) async {
        guard !keys.isEmpty else { return }
        do {
            try await watcher.store.forgetObjects(keys, in: watcher.bucket.name)
            for key in keys {
                known[key] = nil
                takenAt[key] = nil
                unsettled[key] = nil
            }
        } catch {
            report("cannot forget objects that are gone: \(error)")
        }
    }

    // MARK: - One object

    private mutating func look(at key: String, _ sight: Sight) async {
        do {
            switch try await inspect(key, sight) {
            case .missing:
                unsettled[key] = nil
            case .beingWritten:
                // A writer's close will wake us, unless it is the one that just did.
                unsettled[key] = nil
                if sight == .event { settler.yield(key) }
            case .changing(let object):
                settle(object)
            case .taken(let content) where !isComplete(content, sight):
                settle(content.object)
            case .taken(let content):
                unsettled[key] = nil
                try await compare(content, sight)
            }
        } catch {
            report("cannot take \(watcher.bucket.location(of: key)): \(error)")
            settler.yield(key)
        }
    }

    /// Looks closely, and after a close more than once: the kernel tells of a close a moment before it counts the writer
    /// out, and longer before when the writer loses its processor in between.
    private func inspect(_ key: String, _ sight: Sight) async throws -> Inspection {
        let limit = watcher.configuration.maximumContentSize
        for pause in Self.pausesAfterClose {
            let inspection = try watcher.bucket.inspect(key, keeping: limit)
            guard case .beingWritten = inspection, sight == .event else { return inspection }
            try? await Task.sleep(for: pause)
        }
        return try watcher.bucket.inspect(key, keeping: limit)
    }

    private static let pausesAfterClose: [Duration] = [.milliseconds(1), .milliseconds(5), .milliseconds(25)]

    /// Whether a file can be taken for finished.
    private func isComplete(_ content: InspectedContent, _ sight: Sight) -> Bool {
        if unsettled[content.object.key] == content.object, sight == .settled { return true }
        // Some programs make a file first and fill it after having closed it once.
        if content.object.size == 0 { return false }
        return content.isFreeOfWriters || sight == .event
    }

    private mutating func settle(_ object: BucketObject) {
        unsettled[object.key] = object
        settler.yield(object.key)
    }

    private mutating func compare(_ content: InspectedContent, _ sight: Sight) async throws {
        let key = content.object.key
        let version = content.version
        if let earlier = known[key] {
            if earlier == version { return }
            if version.differsInAttributesOnly(from: earlier), sight != .event || isFresh(key) {
                try await watcher.store.updateObject(key, in: watcher.bucket.name, to: version)
                known[key] = version
                return
            }
        }
        try await record(content)
    }

    /// Whether an object was taken so recently that a change of its attributes belongs to the same save.
    private func isFresh(_ key: String) -> Bool {
        guard let date = takenAt[key] else { return false }
        return watcher.now().timeIntervalSince(date) < watcher.configuration.settleTime / .seconds(1)
    }

    private mutating func record(_ content: InspectedContent) async throws {
        let key = content.object.key
        let now = watcher.now()
        let drop = try await watcher.store.recordDrop(
            NewDrop(
                bucket: watcher.bucket.name,
                key: key,
                version: content.version,
                detectedAt: now,
                content: content.bytes
            )
        )
        known[key] = content.version
        takenAt[key] = now
        guard let drop else { return }
        watcher.logger.debug("drop recorded", metadata: ["bucket.key": "\(key)", "drop.id": "\(drop.id)"])
        found.yield(HandOver(drop: drop))
    }

    // MARK: - Faults

    /// Logs a fault once, for as long as each listing of the whole bucket finds it again.
    private mutating func report(_ text: String) {
        guard reported.insert(text).inserted, !reportedBefore.contains(text) else { return }
        watcher.logger.error("bucket needs attention", metadata: ["bucket.fault": "\(text)"])
        watcher.onFault(text)
    }
}

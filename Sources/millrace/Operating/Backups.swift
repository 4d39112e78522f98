import DurableFiles
import Foundation
import JSON
import Personalize
import SQLiteStore

/// Copies a home while the service works on it.
///
/// The database is copied as it is at one moment; snapshots and models, which nobody changes, get a second name, or are
/// copied to another device. All is written aside and renamed when it is whole.
struct Backups: Sendable {
    /// What was written.
    struct Report: Sendable {
        let directory: String
        let manifest: BackupManifest
        /// How many files share their bytes with the home.
        let linkedFiles: Int

        var json: JSON {
            [
                "directory": .string(directory), "files": JSON(manifest.files.count), "bytes": JSON(manifest.bytes),
                "linkedFiles": JSON(linkedFiles), "createdAt": .double(manifest.createdAt.timeIntervalSince1970),
                "missing": .array(manifest.missing.map(JSON.string)),
            ]
        }
    }

    static let database = "millrace.sqlite"
    /// Folders of files that nobody changes once they are there.
    static let immutable = ["data", "models", "mail"]
    /// Files that are copied as they are, and folders of such.
    private static let copiedFiles = ["webhook-secret", "config.json"]
    private static let copiedFolders = [
        "logs", "buckets", "endpoints", "functions", "function-code", "recipes", "templates",
    ]
    /// How often the database is copied again because a file that it names was removed meanwhile.
    private static let attempts = 3

    let home: String
    let store: SQLiteStore
    let now: @Sendable () -> Date

    /// Writes a backup.
    ///
    /// - Parameter directory: Where; it must not exist, or be empty.
    /// - Returns: What was written.
    /// - Throws: `BackupError` with what is wrong; then nothing of it is left.
    func create(at directory: String) async throws -> Report {
        let target = try Self.checked(directory, outside: home)
        let parent = target.deletingLastPathComponent().path
        // One name for each target: what a crash has left of it goes with the next backup to the same place.
        let aside = "\(parent)/.\(target.lastPathComponent).partial"
        do {
            try FileTree.remove(aside)
            try DirectoryListing.create(aside)
            let (manifest, linked) = try await write(to: aside)
            try FileCopy.rename(aside, to: target.path)
            return Report(directory: target.path, manifest: manifest, linkedFiles: linked)
        } catch {
            try? FileTree.remove(aside)
            throw BackupError("no backup was written to \"\(target.path)\": \(error)")
        }
    }

    /// Where a backup is to be written.
    private static func checked(_ directory: String, outside home: String) throws(BackupError) -> URL {
        let target = URL(filePath: directory).standardizedFileURL
        let homePath = URL(filePath: home).standardizedFileURL.path
        guard target.path != homePath, !target.path.hasPrefix(homePath + "/") else {
            throw BackupError("\"\(directory)\" is in the home itself; choose a place beside it")
        }
        let names = try? DirectoryListing.names(in: target.path)
        let isFree = names?.isEmpty ?? !FileManager.default.fileExists(atPath: target.path)
        guard isFree else {
            throw BackupError("\"\(directory)\" exists and is not empty; name a new directory")
        }
        return target
    }

    private func write(to aside: String) async throws -> (BackupManifest, linked: Int) {
        var linked: Set<String> = []
        var missing: [String] = []
        var date = now()
        try await Blocking.run { [home] in try Self.copyMutable(from: home, to: aside) }
        for _ in 0..<Self.attempts {
            // What the database names is there before its commit and removed after another, so whatever it names at the
            // moment of its copy is found before or after; unless it is removed in between, which is looked for.
            linked.formUnion(try await Blocking.run { [home] in try Self.share(from: home, to: aside) })
            try FileTree.remove("\(aside)/\(Self.database)")
            date = now()
            try await store.backUp(to: "\(aside)/\(Self.database)")
            linked.formUnion(try await Blocking.run { [home] in try Self.share(from: home, to: aside) })
            try await Blocking.run { [home] in try Self.copyMutable(from: home, to: aside) }
            missing = try await Blocking.run { try Self.missing(in: aside) }
            if missing.isEmpty { break }
        }
        let (createdAt, absent) = (date, missing)
        let manifest = try await Blocking.run {
            let files = try FileTree.files(in: aside).map { file in
                let sha256 = try BackupManifest.sha256(of: "\(aside)/\(file.path)")
                return BackupManifest.File(path: file.path, bytes: file.bytes, sha256: sha256)
            }
            let manifest = BackupManifest(createdAt: createdAt, files: files, missing: absent)
            try AtomicFile.write(Array((manifest.json.prettyText + "\n").utf8), to: "\(aside)/\(BackupManifest.name)")
            try FileTree.syncFolders(of: aside)
            return manifest
        }
        return (manifest, linked.count)
    }

    /// Copies all files that may be changed and have no copy yet.
    private static func copyMutable(from home: String, to aside: String) throws {
        for name in copiedFiles where FileTree.bytes(of: "\(home)/\(name)") != nil {
            if FileTree.bytes(of: "\(aside)/\(name)") == nil {
                try FileCopy.copy("\(home)/\(name)", to: "\(aside)/\(name)")
            }
        }
        try placeMissing(copiedFolders, from: home, to: aside) { source, target, _ throws(FileError) in
            try FileCopy.copy(source, to: target)
        }
    }

    /// Gives all immutable files that have no second name yet one; returns those that share their bytes.
    private static func share(from home: String, to aside: String) throws -> Set<String> {
        var linked: Set<String> = []
        for folder in immutable { try DirectoryListing.create("\(aside)/\(folder)") }
        try placeMissing(immutable, from: home, to: aside) { source, target, path throws(FileError) in
            if try FileCopy.linkOrCopy(source, to: target) { linked.insert(path) }
        }
        return linked
    }

    private static func placeMissing(
        _ folders: [String],
        from home: String,
        to aside: String,
        _ body: (_ source: String, _ target: String, _ path: String) throws(FileError) -> Void
    ) throws {
        for folder in folders {
            for file in try FileTree.files(in: "\(home)/\(folder)") {
                let path = "\(folder)/\(file.path)"
                // Hidden files and those of `tmp` are still being written.
                let isUnfinished = path.split(separator: "/").contains { $0.hasPrefix(".") || $0 == "tmp" }
                guard !isUnfinished, FileTree.bytes(of: "\(aside)/\(path)") == nil else { continue }
                do throws(FileError) {
                    try place(path, in: aside) { target throws(FileError) in
                        try body("\(home)/\(path)", target, path)
                    }
                } catch {
                    // Somebody has removed it meanwhile: nobody needs it.
                    guard error.isMissing else { throw error }
                }
            }
        }
    }

    private static func place(
        _ path: String,
        in aside: String,
        _ body: (_ target: String) throws(FileError) -> Void
    ) throws(FileError) {
        let target = "\(aside)/\(path)"
        try DirectoryListing.create(String(target.prefix(upTo: target.lastIndex(of: "/") ?? target.startIndex)))
        try body(target)
    }

    /// What the database of a backup names and the backup does not have.
    private static func missing(in aside: String) throws -> [String] {
        let references = try SQLiteStore.references(inDatabaseAt: "\(aside)/\(database)")
        // The model of a custom recipe is a directory.
        let models = try references.versions.keys.filter { version in
            try FileTree.folderCount(in: "\(aside)/\(PersonalizeService.programModelPath(of: version))") == 0
        }
        let wanted = references.snapshots.map { "data/\($0)" } + models.map(PersonalizeService.modelPath)
        return wanted.filter { FileTree.bytes(of: "\(aside)/\($0)") == nil }.sorted()
    }
}

/// Work that holds up its thread, kept away from the few threads that all tasks share.
enum Blocking {
    static func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global(qos: .utility).async { continuation.resume(with: Result(catching: body)) }
        }
    }
}

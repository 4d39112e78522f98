import Crypto
import DurableFiles
import Foundation
import JSON

/// What is in a backup: `manifest.json`.
struct BackupManifest: Sendable, Equatable {
    /// A file of the backup.
    struct File: Sendable, Equatable {
        /// Its path below the backup, and below the home it is of.
        let path: String
        let bytes: Int
        /// In hexadecimal.
        let sha256: String
    }

    static let name = "manifest.json"
    private static let format = "millrace-backup-1"

    var version = Millrace.version
    /// When the database was as it is in the backup.
    let createdAt: Date
    let files: [File]
    /// Files that the database names and that were not in the home.
    var missing: [String] = []

    var bytes: Int { files.reduce(0) { $0 + $1.bytes } }

    init(createdAt: Date, files: [File], missing: [String]) {
        self.createdAt = createdAt
        self.files = files
        self.missing = missing
    }

    /// Reads the manifest of a backup.
    ///
    /// - Throws: `BackupError` when it is missing or makes no sense.
    init(in directory: String) throws(BackupError) {
        let path = "\(directory)/\(Self.name)"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw BackupError(
                "\"\(directory)\" is no backup: it has no \(Self.name); name what `millrace backup` wrote"
            )
        }
        guard let json = try? JSON(parsing: Array(data)), json["format"]?.string == Self.format,
            let list = json["files"]?.array
        else { throw BackupError("\"\(path)\" is no manifest of this version; take another backup, or upgrade") }
        createdAt = Date(timeIntervalSince1970: json["createdAt"]?.double ?? 0)
        version = json["version"]?.string ?? ""
        missing = (json["missing"]?.array ?? []).compactMap(\.string)
        var files: [File] = []
        for entry in list {
            guard let path = entry["path"]?.string, Self.isBelow(path), let bytes = entry["bytes"]?.int,
                let sha256 = entry["sha256"]?.string
            else { throw BackupError("\"\(path)\" names a file that no backup has: \(entry.text)") }
            files.append(File(path: path, bytes: bytes, sha256: sha256))
        }
        self.files = files
    }

    var json: JSON {
        [
            "format": .string(Self.format), "version": .string(version),
            "createdAt": .double(createdAt.timeIntervalSince1970),
            "files": .array(
                files.map { ["path": .string($0.path), "bytes": JSON($0.bytes), "sha256": .string($0.sha256)] }
            ),
            "missing": .array(missing.map(JSON.string)),
        ]
    }

    /// Compares the files of a directory with the manifest.
    ///
    /// - Returns: Every difference, as place and fact.
    func faults(in directory: String) -> [String] {
        files.compactMap { file in
            let path = "\(directory)/\(file.path)"
            guard let bytes = FileTree.bytes(of: path) else { return "\"\(path)\" is missing" }
            guard bytes == file.bytes else { return "\"\(path)\" has \(bytes) bytes, it had \(file.bytes)" }
            do throws(FileError) {
                return try Self.sha256(of: path) == file.sha256 ? nil : "\"\(path)\" has other bytes than it had"
            } catch {
                return error.description
            }
        }
    }

    /// The SHA-256 of a file in hexadecimal.
    static func sha256(of path: String) throws(FileError) -> String {
        var reader = try FileReader(path)
        var digest = SHA256()
        let block = min(1 << 20, max(reader.length, 1))
        var buffer: [UInt8] = []
        var count = block
        while count == block {
            buffer.removeAll(keepingCapacity: true)
            count = try reader.read(appendingTo: &buffer, count: block)
            unsafe buffer.withUnsafeBytes { unsafe digest.update(bufferPointer: $0) }
        }
        return digest.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Whether a path leads to a place below the directory it is looked for in.
    private static func isBelow(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." && !$0.contains("\0") }
    }
}

/// Why there is no backup, or none that can be used.
struct BackupError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

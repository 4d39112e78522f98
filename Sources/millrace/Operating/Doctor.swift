import Bucket
import DurableFiles
import Foundation
import JSON
import Personalize
import SQLiteStore

/// Looks at the machine, the home and the buckets for what keeps a service from working, or soon will.
struct Doctor: Sendable {
    /// What was found at one place.
    struct Finding: Sendable {
        enum Status: String, Sendable {
            /// As it must be.
            case ok
            /// It works, but not for long, or not well.
            case warning
            /// It does not work.
            case failed
        }

        let check: String
        let status: Status
        /// What was seen.
        let fact: String
        /// What to do; nothing where all is well.
        var remedy = ""

        var json: JSON {
            var json: JSON = [
                "check": .string(check), "status": .string(status.rawValue), "fact": .string(fact),
            ]
            if !remedy.isEmpty { json["remedy"] = .string(remedy) }
            return json
        }
    }

    let settings: Settings
    let now: Date
    /// Whether indexes of the database are compared with their tables, and all snapshots with their names.
    var isThorough = false

    /// Makes every check.
    func examine() -> [Finding] {
        [homeFinding, spaceFinding] + databaseFindings + bucketFindings + [watchesFinding, instancesFinding]
            + [openFilesFinding] + clockFindings
    }

    // MARK: Home

    private var homeFinding: Finding {
        let home = settings.home
        let check = "home"
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: home, isDirectory: &isFolder) else {
            let parent = URL(filePath: home).deletingLastPathComponent().path
            guard FileManager.default.isWritableFile(atPath: parent) else {
                let remedy = "make it, for the service's user to write: install -d -o millrace \(home)"
                return Finding(check: check, status: .failed, fact: "\"\(home)\" cannot be made", remedy: remedy)
            }
            return Finding(check: check, status: .ok, fact: "\"\(home)\" will be made at the first start")
        }
        let entries = ["", "/data", "/models", "/jobs", "/logs", "/mail", "/\(Backups.database)"]
            .filter { FileManager.default.fileExists(atPath: home + $0) }
        if let entry = entries.first(where: { !FileManager.default.isWritableFile(atPath: home + $0) }) {
            let remedy = "give it to the user that runs the service: chown -R millrace \(home)"
            return Finding(check: check, status: .failed, fact: "\"\(home)\(entry)\" cannot be written", remedy: remedy)
        }
        // The settings are a secret only where they have the connections of HTTP tasks in them.
        let names = settings.connections.isEmpty ? ["webhook-secret"] : ["webhook-secret", "config.json"]
        let secrets = names.map { "\(home)/\($0)" }.filter(Self.isReadByOthers)
        if !secrets.isEmpty {
            let fact = secrets.map { "\"\($0)\"" }.joined(separator: " and ") + " can be read by every user"
            let remedy = "chmod o-rwx \(secrets.joined(separator: " "))"
            return Finding(check: check, status: .warning, fact: fact, remedy: remedy)
        }
        return Finding(check: check, status: .ok, fact: "\"\(home)\" can be written")
    }

    private static func isReadByOthers(_ path: String) -> Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return ((attributes?[.posixPermissions] as? Int) ?? 0) & 0o004 != 0
    }

    private var spaceFinding: Finding {
        var path = URL(filePath: settings.home).standardizedFileURL
        while !FileManager.default.fileExists(atPath: path.path), path.path != "/" { path.deleteLastPathComponent() }
        var status = statvfs()
        guard unsafe statvfs(path.path, &status) == 0, status.f_blocks > 0 else {
            return Finding(check: "disk space", status: .warning, fact: "the file system does not tell it")
        }
        let free = Int(status.f_bavail) * Int(status.f_frsize)
        let share = Double(status.f_bavail) / Double(status.f_blocks)
        let nodes = status.f_files > 0 ? Double(status.f_favail) / Double(status.f_files) : 1
        let fact = "\(Size.text(free)) free, \(Int(share * 100)) %; \(Int(nodes * 100)) % of files"
        let remedy = "see `millrace disk` and `millrace gc --dry-run`, or move the home to a larger disk"
        if free < 256 << 20 || nodes < 0.01 {
            return Finding(check: "disk space", status: .failed, fact: fact, remedy: remedy)
        }
        guard free < 2 << 30 || share < 0.05 || nodes < 0.05 else {
            return Finding(check: "disk space", status: .ok, fact: fact)
        }
        return Finding(check: "disk space", status: .warning, fact: fact, remedy: remedy)
    }

    // MARK: Database and files

    private var databaseFindings: [Finding] {
        let path = "\(settings.home)/\(Backups.database)"
        guard FileTree.bytes(of: path) != nil else {
            return [Finding(check: "database", status: .ok, fact: "there is none yet")]
        }
        let restore = "stop the service and restore a backup into a new home: `millrace restore`"
        do {
            let faults = try SQLiteStore.faults(ofDatabaseAt: path, isThorough: isThorough)
            guard faults.isEmpty else {
                let fact = faults.prefix(3).joined(separator: "; ")
                return [Finding(check: "database", status: .failed, fact: fact, remedy: restore)]
            }
            let references = try SQLiteStore.references(inDatabaseAt: path)
            let bytes = Size.text(["", "-wal"].reduce(0) { $0 + (FileTree.bytes(of: path + $1) ?? 0) })
            return [
                Finding(check: "database", status: .ok, fact: "sound, \(bytes)"), snapshotFinding(references),
                modelFinding(references),
            ]
        } catch {
            return [Finding(check: "database", status: .failed, fact: "\(error)", remedy: restore)]
        }
    }

    private func snapshotFinding(_ references: DatabaseReferences) -> Finding {
        let faults = references.snapshots.sorted().compactMap { name -> String? in
            let path = "\(settings.home)/data/\(name)"
            guard FileTree.bytes(of: path) != nil else { return "\"\(path)\" is missing" }
            guard isThorough else { return nil }
            // A snapshot is named by its bytes.
            let hash = try? BackupManifest.sha256(of: path)
            return hash == name ? nil : "\"\(path)\" has other bytes than were written"
        }
        guard let first = faults.first else {
            let how = isThorough ? "compared with their hashes" : "there"
            return Finding(check: "snapshots", status: .ok, fact: "\(references.snapshots.count), all \(how)")
        }
        let remedy = "copy the file back from a backup, or import the data again"
        let fact = faults.count > 1 ? "\(first), and \(faults.count - 1) more" : first
        return Finding(check: "snapshots", status: .failed, fact: fact, remedy: remedy)
    }

    private func modelFinding(_ references: DatabaseReferences) -> Finding {
        let faults = references.versions.sorted { $0.key < $1.key }.compactMap { arn, recorded -> String? in
            let path = "\(settings.home)/\(PersonalizeService.modelPath(of: arn))"
            let program = "\(settings.home)/\(PersonalizeService.programModelPath(of: arn))"
            // The model of a custom recipe is a directory of its program's own, of which nothing is recorded.
            if (try? FileTree.folderCount(in: program)) ?? 0 > 0 { return nil }
            guard let hash = try? BackupManifest.sha256(of: path) else { return "\"\(path)\" cannot be read" }
            guard let recorded, recorded != hash else { return nil }
            return "\"\(path)\" has other bytes than were trained"
        }
        guard let first = faults.first else {
            let fact = "\(references.versions.count), all compared with their hashes"
            return Finding(check: "models", status: .ok, fact: fact)
        }
        let remedy = "copy the file back from a backup, or train a new version and delete that one"
        let fact = faults.count > 1 ? "\(first), and \(faults.count - 1) more" : first
        return Finding(check: "models", status: .failed, fact: fact, remedy: remedy)
    }

    // MARK: Buckets

    private var bucketFindings: [Finding] {
        settings.buckets.map { bucket in
            let check = "bucket \(bucket.name)"
            var isFolder: ObjCBool = false
            guard unsafe FileManager.default.fileExists(atPath: bucket.path, isDirectory: &isFolder), isFolder.boolValue
            else {
                let remedy = "make it, or mount what holds it; it is watched from then on"
                return Finding(check: check, status: .failed, fact: "\"\(bucket.path)\" is missing", remedy: remedy)
            }
            guard FileManager.default.isReadableFile(atPath: bucket.path),
                FileManager.default.isWritableFile(atPath: bucket.path)
            else {
                let remedy = "let the service's user read and write it; answers of batch jobs are written there"
                let fact = "\"\(bucket.path)\" cannot be read and written"
                return Finding(check: check, status: .failed, fact: fact, remedy: remedy)
            }
            return Finding(check: check, status: .ok, fact: "\"\(bucket.path)\" can be read and written")
        }
    }
}

/// Sizes as people read them.
enum Size {
    static func text(_ bytes: Int) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var value = Double(bytes)
        var unit = 0
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return unit == 0 ? "\(bytes) B" : String(format: "%.1f %@", value, units[unit])
    }
}

import DurableFiles
import Foundation

/// Makes a home of a backup.
enum Restore {
    /// Restores a backup into a home that does not exist or is empty, once every byte of it was compared.
    ///
    /// - Parameters:
    ///   - directory: The backup.
    ///   - home: The home to be.
    /// - Returns: The backup's manifest.
    /// - Throws: `BackupError` with all that is wrong; then there is no home.
    static func restore(_ directory: String, to home: String) throws(BackupError) -> BackupManifest {
        let manifest = try BackupManifest(in: directory)
        let target = URL(filePath: home).standardizedFileURL
        let names = try? DirectoryListing.names(in: target.path)
        guard names?.isEmpty ?? !FileManager.default.fileExists(atPath: target.path) else {
            throw BackupError("home \"\(home)\" is not empty; restore into a new one, then name it with --home")
        }
        let faults = manifest.faults(in: directory)
        guard faults.isEmpty else {
            throw BackupError(
                "the backup \"\(directory)\" is damaged; use another one:\n" + faults.joined(separator: "\n")
            )
        }
        let aside = "\(target.deletingLastPathComponent().path)/.\(target.lastPathComponent).partial"
        do throws(FileError) {
            try FileTree.remove(aside)
            for file in manifest.files { try place(file, from: directory, in: aside) }
            try FileTree.syncFolders(of: aside)
            try FileCopy.rename(aside, to: target.path)
        } catch {
            try? FileTree.remove(aside)
            throw BackupError("\"\(home)\" was not restored: \(error)")
        }
        return manifest
    }

    private static func place(
        _ file: BackupManifest.File,
        from directory: String,
        in aside: String
    ) throws(FileError) {
        let target = "\(aside)/\(file.path)"
        let folder = String(target.prefix(upTo: target.lastIndex(of: "/") ?? target.startIndex))
        try DirectoryListing.create(folder)
        let isImmutable = Backups.immutable.contains { file.path.hasPrefix($0 + "/") }
        if isImmutable {
            try FileCopy.linkOrCopy("\(directory)/\(file.path)", to: target)
        } else {
            // The database and the logs are written to in place.
            try FileCopy.copy("\(directory)/\(file.path)", to: target)
        }
    }
}

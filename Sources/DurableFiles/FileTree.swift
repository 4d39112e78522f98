internal import Glibc

/// The files below a directory.
public enum FileTree {
    /// A regular file.
    public struct File: Sendable, Equatable {
        /// Its path below the directory: `models/films-1a2b3c4d.model`.
        public let path: String
        /// Its length.
        public let bytes: Int
        /// When its bytes last changed, in seconds since 1970.
        public let modified: Int
    }

    /// The regular files below a directory, by path; symbolic links are neither followed nor listed.
    ///
    /// - Parameter directory: Where to look; a missing one has no files. What vanishes meanwhile is left out.
    /// - Returns: The files.
    /// - Throws: `FileError` when a directory cannot be read.
    public static func files(in directory: String) throws(FileError) -> [File] {
        var found: [File] = []
        try forEach(in: directory) { (path, status) throws(FileError) in
            guard status.st_mode & S_IFMT == S_IFREG else { return }
            found.append(File(path: path, bytes: Int(status.st_size), modified: status.st_mtim.tv_sec))
        }
        return found.sorted { $0.path < $1.path }
    }

    /// Visits all below a directory that is no directory itself.
    static func forEach(
        in directory: String,
        _ visit: (_ path: String, _ status: stat) throws(FileError) -> Void
    ) throws(FileError) {
        var folders = [""]
        while let folder = folders.popLast() {
            for name in try names(in: folder.isEmpty ? directory : "\(directory)/\(folder)") {
                let path = folder.isEmpty ? name : "\(folder)/\(name)"
                guard let status = status(of: "\(directory)/\(path)") else { continue }
                if status.st_mode & S_IFMT == S_IFDIR { folders.append(path) } else { try visit(path, status) }
            }
        }
    }

    /// How many folders there are in a directory and below it, itself included; none when it is missing.
    ///
    /// - Parameter directory: Where to look.
    /// - Returns: The number.
    /// - Throws: `FileError` when a directory cannot be read.
    public static func folderCount(in directory: String) throws(FileError) -> Int {
        guard isFolder(directory) else { return 0 }
        var count = 0
        var folders = [directory]
        while let folder = folders.popLast() {
            count += 1
            for name in try names(in: folder) where isFolder("\(folder)/\(name)") {
                folders.append("\(folder)/\(name)")
            }
        }
        return count
    }

    /// The length of a file; `nil` when there is none.
    ///
    /// - Parameter path: The file.
    /// - Returns: Its length in bytes.
    public static func bytes(of path: String) -> Int? {
        guard let status = status(of: path), status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    /// Removes a file, or a directory with all in it; what is gone already is fine.
    ///
    /// - Parameter path: What to remove.
    /// - Throws: `FileError` when something cannot be removed.
    public static func remove(_ path: String) throws(FileError) {
        guard isFolder(path) else {
            guard unsafe unlink(path) == 0 || errno == ENOENT else { throw FileError("remove", path) }
            return
        }
        for name in try names(in: path) { try remove("\(path)/\(name)") }
        guard unsafe rmdir(path) == 0 || errno == ENOENT else { throw FileError("remove", path) }
    }

    /// Makes the names of the files below a directory survive a crash, those of each folder at once.
    ///
    /// - Parameter directory: Whose names are synced; the bytes of the files are not.
    /// - Throws: `FileError` when a folder cannot be read or synced.
    public static func syncFolders(of directory: String) throws(FileError) {
        var folders: Set<String> = [directory]
        for file in try files(in: directory) {
            var folder = file.path[...]
            while let slash = folder.lastIndex(of: "/") {
                folder = folder[..<slash]
                folders.insert("\(directory)/\(folder)")
            }
        }
        for folder in folders { try AtomicFile.syncDirectory(folder) }
    }

    private static func names(in folder: String) throws(FileError) -> [String] {
        do {
            return try DirectoryListing.names(in: folder)
        } catch {
            if error.isMissing { return [] }
            throw error
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        status(of: path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
    }

    private static func status(of path: String) -> stat? {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? status : nil
    }
}

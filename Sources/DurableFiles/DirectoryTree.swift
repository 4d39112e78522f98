internal import Glibc

/// Directories with all that is in them.
public enum DirectoryTree {
    /// The regular files below a directory, as paths from it, sorted.
    ///
    /// - Parameter path: The directory.
    /// - Returns: The paths; none when the directory is empty or does not exist.
    /// - Throws: `FileError` when a directory cannot be read, or holds what is neither a file nor a directory: a symbolic
    ///   link could lead anywhere.
    public static func files(in path: String) throws(FileError) -> [String] {
        var files: [String] = []
        try walk(path, "") { (found, type) throws(FileError) in
            if type == S_IFDIR { return }
            guard type == S_IFREG else { throw FileError("take along", "\(path)/\(found)", code: ELOOP) }
            files.append(found)
        }
        return files.sorted()
    }

    /// Removes a directory and all below it; one that is gone already is fine.
    ///
    /// Symbolic links are removed, not followed.
    ///
    /// - Parameter path: The directory.
    /// - Throws: `FileError` when something cannot be removed.
    public static func remove(_ path: String) throws(FileError) {
        try walk(path, "") { (found, type) throws(FileError) in
            let path = "\(path)/\(found)"
            let status = unsafe type == S_IFDIR ? rmdir(path) : unlink(path)
            guard status == 0 || errno == ENOENT else { throw FileError("remove", path) }
        }
        guard unsafe rmdir(path) == 0 || errno == ENOENT else { throw FileError("remove", path) }
    }

    /// Moves a directory into place such that it is there whole or not at all: its files are synced, then it is renamed.
    ///
    /// What is in its place is removed before.
    ///
    /// - Parameters:
    ///   - path: The directory, on the same file system as its new place.
    ///   - target: Its new place.
    /// - Throws: `FileError` when a file cannot be synced or the directory cannot be moved; it is then not in place.
    public static func publish(_ path: String, as target: String) throws(FileError) {
        for file in try files(in: path) { try sync("\(path)/\(file)") }
        try walk(path, "") { (found, type) throws(FileError) in
            if type == S_IFDIR { try AtomicFile.syncDirectory("\(path)/\(found)") }
        }
        try AtomicFile.syncDirectory(path)
        try remove(target)
        guard unsafe rename(path, target) == 0 else { throw FileError("rename", target) }
        try AtomicFile.syncDirectory(parent(of: target))
    }

    /// Visits all below a directory, what is in a directory before itself.
    private static func walk(
        _ root: String,
        _ prefix: String,
        _ visit: (_ path: String, _ type: mode_t) throws(FileError) -> Void
    ) throws(FileError) {
        let directory = prefix.isEmpty ? root : "\(root)/\(prefix)"
        let names: [String]
        do throws(FileError) {
            names = try DirectoryListing.names(in: directory)
        } catch {
            if error.isMissing { return }
            throw error
        }
        for name in names {
            let found = prefix.isEmpty ? name : "\(prefix)/\(name)"
            var status = stat()
            guard unsafe lstat("\(root)/\(found)", &status) == 0 else {
                if errno == ENOENT { continue }
                throw FileError("look at", "\(root)/\(found)")
            }
            let type = status.st_mode & S_IFMT
            if type == S_IFDIR { try walk(root, found, visit) }
            try visit(found, type)
        }
    }

    private static func sync(_ path: String) throws(FileError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw FileError("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError("sync", path) }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

internal import Glibc

extension FileTree {
    /// Refuses a directory that holds what is neither a file nor a directory: a symbolic link could lead anywhere.
    ///
    /// - Parameter directory: The directory.
    /// - Throws: `FileError` that names the first such thing, or when a directory cannot be read.
    public static func checkIsPlain(_ directory: String) throws(FileError) {
        try forEach(in: directory) { (path, status) throws(FileError) in
            guard status.st_mode & S_IFMT != S_IFREG else { return }
            throw FileError("take along", "\(directory)/\(path)", code: ELOOP)
        }
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
        try checkIsPlain(path)
        for file in try files(in: path) { try sync("\(path)/\(file.path)") }
        try syncFolders(of: path)
        try remove(target)
        try FileCopy.rename(path, to: target)
    }

    private static func sync(_ path: String) throws(FileError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw FileError("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError("sync", path) }
    }
}

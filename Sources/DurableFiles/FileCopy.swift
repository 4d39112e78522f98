internal import Glibc

/// Files that are wanted in a second place.
public enum FileCopy {
    /// Gives an immutable file a second name, or copies it where the file system cannot: on another device.
    ///
    /// - Parameters:
    ///   - source: The file; nobody may write to it any more.
    ///   - target: The second name; its directory must exist, and the name must be free.
    /// - Returns: Whether the bytes are shared.
    /// - Throws: `FileError`, with `isMissing` when the file is gone and `isDiskFull` when a copy has no space.
    @discardableResult
    public static func linkOrCopy(_ source: String, to target: String) throws(FileError) -> Bool {
        if unsafe link(source, target) == 0 { return true }
        switch errno {
        case EXDEV, EPERM, EMLINK, EOPNOTSUPP, ENOSYS:
            try copy(source, to: target)
            return false
        default: throw FileError("link", errno == ENOENT ? source : target)
        }
    }

    /// Copies a file with its permissions, and syncs the copy.
    ///
    /// - Parameters:
    ///   - source: The file.
    ///   - target: The copy; its directory must exist, and the name must be free.
    /// - Throws: `FileError`; a copy that could not be finished is removed.
    public static func copy(_ source: String, to target: String) throws(FileError) {
        var reader = try FileReader(source)
        var status = stat()
        guard unsafe stat(source, &status) == 0 else { throw FileError("measure", source) }
        let descriptor = unsafe open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, status.st_mode & 0o777)
        guard descriptor >= 0 else { throw FileError("create", target) }
        defer { close(descriptor) }
        do throws(FileError) {
            try write(&reader, to: descriptor, path: target)
        } catch {
            _ = unsafe unlink(target)
            throw error
        }
    }

    private static func write(_ reader: inout FileReader, to descriptor: Int32, path: String) throws(FileError) {
        let block = 1 << 20
        var buffer: [UInt8] = []
        var count = block
        while count == block {
            buffer.removeAll(keepingCapacity: true)
            count = try reader.read(appendingTo: &buffer, count: block)
            try unsafe FileBytes.write(buffer.span.bytes, to: descriptor, path: path)
        }
        guard fsync(descriptor) == 0 else { throw FileError("sync", path) }
    }

    /// Renames a file or directory and syncs the directories it leaves and enters.
    ///
    /// - Parameters:
    ///   - source: What to rename.
    ///   - target: Its new name, on the same file system; an empty directory there is replaced by a directory.
    /// - Throws: `FileError`; what was to be renamed is then where it was, or in its new place and may not survive a
    ///   loss of power.
    public static func rename(_ source: String, to target: String) throws(FileError) {
        guard unsafe Glibc.rename(source, target) == 0 else { throw FileError("rename", source) }
        let parents = Set(
            [source, target].map { path in
                let parent = path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)
                return parent.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : String(parent)
            }
        )
        for parent in parents { try AtomicFile.syncDirectory(parent) }
    }
}

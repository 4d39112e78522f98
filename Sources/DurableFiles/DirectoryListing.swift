internal import Glibc

/// The names in a directory, and directories themselves.
public enum DirectoryListing {
    /// The names in a directory, without `.` and `..`, in no order.
    ///
    /// - Parameter path: The directory.
    /// - Returns: The names.
    /// - Throws: `FileError` when the directory cannot be read.
    public static func names(in path: String) throws(FileError) -> [String] {
        guard let stream = unsafe opendir(path) else { throw FileError("list", path) }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                unsafe tuple.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Makes a directory and those above it, where missing, and syncs each parent so that it survives a crash.
    ///
    /// - Parameter path: The directory.
    /// - Throws: `FileError` when one cannot be made.
    public static func create(_ path: String) throws(FileError) {
        var made = path.hasPrefix("/") ? "" : "."
        for component in path.split(separator: "/") {
            let parent = made.isEmpty ? "/" : made
            made += "/\(component)"
            if unsafe mkdir(made, 0o755) == 0 {
                try AtomicFile.syncDirectory(parent)
            } else if errno != EEXIST {
                throw FileError("create directory", made)
            } else if !isDirectory(made) {
                throw FileError("create directory", made, code: EEXIST)
            }
        }
    }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}

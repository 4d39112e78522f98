internal import Glibc

/// A file that appears whole or not at all: written aside, synced, then renamed into place.
///
/// Until `commit` the bytes are in a hidden file beside the target, which is removed when the value is dropped;
/// a crash leaves at most that hidden file, which `removeLeftovers` clears.
///
/// ```swift
/// var file = try AtomicFile(at: "/data/model.bin")
/// try file.write(bytes)
/// try file.commit()
/// ```
public struct AtomicFile: ~Copyable {
    /// Where the file will appear.
    public let path: String
    private let temporaryPath: String
    private let descriptor: Int32
    private var isCommitted = false

    /// What the names of unfinished files start with, after the dot.
    private static let mark = ".millrace-"

    /// Begins a file; its directory must exist.
    ///
    /// - Parameter path: Where the file will appear.
    /// - Throws: `FileError` when the file beside it cannot be made.
    public init(at path: String) throws(FileError) {
        self.path = path
        let (directory, name) = Self.split(path)
        temporaryPath =
            "\(directory)/\(Self.mark)\(Self.shortened(name)).\(getpid()).\(UInt32.random(in: .min ... .max))"
        descriptor = unsafe open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileError("create", path) }
    }

    deinit {
        close(descriptor)
        if !isCommitted { _ = unsafe unlink(temporaryPath) }
    }

    /// Appends bytes.
    ///
    /// - Parameter bytes: What to append.
    /// - Throws: `FileError`, with `isDiskFull` when there is no space.
    public mutating func write(_ bytes: borrowing RawSpan) throws(FileError) {
        try FileBytes.write(bytes, to: descriptor, path: path)
    }

    /// Appends bytes.
    ///
    /// - Parameter bytes: What to append.
    /// - Throws: `FileError`, with `isDiskFull` when there is no space.
    public mutating func write(_ bytes: [UInt8]) throws(FileError) {
        try unsafe write(bytes.span.bytes)
    }

    /// Appends the UTF-8 of a text.
    ///
    /// - Parameter text: What to append.
    /// - Throws: `FileError`, with `isDiskFull` when there is no space.
    public mutating func write(_ text: String) throws(FileError) {
        try write(Array(text.utf8))
    }

    /// Lends the descriptor, to give the file attributes before it appears.
    ///
    /// - Parameter body: Gets the descriptor, which it must not close.
    /// - Throws: What the body throws.
    public borrowing func withDescriptor<Failure: Error>(_ body: (Int32) throws(Failure) -> Void) throws(Failure) {
        try body(descriptor)
    }

    /// Syncs the bytes, renames the file into place and syncs the directory.
    ///
    /// - Throws: `FileError`; the file is then not in place.
    public consuming func commit() throws(FileError) {
        try commit(at: path)
    }

    /// Syncs the bytes, renames the file to a name that depends on them, and syncs the directory.
    ///
    /// - Parameter name: The file's name, in the directory given at the start.
    /// - Throws: `FileError`; the file is then not in place.
    public consuming func commit(as name: String) throws(FileError) {
        try commit(at: "\(Self.split(path).directory)/\(name)")
    }

    private consuming func commit(at target: String) throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError("sync", target) }
        guard unsafe rename(temporaryPath, target) == 0 else { throw FileError("rename", target) }
        isCommitted = true
        try Self.syncDirectory(Self.split(target).directory)
    }

    /// Writes a whole file at once.
    ///
    /// - Parameters:
    ///   - bytes: The content.
    ///   - path: Where the file will appear.
    /// - Throws: `FileError`; the file is then not in place.
    public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        var file = try AtomicFile(at: path)
        try file.write(bytes)
        try file.commit()
    }

    /// Makes the entries of a directory survive a crash.
    ///
    /// - Parameter path: The directory.
    /// - Throws: `FileError` when it cannot be opened or synced.
    public static func syncDirectory(_ path: String) throws(FileError) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError("sync", path) }
    }

    /// Removes what an earlier process left unfinished in a directory.
    ///
    /// - Parameter directory: Where to look; its sub-directories are left alone.
    /// - Throws: `FileError` when the directory cannot be listed or a file cannot be removed.
    public static func removeLeftovers(in directory: String) throws(FileError) {
        for name in try DirectoryListing.names(in: directory) where name.hasPrefix(mark) {
            let path = "\(directory)/\(name)"
            guard unsafe unlink(path) == 0 || errno == ENOENT else { throw FileError("remove", path) }
        }
    }

    /// Removes what an earlier process left unfinished of one file; other files of its directory may be being written.
    ///
    /// - Parameter path: Where the file was to appear; nobody must be writing it.
    /// - Throws: `FileError` when the directory cannot be listed or a file cannot be removed.
    public static func removeLeftovers(of path: String) throws(FileError) {
        let (directory, name) = split(path)
        let start = "\(mark)\(shortened(name))."
        for found in try DirectoryListing.names(in: directory) where found.hasPrefix(start) {
            // Behind the name are two numbers; more would be of a file with a longer name.
            let rest = found.dropFirst(start.count).split(separator: ".", omittingEmptySubsequences: false)
            guard rest.count == 2, rest.allSatisfy({ UInt64($0) != nil }) else { continue }
            let leftover = "\(directory)/\(found)"
            guard unsafe unlink(leftover) == 0 || errno == ENOENT else { throw FileError("remove", leftover) }
        }
    }

    /// So much of a name that there is room for what is put around it: a name has at most 255 bytes.
    private static func shortened(_ name: String) -> String {
        var short = name
        while short.utf8.count > 200 { short.removeLast() }
        return short
    }

    private static func split(_ path: String) -> (directory: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let directory = slash == path.startIndex ? "/" : String(path[..<slash])
        return (directory, String(path[path.index(after: slash)...]))
    }
}

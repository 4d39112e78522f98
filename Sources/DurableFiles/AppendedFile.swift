internal import Glibc

/// A file that only ever grows, such as a log.
public enum AppendedFile {
    /// Appends bytes; makes the file where there is none.
    ///
    /// The bytes are with the system when this returns; a loss of power may take the last of them.
    ///
    /// - Parameters:
    ///   - bytes: What to append.
    ///   - path: The file.
    /// - Throws: `FileError` when it cannot be opened or written.
    public static func append(_ bytes: [UInt8], to path: String) throws(FileError) {
        let descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileError("open", path) }
        defer { close(descriptor) }
        try unsafe FileBytes.write(bytes.span.bytes, to: descriptor, path: path)
    }
}

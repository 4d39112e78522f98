internal import Glibc

/// Reads a file to its end in large blocks.
public struct FileReader: ~Copyable, Sendable {
    /// The file's path.
    public let path: String
    /// The file's length in bytes when it was opened.
    public let length: Int
    private let descriptor: Int32

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - path: The file's path.
    ///   - offset: The byte to begin at.
    /// - Throws: `FileError` when it cannot be opened or is a directory.
    public init(_ path: String, offset: Int = 0) throws(FileError) {
        self.path = path
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open", path) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            let error = FileError("measure", path)
            close(descriptor)
            throw error
        }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            close(descriptor)
            throw FileError("read", path, code: EISDIR)
        }
        guard offset == 0 || lseek(descriptor, off_t(offset), SEEK_SET) == off_t(offset) else {
            let error = FileError("read", path)
            close(descriptor)
            throw error
        }
        length = Int(status.st_size)
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    }

    deinit { close(descriptor) }

    /// Appends the next bytes of the file to a buffer.
    ///
    /// - Parameters:
    ///   - buffer: Where to append.
    ///   - count: How many bytes to read; fewer come only at the end of the file.
    /// - Returns: How many bytes were appended; less than `count` at the end of the file.
    /// - Throws: `FileError` when reading fails.
    public mutating func read(appendingTo buffer: inout [UInt8], count: Int) throws(FileError) -> Int {
        let start = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: count))
        var filled = 0
        while filled < count {
            let received = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe Glibc.read(descriptor, bytes.baseAddress?.advanced(by: start + filled), count - filled)
            }
            if received == 0 { break }
            if received > 0 {
                filled += received
            } else if errno != EINTR {
                let error = FileError("read", path)
                buffer.removeLast(count)
                throw error
            }
        }
        buffer.removeLast(count - filled)
        return filled
    }
}

internal import Glibc

/// A file without a name, for what does not fit memory: appended to, read back, gone when the value is dropped.
///
/// The system frees its space even when the process is killed.
public struct ScratchFile: ~Copyable, Sendable {
    /// How many bytes it holds.
    public private(set) var count = 0
    private let directory: String
    private let descriptor: Int32

    /// Makes an empty file.
    ///
    /// - Parameter directory: The directory whose file system holds it.
    /// - Throws: `FileError` when it cannot be made.
    public init(in directory: String) throws(FileError) {
        self.directory = directory
        let path = "\(directory)/.millrace-scratch.\(getpid()).\(UInt32.random(in: .min ... .max))"
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError("create", path) }
        guard unsafe unlink(path) == 0 else {
            let error = FileError("remove", path)
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// Appends bytes.
    ///
    /// - Parameter bytes: What to append.
    /// - Returns: Where they begin.
    /// - Throws: `FileError`, with `isDiskFull` when there is no space.
    @discardableResult
    public mutating func append(_ bytes: borrowing RawSpan) throws(FileError) -> Int {
        let start = count
        try FileBytes.write(bytes, to: descriptor, path: directory)
        count += bytes.byteCount
        return start
    }

    /// Reads bytes back.
    ///
    /// - Parameters:
    ///   - range: Which bytes; they must have been appended.
    ///   - buffer: What to replace with them.
    /// - Throws: `FileError` when they cannot be read.
    public func read(_ range: Range<Int>, into buffer: inout [UInt8]) throws(FileError) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "range leaves the scratch file")
        if buffer.count != range.count { buffer = [UInt8](repeating: 0, count: range.count) }
        var filled = 0
        while filled < range.count {
            let offset = range.lowerBound + filled
            let received = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe pread(descriptor, bytes.baseAddress?.advanced(by: filled), range.count - filled, off_t(offset))
            }
            if received > 0 {
                filled += received
            } else if received == 0 {
                throw FileError("read back from", directory, code: EIO)
            } else if errno != EINTR {
                throw FileError("read back from", directory)
            }
        }
    }
}

/// Writing to a descriptor until all is written.
enum FileBytes {
    static func write(_ bytes: borrowing RawSpan, to descriptor: Int32, path: String) throws(FileError) {
        var written = 0
        while written < bytes.byteCount {
            let count = unsafe bytes.extracting(droppingFirst: written).withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError("write", path)
            }
            written += count
        }
    }
}

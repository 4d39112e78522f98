internal import Crypto
internal import DurableFiles
internal import Glibc

/// An object's file, open for reading.
struct ObjectFile: ~Copyable {
    /// Whether somebody has a file open for writing.
    enum Writer {
        case none
        case some
        /// The file system, or the file's owner, does not let us ask.
        case unknown
    }

    let object: BucketObject
    private let path: String
    private let descriptor: Int32

    /// Opens a file; `nil` when there is none, or it is no regular file.
    init?(key: String, path: String) throws(BucketError) {
        // Without O_NONBLOCK the open of a pipe would wait for its writer.
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR || errno == ENXIO { return nil }
            throw .file(FileError("open", path, code: errno))
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        self.object = BucketObject(key: key, status: status)
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// The file as it is now.
    func current() -> BucketObject? {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return nil }
        return BucketObject(key: object.key, status: status)
    }

    /// Asks for a read lease, which is refused while anybody has the file open for writing.
    ///
    /// While the value lives, whoever opens the file for writing waits for us; so hold it briefly.
    func leaseForReading() -> Writer {
        // The default signal of a broken lease ends the process; SIGURG is ignored by default.
        let setSignal: Int32 = 10
        let setLease: Int32 = 1024
        guard fcntl(descriptor, setSignal, SIGURG) == 0 else { return .unknown }
        if fcntl(descriptor, setLease, Int32(F_RDLCK)) == 0 { return .none }
        return errno == EAGAIN ? .some : .unknown
    }

    /// Hands the content, or a part of it, over piece by piece.
    func forEachChunk(
        in range: Range<Int> = 0..<Int.max,
        _ body: (ArraySlice<UInt8>) throws(BucketError) -> Void
    ) throws(BucketError) {
        var buffer = [UInt8](repeating: 0, count: 256 * 1024)
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = unsafe pread(descriptor, &buffer, min(buffer.count, range.upperBound - offset), off_t(offset))
            if count < 0 {
                if errno == EINTR { continue }
                throw .file(FileError("read", path, code: errno))
            }
            if count == 0 { return }
            try body(buffer[..<count])
            offset += count
        }
    }

    /// What was kept beside the content.
    var attributes: ObjectAttributes { ObjectAttributes(of: descriptor) }

    /// What was found out about the content when it was written.
    var mark: ContentMark? { ContentMark(of: descriptor, object) }

    /// Keeps what was found out, unless the content has changed meanwhile.
    func keep(_ mark: ContentMark) {
        guard let current = current(), current == object else { return }
        mark.write(to: descriptor)
    }
}

extension Digest {
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in self {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

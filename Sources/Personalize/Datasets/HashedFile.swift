internal import Crypto
internal import DurableFiles

/// A file that gets the hash of its bytes as its name.
struct HashedFile: ~Copyable {
    private var file: AtomicFile
    private var digest = SHA256()
    private var length = 0

    init(in directory: String) throws(FileError) {
        file = try AtomicFile(at: "\(directory)/snapshot")
    }

    /// Writes the elements and fills up to where the next section begins.
    mutating func writeSection<Element: BitwiseCopyable>(_ elements: [Element]) throws(FileError) {
        try append(unsafe elements.span.bytes)
        try pad()
    }

    mutating func write(_ bytes: [UInt8]) throws(FileError) {
        try append(unsafe bytes.span.bytes)
    }

    /// Fills up to where the next section begins.
    mutating func pad() throws(FileError) {
        try write([UInt8](repeating: 0, count: SnapshotHeader.aligned(length) - length))
    }

    /// Puts the file into place and returns its name.
    consuming func commit() throws(FileError) -> String {
        let name = digest.finalize().hexadecimal
        try file.commit(as: name)
        return name
    }

    private mutating func append(_ bytes: borrowing RawSpan) throws(FileError) {
        unsafe bytes.withUnsafeBytes { unsafe digest.update(bufferPointer: $0) }
        try file.write(bytes)
        length += bytes.byteCount
    }
}

internal import Crypto
internal import DurableFiles

/// A file of an import.
public struct CSVFile: Sendable, Hashable {
    /// Where it lies.
    public let path: String
    /// What errors call it: its key in the bucket.
    public let name: String

    /// A file.
    ///
    /// - Parameters:
    ///   - path: Where it lies.
    ///   - name: What errors call it; by default the last part of its path.
    public init(path: String, name: String? = nil) {
        self.path = path
        self.name = name ?? path.split(separator: "/").last.map(String.init) ?? path
    }
}

/// A run of whole records of one file.
struct CSVBlock: Sendable {
    /// The index of the file.
    let file: Int
    let bytes: [UInt8]
    /// What is wrong with the block as a whole; it is then not to be parsed.
    var fault: String?
}

/// Cuts files into blocks of whole records, reading each file once, in order.
struct BlockSource: ~Copyable, Sendable {
    /// How many bytes have been read.
    private(set) var bytesRead = 0
    /// What the files that have been read were, in their order.
    private(set) var digests: [FileDigest]
    private var hash = SHA256()
    private let files: [CSVFile]
    private let headerLengths: [Int]
    private let limits: DatasetImport.Limits
    private var index = -1
    private var reader: FileReader?
    private var rest: [UInt8] = []

    /// Files whose headers take so many bytes, which are left out.
    init(_ files: [CSVFile], headerLengths: [Int], limits: DatasetImport.Limits) {
        self.files = files
        self.headerLengths = headerLengths
        self.limits = limits
        digests = files.map { _ in FileDigest() }
    }

    /// The next block; `nil` after the last.
    mutating func next() throws(FileError) -> CSVBlock? {
        while true {
            if let block = try nextOfFile() { return block }
            guard index + 1 < files.count else { return nil }
            index += 1
            try open(files[index])
        }
    }

    private mutating func open(_ file: CSVFile) throws(FileError) {
        var reader = try FileReader(file.path)
        var header: [UInt8] = []
        bytesRead += try reader.read(appendingTo: &header, count: headerLengths[index])
        hash = SHA256()
        note(header[...])
        self.reader = consume reader
    }

    private mutating func nextOfFile() throws(FileError) -> CSVBlock? {
        var bytes = rest
        rest = []
        while reader != nil {
            let wanted = max(limits.blockSize, bytes.count)
            let count = try reader?.read(appendingTo: &bytes, count: wanted) ?? 0
            bytesRead += count
            note(bytes.suffix(count))
            if count < wanted {
                reader = nil
                digests[index].hash = hash.finalize().hexadecimal
                break
            }
            let boundary = RecordBoundary(in: bytes.span)
            if let end = boundary.end {
                rest = Array(bytes[end...])
                bytes.removeSubrange(end...)
                return CSVBlock(file: index, bytes: bytes)
            }
            if bytes.count >= limits.recordLength { return giveUp(bytes, boundary) }
        }
        return bytes.isEmpty ? nil : CSVBlock(file: index, bytes: bytes)
    }

    private mutating func note(_ bytes: ArraySlice<UInt8>) {
        unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
        digests[index].byteCount += bytes.count
    }

    /// Ends a file whose next record does not end: what follows cannot be told from it.
    private mutating func giveUp(_ bytes: [UInt8], _ boundary: RecordBoundary) -> CSVBlock {
        reader = nil
        let fault = "the record that begins here is longer than \(limits.recordLength) bytes"
        return CSVBlock(file: index, bytes: bytes, fault: boundary.isQuoteOpen ? nil : fault)
    }
}

/// An object that is read piece by piece from anywhere; holds its file open, so that one put in its place meanwhile
/// does not mix with it.
public final class ObjectReader: Sendable {
    /// The object as it was when it was opened.
    public let object: BucketObject
    let file: ObjectFile

    init(_ file: consuming ObjectFile) {
        object = file.object
        self.file = file
    }

    /// What tells this content from another: changes with every write.
    public var version: String { "\(object.size)-\(object.modifiedNanoseconds)-\(object.inode)" }

    /// Whether nobody has written to the file since it was opened.
    public var isUnchanged: Bool {
        guard let current = file.current() else { return false }
        return current.size == object.size && current.modifiedNanoseconds == object.modifiedNanoseconds
    }

    /// A part of the content.
    ///
    /// - Parameters:
    ///   - offset: Where to begin.
    ///   - count: How many bytes; fewer come only at the end.
    /// - Returns: The bytes.
    /// - Throws: `BucketError` with `file`.
    public func read(from offset: Int, count: Int) throws(BucketError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(count, max(0, object.size - offset)))
        try file.forEachChunk(in: offset..<offset + count) { (chunk) throws(BucketError) in
            bytes.append(contentsOf: chunk)
        }
        return bytes
    }
}

extension Bucket {
    /// Opens an object for reading piece by piece.
    ///
    /// - Parameter key: The object's key.
    /// - Returns: A reader of the object as it is now.
    /// - Throws: `BucketError` as `path(of:)`.
    public func reader(of key: String) throws(BucketError) -> ObjectReader { ObjectReader(try open(key)) }
}

extension ObjectReader {
    /// What is known of the content.
    ///
    /// - Returns: Its size, times, entity tag and attributes.
    /// - Throws: `BucketError` with `file`.
    public func describe() throws(BucketError) -> ObjectDescription { try Bucket.describe(file) }
}

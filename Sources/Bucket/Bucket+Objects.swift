internal import Crypto
internal import DurableFiles

/// An object with what is known of its content.
public struct ObjectDescription: Sendable, Hashable {
    /// The object.
    public let object: BucketObject
    /// What tells one content from another, as S3 writes it but without quotation marks.
    public let entityTag: String
    /// What is kept beside the content.
    public let attributes: ObjectAttributes
}

extension Bucket {
    /// Up to how many bytes an entity tag is the MD5 of the content.
    static let hashedContentSize = 16 << 20

    /// Looks at an object.
    ///
    /// - Parameter key: The object's key.
    /// - Returns: Its size, times, entity tag and attributes.
    /// - Throws: `BucketError` as `path(of:)`.
    public func describe(_ key: String) throws(BucketError) -> ObjectDescription {
        let file = try open(key)
        return ObjectDescription(
            object: file.object,
            entityTag: try Self.entityTag(of: file),
            attributes: file.attributes
        )
    }

    /// A part of an object's content.
    ///
    /// - Parameters:
    ///   - key: The object's key.
    ///   - range: Which bytes; what lies behind the end is left out.
    /// - Returns: The bytes.
    /// - Throws: `BucketError` as `path(of:)`.
    public func read(_ key: String, in range: Range<Int>) throws(BucketError) -> [UInt8] {
        var bytes: [UInt8] = []
        try open(key).forEachChunk(in: range) { (chunk) throws(BucketError) in bytes.append(contentsOf: chunk) }
        return bytes
    }

    /// Puts an object with attributes: the whole or, on a fault, none of it.
    ///
    /// - Parameters:
    ///   - bytes: The content.
    ///   - key: The object's key; folders are made as needed.
    ///   - attributes: What is kept beside the content.
    /// - Throws: `BucketError` as `put(_:at:)`, or with `attributesRefused`.
    public func put(_ bytes: [UInt8], at key: String, attributes: ObjectAttributes) throws(BucketError) {
        var file = try newFile(at: key, attributes)
        do {
            try file.write(bytes)
            try file.commit()
        } catch {
            throw .file(error)
        }
    }

    /// Copies an object, piece by piece: the whole or, on a fault, none of it.
    ///
    /// - Parameters:
    ///   - source: The object's key.
    ///   - destination: The bucket of the copy.
    ///   - key: The key of the copy; folders are made as needed.
    ///   - attributes: What is kept beside the copy; `nil` for what is kept beside the object.
    /// - Throws: `BucketError` as `path(of:)` and `put(_:at:attributes:)`.
    public func copy(
        _ source: String,
        to destination: Bucket,
        at key: String,
        attributes: ObjectAttributes? = nil
    ) throws(BucketError) {
        let original = try open(source)
        var copy = try destination.newFile(at: key, attributes ?? original.attributes)
        try original.forEachChunk { (chunk) throws(BucketError) in
            do throws(FileError) {
                try copy.write(Array(chunk))
            } catch {
                throw .file(error)
            }
        }
        do {
            try copy.commit()
        } catch {
            throw .file(error)
        }
    }

    private func newFile(at key: String, _ attributes: ObjectAttributes) throws(BucketError) -> AtomicFile {
        let path = try writablePath(of: key)
        let file: AtomicFile
        do {
            file = try AtomicFile(at: path)
        } catch {
            throw .file(error)
        }
        try file.withDescriptor { (descriptor) throws(BucketError) in
            try attributes.write(to: descriptor, of: location(of: key))
        }
        return file
    }

    /// The MD5 of a content of some size; of a larger one the MD5 of what shows a change, marked as S3 marks those of
    /// uploads in parts.
    private static func entityTag(of file: borrowing ObjectFile) throws(BucketError) -> String {
        var hash = Insecure.MD5()
        let object = file.object
        guard object.size > hashedContentSize else {
            try file.forEachChunk { hash.update(data: $0) }
            return hash.finalize().hexadecimal
        }
        hash.update(data: Array("\(object.size) \(object.modifiedNanoseconds) \(object.inode)".utf8))
        return "\(hash.finalize().hexadecimal)-\((object.size - 1) / hashedContentSize + 1)"
    }
}

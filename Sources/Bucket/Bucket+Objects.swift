internal import Crypto

/// An object with what is known of its content.
public struct ObjectDescription: Sendable, Hashable {
    /// The object.
    public let object: BucketObject
    /// What tells one content from another, as S3 writes it but without quotation marks.
    public let entityTag: String
    /// A checksum, where one was sent along.
    public let checksum: ContentChecksum?
    /// The upload in parts that made it, where it was one.
    public let uploadID: String?
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
        try Self.describe(open(key))
    }

    static func describe(_ file: borrowing ObjectFile) throws(BucketError) -> ObjectDescription {
        let mark = file.mark
        let tag = if let mark { mark.entityTag } else { try entityTag(of: file) }
        return ObjectDescription(
            object: file.object,
            entityTag: tag,
            checksum: mark?.checksum,
            uploadID: mark?.uploadID,
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
        var object = try begin(key, attributes: attributes)
        try object.write(bytes)
        try object.commit()
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
        var copy = try destination.begin(key, attributes: attributes ?? original.attributes)
        try original.forEachChunk { (chunk) throws(BucketError) in try copy.write(Array(chunk)) }
        try copy.commit(ContentMark(entityTag: try Self.entityTag(of: original)))
    }

    /// The tag that the content was marked with; else the MD5 of a content of some size, with which it is marked from
    /// now on, and of a larger one the MD5 of what shows a change, marked as S3 marks those of uploads in parts.
    static func entityTag(of file: borrowing ObjectFile) throws(BucketError) -> String {
        if let mark = file.mark { return mark.entityTag }
        var hash = Insecure.MD5()
        let object = file.object
        guard object.size > hashedContentSize else {
            try file.forEachChunk { hash.update(data: $0) }
            let tag = hash.finalize().hexadecimal
            file.keep(ContentMark(entityTag: tag))
            return tag
        }
        hash.update(data: Array("\(object.size) \(object.modifiedNanoseconds) \(object.inode)".utf8))
        return "\(hash.finalize().hexadecimal)-\((object.size - 1) / hashedContentSize + 1)"
    }
}

internal import CInotifyTools
internal import Glibc

/// A checksum that is kept with an object, as S3 tells it.
public struct ContentChecksum: Sendable, Hashable {
    /// The algorithm, as `CRC32`.
    public let algorithm: String
    /// In Base64; of an upload in parts maybe with the number of parts behind it.
    public let value: String
    /// Whether it is of the whole content, or of the checksums of its parts.
    public let isOfWhole: Bool

    /// A checksum of known parts.
    public init(algorithm: String, value: String, isOfWhole: Bool = true) {
        self.algorithm = algorithm
        self.value = value
        self.isOfWhole = isOfWhole
    }
}

/// What was found out about a content when it was written: its entity tag, its checksum, the upload it came with.
///
/// It lives in an extended attribute of the file and counts only as long as the file has the size and time it had
/// then: whoever writes to the file by other means makes it void.
public struct ContentMark: Sendable, Hashable {
    /// What tells one content from another, as S3 writes it but without quotation marks.
    public var entityTag: String
    /// A checksum, where one was sent along or asked for.
    public var checksum: ContentChecksum?
    /// The upload in parts that made it.
    public var uploadID: String?

    private static let name = "user.millrace.content"

    /// A mark of known parts.
    public init(entityTag: String, checksum: ContentChecksum? = nil, uploadID: String? = nil) {
        self.entityTag = entityTag
        self.checksum = checksum
        self.uploadID = uploadID
    }

    /// Reads the mark of a file; `nil` where there is none that counts.
    init?(of descriptor: Int32, _ object: BucketObject) {
        var buffer = [UInt8](repeating: 0, count: 512)
        let count = unsafe fgetxattr(descriptor, Self.name, &buffer, buffer.count)
        guard count > 0 else { return nil }
        let words = String(decoding: buffer[..<count], as: UTF8.self).split(separator: " ").map(String.init)
        guard words.count == 7, words[0] == "\(object.size)", words[1] == "\(object.modifiedNanoseconds)" else {
            return nil
        }
        entityTag = words[2]
        checksum =
            words[3] == "-"
            ? nil : ContentChecksum(algorithm: words[3], value: words[4], isOfWhole: words[5] == "whole")
        uploadID = words[6] == "-" ? nil : words[6]
    }

    /// Marks a file whose content is complete; a file system without extended attributes goes without.
    func write(to descriptor: Int32) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return }
        let object = BucketObject(key: "", status: status)
        let words = [
            "\(object.size)", "\(object.modifiedNanoseconds)", entityTag, checksum?.algorithm ?? "-",
            checksum?.value ?? "-", checksum?.isOfWhole == false ? "parts" : "whole", uploadID ?? "-",
        ]
        let bytes = Array(words.joined(separator: " ").utf8)
        _ = unsafe fsetxattr(descriptor, Self.name, bytes, bytes.count, 0)
    }
}

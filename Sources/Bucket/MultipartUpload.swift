internal import DurableFiles

/// An object that comes in parts, each of which can be sent again.
public struct MultipartUpload: Sendable, Hashable {
    /// Its id.
    public let id: String
    /// The key of the object that it becomes.
    public let key: String
    /// When it was begun, in seconds since 1970.
    public let initiatedSeconds: Int
    /// What is kept beside the content.
    public let attributes: ObjectAttributes
    /// The algorithm of its checksums, as `CRC32`, where it has any.
    public let algorithm: String?
    /// Whether its checksum is of the whole content, or of the checksums of its parts.
    public let isChecksumOfWhole: Bool

    /// An upload of known parts.
    public init(
        id: String,
        key: String,
        initiatedSeconds: Int,
        attributes: ObjectAttributes,
        algorithm: String?,
        isChecksumOfWhole: Bool
    ) {
        self.id = id
        self.key = key
        self.initiatedSeconds = initiatedSeconds
        self.attributes = attributes
        self.algorithm = algorithm
        self.isChecksumOfWhole = isChecksumOfWhole
    }

    /// Reads what `text` wrote; `nil` for anything else.
    init?(id: String, text: [UInt8]) {
        let parts = text.split(separator: 0, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard parts.count >= 4, let seconds = Int(parts[1]) else { return nil }
        var values: [String: String] = [:]
        for index in stride(from: 4, to: parts.count - 1, by: 2) { values[parts[index]] = parts[index + 1] }
        self.init(
            id: id,
            key: parts[0],
            initiatedSeconds: seconds,
            attributes: ObjectAttributes(values),
            algorithm: parts[2].isEmpty ? nil : parts[2],
            isChecksumOfWhole: parts[3] == "whole"
        )
    }

    /// The upload as it is kept: texts with a NUL between them.
    var text: [UInt8] {
        var parts = [key, "\(initiatedSeconds)", algorithm ?? "", isChecksumOfWhole ? "whole" : "parts"]
        for (name, value) in attributes.values.sorted(by: { $0.key < $1.key }) { parts += [name, value] }
        return Array(parts.joined(separator: "\0").utf8)
    }
}

/// A part of an upload, on disk.
public struct UploadPart: Sendable, Hashable {
    /// 1 to 10,000.
    public let number: Int
    /// The MD5 of its content, in hexadecimal.
    public let entityTag: String
    /// Its checksum in hexadecimal; empty where there is none.
    public let checksum: String
    /// How many bytes it has.
    public let size: Int
    /// When it was written, in nanoseconds since 1970.
    public let modifiedNanoseconds: Int64

    /// A part of known parts, as its name and file tell it; `nil` for a file that is none.
    init?(name: String, size: Int, modifiedNanoseconds: Int64) {
        let words = name.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 3, let number = Int(words[0]), words[1].utf8.count == 32 else { return nil }
        self.number = number
        entityTag = words[1]
        checksum = words[2]
        self.size = size
        self.modifiedNanoseconds = modifiedNanoseconds
    }

    static func name(_ number: Int, entityTag: String, checksum: String) -> String {
        "\(number)-\(entityTag)-\(checksum)"
    }

    var name: String { Self.name(number, entityTag: entityTag, checksum: checksum) }
}

/// A part in the making; dropped, it leaves nothing.
public struct IncomingPart: ~Copyable {
    private let number: Int
    private let folder: String
    private var file: AtomicFile

    init(_ number: Int, in folder: String) throws(BucketError) {
        self.number = number
        self.folder = folder
        do {
            file = try AtomicFile(at: "\(folder)/\(number)")
        } catch {
            throw .file(error)
        }
    }

    /// Appends bytes.
    ///
    /// - Parameter bytes: What to append.
    /// - Throws: `BucketError` with `file`.
    public mutating func write(_ bytes: [UInt8]) throws(BucketError) {
        do {
            try file.write(bytes)
        } catch {
            throw .file(error)
        }
    }

    /// Syncs the part and puts it in place of an earlier one of its number.
    ///
    /// - Parameters:
    ///   - entityTag: The MD5 of its content, in hexadecimal.
    ///   - checksum: Its checksum in hexadecimal; empty where there is none.
    /// - Throws: `BucketError` with `file`.
    public consuming func commit(entityTag: String, checksum: String) throws(BucketError) {
        let name = UploadPart.name(number, entityTag: entityTag, checksum: checksum)
        let (number, folder) = (number, folder)
        do {
            try file.commit(as: name)
            for other in try DirectoryListing.names(in: folder) where other != name && other.hasPrefix("\(number)-") {
                Bucket.remove("\(folder)/\(other)")
            }
        } catch {
            throw .file(error)
        }
    }
}

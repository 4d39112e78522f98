internal import Crypto

/// An object's content, read in one piece.
struct InspectedContent: Sendable {
    let object: BucketObject
    let version: ObjectVersion
    /// The bytes, unless there are too many.
    let bytes: [UInt8]?
    /// Whether it is certain that nobody had the file open for writing.
    let isFreeOfWriters: Bool
}

/// What a close look at an object shows.
enum Inspection: Sendable {
    case missing
    /// Somebody has it open for writing.
    case beingWritten
    /// It changed while it was read.
    case changing(BucketObject)
    case taken(InspectedContent)
}

extension Bucket {
    /// Reads an object in one piece; where the file system allows it, nobody can begin to write meanwhile.
    func inspect(_ key: String, keeping limit: Int) throws(BucketError) -> Inspection {
        let path: String
        do {
            path = try self.path(of: key)
        } catch  where error.code == .noSuchKey || error.code == .noSuchBucket {
            return .missing
        }
        guard let file = try ObjectFile(key: key, path: path) else { return .missing }
        let writer = file.leaseForReading()
        if writer == .some { return .beingWritten }
        var hash = SHA256()
        var bytes: [UInt8] = []
        let isKept = file.object.size <= limit
        try file.forEachChunk { chunk in
            hash.update(data: chunk)
            if isKept { bytes.append(contentsOf: chunk) }
        }
        guard let object = file.current(), object == file.object else { return .changing(file.object) }
        return .taken(
            InspectedContent(
                object: object,
                version: ObjectVersion(object, sha256: hash.finalize().hexadecimal),
                bytes: isKept ? bytes : nil,
                isFreeOfWriters: writer == .none
            )
        )
    }
}

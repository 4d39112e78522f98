internal import JSON

/// A file that an import has read whole.
public struct ImportedFile: Sendable, Hashable {
    /// What errors call it: its place in the bucket.
    public let name: String
    /// The SHA-256 of its bytes in hexadecimal.
    public let hash: String
    /// How many bytes it had.
    public let byteCount: Int
    /// How many records were taken from it.
    public let rowCount: Int
    /// The last line of its last record, where the first begins in line 2, behind the header; 1 when it has none.
    public let lastLine: Int

    /// What is recorded with an import job.
    var json: JSON {
        var json: JSON = [
            "name": .string(name), "sha256": .string(hash), "byteCount": JSON(byteCount), "rowCount": JSON(rowCount),
        ]
        if rowCount > 0 {
            json["firstLine"] = 2
            json["lastLine"] = JSON(lastLine)
        }
        return json
    }
}

/// How much of a file has been taken in.
struct FileCount: Sendable {
    var rows = 0
    var lines = 0
}

/// A file as its bytes were when they were read.
struct FileDigest: Sendable {
    var hash = ""
    var byteCount = 0
}

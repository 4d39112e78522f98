internal import Bucket
internal import Foundation
internal import JSON
internal import StatesLanguage

/// The fields of S3's requests: what is kept beside an object, what means nothing on one machine, and what is refused.
enum S3Fields {
    /// What the headers of an object are called, in requests and in answers.
    private static let kept = ObjectAttributes.headers.map(\.name)
    /// Fields about who asks, who pays and how it is stored: taken, and without meaning here.
    private static let idle: Set<String> = [
        "ACL", "BucketKeyEnabled", "ChecksumAlgorithm", "ChecksumMode", "ExpectedBucketOwner", "RequestPayer",
        "ServerSideEncryption", "StorageClass",
    ]

    static let object: Set<String> = idle.union(["Bucket", "Key"])
    static let get = object.union(["Range", "IfMatch", "IfNoneMatch"])
    static let put = object.union(kept).union(["Body", "Metadata", "IfMatch", "IfNoneMatch"])
    static let copy = object.union(kept).union(
        ["CopySource", "Metadata", "MetadataDirective", "ExpectedSourceBucketOwner"]
    )
    static let list = idle.union([
        "Bucket", "Prefix", "Delimiter", "MaxKeys", "StartAfter", "ContinuationToken", "EncodingType", "FetchOwner",
        "OptionalObjectAttributes",
    ])

    private static let metadataMark = ObjectAttributes.metadataMark

    /// What a request wants kept beside an object.
    static func attributes(_ parameters: TaskParameters) throws(StatesError) -> ObjectAttributes {
        var values: [String: String] = [:]
        for name in kept {
            if let value = try parameters.optionalString(name) { values[name] = value }
        }
        for (name, value) in try parameters.optionalTexts("Metadata") ?? [:] {
            values[metadataMark + name.lowercased()] = value
        }
        guard !values.contains(where: { $0.key.utf8.contains(0) || $0.value.utf8.contains(0) }) else {
            throw parameters.malformed("Metadata")
        }
        return ObjectAttributes(values)
    }

    /// Puts what was kept beside an object into an answer.
    static func add(_ attributes: ObjectAttributes, to result: inout JSON) {
        var metadata = JSONObject()
        for (name, value) in attributes.values.sorted(by: { $0.key < $1.key }) {
            if name.hasPrefix(metadataMark) {
                metadata[String(name.dropFirst(metadataMark.count))] = .string(value)
            } else {
                result[name] = .string(value)
            }
        }
        result["Metadata"] = .object(metadata)
    }

    /// Reads `CopySource`: `BUCKET/KEY`, percent-encoded, with or without a slash before it.
    static func source(_ parameters: TaskParameters) throws -> (bucket: String, key: String) {
        let text = try parameters.string("CopySource")
        guard !text.contains("?versionId=") else {
            throw S3Error("CopySource \"\(text)\" names a version; versions are not kept", status: 501)
        }
        let decoded = text.removingPercentEncoding ?? text
        let parts = decoded.drop { $0 == "/" }.split(separator: "/", maxSplits: 1)
        guard parts.count == 2 else {
            throw S3Error("Invalid copy source object key", status: 400)
        }
        return (String(parts[0]), String(parts[1]))
    }
}

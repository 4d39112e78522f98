/// Where an object is: `s3://NAME/KEY`.
public struct ObjectLocation: Sendable, Hashable, CustomStringConvertible {
    /// The bucket's name.
    public let bucket: String
    /// The object's key, or a prefix of keys; empty for the whole bucket.
    public let key: String

    /// A location of known parts.
    ///
    /// - Parameters:
    ///   - bucket: The bucket's name.
    ///   - key: The object's key, or a prefix of keys.
    /// - Throws: `BucketError` when one of them breaks the rules.
    public init(bucket: String, key: String) throws(BucketError) {
        try Bucket.validateName(bucket)
        try Bucket.validateKey(key)
        self.bucket = bucket
        self.key = key
    }

    /// Reads `s3://NAME` or `s3://NAME/KEY`.
    ///
    /// - Parameter text: The location.
    /// - Throws: `BucketError` when it is not of this form.
    public init(parsing text: String) throws(BucketError) {
        let scheme = "s3://"
        guard text.hasPrefix(scheme) else {
            throw BucketError(.invalidLocation, "location \"\(text)\" must start with \"s3://\"")
        }
        let rest = text.dropFirst(scheme.count)
        let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        try self.init(bucket: parts.first.map(String.init) ?? "", key: parts.count > 1 ? String(parts[1]) : "")
    }

    /// The location as text.
    public var description: String { "s3://\(bucket)/\(key)" }
}

public import Bucket
public import Personalize

/// The buckets by name: where Personalize's `s3://` locations lead.
public struct BucketDirectory: ObjectSource {
    /// The buckets.
    public let buckets: [Bucket]

    /// A directory of buckets.
    public init(_ buckets: [Bucket]) {
        self.buckets = buckets
    }

    /// The bucket of a name.
    ///
    /// - Parameter name: The name.
    /// - Returns: The bucket.
    /// - Throws: `BucketError` with `noSuchBucket` when none is watched by that name.
    public func bucket(named name: String) throws(BucketError) -> Bucket {
        guard let bucket = buckets.first(where: { $0.name == name }) else {
            let known = buckets.map { "\"\($0.name)\"" }.joined(separator: ", ")
            throw BucketError(.noSuchBucket, "bucket \"\(name)\" does not exist; the buckets here are \(known)")
        }
        return bucket
    }

    /// The files directly in a folder, or the one a location names, in the order of their names.
    public func files(at location: String, suffix: String) throws -> [String] {
        let location = try ObjectLocation(parsing: location)
        let bucket = try bucket(named: location.bucket)
        guard location.key.isEmpty || location.key.hasSuffix("/") else {
            guard location.key.lowercased().hasSuffix(suffix) else {
                return try files(at: "\(location)/", suffix: suffix)
            }
            let inside = suffix.isEmpty ? try files(at: "\(location)/", suffix: suffix) : []
            return inside.isEmpty ? [try bucket.path(of: location.key)] : inside
        }
        let listing = try bucket.list(prefix: location.key)
        if let refusal = listing.refusals.first { throw refusal }
        return try listing.objects
            .filter { $0.key.lowercased().hasSuffix(suffix) && !$0.key.dropFirst(location.key.count).contains("/") }
            .map { try bucket.path(of: $0.key) }
    }

    /// Where the file of a location is to be written; the folders above it are made.
    public func writablePath(of location: String) throws -> String {
        let location = try ObjectLocation(parsing: location)
        return try bucket(named: location.bucket).writablePath(of: location.key)
    }
}

public import Bucket
public import Personalize

/// The buckets by name: where Personalize's `s3://` locations lead.
public struct BucketDirectory: ObjectSource {
    /// The buckets that there may be more of.
    public let registry: Buckets

    /// A directory of buckets that stay as they are.
    public init(_ buckets: [Bucket]) { registry = Buckets(buckets) }

    /// A directory of buckets that come and go.
    public init(_ registry: Buckets) { self.registry = registry }

    /// The buckets there are now.
    public var buckets: [Bucket] { registry.all }

    /// The bucket of a name.
    ///
    /// - Parameter name: The name.
    /// - Returns: The bucket.
    /// - Throws: `BucketError` with `noSuchBucket` when there is none of that name.
    public func bucket(named name: String) throws(BucketError) -> Bucket { try registry.bucket(named: name) }

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

public import Bucket
internal import Crypto
internal import FoundationEssentials
public import Functions

/// Hands drops to the functions that are started by them; all others go on to the pipeline.
///
/// An object that starts a function starts nothing else: the function takes the place of the built-in pipeline.
public struct FunctionTrigger: Sendable {
    private let functions: FunctionService
    private let buckets: BucketDirectory
    private let others: @Sendable (Drop) async throws -> Void

    /// A trigger of functions.
    ///
    /// - Parameters:
    ///   - functions: What is invoked.
    ///   - buckets: Where the objects are.
    ///   - others: Takes over what starts no function.
    public init(
        functions: FunctionService,
        buckets: BucketDirectory,
        others: @escaping @Sendable (Drop) async throws -> Void
    ) {
        self.functions = functions
        self.buckets = buckets
        self.others = others
    }

    /// Has functions invoked for a drop; durable when this returns.
    ///
    /// - Parameter drop: The drop; coming again with the same id, it adds nothing.
    /// - Throws: The store's own error, or what `others` throws. The drop then comes again.
    public func handle(_ drop: Drop) async throws {
        guard functions.isNotified(ofBucket: drop.bucket, key: drop.key) else { return try await others(drop) }
        let seconds = Double(drop.version.changedNanoseconds) / 1e9
        let event = ObjectEvent(
            bucket: drop.bucket,
            key: drop.key,
            size: drop.version.size,
            entityTag: entityTag(of: drop),
            date: drop.detectedAt,
            writtenAt: Date(timeIntervalSince1970: seconds),
            id: "\(drop.bucket)-\(drop.id)"
        )
        try await functions.notify(event)
    }

    /// As S3 has it, of the content as it was dropped where that was kept.
    private func entityTag(of drop: Drop) -> String {
        if let content = drop.content {
            return Insecure.MD5.hash(data: content).map { byte in
                String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
            }.joined()
        }
        let bucket = try? buckets.bucket(named: drop.bucket)
        return (try? bucket?.describe(drop.key).entityTag) ?? drop.version.sha256
    }
}

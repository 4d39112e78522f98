internal import Bucket
public import DurableExecution
internal import StatesLanguage

/// Puts the results of Map Runs into the buckets of this machine.
public struct BucketObjectSink: ObjectSink {
    private let buckets: BucketDirectory

    /// A sink of some buckets.
    public init(buckets: BucketDirectory) {
        self.buckets = buckets
    }

    /// Puts an object: the whole or, on a fault, none of it.
    public func put(bucket: String, key: String, next: () async throws -> [UInt8]?) async throws -> Int {
        do {
            return try await buckets.bucket(named: bucket).put(at: key, next: next)
        } catch let error as BucketError {
            throw StatesError(name: StatesError.resultWriterFailed, cause: error.description)
        }
    }
}

import Bucket
import ServiceLifecycle

/// Watches every bucket there is, and those that are made while the service runs.
struct BucketWatchers: Service {
    let buckets: Buckets
    let watcher: @Sendable (Bucket) -> BucketWatcher

    /// Watches until the service shuts down; a bucket that is deleted is let go of.
    func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            var ends: [String: AsyncStream<Void>.Continuation] = [:]
            for await change in buckets.changes().cancelOnGracefulShutdown() {
                switch change {
                case .added(let bucket):
                    let (isEnded, end) = AsyncStream.makeStream(of: Void.self)
                    ends[bucket.name] = end
                    group.addTask { try await watch(bucket, until: isEnded) }
                case .removed(let bucket): ends.removeValue(forKey: bucket.name)?.finish()
                }
            }
        }
    }

    private func watch(_ bucket: Bucket, until isEnded: AsyncStream<Void>) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watcher(bucket).run() }
            group.addTask { for await _ in isEnded {} }
            try await group.next()
            group.cancelAll()
        }
    }
}

import Bucket
import Foundation
import Functions
import Logging
import Pipeline
import SQLiteStore

extension MillraceService {
    /// What starts a run for each drop in any bucket.
    func bucketWatchers() -> BucketWatchers {
        let trigger = BucketTrigger(launcher: launcher) { [store] in try await store.pendingDrops(in: $0) }
        let functionTrigger = FunctionTrigger(functions: functions, buckets: buckets, others: trigger.handle)
        return BucketWatchers(buckets: buckets.registry) { [functions, store, surroundings, logger, readiness] bucket in
            var watching = BucketWatcher.Configuration()
            watching.isDrop = { key in
                ConfigurationFile.isDrop(key) || functions.isNotified(ofBucket: bucket.name, key: key)
            }
            var watcher = BucketWatcher(
                bucket: bucket,
                store: store,
                configuration: watching,
                clock: surroundings.clock,
                logger: logger,
                now: surroundings.now,
                handle: functionTrigger.handle
            )
            watcher.onScan = { readiness.noteScan(of: bucket.name, at: surroundings.now()) }
            return watcher
        }
    }

    /// Removes what a crash left of uploads, and uploads that nobody has completed for a week.
    func removeLeftovers() {
        let week = Int(surroundings.now().timeIntervalSince1970) - 7 * 24 * 3600
        for bucket in buckets.buckets {
            do throws(BucketError) {
                try bucket.removeLeftovers(uploadsBefore: week)
            } catch {
                logger.error(
                    "what is left of uploads could not be removed",
                    metadata: ["bucket": "\(bucket.name)", "error": "\(error)"]
                )
            }
        }
    }
}

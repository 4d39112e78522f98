internal import JSON
internal import Logging

extension PersonalizeService {
    /// Merges small snapshots of what was put into a dataset one by one, when they are too many.
    ///
    /// Rows and their order stay. Versions that were trained on the merged ones go on to name those, whose files stay.
    func compact(_ datasetArn: String) async throws {
        try await sealing.alone { () async throws in
            while try await compactOnce(datasetArn) {}
        }
    }

    /// Whether a dataset has so many snapshots of what was put that some are to be merged.
    func needsCompaction(_ snapshots: [DatasetSnapshot]) -> Bool {
        Compaction.range(of: snapshots, limit: configuration.maximumPutSnapshots) != nil
    }

    /// Merges what is next to be merged; false when nothing is.
    private func compactOnce(_ datasetArn: String) async throws -> Bool {
        guard let dataset = try await found(datasetArn), dataset.status == .active else { return false }
        var snapshots = try await snapshots(of: datasetArn)
        guard let range = Compaction.range(of: snapshots, limit: configuration.maximumPutSnapshots) else {
            return false
        }
        let flag = RunningJobs.Flag()
        let rewrite = SnapshotRewrite(
            schema: try await schema(of: dataset),
            directory: files.data,
            isCancelled: { flag.isStopped }
        )
        let sources = Array(snapshots[range])
        let merged = try await BackgroundThread.run(onCancel: { flag.stop() }) { try rewrite.run(sources) }
        guard var merged else { return false }
        let versions = try await trainings()
        merged.parts = Compaction.pruned(merged.parts, known: Set(versions.flatMap(\.lineage)))
        snapshots.replaceSubrange(range, with: [merged])
        guard try await replace(snapshots, of: datasetArn) else { return false }
        if let group = dataset.parentArn { await refreshCampaigns(group: group) }
        logger.info("snapshots are merged", metadata: ["resource.arn": "\(datasetArn)", "count": "\(sources.count)"])
        return true
    }

    /// Gives a dataset other snapshots; only whoever lets nothing be sealed or imported meanwhile may do so.
    private func replace(_ snapshots: [DatasetSnapshot], of datasetArn: String) async throws(PersonalizeError) -> Bool {
        while true {
            guard let dataset = try await found(datasetArn), dataset.status == .active else { return false }
            var transition = ResourceTransition()
            transition.updates = [dataset]
            transition.snapshots[datasetArn] = snapshots
            if try await save(transition) { return true }
        }
    }
}

internal import JSON
internal import Logging

extension PersonalizeService {
    /// How many batches become one snapshot at most.
    private static let sealLimit = 20_000

    /// Turns what was put into a dataset one by one into a snapshot, from which trainings and campaigns read it.
    ///
    /// The snapshot's file is written first; then one commit adds it to the dataset and removes the batches it holds,
    /// so that after a crash each record is in exactly one of the two.
    func seal(_ datasetArn: String) async throws(PersonalizeError) {
        try await sealing.alone { () async throws(PersonalizeError) in try await sealHeld(datasetArn) }
    }

    /// Seals a dataset for somebody who lets nothing else be sealed meanwhile.
    func sealHeld(_ datasetArn: String) async throws(PersonalizeError) {
        var hasMore = true
        while hasMore { hasMore = try await sealOnce(datasetArn) }
    }

    /// Seals all datasets of a group.
    func sealDatasets(of group: String) async throws(PersonalizeError) {
        for dataset in try await resources(ResourceQuery(.dataset, parentArn: group)) { try await seal(dataset.arn) }
    }

    /// Seals a dataset because it has become much; what fails is tried again when still more has come.
    func sealInBackground(_ datasetArn: String) async {
        do {
            try await seal(datasetArn)
            try await compact(datasetArn)
        } catch {
            // What a shutdown interrupts is no fault: nothing is lost, and it is done when more has come.
            guard !Task.isCancelled else { return }
            logger.warning("records not sealed", metadata: ["resource.arn": "\(datasetArn)", "error": "\(error)"])
        }
    }

    /// Seals the oldest batches; false when none are left.
    private func sealOnce(_ datasetArn: String) async throws(PersonalizeError) -> Bool {
        guard let dataset = try await found(datasetArn), dataset.status == .active else { return false }
        let earlier = dataset.sealedThrough
        let batches = try await reading {
            try await $0.liveBatches(of: datasetArn, after: earlier, limit: Self.sealLimit)
        }
        guard let last = batches.last else { return false }
        let schema = try await schema(of: dataset)
        let directory = files.data
        let snapshot: DatasetSnapshot
        do {
            snapshot = try await BackgroundThread.run(onCancel: {}) {
                try RecordSnapshot.write(batches, schema: schema, to: directory)
            }
        } catch {
            throw internalFailure(error)
        }
        guard try await record(snapshot, of: batches, datasetArn, through: last.sequence) else { return false }
        if let group = dataset.parentArn { await refreshCampaigns(group: group) }
        // A campaign that was being loaded meanwhile may need what came after the seal before this one.
        live.drop(datasetArn, through: earlier)
        return batches.count == Self.sealLimit
    }

    /// The snapshot belongs to the dataset and its batches are gone, both in one commit; false when the dataset is.
    private func record(
        _ snapshot: DatasetSnapshot,
        of batches: [LiveBatch],
        _ datasetArn: String,
        through sequence: Int64
    ) async throws(PersonalizeError) -> Bool {
        while true {
            guard var dataset = try await found(datasetArn), dataset.status == .active else { return false }
            dataset.body["sealedThrough"] = .integer(sequence)
            var transition = ResourceTransition()
            transition.updates = [dataset]
            let snapshots = try await snapshots(of: datasetArn) + [snapshot]
            transition.snapshots[datasetArn] = snapshots
            transition.sealed[datasetArn] = sequence
            try await count(batches, of: dataset, in: &transition)
            guard try await save(transition) else { continue }
            if needsCompaction(snapshots) { work.add(datasetArn, to: .seals) }
            return true
        }
    }

    /// Takes in what earlier processes have saved and not sealed.
    func recoverLiveData() async throws(PersonalizeError) {
        for dataset in try await resources(ResourceQuery(.dataset)) {
            let schema = try await schema(of: dataset)
            var after = dataset.sealedThrough
            while true {
                let start = after
                let batches = try await reading { try await $0.liveBatches(of: dataset.arn, after: start, limit: 1000) }
                guard let last = batches.last else { break }
                for batch in batches { live.add(batch, schema) }
                after = last.sequence
            }
        }
    }
}

extension Resource {
    /// The last batch of a dataset that is in one of its snapshots.
    var sealedThrough: Int64 { body["sealedThrough"]?.int.map(Int64.init) ?? 0 }
}

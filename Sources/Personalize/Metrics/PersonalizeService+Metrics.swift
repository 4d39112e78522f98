internal import JSON
internal import Logging

extension PersonalizeService {
    /// How many batches of events are counted in one commit.
    private static let countLimit = 5000

    /// The metric attribution of a group, if it has one.
    func metricAttribution(of group: String) async throws(PersonalizeError) -> Resource? {
        try await resources(ResourceQuery(.metricAttribution, parentArn: group, limit: 1)).first
    }

    /// The place of the last event of a group in the order of batches.
    func lastEvent(of group: String) async throws(PersonalizeError) -> Int64 {
        guard let dataset = try await dataset(.interactions, group: group) else { return 0 }
        let last = try await reading { try await $0.lastSequence(of: dataset.arn) }
        return max(last, dataset.sealedThrough)
    }

    /// Takes the events of a group into the windows of its metric attribution, as far as they have come.
    func countMetrics(of group: String) async throws(PersonalizeError) {
        while true {
            guard let dataset = try await dataset(.interactions, group: group),
                let attribution = try await metricAttribution(of: group)
            else { return }
            let batches = try await reading {
                try await $0.liveBatches(of: dataset.arn, after: attribution.countedThrough, limit: Self.countLimit)
            }
            guard !batches.isEmpty else { return }
            var transition = ResourceTransition()
            try await count(batches, of: dataset, in: &transition)
            // What was counted by somebody else in between is passed over at the next turn.
            _ = try await save(transition)
        }
    }

    /// Counts the events of a dataset that is about to go with all that it has.
    ///
    /// What cannot be counted is told to the log: it must not keep the dataset.
    func countLastMetrics(of dataset: Resource) async throws(PersonalizeError) {
        do throws(PersonalizeError) {
            try await countMetrics(of: dataset.parentArn ?? "")
        } catch {
            guard error.code != .internalFailure else { throw error }
            logger.error("events not counted", metadata: ["resource.arn": "\(dataset.arn)", "error": "\(error)"])
        }
    }

    /// Counts what a metric attribution has not seen of some batches, in the commit that may remove them.
    ///
    /// The place is saved with the windows, and only over the attribution that was read: each event counts once.
    func count(
        _ batches: [LiveBatch],
        of dataset: Resource,
        in transition: inout ResourceTransition
    ) async throws(PersonalizeError) {
        guard dataset.body["datasetType"]?.string == DatasetType.interactions.word, let group = dataset.parentArn,
            let last = batches.last?.sequence, var attribution = try await metricAttribution(of: group),
            last > attribution.countedThrough
        else { return }
        var tally = try await tally(attribution.metrics, group: group)
        tally.add(batches.lazy.filter { [seen = attribution.countedThrough] in $0.sequence > seen }.flatMap(\.records))
        let windows = tally.windows(of: attribution.arn, .put)
        attribution.body["countedThrough"] = .integer(last)
        if attribution.reportFolder != nil, !windows.isEmpty {
            attribution.unreportedWindows = Set(attribution.unreportedWindows + windows.map(\.start)).sorted()
        }
        transition.updates.append(attribution)
        transition.undated.insert(attribution.arn)
        transition.metrics += windows
    }

    /// A tally that knows the items of a group.
    func tally(_ metrics: [AttributionMetric], group: String) async throws(PersonalizeError) -> MetricTally {
        let isAboutItems = metrics.contains { metric in
            if case .sum(.items, _) = metric.expression { true } else { false }
        }
        let items = isAboutItems ? try await itemTable(of: group) : nil
        return MetricTally(metrics) { id, column in
            items.flatMap { items in items.row(of: id).flatMap { items.value(column, at: $0).double } }
        } source: { [self] in
            source(ofRecommendation: $0)
        }
    }

    private func itemTable(of group: String) async throws(PersonalizeError) -> EntityTable? {
        // Read before its snapshots: what is sealed in between is then seen twice rather than not at all.
        guard let dataset = try await dataset(.items, group: group) else { return nil }
        let names = try await snapshots(of: dataset.arn).map(\.name)
        do {
            let snapshots = try names.map { try Snapshot($0, in: files.data, isVerified: false) }
            let live = LiveEntities(records: live.records(of: dataset.arn), after: dataset.sealedThrough)
            return EntityTable(.items, snapshots, live: live)
        } catch {
            // Whoever needs the count is told what to do; what is not counted yet stays where it is.
            throw PersonalizeError(.invalidInput, "metrics cannot be counted: \(error)")
        }
    }

    /// The campaign or recommender that an id of recommendations is of; `nil` when the id does not tell.
    func source(ofRecommendation id: String) -> String? {
        // Our ids are random so far: what they are of is undefined to reports.
        nil
    }
}

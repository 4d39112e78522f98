internal import DurableFiles
internal import FoundationEssentials
internal import JSON
internal import Logging

extension PersonalizeService {
    /// Reports the windows of metric attributions as they end, for as long as there are any.
    func runReports(_ arns: AsyncStream<String>) async {
        await withTaskGroup(of: Void.self) { group in
            for await arn in arns { group.addTask { await self.keepReporting(arn) } }
        }
    }

    private func keepReporting(_ arn: String) async {
        // One made anew under the name of another goes on where that was.
        guard jobs.begin(arn) != nil else { return }
        defer { jobs.end(arn) }
        while !Task.isCancelled {
            do throws(PersonalizeError) {
                guard try await report(arn) else { return }
            } catch {
                logger.warning("metrics not reported", metadata: ["resource.arn": "\(arn)", "error": "\(error)"])
            }
            let length = MetricWindow.length
            let wait = length - Int64(now().timeIntervalSince1970.rounded(.down)) % length
            try? await clock.sleep(for: .seconds(wait))
        }
    }

    /// Writes a file for every window that has ended and has changed since it was written; false when there is no such
    /// metric attribution any more.
    ///
    /// A file holds all of its window, so that writing it again after a crash, or after a late event, adds nothing
    /// twice.
    func report(_ arn: String) async throws(PersonalizeError) -> Bool {
        while true {
            guard let known = try await found(arn), known.kind == .metricAttribution else { return false }
            try await countMetrics(of: known.parentArn ?? "")
            guard var attribution = try await found(arn) else { return false }
            let end = Int64(now().timeIntervalSince1970.rounded(.down)) - MetricWindow.length
            let ended = Set(attribution.unreportedWindows.filter { $0 <= end })
            guard let folder = attribution.reportFolder, !ended.isEmpty else { return true }
            for start in ended.sorted() {
                let query = MetricQuery(arn, from: start, until: start + 1, method: .put)
                let windows = try await reading { try await $0.metricWindows(query) }
                try await write(windows, to: folder + MetricReport.name(MetricWindow.Method.put.rawValue, start))
            }
            attribution.unreportedWindows = attribution.unreportedWindows.filter { !ended.contains($0) }
            var transition = ResourceTransition()
            transition.updates = [attribution]
            transition.undated = [arn]
            if try await save(transition) { return true }
        }
    }

    /// Adds up what an import brings, and writes the report of it that its job asks for.
    ///
    /// The file is named after the time of the job, so that an import that a crash repeats writes it again. A job of
    /// the mode FULL replaces what was counted before and so adds to no window.
    ///
    /// - Returns: What the import adds to the windows when it is recorded.
    func measure(_ snapshot: DatasetSnapshot, _ job: Resource, _ dataset: Resource) async throws -> [MetricWindow] {
        let isPublished = job.body["publishAttributionMetricsToS3"]?.bool == true
        let mode = job.body["importMode"]?.string ?? "FULL"
        guard dataset.body["datasetType"]?.string == DatasetType.interactions.word, let group = dataset.parentArn,
            isPublished || mode == "INCREMENTAL", let attribution = try await metricAttribution(of: group)
        else { return [] }
        let tally = try await tally(attribution.metrics, group: group)
        let directory = files.data
        let windows = try await BackgroundThread.run(onCancel: {}) {
            var tally = tally
            tally.add(try Snapshot(snapshot.name, in: directory, isVerified: false))
            return tally.windows(of: attribution.arn, .incremental)
        }
        if isPublished, let folder = attribution.reportFolder {
            let name = MetricReport.name(mode, Int64(job.createdAt.timeIntervalSince1970.rounded(.down)))
            try await write(windows, to: folder + name)
        }
        return mode == "INCREMENTAL" ? windows : []
    }

    private func write(_ windows: [MetricWindow], to location: String) async throws(PersonalizeError) {
        let objects = objects
        do {
            try await BackgroundThread.run(onCancel: {}) {
                let path = try objects.writablePath(of: location)
                try AtomicFile.removeLeftovers(of: path)
                try AtomicFile.write(Array(MetricReport.content(windows).utf8), to: path)
            }
        } catch {
            throw PersonalizeError(.invalidInput, "Invalid S3 output path: report \"\(location)\": \(error)")
        }
    }
}

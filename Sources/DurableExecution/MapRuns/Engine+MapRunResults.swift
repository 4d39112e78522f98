import JSON
import Logging
import StatesLanguage

/// How a Map Run ends: its results are written, then its execution is told.
extension Engine {
    /// Writes the results, and tells the execution in the transaction that ends the run.
    func conclude(_ work: inout MapRunWork, _ run: MapRun, _ failure: StatesError?) async throws {
        let request = try await store.mapRunRequest(run.arn)
        var failure = failure
        var result = JSON.null
        do {
            if let writer = request?.writer, writer.resource != nil {
                result = try await export(run, writer, work.entry)
            } else if failure == nil {
                result = try await collect(run, request?.writer)
            }
        } catch let error as StatesError {
            failure = failure ?? error
        }
        let event: Event
        if let failure {
            event = .mapRunFailed(id: run.requestID, error: failure)
        } else {
            event = .mapRunSucceeded(id: run.requestID, result: result)
        }
        let letter = Delivery.Letter.mapRunEnded(failure == nil ? .succeeded : .failed, event)
        _ = try await self.request(letter, of: run.executionArn)
        logger.info(
            "Map Run ended",
            metadata: [
                "mapRun.arn": "\(run.arn)", "mapRun.status": "\(work.entry.run.status.rawValue)",
            ]
        )
    }

    /// The outputs as one array, in the order of the items.
    private func collect(_ run: MapRun, _ writer: MapRunRequest.Writer?) async throws -> JSON {
        var results = CollectedResults(writer, stateName: run.stateName)
        var children = ChildStream(run: run, statuses: nil, pageLimit: 1000, store: store)
        while let child = try await children.next() { try results.add(child.mapRunChild) }
        return try results.value()
    }

    private func export(_ run: MapRun, _ writer: MapRunRequest.Writer, _ entry: MapRunEntry) async throws -> JSON {
        let destination = try ResultDestination(writer, ofMapRun: run.arn)
        guard let sink = objectSink else {
            throw StatesError(
                name: StatesError.resultWriterFailed,
                cause: "The Bucket of the ResultWriter must be a string."
            )
        }
        let export = ResultExport(
            run: run,
            form: ResultForm(writer, default: .none),
            destination: destination,
            fileBytes: configuration.resultFileBytes,
            store: store,
            sink: sink
        )
        try await export.write { written in
            try await self.store.noteResults(
                executions: written.executions,
                items: written.items,
                ofMapRun: run.arn
            )
            entry.change { run in
                run.executionCounts.resultsWritten = written.executions
                run.itemCounts.resultsWritten = written.items
            }
        }
        return destination.result
    }
}

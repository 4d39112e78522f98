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
        let form = ResultForm(writer, default: .compact)
        let marks = form.punctuation
        var text = marks.start
        var isFirst = true
        var children = ChildStream(run: run, statuses: nil, pageLimit: 1000, store: store)
        while let child = try await children.next() {
            for value in try form.texts(of: child) {
                if !isFirst { text += marks.separator }
                isFirst = false
                text += value
            }
            guard text.utf8.count <= ChildInputs.dataLimit else { throw Self.resultTooLarge(run.stateName) }
        }
        return form.isLines ? .string(text) : try JSON(parsing: text + marks.end)
    }

    private func export(_ run: MapRun, _ writer: MapRunRequest.Writer, _ entry: MapRunEntry) async throws -> JSON {
        guard let bucket = writer.arguments["Bucket"]?.string, let sink = objectSink else {
            throw Self.writerFailed("The Bucket of the ResultWriter must be a string.")
        }
        let prefix = writer.arguments["Prefix"]?.string ?? ""
        let parent = prefix.isEmpty || prefix.hasSuffix("/") ? prefix : "\(prefix)/"
        let export = ResultExport(
            run: run,
            form: ResultForm(writer, default: .none),
            bucket: bucket,
            folder: "\(parent)\(MapRunMembership.uniqueID(ofMapRun: run.arn))/",
            fileBytes: configuration.resultFileBytes,
            store: store,
            sink: sink
        )
        let key = try await export.write { written in
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
        return [
            "MapRunArn": .string(run.arn),
            "ResultWriterDetails": ["Bucket": .string(bucket), "Key": .string(key)],
        ]
    }

    private static func writerFailed(_ cause: String) -> StatesError {
        StatesError(name: StatesError.resultWriterFailed, cause: cause)
    }

    private static func resultTooLarge(_ stateName: String) -> StatesError {
        StatesError(
            name: StatesError.dataLimitExceeded,
            cause: "The state/task '\(stateName)' returned a result with a size exceeding the maximum number of bytes "
                + "service limit."
        )
    }
}

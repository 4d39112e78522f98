internal import Synchronization

/// What was put into the datasets of all groups and is not in a snapshot that everybody has loaded.
final class LiveData: Sendable {
    private struct Tables {
        var histories: [String: LiveHistory] = [:]
        var records: [String: LiveRecords] = [:]
    }

    private let tables = Mutex(Tables())

    /// The events of a dataset of interactions.
    func history(of datasetArn: String) -> LiveHistory {
        tables.withLock { tables in
            if let known = tables.histories[datasetArn] { return known }
            let history = LiveHistory()
            tables.histories[datasetArn] = history
            return history
        }
    }

    /// The records of a dataset whose records have a key.
    func records(of datasetArn: String) -> LiveRecords {
        tables.withLock { tables in
            if let known = tables.records[datasetArn] { return known }
            let records = LiveRecords()
            tables.records[datasetArn] = records
            return records
        }
    }

    /// Takes in what was saved.
    ///
    /// - Returns: How many records of the dataset have been taken in, before and now.
    @discardableResult
    func add(_ batch: LiveBatch, _ schema: Schema) -> (before: Int, now: Int) {
        schema.datasetType.keyColumn == nil
            ? history(of: batch.datasetArn).add(batch) : records(of: batch.datasetArn).add(batch, schema)
    }

    /// Forgets what a dataset had up to a place in the order of batches.
    func drop(_ datasetArn: String, through sequence: Int64) {
        let (history, records) = tables.withLock { ($0.histories[datasetArn], $0.records[datasetArn]) }
        history?.drop(through: sequence)
        records?.drop(through: sequence)
    }

    /// Forgets what a dataset that was deleted had; a new one of its name is seen by who has seen the old one.
    func clear(_ datasetArn: String) {
        let (history, records) = tables.withLock { ($0.histories[datasetArn], $0.records[datasetArn]) }
        history?.clear()
        records?.clear()
    }
}

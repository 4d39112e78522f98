internal import JSON
internal import Synchronization

/// The users or items that were put one by one and that not all campaigns have read from a snapshot yet, by id.
final class LiveRecords: Sendable {
    private struct Entry {
        let sequence: Int64
        let fields: JSONObject
    }

    private struct State {
        var entries: [RecordID: Entry] = [:]
        var droppedThrough: Int64 = 0
        var generation = 0
        /// How many records have been taken in, ever: one that comes again fills the store too.
        var taken = 0
    }

    private let state = Mutex(State())

    /// Takes in a batch; of two records of an id the later one counts, whichever is taken in first.
    ///
    /// - Returns: How many records have been taken in, before and now.
    @discardableResult
    func add(_ batch: LiveBatch, _ schema: Schema) -> (before: Int, now: Int) {
        guard let key = schema.datasetType.keyColumn else { return (0, 0) }
        let records = batch.records.map { $0.values(schema) }
        return state.withLock { state in
            let before = state.taken
            guard batch.sequence > state.droppedThrough else { return (before, before) }
            state.generation += 1
            state.taken += records.count
            for fields in records {
                guard let id = fields[key]?.string.map(RecordID.init),
                    batch.sequence >= state.entries[id]?.sequence ?? 0
                else { continue }
                state.entries[id] = Entry(sequence: batch.sequence, fields: fields)
            }
            return (before, state.taken)
        }
    }

    /// Forgets all.
    func clear() {
        state.withLock { state in
            state.generation += 1
            state.entries = [:]
        }
    }

    /// Forgets all up to a place in the order of batches.
    func drop(through sequence: Int64) {
        state.withLock { state in
            guard sequence > state.droppedThrough else { return }
            state.droppedThrough = sequence
            state.generation += 1
            state.entries = state.entries.filter { $0.value.sequence > sequence }
        }
    }

    /// Changes whenever a record does.
    var generation: Int { state.withLock(\.generation) }

    fileprivate func fields(of id: String, after sequence: Int64) -> JSONObject? {
        state.withLock { state in
            guard let entry = state.entries[RecordID(id)], entry.sequence > sequence else { return nil }
            return entry.fields
        }
    }

    fileprivate func ids(after sequence: Int64) -> [String] {
        state.withLock { state in state.entries.filter { $0.value.sequence > sequence }.map(\.key.text) }
    }
}

extension LiveRecord {
    /// The values, each of the type of its column.
    fileprivate func values(_ schema: Schema) -> JSONObject {
        var values = JSONObject()
        for column in schema.columns {
            if let field = fields[column.name]?.string { values[column.name] = column.value(of: field) }
        }
        return values
    }
}

/// What a table of users or items sees of the live records: those that are in none of its snapshots.
struct LiveEntities: Sendable {
    let records: LiveRecords
    let after: Int64

    /// The values of a record, by column; `nil` when it was not put since the snapshots.
    func fields(of id: String) -> JSONObject? { records.fields(of: id, after: after) }

    /// The ids of all records.
    var ids: [String] { records.ids(after: after) }
}

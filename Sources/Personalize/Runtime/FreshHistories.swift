internal import Kernels

/// Interactions that a training did not learn from.
struct FreshTable: Sendable {
    let table: EventTable
    /// Which of them.
    let rows: [Range<Int>]
    /// Whether all of them are new; another import may hold again what the training knew.
    let isNew: Bool
}

/// What users have done since a model was trained, and what users did whom it does not know.
enum FreshHistories {
    private struct Event {
        let timestamp: Int64
        let item: UInt32
    }

    /// The latest items of those users, oldest first, by id; for a user the model knows, his earlier items come first.
    ///
    /// The tables are the snapshots that came after the training, the rules say which events count, and the index what
    /// the model knows.
    static func gather(_ tables: [FreshTable], rules: EventRules, index: ModelIndex) -> [RecordID: [UInt32]] {
        var events: [RecordID: [Event]] = [:]
        for table in tables { add(table, rules, index, to: &events) }
        return events.reduce(into: [:]) { histories, entry in
            let new = entry.value.sorted { ($0.timestamp, $0.item) < ($1.timestamp, $1.item) }.map(\.item)
            let old = index.users.code(of: entry.key.text).map { Array(index.history(user: $0)) } ?? []
            histories[entry.key] = old + new
        }
    }

    private static func add(
        _ fresh: FreshTable,
        _ rules: EventRules,
        _ index: ModelIndex,
        to events: inout [RecordID: [Event]]
    ) {
        let table = fresh.table
        let weights = rules.weights(of: table)
        let isKnown = table.userIDs.map { index.users.code(of: $0) != nil }
        let items = table.itemIDs.map { index.items.code(of: $0) }
        for row in fresh.rows.joined() where weights.map({ $0[row] > 0 }) ?? true {
            let user = Int(table.users[row])
            let timestamp = table.timestamps[row]
            let isNew = fresh.isNew || !isKnown[user] || timestamp > index.lastTimestamp
            guard isNew, let item = items[Int(table.items[row])] else { continue }
            events[RecordID(table.userIDs[user]), default: []].append(Event(timestamp: timestamp, item: item))
        }
    }
}

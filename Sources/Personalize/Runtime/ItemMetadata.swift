internal import JSON

/// What a group's Items dataset says of its items, as the runtime gives it: every value a text.
struct ItemMetadata: Sendable {
    let table: EntityTable
    private let columns: [String]

    /// The items of a dataset's snapshots, the oldest first; a later record of an item replaces an earlier one.
    init?(_ records: ServingSources.Records, in files: Files) throws {
        let snapshots = try records.snapshots.map { try Snapshot($0, in: files.data) }
        guard let table = EntityTable(.items, snapshots, live: records.live) else { return nil }
        self.table = table
        columns = records.schema.columns.map(\.name).filter { $0 != "ITEM_ID" }
    }

    /// Whether the dataset has a column.
    func hasColumn(_ name: String) -> Bool { columns.contains(name) }

    /// Some columns of an item, or all, without those that have no value; `nil` when the item is unknown.
    func row(_ id: String, columns wanted: [String]?) -> JSON? {
        guard let row = table.row(of: id) else { return nil }
        var answer = JSONObject()
        for column in wanted ?? columns {
            let value = table.value(column, at: row)
            if !value.isNull { answer[column] = .string(value.string ?? value.text) }
        }
        return .object(answer)
    }
}

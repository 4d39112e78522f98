internal import JSON
internal import Kernels

/// The records of a dataset whose records have a key (Users, Items, Actions), over all of its snapshots.
///
/// A later snapshot overrides an earlier one, and in a snapshot a later record an earlier one; records that were put
/// since the snapshots override all. Nothing is copied.
struct EntityTable: Sendable {
    /// Where a record is.
    enum Row: Sendable {
        case stored(snapshot: Int, row: Int)
        case live(JSONObject)
    }

    private let snapshots: [Snapshot]
    private let key: String
    /// What was put since the snapshots.
    let live: LiveEntities?

    /// A table of the snapshots of a dataset, the oldest first; `nil` when its records have no key.
    init?(_ type: DatasetType, _ snapshots: [Snapshot], live: LiveEntities? = nil) {
        guard let key = type.keyColumn else { return nil }
        self.key = key
        self.snapshots = snapshots
        self.live = live
    }

    /// The record of an id; `nil` when there is none.
    func row(of id: String) -> Row? {
        if let fields = live?.fields(of: id) { return .live(fields) }
        for index in snapshots.indices.reversed() {
            guard case .strings(_, let dictionary) = snapshots[index].column(key),
                let code = dictionary.code(of: id)
            else { continue }
            return .stored(snapshot: index, row: Int(snapshots[index].lastRows[Int(code)]))
        }
        return nil
    }

    /// Whether some snapshot has a column.
    func hasColumn(_ name: String) -> Bool {
        snapshots.contains { $0.column(name) != nil }
    }

    /// The value of a column of a record; `null` when it has none.
    func value(_ column: String, at row: Row) -> JSON {
        switch row {
        case .stored(let snapshot, let row): snapshots[snapshot].column(column)?.value(at: row) ?? .null
        case .live(let fields): fields[column] ?? .null
        }
    }

    /// The categories of a record, which its file joined by `|`.
    func values(_ column: String, at row: Row) -> [Substring] {
        value(column, at: row).string?.split(separator: "|") ?? []
    }

    /// The record of an id, its columns in the order asked for; those without a value are `null`.
    func record(of id: String, columns: [String]) -> JSONObject? {
        guard let row = row(of: id) else { return nil }
        return JSONObject(columns.map { ($0, value($0, at: row)) })
    }

    /// The ids, each once, in the order in which they were first imported.
    var ids: [String] {
        var ids: [String] = []
        for (index, snapshot) in snapshots.enumerated() {
            guard case .strings(_, let dictionary) = snapshot.column(key) else { continue }
            ids += dictionary.strings.filter { id in !snapshots[..<index].contains { $0.hasKey(id, in: key) } }
        }
        return ids
    }
}

extension Snapshot {
    fileprivate func hasKey(_ id: String, in column: String) -> Bool {
        guard case .strings(_, let dictionary) = self.column(column) else { return false }
        return dictionary.code(of: id) != nil
    }
}

extension SnapshotColumn {
    /// The value of a record; `null` when it has none.
    func value(at row: Int) -> JSON {
        switch self {
        case .strings(let codes, let dictionary):
            codes[row] == SnapshotNull.code ? .null : .string(dictionary[codes[row]])
        case .integers(let values): values[row] == SnapshotNull.integer ? .null : .integer(values[row])
        case .floats(let values): values[row].isNaN ? .null : .double(Self.shortest(values[row]))
        case .doubles(let values): values[row].isNaN ? .null : .double(values[row])
        case .booleans(let values): values[row] == SnapshotNull.boolean ? .null : .bool(values[row] == 1)
        }
    }

    /// The double that prints as the float does: 4.1, not 4.099999904632568.
    private static func shortest(_ value: Float) -> Double { Double(value.description) ?? Double(value) }
}

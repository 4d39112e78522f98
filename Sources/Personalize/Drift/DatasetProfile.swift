internal import JSON
internal import Kernels

/// What the records of one dataset are like: how each column is distributed, which items and users there are, and how
/// much the users do.
struct DatasetProfile: Sendable, Equatable {
    /// How many records there are; of several of one key the last counts.
    var rowCount = 0
    /// The columns, by name.
    var columns: [String: ColumnProfile] = [:]
    /// The items, of a dataset that has items.
    var items: IdentitySketch?
    /// How many users there are, of a dataset that has users; who they are is not kept.
    var userCount: Int?
    /// How many records a user has, of interactions.
    var activity: ColumnProfile?

    private static let times: Set<String> = ["TIMESTAMP", "CREATION_TIMESTAMP"]

    /// Whether the values of a column are looked at: not what names a record or another, and not moments, which move on
    /// by themselves.
    static func isCompared(_ column: String) -> Bool {
        !times.contains(column) && !["USER_ID", "ITEM_ID"].contains(column)
    }

    /// Looks at the records of a dataset, in one pass over each column.
    ///
    /// - Parameters:
    ///   - schema: The dataset's columns.
    ///   - snapshots: Its snapshots, the oldest first.
    ///   - reference: What it is to be compared with, whose bins are taken; without it the data has bins of its own.
    init(_ schema: Schema, _ snapshots: [Snapshot], inBinsOf reference: DatasetProfile? = nil) {
        let parts = ProfiledPart.all(snapshots, key: schema.datasetType.keyColumn)
        rowCount = parts.reduce(0) { $0 + $1.count }
        for column in schema.columns where Self.isCompared(column.name) {
            let values = ProfiledColumn(column, parts)
            columns[column.name] = values.profile(reference?.columns[column.name]?.bins)
        }
        items = IdentityCounts("ITEM_ID", parts)?.sketch
        let users = IdentityCounts("USER_ID", parts)
        userCount = users?.counts.count
        guard let users, schema.datasetType == .interactions else { return }
        let counts = users.counts.map(Double.init)
        var activity = ColumnProfile(reference?.activity?.bins ?? .numbers(of: counts))
        for count in counts { activity.count(count) }
        self.activity = activity
    }

    var json: JSON {
        var json: JSON = ["rows": JSON(rowCount)]
        json["columns"] = .object(JSONObject(columns.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) }))
        json["items"] = items?.json
        json["users"] = userCount.map { JSON($0) }
        json["activity"] = activity?.json
        return json
    }

    init?(_ json: JSON) {
        guard let rows = json["rows"]?.int, let columns = json["columns"]?.object else { return nil }
        rowCount = rows
        for (name, value) in columns { self.columns[name] = ColumnProfile(value) }
        items = json["items"].flatMap(IdentitySketch.init)
        userCount = json["users"]?.int
        activity = json["activity"].flatMap(ColumnProfile.init)
    }
}

/// The records of one snapshot that count.
struct ProfiledPart: Sendable {
    let snapshot: Snapshot
    /// Their rows; `nil` for all.
    let rows: [UInt32]?

    var count: Int { rows?.count ?? snapshot.rowCount }

    /// The records of a dataset: all, or where they have a key the last of each.
    static func all(_ snapshots: [Snapshot], key: String?) -> [ProfiledPart] {
        snapshots.enumerated().map { index, snapshot in
            guard let key, let (_, dictionary) = snapshot.strings(key) else {
                return ProfiledPart(snapshot: snapshot, rows: nil)
            }
            let later = snapshots[(index + 1)...].compactMap { $0.strings(key)?.dictionary }
            let rows = (0..<UInt32(dictionary.count)).compactMap { code -> UInt32? in
                let isReplaced = later.contains { other in dictionary.withBytes(of: code) { other.code(of: $0) } != nil
                }
                return isReplaced ? nil : snapshot.lastRows[Int(code)]
            }
            return ProfiledPart(snapshot: snapshot, rows: rows)
        }
    }

    /// Calls a body with the row of each record.
    func forEachRow(_ body: (Int) -> Void) {
        if let rows {
            for row in rows { body(Int(row)) }
        } else {
            for row in 0..<snapshot.rowCount { body(row) }
        }
    }
}

/// One column of a dataset, over its snapshots.
private struct ProfiledColumn {
    private let column: Schema.Column
    private let parts: [ProfiledPart]

    /// As many values as bins of numbers are made of.
    private static let sampleSize = 100_000

    init(_ column: Schema.Column, _ parts: [ProfiledPart]) {
        self.column = column
        self.parts = parts
    }

    func profile(_ bins: ColumnProfile.Bins?) -> ColumnProfile {
        switch column.type {
        case .string where column.isCategorical || column.name == "EVENT_TYPE": categories(bins)
        case .string: presence()
        case .boolean: categories(bins)
        case .long, .int, .float, .double: numbers(bins)
        }
    }

    // MARK: Categories

    private func categories(_ bins: ColumnProfile.Bins?) -> ColumnProfile {
        let (counts, nulls) = categoryCounts()
        // A column that has become another kind of thing is compared by whether it has values.
        if let bins, case .numbers = bins { return presence() }
        var profile = ColumnProfile(bins ?? .categories(of: counts))
        profile.nulls = nulls
        guard case .categories(let names) = profile.bins else { return presence() }
        for (place, name) in names.enumerated() { profile.counts[place] = counts[name] ?? 0 }
        profile.counts[names.count] = counts.values.reduce(0, +) - profile.counts.reduce(0, +)
        return profile
    }

    /// How often each category occurs; several of one record, joined by `|`, count each.
    private func categoryCounts() -> (counts: [String: Int], nulls: Int) {
        var counts: [String: Int] = [:]
        var nulls = 0
        for part in parts {
            switch part.snapshot.column(column.name) {
            case .strings(let codes, let dictionary):
                var ofCode = [Int](repeating: 0, count: dictionary.count)
                part.forEachRow { row in
                    let code = codes[row]
                    if code == SnapshotNull.code { nulls += 1 } else { ofCode[Int(code)] += 1 }
                }
                for (code, count) in ofCode.enumerated() where count > 0 {
                    for name in dictionary[UInt32(code)].split(separator: "|") {
                        counts[String(name), default: 0] += count
                    }
                }
            case .booleans(let values):
                part.forEachRow { row in
                    let value = values[row]
                    if value == SnapshotNull.boolean { nulls += 1 } else { counts["\(value == 1)", default: 0] += 1 }
                }
            default: nulls += part.count
            }
        }
        return (counts, nulls)
    }

    // MARK: Numbers

    private func numbers(_ bins: ColumnProfile.Bins?) -> ColumnProfile {
        if let bins, case .categories = bins { return presence() }
        var profile = ColumnProfile(bins ?? .numbers(of: sample()))
        guard case .numbers = profile.bins else { return presence() }
        for part in parts {
            guard let value = number(part.snapshot.column(column.name)) else {
                profile.nulls += part.count
                continue
            }
            part.forEachRow { row in
                if let value = value(row) { profile.count(value) } else { profile.nulls += 1 }
            }
        }
        return profile
    }

    /// Values at equal distances, so that the same data has the same bins.
    private func sample() -> [Double] {
        let step = max(1, parts.reduce(0) { $0 + $1.count } / Self.sampleSize)
        var sample: [Double] = []
        var place = 0
        for part in parts {
            guard let value = number(part.snapshot.column(column.name)) else { continue }
            part.forEachRow { row in
                if place % step == 0, let value = value(row) { sample.append(value) }
                place += 1
            }
        }
        return sample
    }

    private func number(_ column: SnapshotColumn?) -> ((Int) -> Double?)? {
        switch column {
        case .integers(let values): { values[$0] == SnapshotNull.integer ? nil : Double(values[$0]) }
        case .floats(let values): { values[$0].isFinite ? Double(values[$0]) : nil }
        case .doubles(let values): { values[$0].isFinite ? values[$0] : nil }
        default: nil
        }
    }

    // MARK: Presence

    private func presence() -> ColumnProfile {
        var profile = ColumnProfile(.presence)
        for part in parts {
            guard let isNull = part.snapshot.column(column.name)?.nullTest else {
                profile.nulls += part.count
                continue
            }
            part.forEachRow { row in
                if isNull(row) { profile.nulls += 1 } else { profile.counts[0] += 1 }
            }
        }
        return profile
    }
}

extension SnapshotColumn {
    /// Whether a record has no value.
    fileprivate var nullTest: (Int) -> Bool {
        switch self {
        case .strings(let codes, _): { codes[$0] == SnapshotNull.code }
        case .integers(let values): { values[$0] == SnapshotNull.integer }
        case .floats(let values): { values[$0].isNaN }
        case .doubles(let values): { values[$0].isNaN }
        case .booleans(let values): { values[$0] == SnapshotNull.boolean }
        }
    }
}

/// How many records each id of a column has.
private struct IdentityCounts {
    /// A count an id.
    let counts: [Int]
    private let hashes: [UInt64]

    /// The ids, but for most of them.
    var sketch: IdentitySketch { IdentitySketch(hashes) }

    /// The ids of a column; `nil` when no snapshot has it.
    init?(_ column: String, _ parts: [ProfiledPart]) {
        var counts: [UInt64: Int] = [:]
        var hasColumn = false
        for part in parts {
            guard let (codes, dictionary) = part.snapshot.strings(column) else { continue }
            hasColumn = true
            var ofCode = [Int](repeating: 0, count: dictionary.count)
            part.forEachRow { row in
                let code = codes[row]
                if code != SnapshotNull.code { ofCode[Int(code)] += 1 }
            }
            for (code, count) in ofCode.enumerated() where count > 0 {
                counts[dictionary.withBytes(of: UInt32(code)) { IdentitySketch.hash($0) }, default: 0] += count
            }
        }
        guard hasColumn else { return nil }
        self.counts = Array(counts.values)
        hashes = Array(counts.keys)
    }
}

internal import Kernels

/// Writes the rows of snapshots, one after another, as one new snapshot.
///
/// The new one is as an import of the same rows would write it. It says which snapshots its rows were in before, so that
/// who has learnt from those knows what is new to him.
struct SnapshotRewrite: Sendable {
    let schema: Schema
    /// Where snapshots lie.
    let directory: String
    let isCancelled: @Sendable () -> Bool

    private static let file = CSVFile(path: "", name: "rows of snapshots")
    private static let blockSize = 65_536

    /// Writes the rows of snapshots but those of some users.
    ///
    /// - Returns: The new snapshot; `nil` when no row is left.
    func run(_ sources: [DatasetSnapshot], without users: [UserList] = []) throws -> DatasetSnapshot? {
        guard var result = sources.first else { return nil }
        var assembler = try SnapshotAssembler(try layout(), files: [Self.file], faultLimit: 1, directory: directory)
        result.parts = []
        for source in sources {
            let snapshot = try Snapshot(source.name, in: directory)
            let leftOut = UserRows(snapshot, users)
            var start = 0
            for part in source.parts(nowIn: source.name) {
                let before = assembler.rowCount
                try copy(start..<start + part.rowCount, of: snapshot, leftOut, to: &assembler)
                start += part.rowCount
                let left = assembler.rowCount - before
                if left > 0 { result.parts.append(DatasetSnapshot.Part(names: part.names, rowCount: left)) }
            }
        }
        guard assembler.rowCount > 0 else { return nil }
        let outcome = try assembler.finish(warnings: [])
        (result.name, result.rowCount) = (outcome.snapshot, outcome.rowCount)
        return result
    }

    private func copy(
        _ rows: Range<Int>,
        of snapshot: Snapshot,
        _ leftOut: UserRows,
        to assembler: inout SnapshotAssembler
    ) throws {
        for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.blockSize) {
            guard !isCancelled() else { throw CancellationError() }
            let kept = (start..<min(start + Self.blockSize, rows.upperBound)).filter { !leftOut.contains($0) }
            var columns = RecordLayout.columns(of: schema)
            for index in columns.indices { columns[index].append(snapshot.column(columns[index].column.name), kept) }
            try assembler.add(
                ParsedBlock(
                    file: 0,
                    columns: columns,
                    rowCount: kept.count,
                    lineCount: kept.count,
                    faults: FaultCollector(limit: 1)
                )
            )
        }
    }

    private func layout() throws -> RecordLayout {
        var faults = FaultCollector(limit: 1)
        let header = schema.columns.map(\.name)
        guard let layout = RecordLayout(header: header, schema: schema, file: Self.file.name, faults: &faults) else {
            throw ImportError(faults: faults.faults, count: faults.count)
        }
        return layout
    }
}

/// Users as a snapshot with the one column USER_ID lists them.
struct UserList: Sendable {
    let ids: StringDictionary

    /// The schema of the file that lists them.
    static let schema = Schema(
        datasetType: .interactions,
        columns: [
            Schema.Column(name: "USER_ID", type: .string, isNullable: false, isCategorical: false, isTextual: false)
        ]
    )

    /// Opens a list.
    init(_ name: String, in directory: String) throws {
        guard let column = try Snapshot(name, in: directory).strings("USER_ID") else {
            throw TrainingRefusal("snapshot \"\(directory)/\(name)\" lists no users")
        }
        ids = column.dictionary
    }

    /// The codes that the users have in a snapshot's table of ids.
    func codes(in dictionary: StringDictionary) -> Set<UInt32> {
        (0..<UInt32(ids.count)).reduce(into: []) { codes, code in
            if let other = ids.withBytes(of: code, { dictionary.code(of: $0) }) { codes.insert(other) }
        }
    }
}

/// The rows of a snapshot that are about some users.
struct UserRows {
    private let users: MappedArray<UInt32>?
    private let codes: Set<UInt32>

    init(_ snapshot: Snapshot, _ lists: [UserList]) {
        let column = lists.isEmpty ? nil : snapshot.strings("USER_ID")
        users = column?.codes
        codes = column.map { column in lists.reduce(into: []) { $0.formUnion($1.codes(in: column.dictionary)) } } ?? []
    }

    /// Whether there are none.
    var isEmpty: Bool { codes.isEmpty }

    func contains(_ row: Int) -> Bool {
        guard !codes.isEmpty, let users else { return false }
        return codes.contains(users[row])
    }
}

extension DatasetSnapshot {
    /// Some rows of a snapshot that was written from others.
    public struct Part: Sendable, Equatable {
        /// The snapshots that held them before, the oldest first.
        public var names: [String]
        /// How many they are.
        public var rowCount: Int

        /// Rows and where they were.
        public init(names: [String], rowCount: Int) {
            self.names = names
            self.rowCount = rowCount
        }
    }

    /// All rows in parts, each with one more name under which it was known.
    func parts(nowIn name: String) -> [Part] {
        guard !parts.isEmpty else { return [Part(names: [name], rowCount: rowCount)] }
        return parts.map { Part(names: $0.names + [name], rowCount: $0.rowCount) }
    }

    /// The rows that were in none of some snapshots.
    func rows(notIn names: Set<String>) -> [Range<Int>] {
        guard !names.contains(name) else { return [] }
        guard !parts.isEmpty else { return [0..<rowCount] }
        var start = 0
        var rows: [Range<Int>] = []
        for part in parts {
            if names.isDisjoint(with: part.names) { rows.append(start..<start + part.rowCount) }
            start += part.rowCount
        }
        return rows
    }
}

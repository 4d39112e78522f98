internal import DurableFiles
internal import Kernels

/// Writes the records of a dataset as one CSV file, from the snapshots as they lie; memory does not grow with them.
///
/// Records of all snapshots come in the order in which they were imported and put. Where imported and put records of a
/// dataset with a key are written together, of each id only the newest is, so that reading the file again gives the
/// dataset as it is.
struct DatasetExport: Sendable {
    /// Which records are written, by how they came.
    enum Mode: String, Sendable {
        case bulk = "BULK"
        case put = "PUT"
        case all = "ALL"

        func includes(_ source: DatasetSnapshot.Source) -> Bool { self == .all || rawValue == source.rawValue }
    }

    let schema: Schema
    /// All snapshots of the dataset, the oldest first.
    let snapshots: [DatasetSnapshot]
    let mode: Mode
    /// Where the snapshots lie.
    let directory: String
    let progress: @Sendable (JobProgress) -> Void
    let isCancelled: @Sendable () -> Bool
    /// How much the records of a snapshot count; those that count nothing are left out, none where it says nothing.
    var weights: @Sendable (Snapshot) throws -> [Float]? = { _ in nil }

    /// How many rows are written at a time.
    private static let blockSize = 8192

    /// Writes the file; there is none until it is whole.
    ///
    /// - Returns: How many records it has.
    func run(to path: String) throws -> Int {
        try write(snapshots.filter { mode.includes($0.source) }.map { try Snapshot($0.name, in: directory) }, to: path)
    }

    /// Writes the records of some snapshots, the oldest first; there is no file until it is whole.
    ///
    /// - Returns: How many records it has.
    func write(_ chosen: [Snapshot], to path: String) throws -> Int {
        try AtomicFile.removeLeftovers(of: path)
        var file = try AtomicFile(at: path)
        var records = CSVRecords()
        records.appendHeader(schema)
        var count = 0
        for (index, snapshot) in chosen.enumerated() {
            let columns = schema.columns.map { snapshot.column($0.name) }
            let weights = try weights(snapshot)
            let outdated = OutdatedRows(snapshot, by: chosen[(index + 1)...], schema, isAsked: mode == .all)
            for start in stride(from: 0, to: snapshot.rowCount, by: Self.blockSize) {
                for row in start..<min(start + Self.blockSize, snapshot.rowCount) where !outdated.contains(row) {
                    if let weights, weights[row] <= 0 { continue }
                    records.append(columns, row: row)
                    count += 1
                }
                try file.write(records.take())
                try report(count, index, chosen)
            }
        }
        try file.write(records.take())
        try file.commit()
        return count
    }

    private func report(_ rows: Int, _ index: Int, _ chosen: [Snapshot]) throws {
        guard !isCancelled() else { throw CancellationError() }
        progress(JobProgress(stage: "EXPORTING", share: Double(index) / Double(chosen.count), rows: rows))
    }
}

/// The rows of a snapshot whose records were replaced by a later one of the same id.
private struct OutdatedRows {
    private let keys: SnapshotColumn?
    private let snapshot: Snapshot
    /// Whether a later snapshot has a record of the id, by its code.
    private var isReplaced: [Bool] = []

    /// The rows that later snapshots, or later rows, replace; none where it is not asked or the dataset has no key.
    init(_ snapshot: Snapshot, by later: ArraySlice<Snapshot>, _ schema: Schema, isAsked: Bool) {
        self.snapshot = snapshot
        guard isAsked, let key = schema.datasetType.keyColumn else {
            keys = nil
            return
        }
        keys = snapshot.column(key)
        guard case .strings(_, let dictionary) = keys else { return }
        let tables = later.compactMap { $0.strings(key)?.dictionary }
        isReplaced = (0..<UInt32(dictionary.count)).map { code in
            dictionary.withBytes(of: code) { id in tables.contains { $0.code(of: id) != nil } }
        }
    }

    func contains(_ row: Int) -> Bool {
        guard case .strings(let codes, _) = keys else { return false }
        let code = Int(codes[row])
        return isReplaced[code] || Int(snapshot.lastRows[code]) != row
    }
}

internal import JSON

/// How the fields of a record map to the columns of a schema, by the header that the files share.
struct RecordLayout: Sendable {
    /// The header's names, in order.
    let header: [String]
    /// For each field of a record, the schema's column it belongs to; `nil` where it is to be skipped.
    let targets: [Int?]
    let schema: Schema

    /// What is odd about the header but does no harm.
    private(set) var warnings: [String] = []

    /// Maps a header to a schema; all that is wrong with it goes to the collector, and the result is then `nil`.
    init?(header: [String], schema: Schema, file: String, faults: inout FaultCollector) {
        self.header = header
        self.schema = schema
        targets = header.map { name in schema.columns.firstIndex { $0.name == name } }
        let before = faults.count
        Self.checkMissing(header, schema, file, &faults)
        Self.checkRepeated(header, schema, file, &faults)
        guard faults.count == before else { return nil }
        warn(file)
    }

    /// Empty columns, one for each of the schema.
    func makeColumns() -> [ColumnBuilder] { Self.columns(of: schema) }

    /// Empty columns, one for each of a schema.
    static func columns(of schema: Schema) -> [ColumnBuilder] {
        schema.columns.map { ColumnBuilder($0, isID: isID($0.name)) }
    }

    private static func isID(_ name: String) -> Bool {
        ["USER_ID", "ITEM_ID", "ACTION_ID", "EVENT_TYPE", "RECOMMENDATION_ID"].contains(name)
    }

    private static func checkMissing(
        _ header: [String],
        _ schema: Schema,
        _ file: String,
        _ faults: inout FaultCollector
    ) {
        let missing = schema.columns.map(\.name).filter { !header.contains($0) }
        guard !missing.isEmpty else { return }
        let known = header.filter { schema.column($0) == nil }
        let hints = missing.compactMap { name in NearestName.find(name, among: known).map { "\"\($0)\" for \(name)" } }
        let hint = hints.isEmpty ? "" : "; the header has \(hints.joined(separator: ", "))"
        let list = missing.joined(separator: ", ")
        faults.add(ImportFault(file: file, line: 1, "Input CSV is missing the following columns:[\(list)]\(hint)"))
    }

    private static func checkRepeated(
        _ header: [String],
        _ schema: Schema,
        _ file: String,
        _ faults: inout FaultCollector
    ) {
        for column in schema.columns where header.count(where: { $0 == column.name }) > 1 {
            faults.add(ImportFault(file: file, line: 1, column: column.name, "the header names this column twice"))
        }
    }

    private mutating func warn(_ file: String) {
        let extra = header.filter { schema.column($0) == nil }
        if !extra.isEmpty {
            let names = extra.map { "\"\($0)\"" }.joined(separator: ", ")
            warnings.append("\(file), line 1: columns that are not in the schema are ignored: \(names)")
        }
        let order = targets.compactMap(\.self)
        if order != order.sorted() {
            let wanted = schema.columns.map(\.name).joined(separator: ",")
            warnings.append("\(file), line 1: the columns are not in the schema's order, \(wanted)")
        }
    }
}

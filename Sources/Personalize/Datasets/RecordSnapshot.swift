internal import JSON

/// Writes records that were put one by one as a snapshot, as an import would write a file of them.
enum RecordSnapshot {
    private static let source = CSVFile(path: "", name: "records put one by one")

    /// Writes the records of batches, in their order.
    static func write(_ batches: [LiveBatch], schema: Schema, to directory: String) throws -> DatasetSnapshot {
        var faults = FaultCollector(limit: 20)
        let header = schema.columns.map(\.name)
        guard let layout = RecordLayout(header: header, schema: schema, file: source.name, faults: &faults) else {
            throw ImportError(faults: faults.faults, count: faults.count)
        }
        let users = SessionUsers(batches)
        var block = RecordBlock(layout)
        for record in batches.lazy.flatMap(\.records) { block.add(users.resolved(record)) }
        var assembler = try SnapshotAssembler(layout, files: [source], faultLimit: 20, directory: directory)
        try assembler.add(block.parsed)
        let outcome = try assembler.finish(warnings: [])
        return DatasetSnapshot(
            name: outcome.snapshot,
            rowCount: outcome.rowCount,
            source: .put,
            importJobArn: nil
        )
    }
}

/// Columns that are filled record by record.
private struct RecordBlock {
    private var columns: [ColumnBuilder]
    private var rowCount = 0
    private var faults = FaultCollector(limit: 20)

    init(_ layout: RecordLayout) { columns = layout.makeColumns() }

    var parsed: ParsedBlock {
        ParsedBlock(file: 0, columns: columns, rowCount: rowCount, lineCount: rowCount, faults: faults)
    }

    /// Each record was checked when it came; what the schema has come to refuse since then is a fault of the snapshot.
    mutating func add(_ fields: JSONObject) {
        rowCount += 1
        for index in columns.indices {
            let column = columns[index].column
            var text = fields[column.name]?.string ?? ""
            let fault = text.withUTF8 { utf8 in
                let span = unsafe utf8.span
                return columns[index].append(span).map { $0.message(span, column) }
            }
            if let fault { faults.add(ImportFault(line: rowCount, column: column.name, fault)) }
        }
    }
}

/// Who turned out to be the user of sessions that began without one.
struct SessionUsers {
    private var users: [RecordID: String] = [:]

    init(_ batches: [LiveBatch]) {
        for record in batches.lazy.flatMap(\.records) {
            guard let session = record.session, let user = record.fields["USER_ID"]?.string, user != session else {
                continue
            }
            users[RecordID(session)] = user
        }
    }

    /// The record's fields, with the user of its session where it has none of its own.
    func resolved(_ record: LiveRecord) -> JSONObject {
        guard let session = record.session, let user = users[RecordID(session)],
            record.fields["USER_ID"]?.string == session
        else { return record.fields }
        var fields = record.fields
        fields["USER_ID"] = .string(user)
        return fields
    }
}

internal import DurableFiles

/// Puts the columns of parsed blocks together, in order, and writes them as a snapshot.
///
/// Distinct strings are kept in memory, values in a scratch file. Codes are given in the order in which strings first
/// occur in the files, so they do not depend on the blocks.
struct SnapshotAssembler: ~Copyable, Sendable {
    /// How many records have been taken in.
    private(set) var rowCount = 0
    private var faults: FaultCollector
    private let schema: Schema
    private let files: [CSVFile]
    private let directory: String
    private let keyColumn: Int?
    private var scratch: ScratchFile
    private var dictionaries: [DictionaryBuilder]
    /// Where the values of each column lie in the scratch file, block after block.
    private var chunks: [[Range<Int>]]
    /// The last row of each code of the key column.
    private var lastRows: [UInt32] = []
    private var file = 0
    private var counts: [FileCount]
    /// How many lines of the file come before the next block; the header is one.
    private var linesBefore = 1

    init(_ layout: RecordLayout, files: [CSVFile], faultLimit: Int, directory: String) throws(FileError) {
        schema = layout.schema
        self.files = files
        self.directory = directory
        faults = FaultCollector(limit: faultLimit)
        keyColumn = schema.columns.firstIndex { $0.name == layout.schema.datasetType.keyColumn }
        counts = files.map { _ in FileCount() }
        scratch = try ScratchFile(in: directory)
        dictionaries = schema.columns.map { _ in DictionaryBuilder() }
        chunks = schema.columns.map { _ in [] }
    }

    /// Takes in the next block.
    mutating func add(_ block: ParsedBlock) throws(FileError) {
        if block.file != file { (file, linesBefore) = (block.file, 1) }
        faults.add(block.faults, file: files[file].name, linesBefore: linesBefore)
        linesBefore += block.lineCount
        rowCount += block.rowCount
        counts[file].rows += block.rowCount
        counts[file].lines += block.lineCount
        guard faults.count == 0, block.rowCount > 0 else { return }
        for (index, column) in block.columns.enumerated() { try add(column, at: index, block.rowCount) }
    }

    private mutating func add(_ column: ColumnBuilder, at index: Int, _ count: Int) throws(FileError) {
        guard column.column.type == .string else { return try append(column, at: index) }
        var column = column
        column.recode(dictionaries[index].codes(ofEntriesOf: column.dictionary))
        if index == keyColumn { noteRows(column.codes, from: rowCount - count) }
        try append(column, at: index)
    }

    private mutating func noteRows(_ codes: [UInt32], from first: Int) {
        precondition(rowCount <= Int(UInt32.max), "a dataset with keys holds more than four thousand million rows")
        for (row, code) in codes.enumerated() {
            while lastRows.count <= Int(code) { lastRows.append(0) }
            lastRows[Int(code)] = UInt32(first + row)
        }
    }

    private mutating func append(_ column: ColumnBuilder, at index: Int) throws(FileError) {
        let start: Int
        switch column.column.type {
        case .string: start = try scratch.append(unsafe column.codes.span.bytes)
        case .long, .int: start = try scratch.append(unsafe column.integers.span.bytes)
        case .float: start = try scratch.append(unsafe column.floats.span.bytes)
        case .double: start = try scratch.append(unsafe column.doubles.span.bytes)
        case .boolean: start = try scratch.append(unsafe column.booleans.span.bytes)
        }
        chunks[index].append(start..<scratch.count)
    }
}

// MARK: - Writing

extension SnapshotAssembler {
    /// Writes the snapshot, unless there were faults or there was nothing.
    mutating func finish(warnings: [String]) throws -> DatasetImport.Outcome {
        try faults.throwIfAny()
        guard rowCount > 0 else { throw ImportError(fault: emptyFault) }
        let plan = SectionPlan(schema, rowCount: rowCount, dictionaries: dictionaries, lastRows: lastRows.count)
        var file = try HashedFile(in: directory)
        try file.write(plan.header.encoded(sectionsLength: plan.length))
        for index in schema.columns.indices { try write(index, plan.header.columns[index], to: &file) }
        let name = try file.commit()
        return DatasetImport.Outcome(snapshot: name, rowCount: rowCount, warnings: warnings)
    }

    /// What has been read of each file.
    func files(as digests: [FileDigest]) -> [ImportedFile] {
        zip(files, zip(digests, counts)).map { file, facts in
            ImportedFile(
                name: file.name,
                hash: facts.0.hash,
                byteCount: facts.0.byteCount,
                rowCount: facts.1.rows,
                lastLine: 1 + facts.1.lines
            )
        }
    }

    private var emptyFault: String {
        let names = files.map { "\"\($0.name)\"" }.joined(separator: ", ")
        return files.count == 1 ? "\(names) has a header but no rows" : "no file has any rows: \(names)"
    }

    private func write(_ index: Int, _ column: SnapshotHeader.Column, to file: inout HashedFile) throws(FileError) {
        var buffer: [UInt8] = []
        for chunk in chunks[index] {
            try scratch.read(chunk, into: &buffer)
            try file.write(buffer)
        }
        try file.pad()
        guard column.offsets != nil else { return }
        try file.writeSection(dictionaries[index].offsets.map { UInt64($0).littleEndian })
        try file.writeSection(dictionaries[index].bytes)
        try file.writeSection(dictionaries[index].index())
        if column.lastRows != nil { try file.writeSection(lastRows) }
    }
}

/// Where the sections of a snapshot go.
private struct SectionPlan {
    private(set) var header: SnapshotHeader
    /// The bytes of all sections.
    private(set) var length = 0

    init(_ schema: Schema, rowCount: Int, dictionaries: [DictionaryBuilder], lastRows: Int) {
        header = SnapshotHeader(
            datasetType: schema.datasetType,
            schema: schema.fingerprint,
            rowCount: rowCount,
            columns: []
        )
        for (column, dictionary) in zip(schema.columns, dictionaries) {
            var placed = SnapshotHeader.Column(
                name: column.name,
                type: column.type,
                values: section(rowCount, of: column.type.stride)
            )
            if column.type == .string {
                placed.offsets = section(dictionary.offsets.count, of: 8)
                placed.bytes = section(dictionary.bytes.count, of: 1)
                placed.index = section(dictionary.index().count, of: 4)
                if column.name == schema.datasetType.keyColumn { placed.lastRows = section(lastRows, of: 4) }
            }
            header.columns.append(placed)
        }
    }

    private mutating func section(_ count: Int, of stride: Int) -> SnapshotHeader.Section {
        defer { length = SnapshotHeader.aligned(length + count * stride) }
        return SnapshotHeader.Section(offset: length, count: count)
    }
}

extension Schema.ColumnType {
    /// The bytes of a value in a snapshot.
    fileprivate var stride: Int {
        switch self {
        case .string, .float: 4
        case .long, .int, .double: 8
        case .boolean: 1
        }
    }
}

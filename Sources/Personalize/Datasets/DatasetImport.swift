internal import DurableFiles
internal import Kernels
internal import Synchronization

/// Reads the CSV files of a folder as one import and writes a snapshot.
///
/// The files are read in a stream: memory grows with the number of distinct strings, not with the files. Blocks are
/// parsed on several threads and put together in their order, so the snapshot is the same for any number of threads.
/// An import that fails leaves nothing behind.
///
/// ```swift
/// let files = paths.map { CSVFile(path: $0) }
/// let snapshot = try DatasetImport(schema: schema, files: files).run(into: directory)
/// ```
public struct DatasetImport: Sendable {
    /// How much of everything.
    public struct Limits: Sendable, Hashable {
        /// How many faults an error lists; all are counted.
        public var faults = 20
        /// How many threads parse.
        public var threads = 2
        /// How many bytes a thread parses at a time.
        public var blockSize = 1 << 18
        /// The most bytes of one record, or about: beyond it a quote counts as never closed.
        public var recordLength = 1 << 23

        /// 20 faults, 2 threads, blocks of 256 KiB, records of 8 MiB.
        public init() {}
    }

    /// How far an import is.
    public struct Progress: Sendable, Hashable {
        /// How many bytes have been read.
        public let bytesRead: Int
        /// How many bytes the files have.
        public let totalBytes: Int
        /// How many records have been taken in.
        public let rowCount: Int
    }

    /// What came of an import.
    public struct Outcome: Sendable, Hashable {
        /// The name of the snapshot's file: the SHA-256 of its bytes in hexadecimal.
        public let snapshot: String
        /// How many records it holds.
        public let rowCount: Int
        /// What was odd about the files but did no harm.
        public let warnings: [String]
        /// The files, in the order in which they were read.
        public internal(set) var files: [ImportedFile] = []
    }

    /// The columns to read.
    public let schema: Schema
    /// The files, by name.
    public let files: [CSVFile]
    /// What headers call a column, where that is not its name in the schema.
    public var columnNames: [String: String] = [:]
    private let limits: Limits

    /// An import that has not begun.
    ///
    /// - Parameters:
    ///   - schema: The columns to read.
    ///   - files: The files of the folder, in any order.
    ///   - limits: How much of everything.
    public init(schema: Schema, files: [CSVFile], limits: Limits = Limits()) {
        self.schema = schema
        self.files = files.sorted { $0.name == $1.name ? $0.path < $1.path : $0.name < $1.name }
        self.limits = limits
    }

    /// Reads the files and writes the snapshot, on the calling thread and those that help it parse.
    ///
    /// - Parameters:
    ///   - directory: Where the snapshot is to lie; it must exist.
    ///   - progress: Called every few blocks, on the calling thread.
    ///   - isCancelled: Asked every few blocks; `true` ends the import.
    /// - Returns: The snapshot's name and what was odd.
    /// - Throws: `ImportError` for what is wrong with the data, `FileError` when a file cannot be read or written,
    ///   `CancellationError` when cancelled. Nothing is left behind then.
    public func run(
        into directory: String,
        progress: (Progress) -> Void = { _ in },
        isCancelled: () -> Bool = { false }
    ) throws -> Outcome {
        var headers = HeaderReader(files: files, schema: schema, columnNames: columnNames, faultLimit: limits.faults)
        let layout = try headers.read()
        let source = BlockSource(files, headerLengths: headers.lengths, limits: limits)
        let assembler = try SnapshotAssembler(layout, files: files, faultLimit: limits.faults, directory: directory)
        let line = AssemblyLine(source: source, assembler: assembler)
        try parse(line, layout) { bytesRead, rowCount in
            progress(Progress(bytesRead: bytesRead, totalBytes: headers.totalBytes, rowCount: rowCount))
            if isCancelled() { throw CancellationError() }
        }
        return try line.finish(warnings: layout.warnings)
    }

    /// Goes round by round: while a round's blocks are parsed, the results of the one before are put together and
    /// the blocks of the one after are read.
    private func parse(_ line: AssemblyLine, _ layout: RecordLayout, report: (Int, Int) throws -> Void) throws {
        let faultLimit = limits.faults
        let roundSize = limits.threads * 4
        var blocks = try line.read(roundSize)
        var parsed: [ParsedBlock] = []
        while !blocks.isEmpty || !parsed.isEmpty {
            let round = (blocks: blocks, parsed: parsed)
            let steps = try Parallel.mapBlocks(count: blocks.count + 1, blockSize: 1, threads: limits.threads) { step in
                if step.lowerBound == 0 {
                    try line.add(round.parsed)
                    return Step.read(try line.read(roundSize))
                }
                return Step.parsed(ParsedBlock(round.blocks[step.lowerBound - 1], layout, faultLimit: faultLimit))
            }
            (blocks, parsed) = Step.split(steps)
            try line.withCounts(report)
        }
    }
}

/// What one step of a round came to.
private enum Step: Sendable {
    case read([CSVBlock])
    case parsed(ParsedBlock)

    static func split(_ steps: [Step]) -> ([CSVBlock], [ParsedBlock]) {
        var blocks: [CSVBlock] = []
        var parsed: [ParsedBlock] = []
        for step in steps {
            switch step {
            case .read(let next): blocks = next
            case .parsed(let block): parsed.append(block)
            }
        }
        return (blocks, parsed)
    }
}

/// The columns of one block, and its faults.
struct ParsedBlock: Sendable {
    let file: Int
    let columns: [ColumnBuilder]
    let rowCount: Int
    let lineCount: Int
    let faults: FaultCollector

    init(file: Int, columns: [ColumnBuilder], rowCount: Int, lineCount: Int, faults: FaultCollector) {
        self.file = file
        self.columns = columns
        self.rowCount = rowCount
        self.lineCount = lineCount
        self.faults = faults
    }

    init(_ block: CSVBlock, _ layout: RecordLayout, faultLimit: Int) {
        file = block.file
        var parser = BlockParser(layout, faultLimit: faultLimit)
        if block.fault == nil { parser.parse(block.bytes.span) }
        columns = parser.columns
        rowCount = parser.rowCount
        lineCount = parser.lineCount
        var faults = parser.faults
        if let fault = block.fault { faults.add(ImportFault(line: 1, fault)) }
        self.faults = faults
    }
}

/// Where blocks come from and where they go; one thread at a time uses it.
private final class AssemblyLine: Sendable {
    private struct Ends: ~Copyable, Sendable {
        var source: BlockSource
        var assembler: SnapshotAssembler
    }

    private let ends: Mutex<Ends>

    init(source: consuming sending BlockSource, assembler: consuming sending SnapshotAssembler) {
        ends = Mutex(Ends(source: source, assembler: assembler))
    }

    func read(_ count: Int) throws -> [CSVBlock] {
        try ends.withLock { ends in
            var blocks: [CSVBlock] = []
            while blocks.count < count, let block = try ends.source.next() { blocks.append(block) }
            return blocks
        }
    }

    func add(_ blocks: [ParsedBlock]) throws {
        try ends.withLock { ends in
            for block in blocks { try ends.assembler.add(block) }
        }
    }

    func withCounts(_ body: (_ bytesRead: Int, _ rowCount: Int) throws -> Void) throws {
        let counts = ends.withLock { ($0.source.bytesRead, $0.assembler.rowCount) }
        try body(counts.0, counts.1)
    }

    func finish(warnings: [String]) throws -> DatasetImport.Outcome {
        try ends.withLock { ends in
            var outcome = try ends.assembler.finish(warnings: warnings)
            outcome.files = ends.assembler.files(as: ends.source.digests)
            return outcome
        }
    }
}

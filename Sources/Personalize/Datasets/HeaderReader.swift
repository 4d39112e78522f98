internal import DurableFiles

/// Reads the header rows of the files of an import, which must all be the same.
struct HeaderReader {
    let files: [CSVFile]
    let schema: Schema
    /// What headers call a column, where that is not its name in the schema.
    let columnNames: [String: String]
    private(set) var faults: FaultCollector
    /// The bytes of each file before its first record.
    private(set) var lengths: [Int] = []
    /// The bytes of all files.
    private(set) var totalBytes = 0
    private var first: (names: [String], file: String)?

    /// Headers longer than this are none.
    private static let maximumLength = 1 << 16

    init(files: [CSVFile], schema: Schema, columnNames: [String: String] = [:], faultLimit: Int) {
        self.files = files
        self.schema = schema
        self.columnNames = columnNames
        faults = FaultCollector(limit: faultLimit)
    }

    /// The layout of all records; throws what is wrong with any header.
    mutating func read() throws -> RecordLayout {
        var layout: RecordLayout?
        for file in files {
            guard let names = try readHeader(of: file) else { continue }
            if let first {
                compare(names, with: first, in: file)
            } else {
                first = (names, file.name)
                layout = RecordLayout(header: names, schema: schema, file: file.name, faults: &faults)
            }
        }
        try faults.throwIfAny()
        guard let layout else { throw ImportError(fault: "Invalid Data location. There are no CSV files in it.") }
        return layout
    }

    private mutating func readHeader(of file: CSVFile) throws(FileError) -> [String]? {
        var reader = try FileReader(file.path)
        var bytes: [UInt8] = []
        _ = try reader.read(appendingTo: &bytes, count: Self.maximumLength)
        totalBytes += reader.length
        let start = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
        guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? Self.wholeFile(bytes) else {
            fault(file, "the header row is longer than \(Self.maximumLength) bytes")
            return nil
        }
        lengths.append(min(end + 1, bytes.count))
        return names(Array(bytes[start..<end]), file)
    }

    /// The end of a file that has no line end.
    private static func wholeFile(_ bytes: [UInt8]) -> Int? {
        bytes.count < maximumLength ? bytes.count : nil
    }

    private mutating func names(_ bytes: [UInt8], _ file: CSVFile) -> [String]? {
        guard let line = String(validating: bytes, as: UTF8.self) else {
            fault(file, "the header row is not valid UTF-8; save the file in that encoding")
            return nil
        }
        let text = line.hasSuffix("\r") ? String(line.dropLast()) : line
        guard !text.allSatisfy(\.isWhitespace) else {
            fault(file, "the file has no header row; the first line must name the columns")
            return nil
        }
        return text.split(separator: ",", omittingEmptySubsequences: false).map { name in
            let name = Self.unquoted(name)
            return columnNames[name] ?? name
        }
    }

    private static func unquoted(_ name: Substring) -> String {
        let isQuoted = name.count >= 2 && name.hasPrefix("\"") && name.hasSuffix("\"")
        return String(isQuoted ? name.dropFirst().dropLast() : name)
    }

    private mutating func compare(_ names: [String], with first: (names: [String], file: String), in file: CSVFile) {
        guard names != first.names else { return }
        let (here, there) = (names.joined(separator: ","), first.names.joined(separator: ","))
        fault(
            file,
            "the header \"\(here)\" differs from \"\(there)\" of \(first.file); all files of a folder must agree"
        )
    }

    private mutating func fault(_ file: CSVFile, _ message: String) {
        faults.add(ImportFault(file: file.name, line: 1, message))
    }
}

internal import Bucket
internal import FoundationEssentials
internal import JSON
internal import Personalize

/// Looks through the CSV files of a configuration before anything is imported: what the import would refuse, and what it
/// would take although nobody learns from it.
///
/// Memory is bounded: rows are told apart by hashes, of which only so many are held at a time; where there are more, the
/// files are read several times, each time for another share of the hashes, so that the result is the same.
public struct DataCheck: Sendable {
    /// A dataset and its files.
    struct Source: Sendable {
        let type: String
        let schema: Schema
        let files: [(name: String, path: String)]
    }

    private let sources: [Source]
    private let budget: Int

    /// About how many hashes are held at a time unless said otherwise: some hundred megabytes.
    public static let standardBudget = 4_000_000

    init(_ sources: [Source], budget: Int) {
        self.sources = sources
        self.budget = max(budget, 1)
    }

    /// A check of the data beside a configuration.
    ///
    /// - Parameters:
    ///   - configuration: What the file says.
    ///   - path: Where the file lies.
    ///   - budget: About how many hashes are held at a time.
    /// - Throws: `BucketError` or `SchemaError` when the data cannot be found or understood.
    public init(
        of configuration: PipelineConfiguration,
        at path: String,
        budget: Int = DataCheck.standardBudget
    ) throws {
        let (root, key) = Self.parted(path)
        let bucket = try Bucket(name: "here", root: root)
        let run = PipelineRun(bucket: "here", key: key, date: Date(timeIntervalSince1970: 0), suffix: "", mode: .full)
        let locations = DataLocations(
            buckets: BucketDirectory([bucket]),
            run: run,
            configuration: configuration
        )
        let domain = configuration.datasetGroup["domain"]?.string
        let sources = try configuration.datasets.map { dataset in
            Source(
                type: dataset.type,
                schema: try Schema(dataset.schema, domain: (dataset.schemaDomain ?? domain).flatMap(Domain.init)),
                files: try locations.data(of: dataset.type).objects.map { ($0.key, try bucket.path(of: $0.key)) }
            )
        }
        self.init(sources, budget: budget)
    }

    /// The bucket that a file would lie in: what is above `train`, or its own folder.
    private static func parted(_ path: String) -> (root: String, key: String) {
        var parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let index = parts.lastIndex(of: "train") ?? parts.count - 1
        let key = parts[index...].joined(separator: "/")
        parts.removeSubrange(index...)
        let root = parts.joined(separator: "/")
        return (root.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : root, key)
    }

    /// Reads the files.
    ///
    /// - Returns: A report a file, in the order of the datasets.
    /// - Throws: When a file cannot be read.
    public func run() throws -> [DataReport] {
        var scans = sources.flatMap { source in source.files.map { FileScan(source, $0.name, $0.path) } }
        let shares = try shareCount()
        for share in 0..<shares {
            var known = KnownIDs(share: UInt64(share), shares: UInt64(shares))
            known.hasCatalogue = scans.contains { $0.source.type == "Items" }
            known.hasUsers = scans.contains { $0.source.type == "Users" }
            // The catalogue before what refers to it, and users after those who did something.
            for type in ["Items", "Interactions", "Users"] {
                var rows: Set<UInt64> = []
                for index in scans.indices where scans[index].source.type == type {
                    try scans[index].scan(isFirst: share == 0, &known, &rows)
                }
            }
        }
        return scans.map { $0.finished() }
    }

    /// How many times the files are read, by their size and the length of their first lines.
    private func shareCount() throws -> Int {
        var rows = 0
        for path in sources.flatMap(\.files).map(\.path) {
            let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
            guard var reader = CSVRows(path: path), size > 0 else { continue }
            var (count, bytes) = (0, 0)
            while count < 100, let row = try reader.next() {
                count += 1
                bytes += row.fields.reduce(0) { $0 + $1.count + 1 }
            }
            rows += size * count / max(bytes, 1)
        }
        return rows / budget + 1
    }
}

/// The ids of one share that have been met.
struct KnownIDs {
    let share: UInt64
    let shares: UInt64
    var hasCatalogue = false
    var hasUsers = false
    var items: Set<UInt64> = []
    var users: Set<UInt64> = []

    func isMine(_ hash: UInt64) -> Bool { hash % shares == share }
}

/// A count of rows and the lines of the first of them.
private struct Places {
    var count = 0
    var lines: [Int] = []

    /// Lines come in their order but for those of another share of the hashes.
    mutating func add(_ line: Int) {
        count += 1
        let place = lines.firstIndex { $0 > line } ?? lines.count
        lines.insert(line, at: place)
        if lines.count > 5 { lines.removeLast() }
    }
}

/// What is being found out about one file.
private struct FileScan {
    let source: DataCheck.Source
    private let path: String
    private var report: DataReport
    private var nulls: [Places]
    private var malformed: [(places: Places, example: String)]
    private var wrongCount = Places()
    private var disorder = Places()
    private var milliseconds = Places()
    private var duplicates = Places()
    private var unknown = Places()
    private var idle = Places()
    private var headerFindings: [DataReport.Finding] = []

    init(_ source: DataCheck.Source, _ name: String, _ path: String) {
        self.source = source
        self.path = path
        report = DataReport(file: name, type: source.type)
        report.columns = source.schema.columns.map { DataReport.Column(name: $0.name) }
        nulls = source.schema.columns.map { _ in Places() }
        malformed = source.schema.columns.map { _ in (Places(), "") }
    }

    mutating func scan(isFirst: Bool, _ known: inout KnownIDs, _ rows: inout Set<UInt64>) throws {
        guard var reader = CSVRows(path: path), let header = try reader.next() else { return }
        let names = header.fields.map { String(decoding: $0, as: UTF8.self) }
        let places = source.schema.columns.map { column in names.firstIndex(of: column.name) }
        if isFirst { check(names) }
        let id = names.firstIndex(of: source.type == "Users" ? "USER_ID" : "ITEM_ID")
        let user = names.firstIndex(of: "USER_ID")
        let time = names.firstIndex(of: "TIMESTAMP")
        var last = Int64.min
        while let row = try reader.next() {
            if isFirst { note(row, names.count, places, time, &last) }
            let key = source.type == "Interactions" ? Self.hash(row.fields) : Self.hash(row.fields, id)
            if known.isMine(key), !rows.insert(key).inserted { duplicates.add(row.line) }
            relate(row, id: id, user: user, &known)
        }
    }

    private mutating func relate(_ row: CSVRows.Row, id: Int?, user: Int?, _ known: inout KnownIDs) {
        let hash = Self.hash(row.fields, id)
        switch source.type {
        case "Items": if known.isMine(hash) { known.items.insert(hash) }
        case "Users": if known.isMine(hash), !known.users.contains(hash) { idle.add(row.line) }
        default:
            if known.hasCatalogue, known.isMine(hash), !known.items.contains(hash) { unknown.add(row.line) }
            let user = Self.hash(row.fields, user)
            if known.hasUsers, known.isMine(user) { known.users.insert(user) }
        }
    }

    /// FNV-1a over the fields, or over one of them; 64 bits tell rows apart.
    private static func hash(_ fields: [[UInt8]], _ index: Int? = nil) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        let range = index.map { $0..<min($0 + 1, fields.count) } ?? 0..<fields.count
        guard range.lowerBound <= range.upperBound else { return 0 }
        for field in fields[range] {
            for byte in field { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            hash = (hash ^ 0xff) &* 0x100_0000_01b3
        }
        return hash ^ hash >> 32
    }

    // MARK: One row

    private mutating func note(
        _ row: CSVRows.Row,
        _ fieldCount: Int,
        _ places: [Int?],
        _ time: Int?,
        _ last: inout Int64
    ) {
        report.rowCount += 1
        if row.fields.count != fieldCount { wrongCount.add(row.line) }
        for (index, place) in places.enumerated() {
            guard let place, place < row.fields.count else { continue }
            note(row.fields[place], column: index, row.line)
        }
        guard source.type == "Interactions", let time, time < row.fields.count,
            let moment = Int64(String(decoding: row.fields[time], as: UTF8.self))
        else { return }
        if moment < last { disorder.add(row.line) }
        // The year 5138 in seconds.
        if moment > 100_000_000_000 { milliseconds.add(row.line) }
        last = moment
    }

    private mutating func note(_ field: [UInt8], column index: Int, _ line: Int) {
        guard !field.isEmpty else {
            report.columns[index].nullCount += 1
            return nulls[index].add(line)
        }
        let column = source.schema.columns[index]
        guard column.type != .string, column.type != .boolean else { return }
        let text = String(decoding: field, as: UTF8.self)
        let isWhole = column.type == .int || column.type == .long
        let number = isWhole ? Int64(text).map(Double.init) : Double(text).flatMap { $0.isFinite ? $0 : nil }
        guard let number else {
            if malformed[index].places.count == 0 { malformed[index].example = String(text.prefix(40)) }
            return malformed[index].places.add(line)
        }
        report.columns[index].minimum = min(report.columns[index].minimum ?? number, number)
        report.columns[index].maximum = max(report.columns[index].maximum ?? number, number)
    }

    private mutating func check(_ names: [String]) {
        for column in source.schema.columns where !names.contains(column.name) {
            let known = names.filter { source.schema.column($0) == nil }
            let hint = NearestName.find(column.name, among: known).map { "is it \"\($0)\"?" }
            add(
                &headerFindings,
                .error,
                column.name,
                Places(count: 1, lines: [1]),
                "is missing in the header",
                hint ?? "add it, or take it out of the schema"
            )
        }
        for name in names where source.schema.column(name) == nil {
            add(
                &headerFindings,
                .note,
                name,
                Places(count: 1, lines: [1]),
                "is not in the schema and is left out",
                "add it to the schema if it is to be learnt from"
            )
        }
    }

    // MARK: The whole file

    private func add(
        _ findings: inout [DataReport.Finding],
        _ severity: DataReport.Severity,
        _ column: String?,
        _ places: Places,
        _ message: String,
        _ hint: String
    ) {
        guard places.count > 0 else { return }
        findings.append(
            DataReport.Finding(
                severity: severity,
                column: column,
                count: places.count,
                lines: places.lines,
                message: message,
                hint: hint
            )
        )
    }

    func finished() -> DataReport {
        var report = report
        var findings = headerFindings
        add(
            &findings,
            .error,
            nil,
            wrongCount,
            "\(wrongCount.count) rows have not as many fields as the header",
            "quote fields that hold commas"
        )
        for (index, column) in source.schema.columns.enumerated() {
            addColumn(index, column, report.rowCount, &findings)
        }
        addRelations(&findings)
        add(
            &findings,
            .warning,
            "TIMESTAMP",
            milliseconds,
            "is after the year 5000 in \(milliseconds.count) rows",
            "it is in milliseconds; divide it by 1000"
        )
        add(
            &findings,
            .note,
            "TIMESTAMP",
            disorder,
            "is before that of the row above in \(disorder.count) rows",
            "the import sorts by itself; look whether files were joined by mistake"
        )
        if report.rowCount == 0 {
            add(
                &findings,
                .error,
                nil,
                Places(count: 1, lines: [1]),
                "there are no rows",
                "write some below the header"
            )
        }
        let order = [DataReport.Severity.error, .warning, .note]
        report.findings = order.flatMap { severity in findings.filter { $0.severity == severity } }
        return report
    }

    private func addColumn(
        _ index: Int,
        _ column: Schema.Column,
        _ rowCount: Int,
        _ findings: inout [DataReport.Finding]
    ) {
        let (bad, empty) = (malformed[index], nulls[index])
        let isWhole = column.type == .int || column.type == .long
        add(
            &findings,
            .error,
            column.name,
            bad.places,
            "\"\(bad.example)\" is not a \(isWhole ? "whole number" : "number") (\(bad.places.count) rows)",
            "correct it, or make the type string"
        )
        if !column.isNullable {
            add(
                &findings,
                .error,
                column.name,
                empty,
                "is empty in \(empty.count) rows",
                "fill it in, or make the type [\"null\",\"\(column.type.rawValue)\"]"
            )
        } else if rowCount > 0, empty.count * 5 >= rowCount * 4 {
            let share = empty.count * 100 / rowCount
            add(
                &findings,
                .warning,
                column.name,
                empty,
                "is empty in \(share) % of the rows",
                "so sparse a column teaches little; fill it in or leave it out"
            )
        }
    }

    private func addRelations(_ findings: inout [DataReport.Finding]) {
        switch source.type {
        case "Interactions":
            add(
                &findings,
                .warning,
                nil,
                duplicates,
                "\(duplicates.count) rows are there twice",
                "the same event counts once; take the copies out"
            )
            add(
                &findings,
                .warning,
                "ITEM_ID",
                unknown,
                "is unknown to the items in \(unknown.count) rows",
                "add the items, or their metadata cannot be used in filters and training"
            )
        default:
            let id = source.type == "Users" ? "USER_ID" : "ITEM_ID"
            add(
                &findings,
                .warning,
                id,
                duplicates,
                "is that of an earlier row in \(duplicates.count) rows",
                "one row an id counts; keep the one that is right"
            )
            add(
                &findings,
                .note,
                "USER_ID",
                idle,
                "has no interactions in \(idle.count) rows",
                "such users get what is popular"
            )
        }
    }
}

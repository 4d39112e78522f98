internal import DurableFiles
internal import FoundationEssentials
internal import JSON
internal import Recommenders

/// Where the data of an evaluation lies: a folder as a drop has it, a folder with CSV files, or one CSV file.
///
/// With a `params.json` its schemas are used. Without one, columns are found by their header, under the names that
/// public data sets use (`userId`, `movieId`, `rating`, `timestamp`, …).
struct EvaluationFolder {
    let path: String
    /// The dataset sections of the `params.json`, if there is one.
    private let datasets: JSON?
    private let domain: Domain?

    init(_ path: String) throws(EvaluationFault) {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        let names = Self.names(in: self.path)
        guard names.contains("params.json") else {
            (datasets, domain) = (nil, nil)
            return
        }
        let params = try Self.json(at: "\(self.path)/params.json")
        guard let datasets = params["datasets"], datasets.object != nil else {
            throw EvaluationFault("\(self.path)/params.json has no \"datasets\"; the schemas must be there")
        }
        self.datasets = datasets
        domain = params["datasetGroup"]?["domain"]?.string.flatMap(Domain.init)
    }

    // MARK: Files

    /// The CSV files of a dataset; none when the folder has no such dataset.
    func files(of type: DatasetType) throws(EvaluationFault) -> [CSVFile] {
        guard Self.isDirectory(path) else {
            guard FileManager.default.isReadableFile(atPath: path) else {
                throw EvaluationFault("\"\(path)\" cannot be read; give a folder with data or a CSV file")
            }
            return type == .interactions ? [CSVFile(path: path)] : []
        }
        if let folder = Self.names(in: path).first(where: { DatasetType(named: $0) == type }) {
            let names = Self.csvNames(in: "\(path)/\(folder)")
            if !names.isEmpty { return names.map { CSVFile(path: "\(path)/\(folder)/\($0)", name: "\(folder)/\($0)") } }
        }
        if let name = Self.csvNames(in: path).first(where: { Self.isNamed($0, after: type) }) {
            return [CSVFile(path: "\(path)/\(name)")]
        }
        return type == .interactions ? [try onlyInteractions()] : []
    }

    private static func isNamed(_ file: String, after type: DatasetType) -> Bool {
        let stem = file.dropLast(".csv".count).lowercased()
        return switch type {
        case .interactions: ["interactions", "ratings", "events"].contains(stem)
        case .users: stem == "users"
        case .items: ["items", "movies", "books", "products", "articles"].contains(stem)
        case .actions, .actionInteractions: false
        }
    }

    /// The one CSV file of the folder that has the columns of interactions.
    private func onlyInteractions() throws(EvaluationFault) -> CSVFile {
        let names = Self.csvNames(in: path)
        let fitting = names.filter { name in
            let columns = ColumnNames(Self.header(of: "\(path)/\(name)")).known
            return ["USER_ID", "ITEM_ID", "TIMESTAMP"].allSatisfy { columns.values.contains($0) }
        }
        guard let only = fitting.first ?? names.first else {
            throw EvaluationFault(
                "\"\(path)\" has no CSV files; interactions are looked for in Interactions/*.csv and *.csv"
            )
        }
        guard fitting.count > 1 || (fitting.isEmpty && names.count > 1) else { return CSVFile(path: "\(path)/\(only)") }
        throw EvaluationFault(
            "\"\(path)\" has \(names.count) CSV files, \(fitting.count) of them with the columns of interactions; "
                + "name the one that is meant, or put it into \(path)/Interactions/"
        )
    }

    private static func csvNames(in directory: String) -> [String] {
        names(in: directory).filter { $0.lowercased().hasSuffix(".csv") }.sorted()
    }

    private static func names(in directory: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: directory).sorted()) ?? []
    }

    private static func isDirectory(_ path: String) -> Bool {
        var isDirectory = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory
    }

    private static func json(at path: String) throws(EvaluationFault) -> JSON {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw EvaluationFault("\(path) cannot be read; may you read it?")
        }
        do {
            return try JSON(parsing: Array(data))
        } catch {
            throw EvaluationFault("\(path) is not valid JSON: \(error)")
        }
    }

    // MARK: Reading

    /// Reads a dataset; nil when the folder does not have it.
    ///
    /// - Parameters:
    ///   - type: Which dataset.
    ///   - directory: Where the snapshot is put; it may be removed once the data has been read.
    ///   - threads: How many threads parse.
    ///   - isCancelled: Asked now and then.
    /// - Returns: The snapshot, its schema, and what was odd about the files.
    /// - Throws: `EvaluationFault` when there is no data or the schema is none; what `DatasetImport` throws.
    func read(
        _ type: DatasetType,
        into directory: String,
        threads: Int,
        isCancelled: () -> Bool
    ) throws -> (snapshot: Snapshot, schema: Schema, warnings: [String])? {
        let files = try files(of: type)
        guard let first = files.first else { return nil }
        let names = ColumnNames(Self.header(of: first.path))
        guard let schema = try schema(of: type, names) else { return nil }
        var limits = DatasetImport.Limits()
        limits.threads = threads
        var reading = DatasetImport(schema: schema, files: files, limits: limits)
        if datasets == nil { reading.columnNames = names.known }
        let outcome = try reading.run(into: directory, isCancelled: isCancelled)
        // Columns that no schema was made for are none of the user's concern.
        let warnings = datasets == nil ? [] : outcome.warnings
        return (try Snapshot(outcome.snapshot, in: directory, isVerified: false), schema, warnings)
    }

    private func schema(of type: DatasetType, _ names: ColumnNames) throws(EvaluationFault) -> Schema? {
        do {
            guard let datasets else {
                return try names.schema(of: type).map { schema throws(SchemaError) in
                    try Schema(
                        schema,
                        limits: Schema.Limits(metadataColumns: [.users: 1000, .items: 1000], textualColumns: 1000)
                    )
                }
            }
            guard let given = datasets[type.rawValue]?["schema"] else {
                guard type == .interactions else { return nil }
                throw EvaluationFault("\(path)/params.json has no datasets.Interactions.schema; add it")
            }
            if let text = given.string { return try Schema(parsing: text, domain: domain) }
            return try Schema(given, domain: domain)
        } catch let error as SchemaError {
            throw EvaluationFault("\(path)/params.json: datasets.\(type.rawValue).schema: \(error)")
        } catch let fault as EvaluationFault {
            throw fault
        } catch {
            throw EvaluationFault("\(error)")
        }
    }

    /// The names in a file's first line; none when it cannot be read, which the import then says.
    private static func header(of path: String) -> [String] {
        var bytes: [UInt8] = []
        do throws(FileError) {
            var reader = try FileReader(path)
            _ = try reader.read(appendingTo: &bytes, count: 1 << 16)
        } catch {
            return []
        }
        let start = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
        let line = bytes[start...].prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        return String(decoding: line, as: UTF8.self).split(separator: ",", omittingEmptySubsequences: false)
            .map { name in
                name.count >= 2 && name.hasPrefix("\"") && name.hasSuffix("\"")
                    ? String(name.dropFirst().dropLast()) : String(name)
            }
    }
}

/// Why data cannot be evaluated: place, fact and remedy.
public struct EvaluationFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// Place, fact and remedy.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// The columns of a header, by the names that data sets give them.
struct ColumnNames {
    /// The schema's name of each column of the header that is known.
    let known: [String: String]
    private let header: [String]

    private static let synonyms: [(name: String, others: [String])] = [
        ("USER_ID", ["userid", "user", "uid", "customerid", "visitorid", "reviewerid"]),
        (
            "ITEM_ID",
            [
                "itemid", "item", "iid", "movieid", "bookid", "productid", "articleid", "trackid", "songid", "asin",
                "isbn",
            ]
        ),
        ("TIMESTAMP", ["timestamp", "time", "ts", "unixreviewtime", "unixtime"]),
        ("EVENT_VALUE", ["eventvalue", "rating", "bookrating", "score", "overall", "value"]),
        ("EVENT_TYPE", ["eventtype", "event"]),
    ]

    init(_ header: [String]) {
        self.header = header
        var known: [String: String] = [:]
        for synonym in Self.synonyms {
            let found =
                header.first { $0 == synonym.name }
                ?? synonym.others.lazy.compactMap { other in header.first { Self.folded($0) == other } }.first
            if let found { known[found] = synonym.name }
        }
        self.known = known
    }

    private static func folded(_ name: String) -> String {
        name.lowercased().filter { $0.isLetter || $0.isNumber }
    }

    /// A schema of the columns of the header; nil where a dataset has nothing but ids.
    func schema(of type: DatasetType) -> JSON? {
        var fields: [JSON]
        switch type {
        case .interactions:
            fields = [
                Self.field("USER_ID", "string"), Self.field("ITEM_ID", "string"), Self.field("TIMESTAMP", "long"),
            ]
            if known.values.contains("EVENT_TYPE") {
                fields.append(Self.field("EVENT_TYPE", "string", isNullable: true))
            }
            if known.values.contains("EVENT_VALUE") {
                fields.append(Self.field("EVENT_VALUE", "float", isNullable: true))
            }
        case .users, .items, .actions, .actionInteractions:
            guard let key = type.keyColumn else { return nil }
            let columns = header.filter { known[$0] == nil && Self.isName($0) }
            guard !columns.isEmpty else { return nil }
            fields = [Self.field(key, "string")]
            for column in columns {
                var field = Self.field(column, "string", isNullable: true)
                field[type == .items && Self.isText(column) ? "textual" : "categorical"] = true
                fields.append(field)
            }
        }
        return ["type": "record", "name": .string(type.rawValue), "fields": .array(fields)]
    }

    private static func field(_ name: String, _ type: String, isNullable: Bool = false) -> JSON {
        ["name": .string(name), "type": isNullable ? ["null", .string(type)] : .string(type)]
    }

    /// Whether a column of items is told by its words, not as a whole.
    private static func isText(_ name: String) -> Bool {
        ItemField.isName(name) || ["description", "overview", "summary", "plot", "text"].contains(folded(name))
    }

    private static func isName(_ name: String) -> Bool {
        Pattern.columnName.matches(name)
    }
}

import FoundationEssentials
import JSON
import TestSupport

@testable import Personalize

/// A directory with CSV files and one for snapshots.
struct ImportFixture {
    let directory: TemporaryDirectory
    let schema: Schema
    var limits = DatasetImport.Limits()

    static let interactions = Fields("Interactions", ["USER_ID string", "ITEM_ID string", "TIMESTAMP long"])
    static let items = Fields(
        "Items",
        ["ITEM_ID string", "TITLE string?", "GENRES string? categorical", "YEAR int?", "PRICE double?", "NEW boolean?"]
    )

    /// Columns in short: `NAME type`, with `?` for null and `categorical` or `textual` behind.
    struct Fields: Sendable {
        let text: String

        init(_ name: String, _ fields: [String]) {
            let list = fields.map { field -> JSON in
                let words = field.split(separator: " ").map(String.init)
                let type =
                    words[1].hasSuffix("?")
                    ? JSON.array(["null", .string(String(words[1].dropLast()))]) : .string(words[1])
                var json: JSON = ["name": .string(words[0]), "type": type]
                for flag in words.dropFirst(2) { json[flag] = true }
                return json
            }
            text = (["type": "record", "name": .string(name), "fields": .array(list)] as JSON).text
        }
    }

    init(_ fields: Fields = interactions) throws {
        directory = try TemporaryDirectory()
        schema = try Schema(parsing: fields.text)
        try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
    }

    /// Where snapshots go.
    var out: String { directory.file("out") }

    /// What is there.
    func leftovers() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: out) }

    func file(_ name: String, _ bytes: [UInt8]) throws -> CSVFile {
        let path = directory.file(name)
        try Data(bytes).write(to: URL(filePath: path))
        return CSVFile(path: path)
    }

    func run(_ files: [CSVFile]) throws -> DatasetImport.Outcome {
        try DatasetImport(schema: schema, files: files, limits: limits).run(into: out)
    }

    func run(_ text: String, name: String = "a.csv") throws -> DatasetImport.Outcome {
        try run([file(name, Array(text.utf8))])
    }

    /// The faults of an import that must fail and leave nothing behind.
    func faults(_ files: [CSVFile]) throws -> [String] {
        do {
            _ = try run(files)
            return ["the import succeeded"]
        } catch let error as ImportError {
            return try error.faults.map(\.description) + leftovers()
        }
    }

    func faults(_ text: String) throws -> [String] { try faults([file("a.csv", Array(text.utf8))]) }

    func snapshot(_ outcome: DatasetImport.Outcome) throws -> Snapshot { try Snapshot(outcome.snapshot, in: out) }

    /// The values of all records, in the order of the schema's columns.
    func rows(_ outcome: DatasetImport.Outcome) throws -> [[JSON]] {
        let snapshot = try snapshot(outcome)
        let columns = schema.columns.compactMap { snapshot.column($0.name) }
        return (0..<snapshot.rowCount).map { row in columns.map { $0.value(at: row) } }
    }

    func rows(_ text: String) throws -> [[JSON]] { try rows(run(text)) }
}

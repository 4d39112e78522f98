internal import Bucket
internal import DurableExecution
internal import JSON
internal import StatesLanguage

/// The rows of a CSV object, as objects with a member a column.
///
/// A row that is shorter than the header has empty texts for the rest, of one that is longer the rest is left out;
/// empty lines are no rows.
struct CSVItems: ItemSource {
    private static let headerLimit = 10 << 10

    private let reader: ObjectReader
    private let format: CSVFormat
    private let columns: [String]
    /// Where the first row begins.
    private let start: Int

    /// The rows of an object; reads the header.
    init(_ reader: ObjectReader, config: JSONObject) throws {
        self.reader = reader
        format = try CSVFormat(delimiter: config["CSVDelimiter"]?.string)
        let mark = try reader.read(from: 0, count: 3)
        let first = mark == [0xEF, 0xBB, 0xBF] ? 3 : 0
        if config["CSVHeaderLocation"]?.string == "GIVEN" {
            columns = config["CSVHeaders"]?.array?.compactMap(\.string) ?? []
            start = first
        } else {
            (columns, start) = try Self.header(reader, format, at: first)
        }
        guard !columns.isEmpty else { throw StatesError.itemReader("CSV headers cannot be empty.") }
        guard Set(columns).count == columns.count else {
            throw StatesError.itemReader("CSV headers cannot contain duplicates.")
        }
    }

    private static func header(_ reader: ObjectReader, _ format: CSVFormat, at first: Int) throws -> ([String], Int) {
        let bytes = try reader.read(from: first, count: headerLimit + 1)
        guard !bytes.isEmpty else { throw StatesError.itemReader("CSV headers cannot be empty.") }
        let isLast = first + bytes.count >= reader.object.size
        guard let record = format.record(in: bytes, at: 0, isLast: isLast) else {
            throw StatesError.itemReader("CSV headers cannot be larger than 10 KiB.")
        }
        return (record.fields, first + record.end)
    }

    func read(after cursor: String?, limit: Int) throws -> ItemPage {
        let offset = try ObjectCursor.offset(of: cursor, in: reader) ?? start
        let version = reader.version
        var items: [ItemPage.Item] = []
        items.reserveCapacity(limit)
        let end = try RecordWindow.take(reader, from: offset, count: limit) { bytes, position, offset, isLast in
            guard let record = format.record(in: bytes, at: position, isLast: isLast) else { return .incomplete }
            if record.fields.count == 1, record.fields[0].isEmpty { return .nothing(end: record.end) }
            let cursor = ObjectCursor(offset: offset + record.end, version: version)
            items.append(ItemPage.Item(item(record.fields), cursor: cursor.text))
            return .record(end: record.end)
        }
        return ItemPage(items, isLast: end.isAtEnd)
    }

    private func item(_ fields: [String]) -> JSON {
        var object = JSONObject()
        for (index, column) in columns.enumerated() {
            object[column] = .string(index < fields.count ? fields[index] : "")
        }
        return .object(object)
    }
}

internal import Bucket
internal import DurableExecution
internal import JSON
internal import StatesLanguage

/// The lines of a JSON Lines object; empty lines are passed over.
struct LineItems: ItemSource {
    private let reader: ObjectReader

    init(_ reader: ObjectReader) { self.reader = reader }

    func read(after cursor: String?, limit: Int) throws -> ItemPage {
        let start = try ObjectCursor.offset(of: cursor, in: reader) ?? 0
        let version = reader.version
        var items: [ItemPage.Item] = []
        let end = try RecordWindow.take(reader, from: start, count: limit) { bytes, position, offset, isLast in
            let newline = bytes[position...].firstIndex(of: UInt8(ascii: "\n"))
            guard newline != nil || isLast else { return .incomplete }
            let lineEnd = newline ?? bytes.count
            let next = min(lineEnd + 1, bytes.count)
            let line = bytes[position..<lineEnd]
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return .nothing(end: next) }
            let cursor = ObjectCursor(offset: offset + next, version: version)
            items.append(ItemPage.Item(try value(Array(line), at: offset + position), cursor: cursor.text))
            return .record(end: next)
        }
        return ItemPage(items, isLast: end.isAtEnd)
    }

    private func value(_ line: [UInt8], at offset: Int) throws(StatesError) -> JSON {
        do {
            return try JSON(parsing: line)
        } catch {
            throw .itemReader("The line at byte \(offset) of \"\(reader.object.key)\" is not JSON: \(error.message)")
        }
    }
}

internal import Bucket
internal import DurableExecution
internal import JSON
internal import StatesLanguage

/// The elements of an array in a JSON object of the bucket, or the members of an object there; read element by
/// element, however large it is.
struct JSONItems: ItemSource {
    private let reader: ObjectReader
    /// Where the first element stands.
    private let start: Int
    private let isObject: Bool

    /// The items at a JSON pointer, or of the whole text.
    init(_ reader: ObjectReader, pointer: String?) throws {
        self.reader = reader
        var scanner = JSONScanner(reader)
        let byte: UInt8?
        do {
            for token in try Self.tokens(pointer) { try scanner.descend(to: token) }
            byte = try scanner.peek()
        } catch let error as JSONScanner.Fault {
            throw StatesError.itemReader("The object \"\(reader.object.key)\" cannot be read: \(error.fact).")
        }
        guard byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") else {
            throw StatesError.itemReader("Attempting to map over non-iterable node.")
        }
        isObject = byte == UInt8(ascii: "{")
        start = scanner.offset + 1
    }

    /// The parts of a JSON pointer (RFC 6901).
    private static func tokens(_ pointer: String?) throws(StatesError) -> [String] {
        guard let pointer, !pointer.isEmpty else { return [] }
        guard pointer.hasPrefix("/") else {
            throw .itemReader("The ItemsPointer \"\(pointer)\" must begin with a slash.")
        }
        return pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            .map { $0.replacing("~1", with: "/").replacing("~0", with: "~") }
    }

    func read(after cursor: String?, limit: Int) throws -> ItemPage {
        let offset = try ObjectCursor.offset(of: cursor, in: reader) ?? start
        var scanner = JSONScanner(reader, from: offset)
        let version = reader.version
        var items: [ItemPage.Item] = []
        do {
            while items.count < limit {
                guard var item = try nextItem(&scanner) else { return ItemPage(items, isLast: true) }
                item.cursor = ObjectCursor(offset: scanner.offset, version: version).text
                items.append(item)
            }
            let isLast = try scanner.isAtEndOfContainer()
            return ItemPage(items, isLast: isLast)
        } catch let fault as JSONScanner.Fault {
            throw StatesError.itemReader("The object \"\(reader.object.key)\" cannot be read: \(fault.fact).")
        }
    }

    private func nextItem(_ scanner: inout JSONScanner) throws -> ItemPage.Item? {
        let isFirst = scanner.offset == start
        guard try !scanner.isAtEndOfContainer() else { return nil }
        if !isFirst { try scanner.pass(UInt8(ascii: ",")) }
        guard isObject else { return ItemPage.Item(try scanner.value(), cursor: "") }
        let key = try scanner.value()
        try scanner.pass(UInt8(ascii: ":"))
        return ItemPage.Item(["Key": key, "Value": try scanner.value()], cursor: "", key: key.string)
    }
}

internal import DurableExecution
internal import StatesLanguage

/// The items of several sources one after another; each is opened when it is its turn.
struct ChainedItems: ItemSource {
    private let count: Int
    private let open: @Sendable (Int) throws -> any ItemSource

    init(count: Int, open: @escaping @Sendable (Int) throws -> any ItemSource) {
        self.count = count
        self.open = open
    }

    func read(after cursor: String?, limit: Int) async throws -> ItemPage {
        var (part, inner) = try Self.position(of: cursor)
        while part < count {
            let page = try await open(part).read(after: inner, limit: limit)
            let items = page.items.map { ItemPage.Item($0.value, cursor: "\(part)/\($0.cursor)") }
            let isLast = page.isLast && part == count - 1
            if !items.isEmpty || isLast { return ItemPage(items, isLast: isLast) }
            (part, inner) = (part + 1, nil)
        }
        return ItemPage([], isLast: true)
    }

    private static func position(of cursor: String?) throws(StatesError) -> (Int, String?) {
        guard let cursor else { return (0, nil) }
        let parts = cursor.split(separator: "/", maxSplits: 1)
        guard parts.count == 2, let part = Int(parts[0]) else {
            throw .itemReader("The cursor \"\(cursor)\" is none of this source.")
        }
        return (part, String(parts[1]))
    }
}

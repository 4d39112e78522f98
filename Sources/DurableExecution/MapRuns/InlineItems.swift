import JSON
import StatesLanguage

/// The items of a state's input: the elements of an array, or the members of an object as keys and values.
struct InlineItems: ItemSource {
    private let items: [MapRunItem]

    init(_ items: JSON) throws(StatesError) { self.items = try MapRunItem.items(of: items) }

    func read(after cursor: String?, limit: Int) -> ItemPage {
        let start = min(cursor.flatMap { Int($0) } ?? 0, items.count)
        let end = min(start + limit, items.count)
        let page = (start..<end).map {
            ItemPage.Item(items[$0].value, cursor: "\($0 + 1)", key: items[$0].key, source: items[$0].source)
        }
        return ItemPage(page, isLast: end == items.count)
    }
}

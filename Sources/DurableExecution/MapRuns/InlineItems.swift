import JSON
import StatesLanguage

/// The items of a state's input: the elements of an array, or the members of an object as keys and values.
struct InlineItems: ItemSource {
    private let values: [JSON]
    private let keys: [String]?

    init(_ items: JSON) throws(StatesError) {
        switch items {
        case .array(let values): (self.values, keys) = (values, nil)
        case .object(let object): (values, keys) = (object.map { ["Key": .string($0), "Value": $1] }, object.keys)
        default:
            throw StatesError(name: "States.ItemReaderFailed", cause: "Attempting to map over non-iterable node.")
        }
    }

    func read(after cursor: String?, limit: Int) -> ItemPage {
        let start = min(cursor.flatMap { Int($0) } ?? 0, values.count)
        let end = min(start + limit, values.count)
        let items = (start..<end).map {
            ItemPage.Item(values[$0], cursor: "\($0 + 1)", key: keys?[$0], source: "STATE_DATA")
        }
        return ItemPage(items, isLast: end == values.count)
    }
}

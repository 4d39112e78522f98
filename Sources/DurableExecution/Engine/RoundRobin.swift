/// Elements in the order in which they came, but the keys by turns.
struct RoundRobin<Key: Hashable & Sendable, Element: Sendable>: Sendable {
    private var elements: [Key: [Element]] = [:]
    /// The keys that have elements, the one whose turn it is first.
    private var turns: [Key] = []

    var isEmpty: Bool { turns.isEmpty }

    mutating func append(_ element: Element, for key: Key) {
        elements[key, default: []].append(element)
        if elements[key]?.count == 1 { turns.append(key) }
    }

    /// Takes the first element that may be taken, of the first key that has one; then it is the other keys' turn.
    mutating func takeFirst(where mayTake: (Element) -> Bool = { _ in true }) -> Element? {
        for (turn, key) in turns.enumerated() {
            guard let index = elements[key]?.firstIndex(where: mayTake) else { continue }
            let element = elements[key]?.remove(at: index)
            turns.remove(at: turn)
            if elements[key]?.isEmpty == true { elements[key] = nil } else { turns.append(key) }
            return element
        }
        return nil
    }

    /// Takes everything.
    mutating func removeAll() -> [Element] {
        defer { self = RoundRobin() }
        return turns.flatMap { elements[$0] ?? [] }
    }
}

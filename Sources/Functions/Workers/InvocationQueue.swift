/// Invocations that wait for a worker, first come, first served.
struct InvocationQueue {
    private var elements: [Invocation?] = []
    private var head = 0

    var count: Int { elements.count - head }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ invocation: Invocation) { elements.append(invocation) }

    mutating func popFirst() -> Invocation? {
        guard head < elements.count else { return nil }
        defer {
            elements[head] = nil
            head += 1
            if head > 64, head * 2 > elements.count {
                elements.removeFirst(head)
                head = 0
            }
        }
        return elements[head]
    }

    /// Takes one out of the line; `nil` when it does not wait.
    mutating func remove(_ requestID: String) -> Invocation? {
        guard let index = elements[head...].firstIndex(where: { $0?.requestID == requestID }) else { return nil }
        return elements.remove(at: index)
    }

    mutating func removeAll() -> [Invocation] {
        defer { (elements, head) = ([], 0) }
        return elements[head...].compactMap { $0 }
    }
}

/// The terms of an order-by.
final class Sorting: Sendable {
    private let terms: [(node: any Node, isDescending: Bool)]
    private let position: Int

    init(_ terms: [(node: any Node, isDescending: Bool)], at position: Int) {
        self.terms = terms
        self.position = position
    }

    func sort(_ items: [Value], _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> [Value] {
        guard items.count > 1 else { return items }
        var keys: [[Value?]] = []
        for item in items { keys.append(try self.keys(item, frame, run)) }
        return try order(keys, run).map { items[$0] }
    }

    func sort(_ tuples: [Tuple], _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> [Tuple] {
        guard tuples.count > 1 else { return tuples }
        var keys: [[Value?]] = []
        for tuple in tuples { keys.append(try self.keys(tuple.value, tuple.frame(in: frame), run)) }
        return try order(keys, run).map { tuples[$0] }
    }

    private func keys(_ item: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> [Value?] {
        try run.step(position)
        var keys: [Value?] = []
        for term in terms { keys.append(try term.node.evaluate(item, frame, run)) }
        return keys
    }

    private func order(_ keys: [[Value?]], _ run: Evaluator) throws(JSONataError) -> [Int] {
        try Array(keys.indices).merged { (left, right) throws(JSONataError) in
            try run.step(position)
            return try comesAfter(keys[left], keys[right])
        }
    }

    /// Items without a key come last, whatever the direction.
    private func comesAfter(_ left: [Value?], _ right: [Value?]) throws(JSONataError) -> Bool {
        for (index, term) in terms.enumerated() {
            switch (left[index], right[index]) {
            case (nil, nil): continue
            case (nil, _): return true
            case (_, nil): return false
            case (let a?, let b?):
                let order = try compare(a, b)
                if order != 0 { return (order > 0) != term.isDescending }
            }
        }
        return false
    }

    private func compare(_ left: Value, _ right: Value) throws(JSONataError) -> Int {
        guard left.isOrdered, right.isOrdered else {
            throw JSONataError("T2008", at: position, value: left.isOrdered ? right : left)
        }
        guard let order = left.order(to: right) else {
            throw JSONataError("T2007", at: position, value: left, other: right)
        }
        return order
    }
}

extension Array {
    /// The elements in order by merging; equal ones keep theirs.
    ///
    /// Halves are merged in the order of a recursion, but without one, since the comparison may be a function that sorts.
    func merged(_ comesAfter: (Element, Element) throws(JSONataError) -> Bool) throws(JSONataError) -> [Element] {
        var items = self
        var merged: [Element] = []
        for range in Self.merges(count) {
            merged.removeAll(keepingCapacity: true)
            let middle = range.lowerBound + range.count / 2
            var next = (left: range.lowerBound, right: middle)
            while next.left < middle, next.right < range.upperBound {
                if try comesAfter(items[next.left], items[next.right]) {
                    merged.append(items[next.right])
                    next.right += 1
                } else {
                    merged.append(items[next.left])
                    next.left += 1
                }
            }
            merged += items[next.left..<middle]
            items.replaceSubrange(range.lowerBound..<next.right, with: merged)
        }
        return items
    }

    /// The ranges to be merged one after the other, each of two halves in order.
    private static func merges(_ count: Int) -> [Range<Int>] {
        var order: [Range<Int>] = []
        var pending = [0..<count]
        while let range = pending.popLast() {
            guard range.count > 1 else { continue }
            order.append(range)
            let middle = range.lowerBound + range.count / 2
            pending += [range.lowerBound..<middle, middle..<range.upperBound]
        }
        return order.reversed()
    }
}

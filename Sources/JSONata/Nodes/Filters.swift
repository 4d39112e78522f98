/// A predicate `[…]`.
final class Filter: Sendable {
    private let predicate: any Node
    /// The position, where the predicate is nothing but a number.
    private let number: Double?
    private let position: Int

    init(_ predicate: any Node, at position: Int) {
        self.predicate = predicate
        number = (predicate as? NumberNode)?.number
        self.position = position
    }

    /// What the predicate lets through of the members of an array, or of a single value: an array, a value that stands
    /// for a sequence of one, or nothing.
    func filter(_ value: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        if let number { return pick(number, from: value) }
        guard case .array(let array)? = value else {
            return try isWanted(value, 0, of: 1, frame, run) > 0 ? value : nil
        }
        let items = array.items
        var kept: [Value] = []
        for index in items.indices {
            try run.step(position)
            for _ in 0..<(try isWanted(items[index], index, of: items.count, frame, run)) { kept.append(items[index]) }
        }
        return Self.standing(for: kept)
    }

    /// The results of a step with their variables, as far as the predicate lets them through.
    func filter(_ tuples: [Tuple], _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> [Tuple] {
        if let number { return Self.index(number, count: tuples.count).map { [tuples[$0]] } ?? [] }
        var kept: [Tuple] = []
        for (index, tuple) in tuples.enumerated() {
            try run.step(position)
            let inner = tuple.frame(in: frame)
            let count = try isWanted(tuple.value, index, of: tuples.count, inner, run)
            for _ in 0..<count { kept.append(tuple) }
        }
        return kept
    }

    /// A single item that is no array stands for the sequence of it.
    private static func standing(for items: [Value]) -> Value? {
        if items.isEmpty { return nil }
        if items.count == 1 {
            if case .array = items[0] { return .array(.sequence(items)) }
            return items[0]
        }
        return .array(.sequence(items))
    }

    private func pick(_ number: Double, from value: Value?) -> Value? {
        guard case .array(let array)? = value else { return Self.index(number, count: 1) == 0 ? value : nil }
        return Self.index(number, count: array.count).map { array[$0] }
    }

    /// How often an item is wanted: by position when the predicate gives a number or numbers, else by truth.
    private func isWanted(
        _ item: Value?,
        _ index: Int,
        of count: Int,
        _ frame: Frame,
        _ run: Evaluator
    ) throws(JSONataError) -> Int {
        switch try predicate.evaluate(item, frame, run) {
        case nil: return 0
        case .bool(let value): return value ? 1 : 0
        case .number(let number): return try Self.index(checked(number), count: count) == index ? 1 : 0
        case .array(let array) where array.count > 0:
            let numbers = array.items.compactMap(\.double)
            guard numbers.count == array.count else { return Value.array(array).isTrue ? 1 : 0 }
            return numbers.count { Self.index($0, count: count) == index }
        case let value?: return value.isTrue ? 1 : 0
        }
    }

    private func checked(_ number: Double) throws(JSONataError) -> Double {
        guard !number.isInfinite else { throw JSONataError("D1001", value: .number(number)) }
        return number
    }

    /// The index that a number means; negative ones count from the end.
    private static func index(_ number: Double, count: Int) -> Int? {
        guard let floor = Int(exactly: number.rounded(.down)) else { return nil }
        let index = floor < 0 ? count + floor : floor
        return index >= 0 && index < count ? index : nil
    }
}

/// Something other than a path with predicates or a grouping behind it.
final class FilteredNode: Node {
    private let node: any Node
    private let filters: [Filter]
    private let grouping: Grouping?
    private let keepsArray: Bool
    private let position: Int

    init(_ node: any Node, _ filters: [Filter], _ grouping: Grouping?, keepsArray: Bool, at position: Int) {
        self.node = node
        self.filters = filters
        self.grouping = grouping
        self.keepsArray = keepsArray
        self.position = position
    }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        try run.enter(position)
        defer { run.leave() }
        return try finish(node.evaluateSequence(input, frame, run), frame, run)
    }

    private func finish(_ found: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        var value = found
        for (index, filter) in filters.enumerated() {
            if index > 0, value == nil { break }
            value = try filter.filter(value, frame, run)
        }
        if let grouping { return try grouping.group(value, frame, run) }
        if !filters.isEmpty, keepsArray, let item = value {
            if case .array = item { return value.finished(keepsArray: true) }
            return Value?.some(.array(.sequence([item]))).finished(keepsArray: true)
        }
        return value.finished(keepsArray: keepsArray)
    }

    func evaluateStream(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Stream {
        try run.enter(position)
        defer { run.leave() }
        switch try node.evaluateStream(input, frame, run) {
        case .value(let value): return .value(try finish(value, frame, run))
        case .tuples(var tuples):
            for filter in filters { tuples = try filter.filter(tuples, frame, run) }
            guard let grouping else { return .tuples(tuples) }
            return .value(try grouping.group(tuples, isStream: true, frame, run))
        }
    }
}

import JSON

extension JSONPath {
    /// What the path finds in a value: the value itself for a definite path, an array of all finds for any other.
    ///
    /// Throws, in the words of AWS, when a definite path leads nowhere.
    func evaluate(in value: JSON) throws(PathError) -> JSON {
        let found: JSON
        if isDefinite {
            found = try Self.follow(segments, from: value)
        } else {
            found = .array(Self.finds(of: segments, in: value, root: value))
        }
        guard let function else { return found }
        guard let result = function.apply(to: found) else {
            throw PathError(message: "The function \(function.rawValue)() cannot be applied in path \(text)")
        }
        return result
    }

    /// The value a definite path leads to; `nil` when it leads nowhere.
    func find(in value: JSON) -> JSON? {
        try? evaluate(in: value)
    }

    private static func follow(_ segments: [Segment], from root: JSON) throws(PathError) -> JSON {
        var value = root
        for (depth, segment) in segments.enumerated() {
            guard let next = child(of: value, segment.selectors[0]) else {
                throw missing(segments, at: depth, in: value)
            }
            value = next
        }
        return value
    }

    private static func child(of value: JSON, _ selector: Selector) -> JSON? {
        switch selector {
        case .name(let name): value[name]
        case .index(let index): value[index < 0 ? (value.array?.count ?? 0) + index : index]
        case .wildcard, .slice, .filter: nil
        }
    }

    private static func missing(_ segments: [Segment], at depth: Int, in value: JSON) -> PathError {
        let path = "$" + segments[...depth].map { describe($0.selectors[0]) }.joined()
        if case .name = segments[depth].selectors[0], value.object == nil {
            return PathError(
                message: "Expected to find an object with property \(describe(segments[depth].selectors[0])) in path "
                    + "$\(segments[..<depth].map { describe($0.selectors[0]) }.joined()) but found '\(value.typeName)'."
            )
        }
        return PathError(
            message: depth == segments.count - 1 ? "No results for path: \(path)" : "Missing property in path \(path)"
        )
    }

    private static func describe(_ selector: Selector) -> String {
        switch selector {
        case .name(let name): "['\(name)']"
        case .index(let index): "[\(index)]"
        case .wildcard, .slice, .filter: "[*]"
        }
    }

    // MARK: Many values

    private static func finds(of segments: [Segment], in value: JSON, root: JSON) -> [JSON] {
        var values = [value]
        for segment in segments {
            var next: [JSON] = []
            for value in values { collect(segment, from: value, root: root, into: &next) }
            values = next
        }
        return values
    }

    private static func collect(_ segment: Segment, from value: JSON, root: JSON, into found: inout [JSON]) {
        for selector in segment.selectors { select(selector, from: value, root: root, into: &found) }
        guard segment.isDescendant else { return }
        switch value {
        case .object(let object):
            for (_, child) in object { collect(segment, from: child, root: root, into: &found) }
        case .array(let array):
            for child in array { collect(segment, from: child, root: root, into: &found) }
        default: break
        }
    }

    private static func select(_ selector: Selector, from value: JSON, root: JSON, into found: inout [JSON]) {
        switch selector {
        case .name, .index:
            if let child = child(of: value, selector) { found.append(child) }
        case .wildcard:
            found += children(of: value)
        case .slice(let start, let end, let step):
            guard let array = value.array else { return }
            let lower = bound(start ?? 0, array.count)
            let upper = bound(end ?? array.count, array.count)
            found += stride(from: lower, to: upper, by: step).map { array[$0] }
        case .filter(let filter):
            let candidates = value.array ?? [value]
            found += candidates.filter { filter.accepts($0, root: root) }
        }
    }

    private static func children(of value: JSON) -> [JSON] {
        value.array ?? value.object?.values ?? []
    }

    private static func bound(_ index: Int, _ count: Int) -> Int {
        min(max(index < 0 ? count + index : index, 0), count)
    }
}

extension JSONPath.Operand {
    /// The operand's value for an item; `nil` when its path leads nowhere.
    fileprivate func value(of item: JSON, root: JSON) -> JSON? {
        switch self {
        case .literal(let value): return value
        case .path(let fromItem, let segments, let function):
            let path = JSONPath(text: "", root: .input, segments: segments, function: function)
            return path.find(in: fromItem ? item : root)
        }
    }
}

extension JSONPath.Filter {
    fileprivate func accepts(_ item: JSON, root: JSON) -> Bool {
        switch self {
        case .and(let left, let right): left.accepts(item, root: root) && right.accepts(item, root: root)
        case .or(let left, let right): left.accepts(item, root: root) || right.accepts(item, root: root)
        case .not(let filter): !filter.accepts(item, root: root)
        case .exists(let operand): operand.value(of: item, root: root) != nil
        case .compare(let left, let comparison, let right):
            comparison.holds(left.value(of: item, root: root), right.value(of: item, root: root))
        }
    }
}

extension JSONPath.Comparison {
    fileprivate func holds(_ left: JSON?, _ right: JSON?) -> Bool {
        switch self {
        case .equal: left == right
        case .notEqual: left != right
        case .in: left.map { right?.array?.contains($0) ?? false } ?? false
        case .notIn: left.map { !(right?.array?.contains($0) ?? false) } ?? false
        case .less: ordered(left, right) { $0 < 0 }
        case .lessOrEqual: ordered(left, right) { $0 <= 0 }
        case .greater: ordered(left, right) { $0 > 0 }
        case .greaterOrEqual: ordered(left, right) { $0 >= 0 }
        case .matches: false
        }
    }

    private func ordered(_ left: JSON?, _ right: JSON?, _ test: (Int) -> Bool) -> Bool {
        guard let left, let right, let order = left.compared(to: right) else { return false }
        return test(order)
    }
}

extension JSON {
    /// How two numbers or two strings are ordered (-1, 0, 1); `nil` for any other two values.
    func compared(to other: JSON) -> Int? {
        switch (self, other) {
        case (.integer(let a), .integer(let b)): return a < b ? -1 : a == b ? 0 : 1
        case (.string(let a), .string(let b)): return a < b ? -1 : a == b ? 0 : 1
        default:
            guard let a = double, let b = other.double else { return nil }
            return a < b ? -1 : a == b ? 0 : 1
        }
    }
}

extension JSONPath.Function {
    /// The function's value; `nil` where it has none.
    fileprivate func apply(to value: JSON) -> JSON? {
        switch self {
        case .length: value.array.map { JSON($0.count) } ?? value.object.map { JSON($0.count) }
        case .keys: value.object.map { .array($0.keys.map(JSON.string)) }
        case .min: numbers(value)?.min().map { JSON($0) }
        case .max: numbers(value)?.max().map { JSON($0) }
        case .sum: numbers(value).map { JSON($0.reduce(0, +)) }
        case .avg: numbers(value).map { JSON($0.reduce(0, +) / Double($0.count)) }
        }
    }

    private func numbers(_ value: JSON) -> [Double]? {
        guard let array = value.array, !array.isEmpty else { return nil }
        let numbers = array.compactMap(\.double)
        return numbers.count == array.count ? numbers : nil
    }
}

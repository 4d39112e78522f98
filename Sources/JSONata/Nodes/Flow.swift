/// How far a path has come.
enum Flow {
    case none
    /// A single item, which stands for the sequence of it.
    case one(Value?)
    case array(ValueArray)

    init(_ input: Value?, walksArray: Bool) {
        if walksArray, case .array(let array)? = input { self = .array(array) } else { self = .one(input) }
    }

    init(items: [Value]) { self = items.isEmpty ? .none : .array(.sequence(items)) }

    /// What `[…]` as first step makes; the language walks on from an array only, or through the letters of a text.
    init(constructed value: Value?, isLast: Bool) {
        switch value {
        case .array(let array)?: self = .array(array)
        case let value? where isLast: self = .one(value)
        case .string(let text)?: self = Flow(items: text.utf16.map { .string(String(decoding: [$0], as: UTF16.self)) })
        default: self = .none
        }
    }

    /// What one item has at a step.
    @inline(__always)
    init(_ found: Value, isLast: Bool) {
        guard case .array(let array) = found else {
            self = .one(found)
            return
        }
        if !isLast {
            self = array.isConstructed ? .array(.sequence([found])) : array.count == 0 ? .none : .array(array)
        } else if array.isSequence {
            self = array.isConstructed ? .array(.sequence([found])) : .array(array.withoutSingleton)
        } else {
            self = .array(array)
        }
    }

    /// What a path comes to.
    func result(keepsArray: Bool) -> Value? {
        guard keepsArray else { return value.finished() }
        guard var array else { return nil }
        if array.isConstructed, !array.isSequence { array = .sequence([.array(array)]) }
        array.keepsSingleton = true
        return Value?.some(.array(array)).finished()
    }

    /// Goes one step further.
    @inline(__always)
    mutating func take(
        _ step: PathStep,
        isFirst: Bool,
        isLast: Bool,
        _ frame: Frame,
        _ run: Evaluator,
        _ position: Int
    ) throws(JSONataError) {
        if let sorting = step.sorting {
            self = Flow(items: try sorting.sort(items, frame, run))
            try filterAll(by: step, frame, run)
        } else if isFirst, step.isConstructed {
            self = Flow(constructed: try step.node.evaluate(sequence, frame, run), isLast: isLast)
        } else {
            switch self {
            case .one(let item):
                self = try step.evaluate(item, frame, run).map { Flow($0, isLast: isLast) } ?? .none
            case .array(let array):
                try walk(array, isFiltered: !step.filters.isEmpty, isLast: isLast, run, position) {
                    (item) throws(JSONataError) in try step.evaluate(item, frame, run)
                }
            case .none: break
            }
        }
    }

    /// Takes the step from each of several items.
    @inline(__always)
    mutating func walk(
        _ array: ValueArray,
        isFiltered: Bool,
        isLast: Bool,
        _ run: Evaluator,
        _ position: Int,
        _ step: (Value) throws(JSONataError) -> Value?
    ) throws(JSONataError) {
        let items = array.items
        var found: [Value] = []
        // With filters each item counts, since they give an array in any case.
        var count = isFiltered ? items.count : 0
        var only: ValueArray?
        for item in items {
            try run.step(position)
            guard let value = try step(item) else { continue }
            if !isFiltered { count += 1 }
            if case .array(let inner) = value {
                only = inner
                if inner.isConstructed { found.append(value) } else { found += inner.items }
            } else {
                found.append(value)
            }
        }
        if isLast, count == 1, let only, !only.isSequence { self = .array(only) } else { self = Flow(items: found) }
    }

    /// Filters behind an order-by see all items at once.
    private mutating func filterAll(
        by step: PathStep,
        _ frame: Frame,
        _ run: Evaluator
    ) throws(JSONataError) {
        guard !step.filters.isEmpty else { return }
        var value = value
        for filter in step.filters { value = try filter.filter(value, frame, run) }
        switch value {
        case nil: self = .none
        case .array(let array)?: self = .array(array)
        case let item?: self = .one(item)
        }
    }

    var isEmpty: Bool {
        switch self {
        case .none: true
        case .one: false
        case .array(let array): array.count == 0
        }
    }

    var items: [Value] {
        switch self {
        case .none: []
        case .one(let item): item.map { [$0] } ?? []
        case .array(let array): array.items
        }
    }

    /// All as a sequence.
    var sequence: Value? {
        switch self {
        case .none: nil
        case .one(let item): item.map { .array(.sequence([$0])) }
        case .array(let array): .array(array)
        }
    }

    /// The value, a single item for the sequence of it.
    var value: Value? {
        switch self {
        case .none: nil
        case .one(let item): item
        case .array(let array): .array(array)
        }
    }

    var array: ValueArray? {
        switch self {
        case .none: nil
        case .one(let item): item.map { .sequence([$0]) }
        case .array(let array): array
        }
    }
}

extension ValueArray {
    fileprivate var withoutSingleton: ValueArray {
        var array = self
        array.keepsSingleton = false
        return array
    }
}

import JSON

extension JSONPath {
    /// What the path finds in a value: the value itself for a definite path, an array of all finds for any other.
    ///
    /// Throws, in the words of AWS, when what stands before the first choice of many leads nowhere. The surroundings
    /// are what `$$` and variables within filters are taken from.
    func evaluate(in root: JSON, _ surroundings: Surroundings? = nil) throws(PathError) -> JSON {
        let search = Search(root: root, surroundings: surroundings)
        let found = try search.value(of: segments, from: root)
        guard let function else { return found }
        guard let result = search.apply(function, to: found, item: root) else {
            throw PathError(message: "The function \(function.name.rawValue)() cannot be applied in path \(text)")
        }
        return result
    }

    /// The value a path leads to; `nil` when it leads nowhere.
    func find(in root: JSON) -> JSON? {
        try? evaluate(in: root)
    }

    /// Whether the path leads to an array and then to an element that it does not have.
    func isPastEnd(in root: JSON) -> Bool {
        guard isReference, let last = segments.last, case .index(let index) = last.selectors[0] else { return false }
        let array = try? Search(root: root, surroundings: nil).value(of: segments.dropLast(), from: root).array
        return array.map { !$0.indices.contains(index < 0 ? $0.count + index : index) } ?? false
    }

    /// Whether the path chooses among what is not there, so that there is nothing to choose from.
    func choosesFromNothing(in root: JSON) -> Bool {
        guard !isDefinite, function == nil else { return false }
        return Search(root: root, surroundings: nil).endsEarly(segments.prefix(while: \.isSingle), from: root)
    }

    /// One walk through a value.
    struct Search {
        let root: JSON
        let surroundings: Surroundings?
    }
}

extension JSONPath.Search {
    /// Goes the way that leads to one value at most, then collects what is found from there.
    func value(of segments: [JSONPath.Segment], from start: JSON) throws(PathError) -> JSON {
        let way = segments.prefix(while: \.isSingle).count
        let value = try follow(segments, way, from: start)
        guard way < segments.count else { return value }
        for (depth, segment) in segments.enumerated().dropLast() where segment.hasSeveralNames {
            throw JSONPath.multiPropertyError(segments[...depth])
        }
        try check(segments, at: way, value)
        if way == segments.count - 1, segments[way].hasSeveralNames, !segments[way].isDescendant {
            return child(of: value, segments[way]) ?? .null
        }
        return .array(finds(of: segments[way...], in: value))
    }

    // MARK: One value

    private func follow(
        _ segments: [JSONPath.Segment],
        _ count: Int,
        from start: JSON
    ) throws(PathError) -> JSON {
        var value = start
        for depth in 0..<count {
            guard let next = child(of: value, segments[depth].selectors[0]) else {
                throw missing(segments, at: depth, in: value)
            }
            value = next
        }
        return value
    }

    /// Whether the way to one value breaks off, other than by asking for an element of what is no array.
    func endsEarly(_ segments: ArraySlice<JSONPath.Segment>, from start: JSON) -> Bool {
        var value = start
        for segment in segments {
            guard let next = child(of: value, segment.selectors[0]) else {
                if case .index = segment.selectors[0] { return value.array != nil }
                return true
            }
            value = next
        }
        return false
    }

    /// The members of these names in one object; `nil` for what is no object.
    private func child(of value: JSON, _ segment: JSONPath.Segment) -> JSON? {
        guard let object = value.object else { return nil }
        var picked = JSONObject()
        for case .name(let name) in segment.selectors { picked[name] = object[name] }
        return .object(picked)
    }

    private func child(of value: JSON, _ selector: JSONPath.Selector) -> JSON? {
        switch selector {
        case .name(let name): value[name]
        case .index(let index): value[index < 0 ? (value.array?.count ?? 0) + index : index]
        case .wildcard, .slice, .filter: nil
        }
    }

    private func missing(_ segments: [JSONPath.Segment], at depth: Int, in value: JSON) -> PathError {
        let segment = segments[depth]
        guard case .name = segment.selectors[0] else {
            if value.array != nil { return JSONPath.noResults(segments[...]) }
            return JSONPath.noArray(value, segment, at: segments[..<depth])
        }
        guard value.object != nil else { return JSONPath.noObject(value, segment, at: segments[..<depth]) }
        guard depth < segments.count - 1 else { return JSONPath.noResults(segments[...]) }
        return PathError(message: "Missing property in path \(JSONPath.text(of: segments[...depth]))")
    }

    /// Refuses a value that the first choice of many cannot be made from.
    private func check(_ segments: [JSONPath.Segment], at depth: Int, _ value: JSON) throws(PathError) {
        let segment = segments[depth]
        guard !segment.isDescendant else { return }
        switch segment.selectors[0] {
        case .wildcard: return
        case .name where value.object == nil: throw JSONPath.noObject(value, segment, at: segments[..<depth])
        case .index where value.array == nil, .slice where value.array == nil:
            throw JSONPath.noArray(value, segment, at: segments[..<depth])
        case .filter where value.array == nil && value.object == nil: throw JSONPath.noFilter(value)
        case .name, .index, .slice, .filter: return
        }
    }

    // MARK: Many values

    private func finds(of segments: ArraySlice<JSONPath.Segment>, in value: JSON) -> [JSON] {
        var values = [value]
        for segment in segments {
            var next: [JSON] = []
            for value in values { collect(segment, from: value, into: &next) }
            values = next
        }
        return values
    }

    private func collect(_ segment: JSONPath.Segment, from value: JSON, into found: inout [JSON]) {
        guard segment.isDescendant else { return select(segment, from: value, into: &found) }
        // A value may be nested deeper than a stack is high.
        var open = [value]
        while let value = open.popLast() {
            visit(segment, value, into: &found)
            open += (value.array ?? value.object?.values ?? []).reversed()
        }
    }

    private func visit(_ segment: JSONPath.Segment, _ value: JSON, into found: inout [JSON]) {
        if case .filter(let filter) = segment.selectors[0] {
            // Each object on the way is looked at once, by itself.
            if value.object != nil, accepts(filter, value) { found.append(value) }
        } else if !segment.hasSeveralNames || segment.selectors.allSatisfy({ child(of: value, $0) != nil }) {
            select(segment, from: value, into: &found)
        }
    }

    private func select(_ segment: JSONPath.Segment, from value: JSON, into found: inout [JSON]) {
        if segment.hasSeveralNames {
            if let picked = child(of: value, segment) { found.append(picked) }
            return
        }
        for selector in segment.selectors { select(selector, from: value, into: &found) }
    }

    private func select(_ selector: JSONPath.Selector, from value: JSON, into found: inout [JSON]) {
        switch selector {
        case .name, .index:
            if let child = child(of: value, selector) { found.append(child) }
        case .wildcard:
            found += value.array ?? value.object?.values ?? []
        case .slice(let start, let end, let step):
            guard let array = value.array else { return }
            let lower = Self.bound(start ?? 0, array.count)
            let upper = Self.bound(end ?? array.count, array.count)
            found += stride(from: lower, to: upper, by: step).map { array[$0] }
        case .filter(let filter):
            guard value.array != nil || value.object != nil else { return }
            found += (value.array ?? [value]).filter { accepts(filter, $0) }
        }
    }

    private static func bound(_ index: Int, _ count: Int) -> Int {
        min(max(index < 0 ? count + index : index, 0), count)
    }
}

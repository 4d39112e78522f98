import JSON

extension JSONPath {
    /// What the path finds in a value: the value itself for a definite path, an array of all finds for any other.
    ///
    /// Throws, in the words of AWS, when a definite path leads nowhere. The surroundings are what `$$` and variables
    /// within filters are taken from.
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

    /// One walk through a value.
    struct Search {
        let root: JSON
        let surroundings: Surroundings?
    }
}

extension JSONPath.Search {
    func value(of segments: [JSONPath.Segment], from value: JSON) throws(PathError) -> JSON {
        JSONPath.isDefinite(segments) ? try follow(segments, from: value) : .array(finds(of: segments, in: value))
    }

    // MARK: One value

    private func follow(_ segments: [JSONPath.Segment], from start: JSON) throws(PathError) -> JSON {
        var value = start
        for (depth, segment) in segments.enumerated() {
            guard let next = child(of: value, segment) else { throw missing(segments, at: depth, in: value) }
            value = next
        }
        return value
    }

    private func child(of value: JSON, _ segment: JSONPath.Segment) -> JSON? {
        if segment.selectors.count == 1 { return child(of: value, segment.selectors[0]) }
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
        let place = "$" + segments[..<depth].map(\.description).joined()
        if segments[depth].isName, value.object == nil {
            return PathError(
                message: "Expected to find an object with property \(segments[depth].description) in path \(place) "
                    + "but found '\(value.typeName)'."
            )
        }
        let path = place + segments[depth].description
        let isMember = depth < segments.count - 1 && segments[depth].isName
        return PathError(message: isMember ? "Missing property in path \(path)" : "No results for path: \(path)")
    }

    // MARK: Many values

    private func finds(of segments: [JSONPath.Segment], in value: JSON) -> [JSON] {
        var values = [value]
        for segment in segments {
            var next: [JSON] = []
            for value in values { collect(segment, from: value, into: &next) }
            values = next
        }
        return values
    }

    private func collect(_ segment: JSONPath.Segment, from value: JSON, into found: inout [JSON]) {
        guard segment.isDescendant else {
            for selector in segment.selectors { select(selector, from: value, into: &found) }
            return
        }
        for selector in segment.selectors {
            if case .filter(let filter) = selector {
                // Each object on the way is looked at once, by itself.
                if value.object != nil, accepts(filter, value) { found.append(value) }
            } else {
                select(selector, from: value, into: &found)
            }
        }
        switch value {
        case .object(let object):
            for (_, child) in object { collect(segment, from: child, into: &found) }
        case .array(let array):
            for child in array { collect(segment, from: child, into: &found) }
        default: break
        }
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
            let candidates = value.array ?? [value]
            found += candidates.filter { accepts(filter, $0) }
        }
    }

    private static func bound(_ index: Int, _ count: Int) -> Int {
        min(max(index < 0 ? count + index : index, 0), count)
    }
}

extension JSONPath.Segment {
    fileprivate var isName: Bool {
        if case .name = selectors[0] { true } else { false }
    }

    /// The segment as error texts have it: `['a']`, `[0]`.
    fileprivate var description: String {
        let parts = selectors.map { selector in
            switch selector {
            case .name(let name): "'\(name)'"
            case .index(let index): "\(index)"
            case .wildcard, .slice, .filter: "*"
            }
        }
        return "[\(parts.joined(separator: ","))]"
    }
}

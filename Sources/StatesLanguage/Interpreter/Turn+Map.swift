import JSON

extension Turn {
    /// Starts the first iterations.
    mutating func run(_ map: MapState, _ frame: inout Frame, _ current: StateDefinition) throws(StatesError) -> Step {
        let count = try items(of: map, frame, current).count
        let limit = try concurrency(of: map, frame, current)
        record(.mapStateStarted, ["length": JSON(count)], of: &frame)
        let children = Frame.Children(
            outputs: Array(repeating: nil, count: count),
            next: 0,
            frames: [],
            limit: limit
        )
        frame.phase = .children(children)
        guard count > 0 else { return try finish(map, &frame, current, .array([])) }
        // The iterations look up their Map, so the frame must be in its place meanwhile.
        state.frames[frame.id] = frame
        defer { if let started = state.frames[frame.id] { frame = started } }
        try startIterations(of: frame.id)
        return .wait
    }

    /// The items, which `ItemsPath` finds in the input.
    func items(of map: MapState, _ frame: Frame, _ current: StateDefinition) throws(StatesError) -> [JSON] {
        let input = try effectiveInput(frame, current)
        guard case .path(let path) = map.items else { throw runtime("JSONata is not understood yet") }
        guard let items = try value(of: path, on: input, frame).array else {
            throw runtime("Reference path \"\(path.text)\" must point to array.")
        }
        return items
    }

    private func concurrency(
        of map: MapState,
        _ frame: Frame,
        _ current: StateDefinition
    ) throws(StatesError) -> Int {
        let wanted: Int
        switch map.maxConcurrency {
        case nil: wanted = 0
        case .value(let value): wanted = value
        case .expression: throw runtime("JSONata is not understood yet")
        case .path(let path):
            let value = try value(of: path, on: effectiveInput(frame, current), frame)
            guard let integer = value.int else {
                throw runtime(
                    "The MaxConcurrencyPath field refers to value \"\(value.plain)\" which is not a valid integer: "
                        + path.text
                )
            }
            guard integer >= 0 else { throw runtime("MaxConcurrency cannot be negative.") }
            wanted = integer
        }
        return wanted == 0 ? MapState.concurrencyLimit : min(wanted, MapState.concurrencyLimit)
    }

    /// Starts as many iterations as may run beside those under way.
    mutating func startIterations(of id: Int) throws(StatesError) {
        guard let frame = state.frames[id], let current = definition.statesByName[frame.stateName],
            case .map(let map) = current.kind, case .children(var children) = frame.phase
        else { return }
        let input = try effectiveInput(frame, current)
        let items = try items(of: map, frame, current)
        let first = children.next
        while children.next < children.outputs.count, children.frames.count + children.next - first < children.limit {
            record(.mapIterationStarted, iteration(current.name, children.next), after: frame.lastEvent)
            children.next += 1
        }
        for index in first..<children.next {
            let item = ContextObject.MapItem(index: index, value: items[index])
            var itemInput = item.value
            if let selector = map.itemSelector {
                itemInput = try evaluate(selector, on: input, frame, item: item)
            }
            let start = state.nextEventID - children.next + index
            children.frames.append(
                makeFrame(parent: id, index: index, stateName: map.startAt, input: itemInput, after: start)
            )
            state.frames[id]?.phase = .children(children)
        }
    }

    mutating func finish(
        _ map: MapState,
        _ frame: inout Frame,
        _ current: StateDefinition,
        _ result: JSON
    ) throws(StatesError) -> Step {
        record(.mapStateSucceeded, after: frame.lastEvent)
        return .exit(output: try output(result: result, map.result, frame, current), current.transition)
    }
}

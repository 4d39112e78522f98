import JSON

extension Turn {
    /// Starts the first iterations, or the Map Run.
    mutating func run(_ map: MapState, _ frame: inout Frame, _ current: StateDefinition) throws(StatesError) -> Step {
        if let distributed = map.distributed { return try run(map, distributed, &frame, current) }
        let items = try items(of: map, frame, current)
        let limit = try maxConcurrency(of: map, frame, current)
        record(.mapStateStarted, ["length": JSON(items.count)], of: &frame)
        let children = Frame.Children(
            outputs: Array(repeating: nil, count: items.count),
            next: 0,
            frames: [],
            limit: limit == 0 ? MapState.concurrencyLimit : min(limit, MapState.concurrencyLimit),
            items: items
        )
        frame.phase = .children(children)
        if items.isEmpty { return try complete(&frame, current, []) }
        // The iterations look up their Map, so the frame must be in its place meanwhile.
        state.frames[frame.id] = frame
        defer { if let started = state.frames[frame.id] { frame = started } }
        try startIterations(of: frame.id)
        return .wait
    }

    /// The items of an inline Map.
    private mutating func items(
        of map: MapState,
        _ frame: Frame,
        _ current: StateDefinition
    ) throws(StatesError) -> [JSON] {
        let value = try itemSource(of: map, frame, current)
        guard let items = value.array else { throw notAnArray(value, map, current) }
        return items
    }

    /// What a Map walks through.
    mutating func itemSource(
        of map: MapState,
        _ frame: Frame,
        _ current: StateDefinition
    ) throws(StatesError) -> JSON {
        let input = try effectiveInput(frame, current)
        note(.afterInputPath, input)
        let value: JSON
        switch map.items {
        case .path(let path): value = try self.value(of: path, on: input.value, frame)
        case .template(let template): value = try evaluate(.jsonata(template), on: input.value, frame)
        }
        note(.afterItemsPath, Payload(value))
        return value
    }

    /// Why a Map cannot walk through a value.
    func notAnArray(_ value: JSON, _ map: MapState, _ current: StateDefinition) -> StatesError {
        switch map.items {
        case .template(.expression(let expression, let field)):
            return .query(
                "The JSONata expression '\(expression.text)' specified for the field '\(field)' returned an unexpected "
                    + "result type. Expected 'array', but was '\(value.typeName)' for value: \(value.text)",
                at: field
            )
        case .path(let path) where current.queryLanguage == .jsonPath:
            return runtime("Reference path \"\(path.text)\" must point to array.")
        default: return .query("Map state input must be an array but was: \(value.text)", at: "Items")
        }
    }

    // MARK: Iterations

    /// Starts as many iterations as may run beside those under way.
    mutating func startIterations(of id: Int) throws(StatesError) {
        guard var frame = state.frames.removeValue(forKey: id), case .children(var children) = frame.phase,
            let current = definition.statesByName[frame.stateName], case .map(let map) = current.kind
        else { return }
        frame.phase = .stopped
        defer {
            frame.phase = .children(children)
            state.frames[id] = frame
        }
        if children.items.count < children.outputs.count { children.items = try items(of: map, frame, current) }
        let first = children.next
        let count = min(children.outputs.count - first, children.limit - children.frames.count)
        for index in first..<first + max(0, count) {
            record(.mapIterationStarted, iteration(current.name, index), after: frame.lastEvent)
        }
        let start = state.nextEventID - max(0, count)
        for index in first..<first + max(0, count) {
            children.next = index + 1
            let input = try itemInput(index, children, map, frame, current)
            children.frames.append(
                makeFrame(
                    parent: id,
                    index: index,
                    stateName: map.startAt,
                    input: input,
                    after: start + index - first
                )
            )
        }
    }

    private mutating func itemInput(
        _ index: Int,
        _ children: Frame.Children,
        _ map: MapState,
        _ frame: Frame,
        _ current: StateDefinition
    ) throws(StatesError) -> Payload {
        guard let selector = map.itemSelector else { return Payload(children.items[index]) }
        let item = ContextObject.MapItem(index: index, value: children.items[index])
        let input = try effectiveInput(frame, current)
        let selected = Payload(try evaluate(selector, on: input.value, frame, Moment(item: item)))
        try checkSize(of: selected, from: current.name)
        note(.afterItemSelector, selected)
        return selected
    }

    // MARK: Limits

    /// How many iterations may run at once; 0 for as many as there may be.
    mutating func maxConcurrency(
        of map: MapState,
        _ frame: Frame,
        _ current: StateDefinition
    ) throws(StatesError) -> Int {
        let limit = try count(map.maxConcurrency, field: "MaxConcurrency", frame, current) ?? 0
        note(.maxConcurrency, Payload(JSON(limit)))
        return limit
    }

    /// A number from zero on; `nil` when it is not given.
    ///
    /// The place is where the field is within the state, when it is not the state's own.
    mutating func count(
        _ limit: Limit?,
        field: String,
        in place: String = "",
        _ frame: Frame,
        _ current: StateDefinition
    ) throws(StatesError) -> Int? {
        switch limit {
        case nil: return nil
        case .value(let value): return value
        case .expression(let expression):
            let count = try evaluating(on: frame.input.value, frame) { (evaluator) throws(StatesError) in
                try evaluator.value(of: expression, field: place + field, expected: "integer") { $0.int }
            }
            guard count >= 0 else { throw .query("\(field) cannot be negative.", at: place + field) }
            return count
        case .path(let path):
            let text = try number(path, field: field, frame, current)
            guard let count = Int(text) else { throw notANumber(text, field, "integer", path) }
            guard count >= 0 else { throw negative(field) }
            return count
        }
    }

    /// The text of a number that a field's path leads to: AWS reads numbers and strings alike.
    func number(
        _ path: JSONPath,
        field: String,
        _ frame: Frame,
        _ current: StateDefinition
    ) throws(StatesError) -> String {
        let input = try effectiveInput(frame, current).value
        return try evaluator(on: input, frame).value(of: path, field: "\(field)Path", missing: nil).plain
    }

    func notANumber(_ text: String, _ field: String, _ type: String, _ path: JSONPath) -> StatesError {
        runtime("The \(field)Path field refers to value \"\(text)\" which is not a valid \(type): \(path.text)")
    }

    private func negative(_ field: String) -> StatesError {
        guard field == "MaxItems" else { return runtime("\(field) cannot be negative.") }
        return StatesError(name: StatesError.itemReaderFailed, cause: "field MaxItems must be positive")
    }
}

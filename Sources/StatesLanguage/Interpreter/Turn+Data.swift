import JSON

// What a state sees of its input, and what it makes of its result.
extension Turn {
    /// An input, result or output may be so many bytes of UTF-8.
    static let dataLimit = 262_144

    func evaluator(on input: JSON, _ frame: Frame, token: String? = nil, item: ContextObject.MapItem? = nil)
        -> Evaluator
    {
        Evaluator(
            input: input,
            context: ContextObject(
                execution: state.context,
                stateName: frame.stateName,
                enteredTime: frame.enteredTime,
                retryCount: frame.retries.reduce(0, +),
                taskToken: token,
                mapItem: item ?? mapItem(of: frame)
            ),
            generator: state.generator
        )
    }

    mutating func evaluate(
        _ template: Template,
        on input: JSON,
        _ frame: Frame,
        token: String? = nil,
        item: ContextObject.MapItem? = nil
    ) throws(StatesError) -> JSON {
        guard case .jsonPath(let template) = template else { throw runtime("JSONata is not understood yet") }
        if case .literal(let value) = template { return value }
        var evaluator = evaluator(on: input, frame, token: token, item: item)
        defer { state.generator = evaluator.generator }
        return try evaluator.value(of: template)
    }

    func value(of path: JSONPath, on input: JSON, _ frame: Frame) throws(StatesError) -> JSON {
        if path.isWholeInput { return input }
        return try evaluator(on: input, frame).value(of: path)
    }

    func find(_ path: JSONPath, on input: JSON, _ frame: Frame) -> JSON? {
        if path.root == .input { return path.find(in: input) }
        return evaluator(on: input, frame).find(path)
    }

    private func apply(_ field: StateDefinition.PathField, to input: JSON, _ frame: Frame) throws(StatesError) -> JSON {
        switch field {
        case .path(let path): try value(of: path, on: input, frame)
        case .discard: .object([:])
        }
    }

    /// The input after `InputPath`.
    func effectiveInput(_ frame: Frame, _ current: StateDefinition) throws(StatesError) -> JSON {
        try apply(current.inputPath, to: frame.input, frame)
    }

    /// The input after `InputPath` and `Parameters`.
    mutating func effectiveInput(
        _ frame: Frame,
        _ current: StateDefinition,
        parameters: Template?,
        token: String? = nil
    ) throws(StatesError) -> JSON {
        let input = try effectiveInput(frame, current)
        guard let parameters else { return input }
        return try evaluate(parameters, on: input, frame, token: token)
    }

    /// The output: what `OutputPath` leaves of a value.
    func output(_ value: JSON, _ frame: Frame, _ current: StateDefinition) throws(StatesError) -> JSON {
        let output = try apply(current.outputPath, to: value, frame)
        try checkSize(of: output, from: current.name)
        return output
    }

    /// The output for a result: `ResultSelector`, `ResultPath` into the raw input, `OutputPath`.
    mutating func output(
        result: JSON,
        _ fields: ResultFields,
        _ frame: Frame,
        _ current: StateDefinition
    ) throws(StatesError) -> JSON {
        var selected = result
        if let selector = fields.selector { selected = try evaluate(.jsonPath(selector), on: result, frame) }
        return try output(put(selected, at: fields.path, into: frame.input), frame, current)
    }

    func put(_ result: JSON, at path: ResultPath, into input: JSON) throws(StatesError) -> JSON {
        switch path {
        case .discard: return input
        case .put(let path):
            do {
                return try path.put(result, into: input)
            } catch {
                throw StatesError(
                    name: StatesError.resultPathMatchFailure,
                    cause: "Unable to apply ReferencePath \(path.text) to input \(input.text)"
                )
            }
        }
    }

    func checkSize(of value: JSON, from name: String) throws(StatesError) {
        guard value.exceeds(Self.dataLimit) else { return }
        throw StatesError(
            name: StatesError.dataLimitExceeded,
            cause: "The state/task '\(name)' returned a result with a size exceeding the maximum number of bytes "
                + "service limit."
        )
    }

    /// The item of the innermost Map around a frame.
    private func mapItem(of frame: Frame) -> ContextObject.MapItem? {
        var child = frame
        while let id = child.parent, let parent = state.frames[id] {
            if let current = definition.statesByName[parent.stateName], case .map(let map) = current.kind,
                let items = try? items(of: map, parent, current), items.indices.contains(child.index)
            {
                return ContextObject.MapItem(index: child.index, value: items[child.index])
            }
            child = parent
        }
        return nil
    }
}

extension JSON {
    /// Whether the value's text has more bytes than that; stops counting when it knows.
    func exceeds(_ limit: Int) -> Bool {
        var left = limit
        return !take(from: &left)
    }

    /// Takes the bytes of the text from what is left; `false` when that is too little.
    private func take(from left: inout Int) -> Bool {
        switch self {
        case .null: left -= 4
        case .bool(let value): left -= value ? 4 : 5
        case .integer(let value): left -= abs(value) < 1000 ? (value < 0 ? 3 : 2) : value.description.utf8.count
        case .double(let value): left -= value.description.utf8.count
        case .string(let text): left -= text.utf8.count + 2
        case .array(let values):
            left -= 1 + max(1, values.count)
            for value in values where !value.take(from: &left) { return false }
        case .object(let object):
            left -= 1 + max(1, object.count)
            for (key, value) in object {
                left -= key.utf8.count + 3
                guard value.take(from: &left) else { return false }
            }
        }
        return left >= 0
    }
}

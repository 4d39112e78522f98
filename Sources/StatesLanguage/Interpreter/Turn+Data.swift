import FoundationEssentials
import JSON

// What a state sees of its input, and what it makes of its result.
extension Turn {
    /// An input, result or output may be so many bytes of UTF-8.
    static let dataLimit = 262_144
    /// So deep may arrays and objects be nested in one another, that what is saved of them can be read again.
    static let depthLimit = 800

    /// What is there only at some moments of a state.
    struct Moment {
        var taskToken: String?
        var item: ContextObject.MapItem?
        /// `$states.result`.
        var result: JSON?
        /// `$states.errorOutput`.
        var errorOutput: JSON?
    }

    // MARK: Evaluating

    /// The context object of a frame's state.
    func context(of frame: Frame, _ moment: Moment = Moment()) -> ContextObject {
        let hasRetries = definition.statesByName[frame.stateName]?.handling != nil
        return ContextObject(
            execution: state.context,
            stateName: frame.stateName,
            enteredTime: frame.enteredTime,
            retryCount: hasRetries ? frame.retries.reduce(0, +) : nil,
            taskToken: moment.taskToken,
            mapItem: moment.item ?? mapItem(of: frame)
        )
    }

    func evaluator(on input: JSON, _ frame: Frame, _ moment: Moment = Moment()) -> Evaluator {
        Evaluator(
            input: input,
            surroundings: Surroundings(context: context(of: frame, moment), variables: variables(of: frame)),
            generator: state.generator,
            states: .init(input: frame.input.value, result: moment.result, errorOutput: moment.errorOutput),
            now: now,
            slice: slice
        )
    }

    /// Runs an evaluation and keeps the state of the generator that it leaves.
    mutating func evaluating<Value>(
        on input: JSON,
        _ frame: Frame,
        _ moment: Moment = Moment(),
        _ body: (inout Evaluator) throws(StatesError) -> Value
    ) throws(StatesError) -> Value {
        var evaluator = evaluator(on: input, frame, moment)
        defer { state.generator = evaluator.generator }
        return try body(&evaluator)
    }

    mutating func evaluate(
        _ template: Template,
        on input: JSON,
        _ frame: Frame,
        _ moment: Moment = Moment()
    ) throws(StatesError) -> JSON {
        switch template {
        case .jsonPath(.literal(let value)), .jsonata(.literal(let value)): return value
        default:
            return try evaluating(on: input, frame, moment) { (evaluator) throws(StatesError) in
                try evaluator.value(of: template)
            }
        }
    }

    func value(of path: JSONPath, on input: JSON, _ frame: Frame) throws(StatesError) -> JSON {
        if path.isWholeInput { return input }
        return try evaluator(on: input, frame).value(of: path)
    }

    func find(_ path: JSONPath, on input: JSON, _ frame: Frame) -> JSON? {
        if path.root == .input, path.isReference { return path.find(in: input) }
        return evaluator(on: input, frame).find(path)
    }

    // MARK: Variables

    /// The variables that a frame's state sees.
    func variables(of frame: Frame) -> VariableScope {
        guard state.variableBytes > 0 else { return .empty }
        var scope = VariableScope(state.variables[frame.id] ?? [:])
        var next = frame.parent
        while let id = next {
            if let variables = state.variables[id] { scope.add(variables) }
            next = state.frames[id]?.parent
        }
        return scope
    }

    /// What an `Assign` sets; it and the output are computed from the variables as they were.
    private mutating func assigned(
        _ assign: Template?,
        on input: JSON,
        _ frame: Frame,
        _ moment: Moment
    ) throws(StatesError) -> JSONObject {
        guard let assign, let variables = try evaluate(assign, on: input, frame, moment).object else { return [:] }
        try check(variables, frame)
        return variables
    }

    private func check(_ variables: JSONObject, _ frame: Frame) throws(StatesError) {
        for (name, value) in variables where value.exceeds(VariableLimit.assign) {
            throw tooLarge(
                "The value of the variable '\(name)' exceeds the maximum size of \(VariableLimit.assign) bytes."
            )
        }
        for (name, value) in variables where value.isNested(deeperThan: Self.depthLimit) {
            throw tooLarge("The value of the variable '\(name)' is nested deeper than \(Self.depthLimit) levels.")
        }
        let size = variables.variableBytes
        guard size <= VariableLimit.assign else {
            throw tooLarge(
                "The variables assigned by the state exceed the maximum size of \(VariableLimit.assign) bytes."
            )
        }
        guard state.variableBytes + size > VariableLimit.execution else { return }
        let old = state.variables[frame.id] ?? [:]
        let replaced = JSONObject(old.filter { variables[$0.key] != nil }.map { ($0.key, $0.value) })
        guard state.variableBytes + size - replaced.variableBytes > VariableLimit.execution else { return }
        throw tooLarge("The variables of the execution exceed the maximum size of \(VariableLimit.execution) bytes.")
    }

    private func tooLarge(_ cause: String) -> StatesError {
        StatesError(name: StatesError.dataLimitExceeded, cause: cause)
    }

    /// Sets variables in a frame's own scope.
    mutating func assign(_ variables: JSONObject, in frame: Frame) {
        for (name, value) in variables {
            if let old = state.variables[frame.id]?[name] {
                state.variableBytes -= JSONObject([(name, old)]).variableBytes
            }
            state.variables[frame.id, default: [:]][name] = value
        }
        state.variableBytes += variables.variableBytes
    }

    /// Forgets the variables of a scope that ends.
    mutating func forgetVariables(of frame: Frame) {
        guard state.variableBytes > 0, let variables = state.variables.removeValue(forKey: frame.id) else { return }
        state.variableBytes -= variables.variableBytes
    }

    // MARK: Input and output

    private func apply(
        _ field: StateDefinition.PathField,
        to payload: Payload,
        _ frame: Frame
    ) throws(StatesError) -> Payload {
        switch field {
        case .path(let path):
            path.isWholeInput ? payload : Payload(try value(of: path, on: payload.value, frame))
        case .discard: [:]
        }
    }

    /// The input after `InputPath`.
    func effectiveInput(_ frame: Frame, _ current: StateDefinition) throws(StatesError) -> Payload {
        try apply(current.inputPath, to: frame.input, frame)
    }

    /// The input after `Parameters` or `Arguments`.
    mutating func arguments(
        _ template: Template?,
        _ input: Payload,
        _ frame: Frame,
        taskToken: String? = nil
    ) throws(StatesError) -> Payload {
        note(.afterInputPath, input)
        guard let template else { return input }
        let value = try evaluate(template, on: input.value, frame, Moment(taskToken: taskToken))
        if case .jsonata = template {
            note(.afterArguments, Payload(value))
        } else {
            note(.afterParameters, Payload(value))
        }
        return Payload(value)
    }

    /// Leaves a state that has no result of its own.
    mutating func exit(
        _ frame: Frame,
        _ current: StateDefinition,
        passing payload: Payload
    ) throws(StatesError) -> Step {
        try exit(frame, current, passing: payload, to: current.transition, current.assign, current.output)
    }

    mutating func exit(
        _ frame: Frame,
        _ current: StateDefinition,
        passing payload: Payload,
        to transition: StateDefinition.Transition,
        _ assign: Template?,
        _ output: JSONataTemplate?
    ) throws(StatesError) -> Step {
        let result = try self.output(payload, output, frame, current, Moment())
        let variables = try assigned(assign, on: payload.value, frame, Moment())
        return .exit(Exit(output: result, assigned: variables, transition: transition))
    }

    /// Leaves a state with a result: `ResultSelector`, `ResultPath` into the raw input and `OutputPath`, or `Output`.
    mutating func exit(
        _ frame: Frame,
        _ current: StateDefinition,
        result: Payload,
        _ fields: ResultFields
    ) throws(StatesError) -> Step {
        note(.result, result)
        let moment = Moment(result: result.value)
        var selected = result
        if let selector = fields.selector {
            selected = Payload(try evaluate(.jsonPath(selector), on: result.value, frame))
            note(.afterResultSelector, selected)
        }
        let placed = try put(selected, at: fields.path, into: frame.input)
        if current.queryLanguage == .jsonPath { note(.afterResultPath, placed) }
        let output = try output(placed, current.output, frame, current, moment)
        let variables = try assigned(current.assign, on: selected.value, frame, moment)
        return .exit(Exit(output: output, assigned: variables, transition: current.transition))
    }

    /// What a catcher passes on, and the variables that it sets.
    mutating func exit(
        _ frame: Frame,
        _ current: StateDefinition,
        error: JSON,
        _ catcher: Catcher
    ) throws(StatesError) -> Exit {
        let moment = Moment(errorOutput: error)
        var output = try put(Payload(error), at: catcher.resultPath, into: frame.input)
        if let template = catcher.output {
            output = Payload(try evaluate(.jsonata(template), on: frame.input.value, frame, moment))
        }
        try checkSize(of: output, from: current.name)
        let variables = try assigned(catcher.assign, on: error, frame, moment)
        return Exit(output: output, assigned: variables, transition: .next(catcher.next))
    }

    /// The output: what `Output` makes, or what `OutputPath` leaves of a value.
    private mutating func output(
        _ payload: Payload,
        _ template: JSONataTemplate?,
        _ frame: Frame,
        _ current: StateDefinition,
        _ moment: Moment
    ) throws(StatesError) -> Payload {
        let output: Payload
        if let template {
            output = Payload(try evaluate(.jsonata(template), on: frame.input.value, frame, moment))
        } else {
            output = try apply(current.outputPath, to: payload, frame)
        }
        try checkSize(of: output, from: current.name)
        return output
    }

    func put(_ result: Payload, at path: ResultPath, into input: Payload) throws(StatesError) -> Payload {
        switch path {
        case .discard: return input
        case .put(let path):
            if path.steps.isEmpty { return result }
            do {
                return Payload(try path.put(result.value, into: input.value))
            } catch {
                var conflict = StatesError(name: StatesError.referencePathConflict, cause: error.message)
                conflict.alias = StatesError.resultPathMatchFailure
                throw conflict
            }
        }
    }

    func checkSize(of payload: Payload, from name: String) throws(StatesError) {
        if let error = fault(of: payload, from: name) { throw error }
    }

    /// What is wrong with the size or the depth of a result.
    func fault(of payload: Payload, from name: String) -> StatesError? {
        if payload.exceeds(Self.dataLimit) {
            return tooLarge(
                "The state/task '\(name)' returned a result with a size exceeding the maximum number of bytes "
                    + "service limit."
            )
        }
        guard payload.value.isNested(deeperThan: Self.depthLimit) else { return nil }
        return tooLarge("The state/task '\(name)' returned a result nested deeper than \(Self.depthLimit) levels.")
    }

    /// The item of the innermost Map around a frame.
    private func mapItem(of frame: Frame) -> ContextObject.MapItem? {
        var child = frame
        while let id = child.parent, let parent = state.frames[id] {
            if case .children(let children) = parent.phase, children.items.indices.contains(child.index) {
                return ContextObject.MapItem(index: child.index, value: children.items[child.index])
            }
            child = parent
        }
        return nil
    }
}

import FoundationEssentials
import JSON

/// What the expressions of a state see beside its input.
struct Surroundings: Sendable {
    var context: Context
    var variables: VariableScope

    /// The context object, made into JSON when it is asked for, or a value that stands for it.
    enum Context: Sendable {
        case object(ContextObject)
        case value(JSON)

        var json: JSON {
            switch self {
            case .object(let object): object.json
            case .value(let value): value
            }
        }
    }

    init(context: ContextObject, variables: VariableScope = .empty) {
        self.context = .object(context)
        self.variables = variables
    }

    init(context: JSON, variables: VariableScope) {
        self.context = .value(context)
        self.variables = variables
    }
}

/// Evaluates paths, templates and expressions against a state's input, its context object and its variables.
///
/// Failures carry AWS's words without the state's name; the interpreter puts that in front.
struct Evaluator {
    /// What `$` is in paths.
    var input: JSON
    var surroundings: Surroundings
    var generator: SeededGenerator
    /// What `$states` holds beside the context object.
    var states = StatesVariable()
    /// What `$now` answers.
    let now: Date
    /// How long it may take.
    var slice: TimeSlice?

    /// The parts of `$states` that the moment decides.
    struct StatesVariable {
        var input = JSON.null
        var result: JSON?
        var errorOutput: JSON?
    }

    /// The value of a template of either language.
    mutating func value(of template: Template) throws(StatesError) -> JSON {
        switch template {
        case .jsonPath(let template): try value(of: template)
        case .jsonata(let template): try value(of: template)
        }
    }

    // MARK: Paths

    /// What a path finds, if it leads anywhere.
    func find(_ path: JSONPath) -> JSON? {
        guard let root = root(of: path) else { return nil }
        return try? path.evaluate(in: root, surroundings)
    }

    /// What a path finds for a member of a template, where an element past the end of an array is null, as on AWS.
    private func member(_ path: JSONPath, field: String) throws(StatesError) -> JSON {
        if let root = root(of: path), path.isPastEnd(in: root) { return .null }
        return try value(of: path, field: field, missing: StatesError.parameterPathFailure)
    }

    /// What a path finds, for a field whose failures are AWS's `Invalid path`.
    func value(of path: JSONPath) throws(StatesError) -> JSON {
        if path.isWholeInput { return input }
        try checkInput(of: path)
        guard let root = root(of: path) else {
            throw StatesError(
                name: StatesError.runtime,
                cause: "Invalid path '\(path.text)' : The variable has no value."
            )
        }
        do {
            return try path.evaluate(in: root, surroundings)
        } catch {
            throw StatesError(name: StatesError.runtime, cause: "Invalid path '\(path.text)' : \(error.message)")
        }
    }

    /// There is no way into null, and nothing to make of it.
    private func checkInput(of path: JSONPath) throws(StatesError) {
        guard path.root == .input, input.isNull else { return }
        throw .runtime("Unable to apply Path transformation to null or empty input.")
    }

    /// What a path starts from; `nil` for a variable without value.
    private func root(of path: JSONPath) -> JSON? {
        switch path.root {
        case .input: input
        case .context: surroundings.context.json
        case .variable(let name): surroundings.variables[name]
        }
    }

    /// What a path finds, for a field whose failures name it.
    ///
    /// The alias is the name that the specification has for a failure.
    func value(of path: JSONPath, field: String, missing alias: String?) throws(StatesError) -> JSON {
        try checkInput(of: path)
        if path.isWholeInput { return input }
        guard let value = find(path) else {
            if let root = root(of: path), path.choosesFromNothing(in: root) { return [] }
            let root = root(of: path) ?? input
            throw .runtime(
                "The JSONPath '\(path.text)' specified for the field '\(field)' could not be found in the input "
                    + "'\(root.text)'",
                alias: alias
            )
        }
        return value
    }

    // MARK: Payload templates

    /// The value of a template.
    mutating func value(of template: PayloadTemplate) throws(StatesError) -> JSON {
        switch template {
        case .literal(let value):
            return value
        case .array(let templates):
            var values: [JSON] = []
            for template in templates { values.append(try value(of: template)) }
            return .array(values)
        case .object(let members):
            var object = JSONObject()
            for member in members { object[member.key] = try value(of: member.value) }
            return .object(object)
        case .expression(let expression, let field):
            if case .path(let path) = expression { return try member(path, field: field) }
            return try value(of: expression, field: field, missing: StatesError.parameterPathFailure)
        }
    }

    /// The value of a path or call that stands in a field.
    mutating func value(
        of expression: PayloadTemplate.Expression,
        field: String,
        missing alias: String?
    ) throws(StatesError) -> JSON {
        switch expression {
        case .path(let path): try value(of: path, field: field, missing: alias)
        case .intrinsic(let call): try value(of: call, field: field, missing: alias)
        }
    }
}

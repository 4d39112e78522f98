import JSON

/// Evaluates paths, templates and intrinsic calls against a state's input and the context object.
///
/// Failures carry AWS's words without the state's name; the interpreter puts that in front.
struct Evaluator {
    var input: JSON
    var context: ContextObject
    var generator: SeededGenerator

    /// What a path finds, if it leads anywhere.
    func find(_ path: JSONPath) -> JSON? {
        path.find(in: path.root == .input ? input : context.json)
    }

    /// What a path finds, for a field whose failures are AWS's `Invalid path`.
    func value(of path: JSONPath) throws(StatesError) -> JSON {
        if path.isWholeInput { return input }
        do {
            return try path.evaluate(in: path.root == .input ? input : context.json)
        } catch {
            throw StatesError(name: StatesError.runtime, cause: "Invalid path '\(path.text)' : \(error.message)")
        }
    }

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
            return try value(of: expression, field: field, missing: StatesError.parameterPathFailure)
        }
    }

    /// The value of a path or call that stands in a field.
    mutating func value(
        of expression: PayloadTemplate.Expression,
        field: String,
        missing name: String
    ) throws(StatesError) -> JSON {
        switch expression {
        case .path(let path): try value(of: path, field: field, missing: name)
        case .intrinsic(let call): try value(of: call, field: field, missing: name)
        }
    }

    func value(of path: JSONPath, field: String, missing name: String) throws(StatesError) -> JSON {
        if path.isWholeInput { return input }
        guard let value = find(path) else {
            throw StatesError(
                name: name,
                cause: "The JSONPath '\(path.text)' specified for the field '\(field)' could not be found in the input "
                    + "'\((path.root == .input ? input : context.json).text)'"
            )
        }
        return value
    }
}

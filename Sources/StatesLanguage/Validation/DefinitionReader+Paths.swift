import JSON

// Paths, and templates with paths in them.
extension DefinitionReader {
    mutating func path(_ name: String, in fields: Fields) -> JSONPath? {
        guard let text = string(name, in: fields) else { return nil }
        do throws(PathError) {
            let path = try JSONPathParser.parse(text)
            note(path, at: fields.place(name))
            return path
        } catch {
            report(fields.place(name), "Value must be a valid JSONPath.", remedy: error.message)
            return nil
        }
    }

    /// A path that finds one value at most.
    mutating func singlePath(_ name: String, in fields: Fields) -> JSONPath? {
        guard let text = string(name, in: fields) else { return nil }
        do throws(PathError) {
            let path = try JSONPathParser.parse(text)
            note(path, at: fields.place(name))
            guard path.isReference else { throw PathError(message: "only names and indexes may follow \"$\"") }
            return path
        } catch {
            reportNoReference(text, error, at: fields.place(name))
            return nil
        }
    }

    /// A path that finds one value at most, and not in the context object.
    mutating func inputPath(_ name: String, in fields: Fields) -> JSONPath? {
        guard let path = singlePath(name, in: fields) else { return nil }
        guard path.root == .context else { return path }
        reportNoReference(path.text, PathError(message: "the context object is not there"), at: fields.place(name))
        return nil
    }

    /// The path of a choice rule.
    mutating func operand(_ name: String, in fields: Fields) -> JSONPath? {
        guard let text = string(name, in: fields) else { return nil }
        do throws(PathError) {
            let path = try JSONPathParser.parse(text)
            note(path, at: fields.place(name))
            return path
        } catch {
            reportNoReference(text, error, at: fields.place(name))
            return nil
        }
    }

    private mutating func reportNoReference(_ text: String, _ error: PathError, at place: String) {
        report(place, "Value is not a Reference Path\(Self.flaw(of: text))", remedy: error.message)
    }

    /// What AWS has against a text as a reference path, as far as its words for it are known.
    private static func flaw(of text: String) -> String {
        guard text.hasPrefix("$") else { return ": Reference path didn't start with '$'" }
        var quote: Character?
        var previous: Character?
        for character in text {
            if let open = quote {
                if character == open, previous != "\\" { quote = nil }
            } else if previous == "[" {
                guard "'\"".contains(character) || character.isASCII && character.isNumber || character == "-" else {
                    return ": '[' must be followed by ' or '['"
                }
                if "'\"".contains(character) { quote = character }
            }
            previous = character
        }
        return ""
    }

    /// `InputPath` or `OutputPath`.
    mutating func pathField(_ name: String, in fields: Fields) -> StateDefinition.PathField {
        if fields.object[name]?.isNull == true { return .discard }
        return .path(path(name, in: fields) ?? .input)
    }

    mutating func resultPath(in fields: Fields) -> ResultPath {
        guard let value = fields.object["ResultPath"] else { return .put(.input) }
        if value.isNull { return .discard }
        guard let text = string("ResultPath", in: fields) else { return .discard }
        do throws(PathError) {
            return .put(try ReferencePath(text))
        } catch {
            reportNoReference(text, error, at: fields.place("ResultPath"))
            return .discard
        }
    }

    mutating func payloadTemplate(_ name: String, in fields: Fields) -> PayloadTemplate? {
        guard let value = fields.object[name] else { return nil }
        checkTemplate(value, at: fields.place(name))
        return PayloadTemplate(value) { _, _ in }
    }

    /// Reports each member of a template that is no path and no call, and those that look as if they were meant as one.
    private mutating func checkTemplate(_ value: JSON, at place: String) {
        switch value {
        case .array(let values):
            for (index, value) in values.enumerated() { checkTemplate(value, at: "\(place)[\(index)]") }
        case .object(let object):
            for (key, value) in object {
                if key.hasSuffix(".$") {
                    _ = expression(value, field: key, at: place, of: "\(place)/\(key)")
                } else {
                    warnOfExpression(value, key, at: place)
                    checkTemplate(value, at: "\(place)/\(key)")
                }
            }
        default: break
        }
    }

    private mutating func warnOfExpression(_ value: JSON, _ key: String, at place: String) {
        guard let text = value.string, Self.looksLikePath(text) || text.hasPrefix("States.") && text.hasSuffix(")")
        else { return }
        report(
            "\(place)/\(key)",
            "No .$ on a field that appears to be a JSONPath or Intrinsic Function",
            code: .noDollar,
            severity: .warning,
            remedy: "write \"\(key).$\" for a value that is found at runtime"
        )
    }

    /// A path or an intrinsic call.
    mutating func expression(
        _ value: JSON,
        field: String,
        at place: String,
        of own: String
    ) -> PayloadTemplate.Expression? {
        do throws(PathError) {
            guard let text = value.string else { throw PathError(message: "the value is no string") }
            let expression = try PayloadTemplate.Expression(text)
            note(expression, at: own)
            return expression
        } catch {
            report(
                place,
                "The value for the field '\(field)' must be a valid JSONPath or a valid intrinsic function call",
                remedy: error.message
            )
            return nil
        }
    }

    // MARK: Variables

    mutating func note(_ path: JSONPath, at place: String) {
        for name in path.variables { variables.read(name, at: place) }
    }

    private mutating func note(_ expression: PayloadTemplate.Expression, at place: String) {
        switch expression {
        case .path(let path): note(path, at: place)
        case .intrinsic(let call): note(call, at: place)
        }
    }

    private mutating func note(_ call: Intrinsic, at place: String) {
        for argument in call.arguments {
            switch argument {
            case .path(let path): note(path, at: place)
            case .call(let inner): note(inner, at: place)
            case .literal, .template: break
            }
        }
    }
}

extension JSONPath {
    /// The path of the whole input.
    static let input = JSONPath(text: "$", root: .input, segments: [], function: nil)
}

extension ReferencePath {
    /// The path of the whole input.
    static let input = ReferencePath()

    private init() {
        text = "$"
        steps = []
    }
}

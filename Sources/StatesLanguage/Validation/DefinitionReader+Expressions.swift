import JSON
import JSONata

// JSONata: what stands between `{%` and `%}`.
extension DefinitionReader {
    /// What `$states` has at a place beyond the input and the context.
    struct Sight: OptionSet {
        let rawValue: Int
        /// `$states.result`.
        static let result = Sight(rawValue: 1)
        /// `$states.errorOutput`.
        static let errorOutput = Sight(rawValue: 2)
    }

    /// A string of a JSONata state.
    enum Text {
        case plain
        case expression(JSONataExpression)
        case wrong
    }

    /// Reads a string that may be an expression.
    mutating func text(_ text: String, at place: String, seeing sight: Sight = []) -> Text {
        guard text.hasPrefix("{%") else { return .plain }
        guard text.hasSuffix("%}"), text.utf8.count >= 4 else {
            report(place, "JSONata string must start with {% and end with %}")
            return .wrong
        }
        let source = text.dropFirst(2).dropLast(2).drop(while: \.isWhitespace)
        let end = source.lastIndex { !$0.isWhitespace }.map(source.index(after:)) ?? source.startIndex
        do {
            let expression = try JSONataExpression(String(source[..<end]))
            checkReferences(of: expression.expression, at: place, seeing: sight)
            return .expression(expression)
        } catch {
            report(
                place,
                error.message,
                code: .invalidJSONataExpression,
                remedy: "\(error.code) at character \(error.position)"
            )
            return .wrong
        }
    }

    /// Reports what an expression reads and is not there.
    private mutating func checkReferences(of expression: Expression, at place: String, seeing sight: Sight) {
        var faults: [String] = []
        for name in expression.inputReferences.map(\.name) where name != "*" && name != "**" {
            faults.append("Reference to '\(name)' \(name == "$$" ? "" : "at the top level ")is not supported.")
        }
        for reference in expression.variableReferences(library: .stepFunctions) {
            guard reference.name == "states" else {
                variables.read(reference.name, at: place)
                continue
            }
            if let member = reference.member, !sight.has(member) {
                faults.append("Field '$states.\(member)' does not exist.")
            }
        }
        var told: Set<String> = []
        for fault in faults where told.insert(fault).inserted {
            report(place, fault, code: .unsupportedJSONataExpression)
        }
    }

    /// A template in the language of its state: `Parameters` or `Arguments`, `ItemSelector`, `Credentials`.
    mutating func template(_ name: String, in fields: Fields) -> Template? {
        switch fields.language {
        case .jsonPath: payloadTemplate(name, in: fields).map(Template.jsonPath)
        case .jsonata: jsonataTemplate(name, in: fields).map(Template.jsonata)
        }
    }

    mutating func jsonataTemplate(_ name: String, in fields: Fields, seeing sight: Sight = []) -> JSONataTemplate? {
        guard fields.language == .jsonata, let value = fields.object[name] else { return nil }
        return template(value, named: fields.name(of: name), at: fields.place(name), seeing: sight)
    }

    private mutating func template(
        _ value: JSON,
        named name: String,
        at place: String,
        seeing sight: Sight
    ) -> JSONataTemplate {
        switch value {
        case .string(let string):
            guard case .expression(let expression) = text(string, at: place, seeing: sight) else {
                return .literal(value)
            }
            return .expression(expression, field: name)
        case .array(let values):
            var templates: [JSONataTemplate] = []
            for (index, value) in values.enumerated() {
                let step = "[\(index)]"
                templates.append(template(value, named: name + step, at: place + step, seeing: sight))
            }
            return templates.allSatisfy(\.isLiteral) ? .literal(value) : .array(templates)
        case .object(let object):
            var members: [JSONataTemplate.Member] = []
            for (key, value) in object {
                let template = template(value, named: "\(name)/\(key)", at: "\(place)/\(key)", seeing: sight)
                members.append(JSONataTemplate.Member(key: key, value: template))
            }
            return members.allSatisfy(\.value.isLiteral) ? .literal(value) : .object(members)
        default:
            return .literal(value)
        }
    }

    /// An integer that is written down, found by the field's variant with `Path`, or computed.
    mutating func limit(_ name: String, in fields: Fields, in range: ClosedRange<Int>) -> Limit? {
        if fields.language == .jsonata, let expression = expression(name, in: fields) {
            return expression.map(Limit.expression)
        }
        checkExclusive([name, "\(name)Path"], in: fields)
        if let value = integer(name, in: fields, in: range) { return .value(value) }
        return path("\(name)Path", in: fields).map(Limit.path)
    }

    /// An integer of a Map, whose path may lead to one place of the input or of a variable only.
    mutating func mapLimit(_ name: String, in fields: Fields, to maximum: Int = .max) -> Limit? {
        let pathName = "\(name)Path"
        guard fields.has(pathName) else { return limit(name, in: fields, in: 0...maximum) }
        checkExclusive([name, pathName], in: fields)
        _ = integer(name, in: fields, in: 0...maximum)
        return inputPath(pathName, in: fields).map(Limit.path)
    }

    /// The expression of a field that otherwise holds something else than a string beginning with `{%`.
    ///
    /// - Returns: `nil` where the field holds something else, and within it `nil` for an expression that is wrong.
    mutating func expression(_ name: String, in fields: Fields) -> JSONataExpression?? {
        guard let string = fields.object[name]?.string else { return .none }
        switch text(string, at: fields.place(name)) {
        case .plain: return .none
        case .wrong: return .some(nil)
        case .expression(let expression): return expression
        }
    }
}

extension DefinitionReader.Sight {
    /// Whether `$states` has a member.
    fileprivate func has(_ member: String) -> Bool {
        switch member {
        case "input", "context": true
        case "result": contains(.result)
        case "errorOutput": contains(.errorOutput)
        default: false
        }
    }
}

extension JSONataTemplate {
    fileprivate var isLiteral: Bool {
        if case .literal = self { true } else { false }
    }
}

import FoundationEssentials
import JSON

extension DefinitionReader {
    mutating func choice(_ fields: Fields) -> ChoiceState? {
        checkRequired(["Choices"], in: fields)
        let fallback = string("Default", in: fields)
        guard let entries = objects("Choices", in: fields) else { return nil }
        checkNotEmpty("Choices", in: fields)
        let rules = entries.compactMap { rule($0) }
        return rules.count == entries.count ? ChoiceState(rules: rules, fallback: fallback) : nil
    }

    private mutating func rule(_ fields: Fields) -> ChoiceState.Rule? {
        checkRequired(["Next"], in: fields)
        let condition = condition(fields, isNested: false)
        let assign = assign(in: fields)
        let output = jsonataTemplate("Output", in: fields)
        guard let condition, let next = string("Next", in: fields) else { return nil }
        return ChoiceState.Rule(condition: condition, next: next, assign: assign, output: output)
    }

    private mutating func condition(_ fields: Fields, isNested: Bool) -> ChoiceState.Condition? {
        checkNames(
            of: fields,
            known: Self.ruleNames + (isNested ? ["Comment"] : ["Comment", "Next", "Assign", "Output"])
        )
        let heads = Self.heads.filter(fields.has)
        guard heads.count == 1 else {
            report(
                fields.location,
                "The object must have only one of the following fields, [\(Self.heads.joined(separator: ", "))]"
            )
            return nil
        }
        switch heads[0] {
        case "And", "Or": return combination(heads[0], fields)
        case "Not": return negation(fields)
        case "Variable": return comparison(fields)
        default: return computed(fields)
        }
    }

    /// `Condition` of JSONata.
    private mutating func computed(_ fields: Fields) -> ChoiceState.Condition? {
        guard fields.language == .jsonata else { return nil }
        if let bool = fields.object["Condition"]?.bool {
            return (try? JSONataExpression(bool ? "true" : "false")).map(ChoiceState.Condition.expression)
        }
        if let expression = expression("Condition", in: fields) {
            return expression.map(ChoiceState.Condition.expression)
        }
        report(fields.place("Condition"), "Expected value of type Boolean or JSONata")
        return nil
    }

    private mutating func combination(_ name: String, _ fields: Fields) -> ChoiceState.Condition? {
        guard let entries = objects(name, in: fields) else { return nil }
        checkNotEmpty(name, in: fields)
        let conditions = entries.compactMap { condition($0, isNested: true) }
        guard conditions.count == entries.count else { return nil }
        return name == "And" ? .and(conditions) : .or(conditions)
    }

    private mutating func negation(_ fields: Fields) -> ChoiceState.Condition? {
        guard let inner = self.fields("Not", in: fields) else { return nil }
        return condition(inner, isNested: true).map(ChoiceState.Condition.not)
    }

    private mutating func comparison(_ fields: Fields) -> ChoiceState.Condition? {
        let variable = operand("Variable", in: fields)
        let given = fields.object.keys.filter(Self.operatorNames.contains)
        let names = given.isEmpty ? Self.operators : given
        guard checkExactlyOne(names, in: fields) else { return nil }
        let test = test(given[0], fields)
        guard let variable, let test else { return nil }
        return .test(variable, test)
    }

    private mutating func test(_ name: String, _ fields: Fields) -> ChoiceState.Test? {
        if let kind = ChoiceState.Kind(rawValue: name) {
            return boolean(name, in: fields).map { .isKind(kind, $0) }
        }
        switch name {
        case "IsPresent": return boolean(name, in: fields).map { .isPresent($0) }
        case "StringMatches": return pattern(fields).map { .matches($0) }
        case "BooleanEquals": return boolean(name, in: fields).map { .boolean(.value($0)) }
        case "BooleanEqualsPath": return operand(name, in: fields).map { .boolean(.path($0)) }
        default: return ordered(name, fields)
        }
    }

    /// `StringLessThan`, `NumericEqualsPath` and their kin.
    private mutating func ordered(_ name: String, _ fields: Fields) -> ChoiceState.Test? {
        let isPath = name.hasSuffix("Path")
        let base = isPath ? String(name.dropLast(4)) : name
        guard let prefix = Self.prefixes.first(where: base.hasPrefix),
            let order = ChoiceState.Order(rawValue: String(base.dropFirst(prefix.count)))
        else { return nil }
        if isPath {
            guard let path = operand(name, in: fields) else { return nil }
            switch prefix {
            case "String": return .string(order, .path(path))
            case "Numeric": return .numeric(order, .path(path))
            default: return .timestamp(order, .path(path))
            }
        }
        switch prefix {
        case "String": return text(name, fields).map { .string(order, .value($0)) }
        case "Numeric": return numeric(name, fields).map { .numeric(order, .value($0)) }
        default: return timestamp(name, in: fields).map { .timestamp(order, .value($0)) }
        }
    }

    private mutating func text(_ name: String, _ fields: Fields) -> String? {
        if let value = fields.object[name] { warnOfPath(value, name, in: fields) }
        return string(name, in: fields)
    }

    private mutating func numeric(_ name: String, _ fields: Fields) -> JSON? {
        guard let value = fields.object[name], value.double == nil else { return fields.object[name] }
        warnOfPath(value, name, in: fields)
        report(fields.place(name), "Expected value of type Number")
        return nil
    }

    private mutating func pattern(_ fields: Fields) -> StringPattern? {
        guard let text = string("StringMatches", in: fields) else { return nil }
        if let pattern = StringPattern(text) { return pattern }
        report(
            fields.place("StringMatches"),
            "Value is not a valid pattern",
            remedy: "in \"\(text)\" a backslash may quote only \"*\" and itself"
        )
        return nil
    }

    private static let prefixes = ["String", "Numeric", "Timestamp"]

    /// The fields of which a rule has one.
    private static let heads = ["And", "Or", "Not", "Variable", "Condition"]

    private static let ruleNames = heads + operators

    private static let operators: [String] = {
        var names: [String] = []
        for prefix in prefixes {
            for order in ChoiceState.Order.allCases {
                names += ["\(prefix)\(order.rawValue)", "\(prefix)\(order.rawValue)Path"]
            }
        }
        names += ["StringMatches", "BooleanEquals", "BooleanEqualsPath", "IsPresent"]
        return names + ChoiceState.Kind.allCases.map(\.rawValue)
    }()

    private static let operatorNames = Set(operators)
}

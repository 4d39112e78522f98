import FoundationEssentials
import JSON

extension DefinitionReader {
    mutating func choice(_ fields: Fields) -> ChoiceState? {
        checkRequired(["Choices"], in: fields)
        let fallback = string("Default", in: fields)
        guard let entries = objects("Choices", in: fields) else { return nil }
        if entries.isEmpty { report(fields.place("Choices"), "Choices must have at least one rule") }
        var rules: [ChoiceState.Rule] = []
        for entry in entries {
            checkRequired(["Next"], in: entry)
            let condition = condition(entry, isNested: false)
            guard let condition, let next = string("Next", in: entry) else { continue }
            rules.append(ChoiceState.Rule(condition: condition, next: next))
        }
        return rules.count == entries.count ? ChoiceState(rules: rules, fallback: fallback) : nil
    }

    private mutating func condition(_ fields: Fields, isNested: Bool) -> ChoiceState.Condition? {
        let operators = fields.object.keys.filter(Self.operatorNames.contains)
        let known = Array(Self.operatorNames) + ["Variable", "Comment"] + (isNested ? [] : ["Next"])
        checkNames(of: fields, known: known.sorted())
        guard let name = operators.first, operators.count == 1 else {
            report(
                fields.location,
                operators.isEmpty
                    ? "A choice rule must have a comparison operator"
                    : "A choice rule must have exactly one comparison operator, but has [\(operators.joined(separator: ", "))]"
            )
            return nil
        }
        switch name {
        case "And", "Or": return combination(name, fields)
        case "Not": return negation(fields)
        default: return comparison(name, fields)
        }
    }

    private mutating func combination(_ name: String, _ fields: Fields) -> ChoiceState.Condition? {
        guard let entries = objects(name, in: fields) else { return nil }
        if entries.isEmpty { report(fields.place(name), "\(name) must have at least one rule") }
        var conditions: [ChoiceState.Condition] = []
        for entry in entries {
            if let condition = condition(entry, isNested: true) { conditions.append(condition) }
        }
        guard conditions.count == entries.count else { return nil }
        return name == "And" ? .and(conditions) : .or(conditions)
    }

    private mutating func negation(_ fields: Fields) -> ChoiceState.Condition? {
        guard let object = object("Not", in: fields) else { return nil }
        let inner = Fields(object: object, location: fields.place("Not"))
        return condition(inner, isNested: true).map(ChoiceState.Condition.not)
    }

    private mutating func comparison(_ name: String, _ fields: Fields) -> ChoiceState.Condition? {
        checkRequired(["Variable"], in: fields)
        let variable = path("Variable", in: fields)
        let test = test(name, fields)
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
        case "BooleanEqualsPath": return path(name, in: fields).map { .boolean(.path($0)) }
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
            guard let path = path(name, in: fields) else { return nil }
            switch prefix {
            case "String": return .string(order, .path(path))
            case "Numeric": return .numeric(order, .path(path))
            default: return .timestamp(order, .path(path))
            }
        }
        switch prefix {
        case "String": return string(name, in: fields).map { .string(order, .value($0)) }
        case "Numeric": return numeric(name, fields).map { .numeric(order, .value($0)) }
        default: return timestamp(name, in: fields).map { .timestamp(order, .value($0)) }
        }
    }

    private mutating func numeric(_ name: String, _ fields: Fields) -> JSON? {
        guard let value = fields.object[name], value.double == nil else { return fields.object[name] }
        report(fields.place(name), "Expected value of type Number")
        return nil
    }

    private mutating func pattern(_ fields: Fields) -> StringPattern? {
        guard let text = string("StringMatches", in: fields) else { return nil }
        if let pattern = StringPattern(text) { return pattern }
        report(
            fields.place("StringMatches"),
            "Value \"\(text)\" is not a valid pattern: a backslash may quote only \"*\" and itself"
        )
        return nil
    }

    private static let prefixes = ["String", "Numeric", "Timestamp"]

    private static let operatorNames: Set<String> = {
        var names: Set<String> = [
            "And", "Or", "Not", "BooleanEquals", "BooleanEqualsPath", "StringMatches", "IsPresent",
        ]
        for kind in ChoiceState.Kind.allCases { names.insert(kind.rawValue) }
        for prefix in prefixes {
            for order in ChoiceState.Order.allCases {
                names.formUnion(["\(prefix)\(order.rawValue)", "\(prefix)\(order.rawValue)Path"])
            }
        }
        return names
    }()
}

@testable import Personalize

/// A filter drawn at random, which can be written and, item by item, be judged by what it means.
struct RandomFilter {
    struct Condition {
        let field: String
        let comparison: Comparison
        let values: [FilterLiteral]
        /// The parameter that stands for the values.
        var parameter: String?
        /// Whether the request gives it a value.
        var isGiven = true
        /// The item's field that stands for the values.
        var currentItem: String?
    }

    struct Clause {
        let isInclude: Bool
        let isAboutEvents: Bool
        let alternatives: [[Condition]]
        let guards: [Condition]
    }

    let clauses: [Clause]

    init(_ random: inout SeededNumbers, names: inout Int) {
        var clauses: [Clause] = []
        for _ in 0...Int.random(in: 0...2, using: &random) { clauses.append(Self.clause(&random, &names)) }
        self.clauses = clauses
    }

    private static func clause(_ random: inout SeededNumbers, _ names: inout Int) -> Clause {
        let isInclude = random.isTrue(0.5)
        let isAboutEvents = random.isTrue(0.35)
        var alternatives: [[Condition]] = []
        for _ in 0...Int.random(in: 0...1, using: &random) {
            var group: [Condition] = []
            for _ in 0...Int.random(in: 0...1, using: &random) {
                let field = isAboutEvents ? "EVENT_TYPE" : random.pick(["GENRES", "BRAND", "PRICE", "YEAR"])
                group.append(condition(field, isInclude, &random, &names))
            }
            alternatives.append(group)
        }
        var guards: [Condition] = []
        while random.isTrue(0.3) {
            var next = condition(random.pick(["AGE", "TIER"]), isInclude, &random, &names)
            next.currentItem = nil
            guards.append(next)
        }
        return Clause(
            isInclude: isInclude,
            isAboutEvents: isAboutEvents,
            alternatives: alternatives,
            guards: guards
        )
    }

    private static func condition(
        _ field: String,
        _ isInclude: Bool,
        _ random: inout SeededNumbers,
        _ names: inout Int
    ) -> Condition {
        let isNumber = ["PRICE", "YEAR", "AGE"].contains(field)
        let equalities: [Comparison] = [.isIn, .isIn, .isNotIn, .equal, .notEqual]
        let comparison = isNumber ? random.pick(Comparison.allCases) : random.pick(equalities)
        let isList = comparison == .isIn || comparison == .isNotIn
        var values: [FilterLiteral] = []
        repeat { values.append(value(field, &random)) } while isList && random.isTrue(0.4)
        var condition = Condition(field: field, comparison: comparison, values: values)
        if comparison != .isNotIn, random.isTrue(0.3) {
            names += 1
            condition.parameter = "P_\(names)"
            condition.isGiven = isInclude || random.isTrue(0.7)
        } else if ["GENRES", "BRAND", "PRICE", "YEAR"].contains(field), random.isTrue(0.15) {
            condition.currentItem = random.pick(isNumber ? ["PRICE", "YEAR"] : ["GENRES", "BRAND"])
        }
        return condition
    }

    private static func value(_ field: String, _ random: inout SeededNumbers) -> FilterLiteral {
        switch field {
        case "GENRES": .text(random.pick(FilterData.categories + ["none"]))
        case "BRAND": .text(random.pick(["x", "y|z", "y"]))
        case "PRICE": .number(random.pick(FilterData.numbers + [2, 1000]))
        case "YEAR": .number(random.pick([1990, 2000, 2005, 2010]))
        case "AGE": .number(random.pick([10, 18, 20, 60]))
        case "TIER": .text(random.pick(["gold", "silver", "none", "Gold"]))
        default: .text(random.pick(["click", "BUY", "rate", "*", "wish"]))
        }
    }
}

// MARK: - As text

extension RandomFilter {
    var text: String {
        clauses.map { clause in
            let dataset = clause.isAboutEvents ? "Interactions" : "Items"
            let alternatives = clause.alternatives
                .map { $0.map { $0.text(dataset) }.joined(separator: " AND ") }
                .joined(separator: " OR ")
            let guards = clause.guards.map { $0.text("CurrentUser") }.joined(separator: " AND ")
            return "\(clause.isInclude ? "INCLUDE" : "EXCLUDE") ItemID WHERE \(alternatives)"
                + (guards.isEmpty ? "" : " IF \(guards)")
        }
        .joined(separator: " | ")
    }

    /// The values of a request.
    var filterValues: [String: String] {
        let conditions = clauses.flatMap { $0.alternatives.flatMap(\.self) + $0.guards }
        return conditions.reduce(into: [:]) { values, condition in
            guard let name = condition.parameter, condition.isGiven else { return }
            values[name] = condition.values.map(\.written).joined(separator: ",")
        }
    }
}

extension RandomFilter.Condition {
    fileprivate func text(_ dataset: String) -> String {
        let isList = comparison == .isIn || comparison == .isNotIn
        let right =
            currentItem.map { "CurrentItem.\($0)" } ?? parameter.map { isList ? "($\($0))" : "$\($0)" }
            ?? (isList ? "(\(values.map(\.written).joined(separator: ", ")))" : values[0].written)
        return "\(dataset).\(field) \(comparison.rawValue) \(right)"
    }
}

extension FilterLiteral {
    fileprivate var written: String {
        switch self {
        case .number(let number): "\(number)"
        case .text(let text): "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
        }
    }
}

// MARK: - As judgement

extension RandomFilter {
    /// Whether an item stays.
    func keeps(_ item: String, user: String, current: String, in data: FilterData) -> Bool {
        var isIncluded: Bool?
        var isExcluded = false
        for clause in clauses {
            let person = data.users[user] ?? [:]
            guard clause.guards.allSatisfy({ $0.holds($0.isGiven ? person[$0.field] ?? [] : nil) }) else { continue }
            let record = clause.isAboutEvents ? ["EVENT_TYPE": data.types(user, item)] : data.items[item] ?? [:]
            let matches = clause.alternatives.contains { group in
                group.allSatisfy { condition in
                    guard condition.isGiven else { return false }
                    let other = condition.currentItem.map { data.items[current]?[$0] ?? [] }
                    return condition.holds(record[condition.field] ?? [], other: other)
                }
            }
            if clause.isInclude { isIncluded = (isIncluded ?? false) || matches } else if matches { isExcluded = true }
        }
        return (isIncluded ?? true) && !isExcluded
    }
}

extension RandomFilter.Condition {
    fileprivate func holds(_ known: [FilterLiteral]?, other: [FilterLiteral]? = nil) -> Bool {
        guard let known else { return false }
        let wanted = other ?? values
        if ["PRICE", "YEAR", "AGE"].contains(field) {
            guard case .number(let left)? = known.first, case .number(let right)? = wanted.first else { return false }
            let isAmong = wanted.contains(.number(left))
            switch comparison {
            case .isIn, .equal: return isAmong
            case .isNotIn, .notEqual: return !isAmong
            case .less: return left < right
            case .lessOrEqual: return left <= right
            case .greater: return left > right
            case .greaterOrEqual: return left >= right
            }
        }
        let isShared = known.contains { left in
            wanted.contains { right in
                guard field == "EVENT_TYPE" else { return left == right }
                return right == .text("*") || left.text?.lowercased() == right.text?.lowercased()
            }
        }
        return isShared != (comparison == .isNotIn || comparison == .notEqual)
    }
}

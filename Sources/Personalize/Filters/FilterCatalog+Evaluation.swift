internal import JSON
internal import Recommenders

/// A filter with all that a request says about it.
struct FilterRequest: Sendable {
    let filter: RuntimeFilter
    let values: FilterValues
    var user: String?
    var item: String?
}

/// What a filter leaves of a catalogue.
struct FilterRestriction: Sendable {
    /// The items that must not be recommended.
    var excluded = ItemSet()
    /// Whether only items are wanted that the user has had to do with, so that these must not be left out.
    var wantsMetItems = false
}

extension FilterCatalog {
    /// The items that a filter takes out: all that none of its INCLUDE clauses names, and those of its EXCLUDE clauses.
    ///
    /// A clause whose IF does not hold is as if not written; the order of clauses does not matter.
    func restriction(_ request: FilterRequest) throws(PersonalizeError) -> FilterRestriction {
        var included: ItemSet?
        var restriction = FilterRestriction()
        for clause in request.filter.expression.clauses {
            guard try holds(clause.guards, request) else { continue }
            let matching =
                clause.dataset.keyColumn == nil ? events(clause, request) : try items(clause, request)
            switch clause.action {
            case .exclude: restriction.excluded.formUnion(matching)
            case .include:
                included = included ?? []
                included?.formUnion(matching)
                if clause.dataset.keyColumn == nil { restriction.wantsMetItems = true }
            }
        }
        if let included { restriction.excluded.formUnion(included.complement(below: ids.count)) }
        return restriction
    }

    /// What several filters leave together; nil when there are none.
    func restriction(_ requests: [FilterRequest]) throws(PersonalizeError) -> FilterRestriction? {
        var all: FilterRestriction?
        for request in requests { all = try restriction(request).joined(all) }
        return all
    }

    /// Builds what does not depend on a request.
    func prepare(_ expression: FilterExpression) {
        guard expression.subject == subject else { return }
        for clause in expression.clauses where clause.dataset.keyColumn != nil {
            let columns = clause.alternatives.flatMap(\.self).compactMap { itemColumn($0.field.name) }
            for field in columns { _ = column(field) }
        }
    }

    // MARK: - Items

    private func items(
        _ clause: FilterExpression.Clause,
        _ request: FilterRequest
    ) throws(PersonalizeError) -> ItemSet {
        var alternatives: [[BoundCondition]] = []
        for group in clause.alternatives {
            var bound: [BoundCondition]? = []
            for condition in group {
                guard let next = try bind(condition, request) else {
                    bound = nil
                    break
                }
                bound?.append(next)
            }
            if let bound { alternatives.append(bound) }
        }
        return items(matching: alternatives)
    }

    /// The condition with the request's values; `nil` when a value is missing, or its dataset by now.
    private func bind(
        _ condition: FilterExpression.Condition,
        _ request: FilterRequest
    ) throws(PersonalizeError) -> BoundCondition? {
        guard let column = itemColumn(condition.field.name), let kind = column.kind else { return nil }
        let literals: [FilterLiteral]
        switch condition.operand {
        case .values(let values):
            guard let given = try request.literals(values, condition.comparison, isNumber: kind.isNumber) else {
                return nil
            }
            literals = given
        case .currentItem(let field):
            literals = request.item.flatMap { items?.literals(field.name, of: $0)?.literals } ?? []
        }
        return BoundCondition(field: column, comparison: condition.comparison, literals: literals)
    }

    // MARK: - Events

    /// The items for whose types of events by the user the conditions hold; NOT IN holds for items without any.
    private func events(_ clause: FilterExpression.Clause, _ request: FilterRequest) -> ItemSet {
        var matching = ItemSet()
        for group in clause.alternatives {
            var common: ItemSet?
            for condition in group {
                let found = events(condition, request)
                common = common?.intersection(found) ?? found
            }
            matching.formUnion(common ?? [])
        }
        return matching
    }

    private func events(_ condition: FilterExpression.Condition, _ request: FilterRequest) -> ItemSet {
        guard case .values(let values) = condition.operand, let types = request.eventTypes(values),
            let user = request.user
        else { return [] }
        let found = histories.items(of: user) { types.contains("*") || types.contains($0) }
        return condition.comparison.isNegated ? found.complement(below: ids.count) : found
    }

    // MARK: - The current user

    private func holds(
        _ guards: [FilterExpression.Condition],
        _ request: FilterRequest
    ) throws(PersonalizeError) -> Bool {
        for condition in guards where try !holds(condition, request) { return false }
        return true
    }

    private func holds(
        _ condition: FilterExpression.Condition,
        _ request: FilterRequest
    ) throws(PersonalizeError) -> Bool {
        guard case .values(let values) = condition.operand, let user = request.user,
            let (known, column) = users?.literals(condition.field.name, of: user), let kind = column.kind,
            let wanted = try request.literals(values, condition.comparison, isNumber: kind.isNumber)
        else { return false }
        return condition.comparison.holds(of: known, wanted, isNumber: kind.isNumber)
    }
}

extension FilterRequest {
    /// The literals of values, of the kind a column takes; `nil` when a parameter has no value.
    fileprivate func literals(
        _ values: [FilterExpression.Value],
        _ comparison: Comparison,
        isNumber: Bool
    ) throws(PersonalizeError) -> [FilterLiteral]? {
        var literals: [FilterLiteral] = []
        for value in values {
            switch value.kind {
            case .any: break
            case .literal(let literal): literals.append(literal)
            case .parameter(let name):
                guard let given = self.values[name] else { return nil }
                try check(given, name, comparison, isNumber: isNumber)
                literals += given
            }
        }
        // Numbers in quotes are the same as without: one form, one set in the cache.
        return isNumber ? literals.compactMap { $0.number.map(FilterLiteral.number) } : literals
    }

    private func check(
        _ given: [FilterLiteral],
        _ name: String,
        _ comparison: Comparison,
        isNumber: Bool
    ) throws(PersonalizeError) {
        for literal in given where isNumber ? literal.number == nil : literal.text == nil {
            let remedy = isNumber ? "a number" : "a text in double quotes, as \"\\\"value\\\"\""
            throw PersonalizeError(.invalidInput, "filterValues.\(name): \(literal.source) must be \(remedy)")
        }
        guard !comparison.isOrder || given.count == 1 else {
            throw PersonalizeError(
                .invalidInput,
                "filterValues.\(name) has \(given.count) values; \(comparison.rawValue) takes one"
            )
        }
    }

    /// The types in lower case; `nil` when a parameter has no value.
    fileprivate func eventTypes(_ values: [FilterExpression.Value]) -> Set<String>? {
        var types: Set<String> = []
        for value in values {
            switch value.kind {
            case .any: types.insert("*")
            case .literal(let literal): types.insert(literal.typeName)
            case .parameter(let name):
                guard let given = self.values[name] else { return nil }
                types.formUnion(given.map(\.typeName))
            }
        }
        return types
    }
}

extension FilterLiteral {
    fileprivate var typeName: String { (text ?? source).lowercased() }
}

extension Comparison {
    /// Whether a comparison of the values of one record with others holds.
    func holds(of known: [FilterLiteral], _ wanted: [FilterLiteral], isNumber: Bool) -> Bool {
        if isNumber { return holds(of: known.first?.number, wanted.compactMap(\.number)) }
        return known.contains { wanted.contains($0) } != isNegated
    }

    private func holds(of known: Double?, _ wanted: [Double]) -> Bool {
        guard let known, let first = wanted.first else { return false }
        return switch self {
        case .isIn, .equal: wanted.contains(known)
        case .isNotIn, .notEqual: !wanted.contains(known)
        case .less: known < first
        case .lessOrEqual: known <= first
        case .greater: known > first
        case .greaterOrEqual: known >= first
        }
    }
}

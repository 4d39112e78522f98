/// Reads an expression; says at which character it cannot go on.
struct FilterParser {
    private let tokens: [FilterToken]
    private var index = 0

    private init(_ tokens: [FilterToken]) { self.tokens = tokens }

    /// The expression that a text is.
    static func parse(_ text: String) throws(FilterFault) -> FilterExpression {
        var parser = FilterParser(try FilterLexer.tokens(of: text))
        var clauses = [try parser.clause()]
        while parser.skipSymbol("|") {
            let start = parser.index
            clauses.append(try parser.clause())
            if clauses.last?.subject != clauses[0].subject {
                throw parser.tokens[start + 1].fault(
                    "All expressions of a chain must be about \(clauses[0].subject.rawValue)."
                )
            }
        }
        guard parser.current.kind == .end else { throw parser.current.fault("AND, OR, IF or | must follow here.") }
        return FilterExpression(clauses: clauses)
    }

    private var current: FilterToken { tokens[index] }

    private mutating func advance() -> FilterToken {
        defer { index = min(index + 1, tokens.count - 1) }
        return current
    }

    private mutating func skipSymbol(_ symbol: String) -> Bool {
        guard current.isSymbol(symbol) else { return false }
        index += 1
        return true
    }

    private mutating func skipWord(_ keyword: String) -> Bool {
        guard current.isWord(keyword) else { return false }
        index += 1
        return true
    }
}

// MARK: - Clauses

extension FilterParser {
    private mutating func clause() throws(FilterFault) -> FilterExpression.Clause {
        let first = advance()
        guard let action = FilterExpression.Action.allCases.first(where: { first.isWord($0.rawValue) }) else {
            throw first.fault("An expression begins with INCLUDE or EXCLUDE.")
        }
        let second = advance()
        let subject = FilterExpression.Subject.allCases.first { second.isWord($0.rawValue.uppercased()) }
        guard let subject else { throw second.fault("It must be ItemID, UserID or ActionID.") }
        guard skipWord("WHERE") else { throw current.fault("It must be WHERE.") }
        var clause = FilterExpression.Clause(
            action: action,
            subject: subject,
            dataset: try dataset(of: subject, try peekedDataset()),
            alternatives: []
        )
        repeat { clause.alternatives.append(try conjunction(clause)) } while skipWord("OR")
        guard skipWord("IF") else { return clause }
        repeat { clause.guards.append(try guardCondition()) } while skipWord("AND")
        if current.isWord("OR") { throw current.fault("Conditions of IF are joined by AND only.") }
        return clause
    }

    private mutating func conjunction(_ clause: FilterExpression.Clause) throws(FilterFault)
        -> [FilterExpression.Condition]
    {
        var conditions: [FilterExpression.Condition] = []
        repeat { conditions.append(try condition(clause)) } while skipWord("AND")
        return conditions
    }

    /// The dataset the next condition is about, which is left to be read.
    private func peekedDataset() throws(FilterFault) -> DatasetType {
        if current.isWord("CURRENTUSER") {
            throw current.fault("CurrentUser may only stand in an IF at the end of an expression.")
        }
        if current.isWord("CURRENTITEM") {
            throw current.fault("CurrentItem may only stand to the right of a comparison.")
        }
        guard current.kind == .word, let dataset = DatasetType(named: current.source) else {
            throw current.fault("A dataset and a field must stand here, such as Items.GENRES.")
        }
        return dataset
    }

    private func dataset(
        of subject: FilterExpression.Subject,
        _ dataset: DatasetType
    ) throws(FilterFault) -> DatasetType {
        guard subject.datasets.contains(dataset) else {
            let names = subject.datasets.map(\.rawValue).joined(separator: " or ")
            throw current.fault("A condition on \(subject.rawValue) is about \(names).")
        }
        return dataset
    }
}

// MARK: - Conditions

extension FilterParser {
    private mutating func condition(
        _ clause: FilterExpression.Clause
    ) throws(FilterFault) -> FilterExpression.Condition {
        guard try peekedDataset() == clause.dataset else {
            throw current.fault(
                "All conditions of an expression must be about one dataset, here \(clause.dataset.rawValue); "
                    + "chain expressions with |."
            )
        }
        let dataset = advance()
        let field = try field(of: dataset)
        let isEvents = clause.dataset.keyColumn == nil
        if isEvents, field.name.uppercased() != "EVENT_TYPE" {
            throw dataset.fault("\(clause.dataset.rawValue) are filtered by EVENT_TYPE only.")
        }
        return try comparison(field, isEvents: isEvents, allowsCurrentItem: clause.dataset == .items)
    }

    private mutating func guardCondition() throws(FilterFault) -> FilterExpression.Condition {
        guard current.isWord("CURRENTUSER") else { throw current.fault("A condition of IF is about CurrentUser.") }
        let field = try field(of: advance())
        return try comparison(field, isEvents: false, allowsCurrentItem: false)
    }

    private mutating func field(of owner: FilterToken) throws(FilterFault) -> FilterExpression.Field {
        guard skipSymbol("."), current.kind == .word else {
            throw current.fault("A field of \(owner.source) must stand here, as in \(owner.source).FIELD.")
        }
        return FilterExpression.Field(name: advance().source, position: owner.position)
    }

    private mutating func comparison(
        _ field: FilterExpression.Field,
        isEvents: Bool,
        allowsCurrentItem: Bool
    ) throws(FilterFault) -> FilterExpression.Condition {
        let token = current
        let comparison = try self.comparison()
        if isEvents, comparison.isOrder { throw token.fault("Event types are compared by IN or NOT IN.") }
        let operand: FilterExpression.Operand
        if current.isWord("CURRENTITEM") {
            guard allowsCurrentItem else {
                throw current.fault("Only fields of Items can be compared with CurrentItem.")
            }
            operand = .currentItem(try self.field(of: advance()))
        } else {
            operand = .values(try values(comparison, isEvents: isEvents))
        }
        return FilterExpression.Condition(field: field, comparison: comparison, operand: operand)
    }

    private mutating func comparison() throws(FilterFault) -> Comparison {
        let token = advance()
        if token.isWord("IN") { return .isIn }
        if token.isWord("NOT_IN") { return .isNotIn }
        if token.isWord("NOT") {
            guard skipWord("IN") else { throw current.fault("IN must follow NOT.") }
            return .isNotIn
        }
        guard token.kind == .symbol, let comparison = Comparison(rawValue: token.source) else {
            throw token.fault("It must be IN, NOT IN, =, !=, <, <=, > or >=.")
        }
        return comparison
    }
}

// MARK: - Values

extension FilterParser {
    private mutating func values(
        _ comparison: Comparison,
        isEvents: Bool
    ) throws(FilterFault) -> [FilterExpression.Value] {
        guard comparison == .isIn || comparison == .isNotIn else {
            let isInParentheses = skipSymbol("(")
            let value = try value(comparison, isEvents: isEvents)
            if isInParentheses, !skipSymbol(")") { throw current.fault("\(comparison.rawValue) takes one value.") }
            return [value]
        }
        guard skipSymbol("(") else { throw current.fault("A list must follow, such as (\"a\", \"b\").") }
        var values: [FilterExpression.Value] = []
        repeat { values.append(try value(comparison, isEvents: isEvents)) } while skipSymbol(",")
        guard skipSymbol(")") else { throw current.fault("A comma or ) must follow here.") }
        return values
    }

    private mutating func value(
        _ comparison: Comparison,
        isEvents: Bool
    ) throws(FilterFault) -> FilterExpression.Value {
        let token = advance()
        let kind: FilterExpression.Value.Kind
        switch token.kind {
        case .text("*") where isEvents: kind = .any
        case .symbol where token.source == "*":
            guard isEvents else { throw token.fault("* stands for the types of events only.") }
            kind = .any
        case .text(let text): kind = .literal(.text(text))
        case .number(let number): kind = .literal(.number(number))
        case .parameter(let name):
            guard comparison != .isNotIn else {
                throw token.fault("Placeholders are not allowed with NOT_IN operator.")
            }
            kind = .parameter(name)
        case .word, .symbol, .end:
            throw token.fault("A value must stand here: a text in double quotes, a number or a $PARAMETER.")
        }
        return FilterExpression.Value(kind: kind, position: token.position)
    }
}

extension FilterToken {
    fileprivate func fault(_ fact: String) -> FilterFault {
        FilterFault(position: position, symbol: source, fact: fact)
    }
}

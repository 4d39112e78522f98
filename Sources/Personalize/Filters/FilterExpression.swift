/// A filter as it was written: a chain of clauses.
///
/// ```
/// chain      clause ("|" clause)*
/// clause     ("INCLUDE" | "EXCLUDE") subject "WHERE" conditions ["IF" condition ("AND" condition)*]
/// conditions condition (("AND" | "OR") condition)*, where AND binds tighter
/// condition  dataset "." field ("IN" | "NOT IN" | "NOT_IN") ("(" value ("," value)* ")" | CurrentItem "." field)
///          | dataset "." field ("=" | "!=" | "<" | "<=" | ">" | ">=") (value | "(" value ")" | CurrentItem "." field)
/// value      "text" | number | $PARAMETER | *
/// ```
/// Keywords, subjects, datasets and fields are read in any case.
struct FilterExpression: Sendable, Hashable {
    enum Action: String, Sendable, Hashable, CaseIterable {
        case include = "INCLUDE"
        case exclude = "EXCLUDE"
    }

    /// What is filtered.
    enum Subject: String, Sendable, Hashable, CaseIterable {
        case item = "ItemID"
        case user = "UserID"
        case action = "ActionID"

        /// The datasets whose fields may stand behind WHERE.
        var datasets: [DatasetType] {
            switch self {
            case .item: [.items, .interactions]
            case .user: [.users, .interactions]
            case .action: [.actions, .actionInteractions]
            }
        }
    }

    struct Clause: Sendable, Hashable {
        var action: Action
        var subject: Subject
        var dataset: DatasetType
        /// Conditions of which one group must hold whole.
        var alternatives: [[Condition]]
        /// What must hold of the current user for the clause to count.
        var guards: [Condition] = []

        var conditions: [Condition] { alternatives.flatMap(\.self) + guards }
    }

    struct Condition: Sendable, Hashable {
        var field: Field
        var comparison: Comparison
        var operand: Operand
    }

    /// A field and where it stands.
    struct Field: Sendable, Hashable {
        var name: String
        var position: Int
    }

    enum Operand: Sendable, Hashable {
        case values([Value])
        /// The values that the item of the request has in a field.
        case currentItem(Field)
    }

    struct Value: Sendable, Hashable {
        enum Kind: Sendable, Hashable {
            case literal(FilterLiteral)
            case parameter(String)
            /// Every type of event.
            case any
        }

        var kind: Kind
        var position: Int
    }

    var clauses: [Clause]

    /// What all clauses filter.
    var subject: Subject { clauses.first?.subject ?? .item }

    /// The names behind `$`, sorted, each once.
    var parameters: [String] { Set(clauses.flatMap(\.parameters)).sorted() }

    /// The fields it asks for, as `ITEMS.GENRES`, each once.
    var fields: Set<String> {
        var fields: Set<String> = []
        for clause in clauses {
            for condition in clause.alternatives.flatMap(\.self) {
                fields.insert(condition.field.qualified(by: clause.dataset))
            }
            for condition in clause.guards { fields.insert(condition.field.qualified(by: .users)) }
            for field in clause.conditions.compactMap(\.currentItemField) {
                fields.insert(field.qualified(by: .items))
            }
        }
        return fields
    }

    /// Whether it asks who the current user is or what he has done.
    var needsUser: Bool { clauses.contains { !$0.guards.isEmpty || $0.dataset.keyColumn == nil } }

    /// Whether it asks for fields of the item that related ones are wanted for.
    var needsItem: Bool { clauses.contains { $0.conditions.contains { $0.currentItemField != nil } } }
}

extension FilterExpression.Field {
    fileprivate func qualified(by dataset: DatasetType) -> String {
        "\(dataset.rawValue).\(name)".uppercased()
    }
}

extension FilterExpression.Clause {
    var parameters: [String] { conditions.flatMap(\.parameters) }
}

extension FilterExpression.Condition {
    var parameters: [String] {
        guard case .values(let values) = operand else { return [] }
        return values.compactMap { value in
            if case .parameter(let name) = value.kind { name } else { nil }
        }
    }

    var currentItemField: FilterExpression.Field? {
        if case .currentItem(let field) = operand { field } else { nil }
    }
}

/// A text or a number in an expression or in a request's `filterValues`.
enum FilterLiteral: Sendable, Hashable {
    case text(String)
    case number(Double)

    /// The number it is, also when it stands in quotes.
    var number: Double? {
        switch self {
        case .number(let number): number
        case .text(let text): Double(text).flatMap { $0.isFinite ? $0 : nil }
        }
    }

    /// The text it is.
    var text: String? {
        if case .text(let text) = self { text } else { nil }
    }
}

enum Comparison: String, Sendable, Hashable, CaseIterable {
    case isIn = "IN"
    case isNotIn = "NOT IN"
    case equal = "="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="

    /// Whether it says which of two numbers is the greater.
    var isOrder: Bool {
        switch self {
        case .isIn, .isNotIn, .equal, .notEqual: false
        case .less, .lessOrEqual, .greater, .greaterOrEqual: true
        }
    }

    /// Whether it holds when none of the values is there.
    var isNegated: Bool { self == .isNotIn || self == .notEqual }
}

/// What is wrong with an expression, and where.
struct FilterFault: Error, Equatable {
    /// The character, counted from 1.
    let position: Int
    /// What stands there.
    let symbol: String
    /// The fact and the remedy.
    let fact: String

    var message: String {
        "Could not create filter. Invalid input symbol: \(symbol). \(fact) (character \(position))"
    }
}

internal import JSON

extension FilterExpression {
    /// Checks the datasets, fields and types that it names against the schemas of a dataset group.
    ///
    /// Interactions always have an EVENT_TYPE, for events bring theirs also where the schema does not name it.
    func check(_ schemas: [DatasetType: Schema]) throws(FilterFault) {
        for clause in clauses {
            for condition in clause.alternatives.flatMap(\.self) {
                try condition.check(clause.dataset.rawValue, clause.dataset, schemas)
            }
            for condition in clause.guards { try condition.check("CurrentUser", .users, schemas) }
        }
    }
}

extension FilterExpression.Condition {
    fileprivate func check(
        _ owner: String,
        _ dataset: DatasetType,
        _ schemas: [DatasetType: Schema]
    ) throws(FilterFault) {
        let kind = dataset.keyColumn == nil ? .texts : try field.kind(owner, dataset, schemas)
        if comparison.isOrder, kind != .number {
            throw field.fault(
                owner,
                "It is of type string, and \(comparison.rawValue) compares numbers; use IN or NOT IN."
            )
        }
        switch operand {
        case .values(let values):
            for value in values { try value.check(kind) }
        case .currentItem(let other):
            guard try other.kind("CurrentItem", .items, schemas).isNumber == kind.isNumber else {
                throw other.fault("CurrentItem", "A number cannot be compared with a string.")
            }
        }
    }
}

extension FilterExpression.Field {
    fileprivate func kind(
        _ owner: String,
        _ dataset: DatasetType,
        _ schemas: [DatasetType: Schema]
    ) throws(FilterFault) -> FilterColumn.Kind {
        guard let schema = schemas[dataset] else {
            throw fault(owner, "The dataset group has no \(dataset.rawValue) dataset; create it first.")
        }
        guard let column = FilterColumn(name, in: schema) else {
            let nearest = NearestName.find(name, among: schema.columns.map(\.name)).map { ", did you mean \($0)?" }
            throw fault(owner, "The schema has no field \"\(name)\"\(nearest ?? ".")")
        }
        guard let kind = column.kind else {
            throw fault(
                owner,
                "Fields of type boolean and textual fields cannot be filtered by; use a string or a number."
            )
        }
        return kind
    }

    fileprivate func fault(_ owner: String, _ fact: String) -> FilterFault {
        FilterFault(position: position, symbol: "\(owner).\(name)", fact: fact)
    }
}

extension FilterExpression.Value {
    fileprivate func check(_ kind: FilterColumn.Kind) throws(FilterFault) {
        guard case .literal(let literal) = self.kind else { return }
        if kind.isNumber, literal.number == nil {
            throw FilterFault(position: position, symbol: literal.source, fact: "The field takes a number.")
        }
        if !kind.isNumber, literal.text == nil {
            throw FilterFault(
                position: position,
                symbol: literal.source,
                fact: "The field takes a text; put it in double quotes."
            )
        }
    }
}

extension FilterLiteral {
    /// As it is written.
    var source: String {
        switch self {
        case .text(let text): "\"\(text)\""
        case .number(let number): number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
        }
    }
}

/// A column as filters see it.
struct FilterColumn: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case number
        /// A string.
        case texts
        /// Strings joined by `|`.
        case categories

        var isNumber: Bool { self == .number }
    }

    /// The name in the schema.
    let name: String
    /// `nil` for what cannot be filtered by.
    let kind: Kind?

    /// The column of a name written in any case; one that is written alike comes first.
    init?(_ name: String, in schema: Schema) {
        let exact = schema.columns.first { $0.name == name }
        guard let column = exact ?? schema.columns.first(where: { $0.name.lowercased() == name.lowercased() }) else {
            return nil
        }
        self.name = column.name
        switch column.type {
        case .boolean: kind = nil
        case .string where column.isTextual: kind = nil
        case .string: kind = column.isCategorical ? .categories : .texts
        case .float, .double, .int, .long: kind = .number
        }
    }
}

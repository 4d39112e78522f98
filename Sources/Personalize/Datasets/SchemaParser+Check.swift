internal import JSON

/// What a record of a dataset type must be, once it could be read.
extension SchemaParser {
    mutating func check(_ rules: SchemaRules, limits: Schema.Limits) {
        checkNames()
        for field in fields { check(field, rules) }
        checkRequired(rules)
        checkCounts(rules, limits)
    }

    private mutating func checkNames() {
        var seen: [String: String] = [:]
        for field in fields {
            let name = field.column.name
            let folded = name.lowercased().filter { $0 != "_" }
            if let earlier = seen.updateValue(name, forKey: folded) {
                let difference =
                    earlier == name ? "is there twice" : "differs from \"\(earlier)\" only in case or \"_\""
                fault("\(field.path).name", "\"\(name)\" \(difference); names must differ in letters or digits")
            }
        }
    }

    private mutating func check(_ field: Field, _ rules: SchemaRules) {
        let column = field.column
        checkFlags(field, rules)
        guard let known = rules.known(column.name) else { return }
        if !known.types.contains(column.type) {
            let types = known.types.map(\.rawValue).joined(separator: " or ")
            fault("\(field.path).type", "of \(column.name) must be \(types), not \(column.type.rawValue)")
        }
        if column.isNullable, !known.mayBeNull {
            fault("\(field.path).type", "of \(column.name) must not allow null: it is required in every record")
        }
        checkCategorical(field, known)
    }

    private mutating func checkCategorical(_ field: Field, _ known: SchemaRules.Known) {
        guard field.column.type == .string, let wanted = known.isCategorical else { return }
        if wanted, !field.column.isCategorical {
            fault(field.path, "\(known.name) must have \"categorical\": true")
        }
        if !wanted, field.column.isCategorical {
            fault("\(field.path).categorical", "is not allowed: \(known.name) is a reserved string and no category")
        }
    }

    private mutating func checkFlags(_ field: Field, _ rules: SchemaRules) {
        let column = field.column
        for (flag, isSet) in [("categorical", column.isCategorical), ("textual", column.isTextual)] {
            guard isSet, column.type != .string else { continue }
            fault("\(field.path).\(flag)", "is for strings only, and \(column.name) is \(column.type.rawValue)")
        }
        guard column.isTextual else { return }
        if rules.datasetType != .items {
            fault("\(field.path).textual", "is for Items schemas only, and this one is \(rules.datasetType.rawValue)")
        }
        if column.isCategorical {
            fault(field.path, "\(column.name) cannot be both categorical and textual")
        }
    }

    private mutating func checkRequired(_ rules: SchemaRules) {
        for known in rules.known where known.isRequired && !names.contains(known.name) {
            let type = known.types[0].rawValue
            let nearest = NearestName.find(known.name, among: names.filter { rules.known($0) == nil })
            let hint = nearest.map { "; is \"\($0)\" it?" } ?? ""
            fault(
                "fields",
                "lacks \(known.name) (\(type)), required in \(rules.noun)\(hint)"
            )
        }
    }

    private mutating func checkCounts(_ rules: SchemaRules, _ limits: Schema.Limits) {
        let others = fields.filter { !(rules.known($0.column.name)?.isRequired ?? false) }
        if rules.needsMetadata, names.count < 2 {
            fault("fields", "must have at least one metadata column beside \(rules.datasetType.keyColumn ?? "the id")")
        }
        let metadata = others.count { rules.known($0.column.name) == nil }
        if let limit = limits.metadataColumns[rules.datasetType], metadata > limit {
            fault(
                "fields",
                "has \(metadata) metadata columns; \(rules.noun) may have at most \(limit)"
            )
        }
        let textual = fields.count { $0.column.isTextual }
        if rules.datasetType == .items, textual > limits.textualColumns {
            fault("fields", "has \(textual) textual columns; at most \(limits.textualColumns) may be")
        }
    }
}

internal import JSON
internal import Kernels
internal import Recommenders

/// What is learnt from a column of an Items dataset.
enum ItemField: String, Sendable {
    case categories, words, number
    /// What the item is called, where that is neither a category nor free text; only texts are compared by it.
    case name

    /// Nothing is learnt from ids, times and strings that are neither categories, text nor the item's name.
    init?(_ column: Schema.Column) {
        guard column.name != "ITEM_ID", column.name != "CREATION_TIMESTAMP" else { return nil }
        switch column.type {
        case .string where column.isCategorical: self = .categories
        case .string where column.isTextual: self = .words
        case .string where Self.isName(column.name): self = .name
        case .string: return nil
        case .boolean: self = .categories
        case .float, .double, .int, .long: self = column.isCategorical ? .categories : .number
        }
    }

    /// Whether a column of this name says what the item is called.
    static func isName(_ column: String) -> Bool {
        let folded = column.lowercased().filter { $0.isLetter || $0.isNumber }
        return ["itemname", "name", "title", "itemtitle", "productname"].contains(folded)
    }

    /// What is learnt from each column of a schema, by name.
    static func all(of schema: Schema) -> [String: ItemField] {
        schema.columns.reduce(into: [:]) { fields, column in fields[column.name] = ItemField(column) }
    }
}

extension ItemFeatures {
    /// What an Items dataset says of some items.
    ///
    /// - Parameters:
    ///   - table: The dataset.
    ///   - ids: The items' ids; positions are codes.
    ///   - fields: The columns that take part.
    /// - Returns: The features; nil when there are none.
    static func of(_ table: EntityTable, ids: [String], fields: [String: ItemField]) -> ItemFeatures? {
        var builder = Builder(itemCount: ids.count)
        let rows = ids.map { table.row(of: $0) }
        for (name, field) in fields {
            let values = rows.map { row in row.map { table.value(name, at: $0) } ?? .null }
            switch field {
            case .categories: builder.addCategories(values, field: name)
            case .words: builder.addWords(values, field: name)
            case .number: builder.addNumbers(values, field: name)
            case .name: continue
            }
        }
        let features = builder.features()
        return features.isEmpty ? nil : features
    }

    /// How often each term is in the names and descriptions of some items; one in a name counts for two.
    ///
    /// - Parameters:
    ///   - table: The dataset.
    ///   - ids: The items' ids; positions are codes.
    ///   - fields: The columns that take part.
    /// - Returns: The terms; nil when there are none.
    static func texts(of table: EntityTable, ids: [String], fields: [String: ItemField]) -> ItemFeatures? {
        let weights = fields.compactMapValues { field -> Float? in field == .words ? 1 : nil }
            .merging(fields.keys.filter(ItemField.isName).map { ($0, 2) }) { $1 }
        guard !weights.isEmpty else { return nil }
        var builder = Builder(itemCount: ids.count)
        for (item, id) in zip(UInt32(0)..., ids) {
            guard let row = table.row(of: id) else { continue }
            for (name, weight) in weights {
                for term in TextTerms.of(table.value(name, at: row).string ?? "") {
                    builder.add(term, field: "", to: item, weight: weight)
                }
            }
        }
        let terms = builder.features()
        return terms.isEmpty ? nil : terms
    }
}

extension ItemFeatures.Builder {
    /// What a file has joined by `|`.
    fileprivate mutating func addCategories(_ values: [JSON], field: String) {
        for (item, value) in zip(UInt32(0)..., values) where !value.isNull {
            let text = value.string ?? value.text
            for category in Set(text.split(separator: "|")) { add(category, field: field, to: item) }
        }
    }

    /// The different words of texts; those of a text count together as much as one category.
    fileprivate mutating func addWords(_ values: [JSON], field: String) {
        for (item, value) in zip(UInt32(0)..., values) {
            guard let text = value.string else { continue }
            let words = Set(text.lowercased().split { !$0.isLetter && !$0.isNumber })
            let weight = 1 / Float(words.count).squareRoot()
            for word in words { add(word, field: field, to: item, weight: weight) }
        }
    }

    /// By how many standard deviations numbers differ from their mean; an item without one is taken for the mean.
    fileprivate mutating func addNumbers(_ values: [JSON], field: String) {
        let numbers = values.map { value in value.double.flatMap { $0.isFinite ? $0 : nil } }
        let known = numbers.compactMap(\.self)
        let mean = known.reduce(0) { $0 + $1 / Double(known.count) }
        let variance = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) / Double(known.count) }
        guard variance > 0, variance.isFinite else { return }
        for (item, number) in zip(UInt32(0)..., numbers) {
            if let number { add(Float((number - mean) / variance.squareRoot()), field: field, to: item) }
        }
    }
}

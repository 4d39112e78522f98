internal import JSON

/// Turns records of a request into rows of a dataset and gathers all that is wrong with them.
struct RecordReader {
    let schema: Schema
    private(set) var faults: [String] = []
    private var columns: [ColumnBuilder]
    /// The columns by their names without case and underscores: `categoryL1` is `CATEGORY_L1`.
    private let names: [String: String]

    init(_ schema: Schema) {
        self.schema = schema
        columns = RecordLayout.columns(of: schema)
        names = Dictionary(schema.columns.map { (Self.folded($0.name), $0.name) }) { first, _ in first }
    }

    /// The event of a request, as a row.
    ///
    /// The user is who is known to have done it, or the session where nobody is.
    mutating func event(_ event: JSON, user: String, at place: String) -> JSONObject {
        var values = properties(event, at: place, ignoresUnknown: true)
        for (column, member) in [("ITEM_ID", "itemId"), ("EVENT_VALUE", "eventValue"), ("EVENT_TYPE", "eventType")] {
            if let value = event[member], !value.isNull { values[column] = value }
        }
        values["USER_ID"] = .string(user)
        values["TIMESTAMP"] = event["sentAt"]?.wholeSeconds
        values["RECOMMENDATION_ID"] = event["recommendationId"]
        values["EVENT_ATTRIBUTION_SOURCE"] = event["metricAttribution"]?["eventAttributionSource"]
        if let impression = event["impression"]?.array { values["IMPRESSION"] = .array(impression) }
        if values["ITEM_ID"] == nil {
            faults.append("'\(place).itemId' must be given: ITEM_ID is required by the schema of the dataset")
        }
        return row(values, at: place)
    }

    /// What a user did with an action, as a row; the user as for events.
    mutating func actionInteraction(_ interaction: JSON, user: String, at place: String) -> JSONObject {
        var values = properties(interaction, at: place, ignoresUnknown: true)
        for (column, member) in [
            ("ACTION_ID", "actionId"), ("EVENT_TYPE", "eventType"), ("RECOMMENDATION_ID", "recommendationId"),
            ("IMPRESSION", "impression"),
        ] {
            if let value = interaction[member], !value.isNull { values[column] = value }
        }
        values["USER_ID"] = .string(user)
        values["TIMESTAMP"] = interaction["timestamp"]?.wholeSeconds
        return row(values, at: place)
    }

    /// A user, an item, an action: its id and its properties.
    mutating func entity(_ record: JSON, id: String, at place: String) -> JSONObject {
        var values = properties(record, at: place, ignoresUnknown: false)
        if let key = schema.datasetType.keyColumn { values[key] = record[id] }
        return row(values, at: place)
    }

    /// The properties, by the names of the columns they are for.
    private mutating func properties(_ record: JSON, at place: String, ignoresUnknown: Bool) -> [String: JSON] {
        guard let text = record["properties"]?.string else { return [:] }
        guard let members = (try? JSON(parsing: text))?.object else {
            faults.append("'\(place).properties' must be a JSON object, as \"{\\\"genre\\\":\\\"drama\\\"}\"")
            return [:]
        }
        var values: [String: JSON] = [:]
        for (name, value) in members {
            if let column = names[Self.folded(name)] {
                values[column] = value
            } else if !ignoresUnknown {
                let known = schema.columns.map(\.name).joined(separator: ", ")
                faults.append("'\(place).properties.\(name)' is no column of the dataset; it has \(known)")
            }
        }
        return values
    }

    /// The values that the schema has columns for, as texts; each is checked as an import checks it.
    private mutating func row(_ values: [String: JSON], at place: String) -> JSONObject {
        var row = JSONObject()
        for index in columns.indices {
            let column = columns[index].column
            guard let text = (values[column.name] ?? .null).field else {
                faults.append("'\(place)' has no plain value for \(column.name)")
                continue
            }
            if column.name == "ITEM_ID", text.isEmpty { continue }
            var bytes = text
            let fault = bytes.withUTF8 { utf8 in
                let span = unsafe utf8.span
                return columns[index].append(span).map { $0.message(span, column) }
            }
            if let fault { faults.append("'\(place)': \(column.name) \(fault)") }
            if !text.isEmpty { row[column.name] = .string(text) }
        }
        return row
    }

    private static func folded(_ name: String) -> String {
        name.lowercased().filter { $0.isLetter || $0.isNumber }
    }
}

extension JSON {
    /// A time without its fraction.
    fileprivate var wholeSeconds: JSON? { double.map { .integer(Int64($0.rounded(.down))) } }

    /// The value as a field of a CSV file; empty where there is none, `nil` for what can be no field.
    fileprivate var field: String? {
        switch self {
        case .null: ""
        case .string(let text): text
        case .bool(let value): value ? "true" : "false"
        case .array(let values):
            values.allSatisfy { $0.string != nil } ? values.compactMap(\.string).joined(separator: "|") : nil
        case .object: nil
        case .integer, .double, .decimal: int.map { "\($0)" } ?? double.map { "\($0)" }
        }
    }
}

extension Schema.Column {
    /// What a field of a CSV file means in this column.
    func value(of field: String) -> JSON {
        switch type {
        case .string: .string(field)
        case .long, .int: Int64(field).map(JSON.integer) ?? .null
        case .double: Double(field).map(JSON.double) ?? .null
        case .float: Float(field).flatMap { Double($0.description) }.map(JSON.double) ?? .null
        case .boolean: .bool(field.lowercased() == "true")
        }
    }
}

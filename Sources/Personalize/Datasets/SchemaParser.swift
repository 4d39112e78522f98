internal import JSON

/// Reads an Avro record and gathers what is wrong with it.
struct SchemaParser {
    /// A field that could be read, with its place in the record.
    struct Field {
        let path: String
        let column: Schema.Column
    }

    /// The fields that could be read whole.
    private(set) var fields: [Field] = []
    /// The names of all fields, also of those that are wrong in another way.
    private(set) var names: [String] = []
    private(set) var faults: [SchemaError.Fault] = []

    /// Reads the record; `nil` when it does not say which dataset it is for.
    mutating func parse(_ json: JSON) -> DatasetType? {
        guard case .object(let record) = json else {
            fault("schema", "must be an Avro record, a JSON object, but it is \(Self.article(json))")
            return nil
        }
        checkRecordType(record["type"])
        let type = datasetType(record["name"])
        parseFields(record["fields"])
        return type
    }

    private mutating func checkRecordType(_ type: JSON?) {
        guard type?.string != "record" else { return }
        fault("type", "must be \"record\"" + Self.given(type))
    }

    private mutating func datasetType(_ name: JSON?) -> DatasetType? {
        if let text = name?.string, let type = DatasetType(named: text) { return type }
        let types = DatasetType.allCases.map(\.rawValue)
        let hint = Self.suggestion(for: name?.string, among: types)
        fault("name", "must be the dataset type, one of \(types.joined(separator: ", "))" + Self.given(name) + hint)
        return nil
    }

    private mutating func parseFields(_ json: JSON?) {
        guard let array = json?.array else {
            fault("fields", "must be an array of fields" + Self.given(json))
            return
        }
        if array.isEmpty { fault("fields", "must not be empty") }
        for (index, field) in array.enumerated() { parseField(field, at: "fields[\(index)]") }
    }

    private mutating func parseField(_ json: JSON, at path: String) {
        guard case .object(let field) = json else {
            fault(path, "must be an object with \"name\" and \"type\", but it is \(Self.article(json))")
            return
        }
        checkKeys(field, at: path)
        let name = parseName(field["name"], at: "\(path).name")
        if let name { names.append(name) }
        let type = parseType(field["type"], at: "\(path).type")
        let isCategorical = flag("categorical", field, at: path)
        let isTextual = flag("textual", field, at: path)
        guard let name, let type else { return }
        let column = Schema.Column(
            name: name,
            type: type.type,
            isNullable: type.isNullable,
            isCategorical: isCategorical,
            isTextual: isTextual
        )
        fields.append(Field(path: path, column: column))
    }

    private mutating func checkKeys(_ field: JSONObject, at path: String) {
        let known = ["name", "type", "categorical", "textual", "doc", "default", "aliases", "order"]
        for key in field.keys where !known.contains(key) {
            guard let nearest = NearestName.find(key, among: known) else { continue }
            fault("\(path).\(key)", "is not a known key, did you mean \"\(nearest)\"?")
        }
    }

    private mutating func parseName(_ json: JSON?, at path: String) -> String? {
        guard let name = json?.string else {
            fault(path, "must be a string" + Self.given(json))
            return nil
        }
        guard let first = name.utf8.first, Self.isLetter(first), name.utf8.allSatisfy(Self.isNameByte) else {
            fault(path, "\"\(name)\" must start with a letter and hold only letters, digits and underscores")
            return nil
        }
        return name
    }

    private mutating func parseType(_ json: JSON?, at path: String) -> (type: Schema.ColumnType, isNullable: Bool)? {
        guard let union = json?.array else {
            return typeName(json, at: path).map { ($0, false) }
        }
        let others = union.enumerated().filter { $0.element.string != "null" }
        guard let only = others.first, others.count == 1 else {
            fault(path, "\(JSON.array(union).text) must be a union of one type and \"null\"")
            return nil
        }
        return typeName(only.element, at: "\(path)[\(only.offset)]").map { ($0, union.count > 1) }
    }

    private mutating func typeName(_ json: JSON?, at path: String) -> Schema.ColumnType? {
        if let name = json?.string, let type = Schema.ColumnType(rawValue: name) { return type }
        let types = Schema.ColumnType.allCases.map(\.rawValue)
        let hint = Self.suggestion(for: json?.string, among: types)
        fault(path, "must be one of \(types.joined(separator: ", "))" + Self.given(json) + hint)
        return nil
    }

    private mutating func flag(_ key: String, _ field: JSONObject, at path: String) -> Bool {
        guard let value = field[key] else { return false }
        if let flag = value.bool { return flag }
        fault("\(path).\(key)", "must be true or false" + Self.given(value))
        return false
    }

    mutating func fault(_ path: String, _ message: String) {
        faults.append(SchemaError.Fault(path: path, message: message))
    }
}

// MARK: - Texts

extension SchemaParser {
    private static func given(_ json: JSON?) -> String {
        json.map { ", not \($0.text)" } ?? ", but it is missing"
    }

    private static func article(_ json: JSON) -> String {
        ["array", "object"].contains(json.typeName) ? "an \(json.typeName)" : "a \(json.typeName)"
    }

    private static func suggestion(for name: String?, among names: [String]) -> String {
        guard let name, let nearest = NearestName.find(name, among: names) else { return "" }
        return ", did you mean \"\(nearest)\"?"
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
    }
}

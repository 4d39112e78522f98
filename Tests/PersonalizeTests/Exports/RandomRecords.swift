import JSON

@testable import Personalize

/// Records of any dataset drawn at random, with all that is hard to write into a CSV file.
struct RandomRecords {
    let schema: Schema
    private var random: SeededNumbers

    private static let pieces = [
        "a", "u1", "é", "e\u{301}", "日本", "👩‍👩‍👧", "\"", "\"\"", "\\", "\\\\", "\\\"", ",", "\n", "\r\n", "\r", " ", "|",
        "'",
        "\u{0}", "\u{1b}", "\u{2028}", "\u{feff}", "null", "NaN",
    ]

    /// One schema of each type of dataset, with columns of all types.
    static func schema(_ type: DatasetType) throws -> Schema {
        let own: [DatasetType: [String]] = [
            .interactions: ["USER_ID string", "ITEM_ID string", "TIMESTAMP long", "EVENT_VALUE float?"],
            .users: ["USER_ID string"], .items: ["ITEM_ID string"], .actions: ["ACTION_ID string"],
            .actionInteractions: ["USER_ID string", "ACTION_ID string", "EVENT_TYPE string", "TIMESTAMP long"],
        ]
        let more = ["TEXT string?", "COUNT int?", "WEIGHT double?", "SHARE float?", "FLAG boolean?"]
        let fields = ImportFixture.Fields(
            type.rawValue,
            own[type, default: []] + (type == .actionInteractions ? [] : more)
        )
        return try Schema(parsing: fields.text)
    }

    init(_ schema: Schema, seed: Int) {
        self.schema = schema
        random = SeededNumbers(seed)
    }

    mutating func batches(_ count: Int) -> [LiveBatch] {
        (0..<count).map { number in
            LiveBatch(sequence: Int64(number + 1), datasetArn: "d", records: [LiveRecord(fields: record())])
        }
    }

    private mutating func record() -> JSONObject {
        var fields = JSONObject()
        for column in schema.columns where !column.isNullable || random.isTrue(0.7) {
            fields[column.name] = .string(column.name.hasSuffix("_ID") ? id() : value(column.type))
        }
        return fields
    }

    /// One of few, so that ids come again.
    private mutating func id() -> String { random.pick(Self.pieces) + random.pick(Self.pieces) }

    private mutating func value(_ type: Schema.ColumnType) -> String {
        switch type {
        case .string: return (0...Int.random(in: 0...4, using: &random)).map { _ in random.pick(Self.pieces) }.joined()
        case .long: return "\(Int64.random(in: (.min + 1)...(.max), using: &random))"
        case .int: return "\(Int32.random(in: .min ... .max, using: &random))"
        case .boolean: return random.isTrue(0.5) ? "TRUE" : "false"
        case .double:
            let any = Double(bitPattern: UInt64.random(in: .min ... .max, using: &random))
            return any.isFinite ? "\(any)" : "-0.0"
        case .float:
            let any = Float(bitPattern: UInt32.random(in: .min ... .max, using: &random))
            return any.isFinite ? "\(any)" : "0.10"
        }
    }
}

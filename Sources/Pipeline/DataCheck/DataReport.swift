public import JSON

/// What was seen in one CSV file before anything is imported.
public struct DataReport: Sendable, Equatable {
    /// How much a finding matters.
    public enum Severity: String, Sendable {
        /// The import will refuse the file.
        case error
        /// The import takes it, and recommendations suffer.
        case warning
        /// Good to know.
        case note
    }

    /// Something odd, with where it is and what to do.
    public struct Finding: Sendable, Equatable {
        /// How much it matters.
        public let severity: Severity
        /// The column, where it is about one.
        public let column: String?
        /// In how many rows.
        public let count: Int
        /// The lines of the first of them, counted from 1 as an editor does.
        public let lines: [Int]
        /// The fact.
        public let message: String
        /// What to do.
        public let hint: String

        /// Place, fact and remedy in one line.
        public var text: String {
            let shown = lines.map(String.init).joined(separator: ", ") + (count > lines.count ? " …" : "")
            let place = lines.isEmpty ? "" : lines.count == 1 && count == 1 ? "line \(shown): " : "lines \(shown): "
            return "\(place)\(column.map { "\($0) " } ?? "")\(message); \(hint)"
        }

        var json: JSON {
            [
                "severity": .string(severity.rawValue), "column": JSON(column), "count": JSON(count),
                "lines": .array(lines.map { JSON($0) }), "message": .string(message), "hint": .string(hint),
            ]
        }
    }

    /// A column of the schema.
    public struct Column: Sendable, Equatable {
        /// Its name.
        public let name: String
        /// In how many rows it is empty.
        public internal(set) var nullCount = 0
        /// The smallest number in it.
        public internal(set) var minimum: Double?
        /// The largest number in it.
        public internal(set) var maximum: Double?

        var json: JSON {
            [
                "name": .string(name), "nulls": JSON(nullCount), "minimum": minimum.map(JSON.double) ?? .null,
                "maximum": maximum.map(JSON.double) ?? .null,
            ]
        }
    }

    /// The file, as its user knows it.
    public let file: String
    /// The dataset type: `Interactions`.
    public let type: String
    /// How many rows it has.
    public internal(set) var rowCount = 0
    /// The columns of the schema, in order.
    public internal(set) var columns: [Column] = []
    /// What is odd, errors first.
    public internal(set) var findings: [Finding] = []

    /// Whether the import would refuse the file.
    public var isRefused: Bool { findings.contains { $0.severity == .error } }

    /// The report for scripts.
    public var json: JSON {
        [
            "file": .string(file), "type": .string(type), "rows": JSON(rowCount),
            "columns": .array(columns.map(\.json)), "findings": .array(findings.map(\.json)),
        ]
    }
}

internal import Crypto
internal import FoundationEssentials
public import JSON

/// The columns of a dataset: a flat Avro record whose name is the dataset type.
///
/// ```swift
/// let schema = try Schema(parsing: #"{"type":"record","name":"Interactions","fields":[…],"version":"1.0"}"#)
/// schema.columns.map(\.name)  // ["USER_ID", "ITEM_ID", "TIMESTAMP"]
/// ```
public struct Schema: Sendable, Hashable {
    /// One column of a dataset.
    public struct Column: Sendable, Hashable {
        /// Its name, as in the header of the CSV files.
        public let name: String
        /// What its values are.
        public let type: ColumnType
        /// Whether an empty field means that there is no value.
        public let isNullable: Bool
        /// Whether it is a category, or several joined by `|`, that takes part in training.
        public let isCategorical: Bool
        /// Whether it is free text that takes part in training.
        public let isTextual: Bool
    }

    /// The types of Avro that a column can have.
    public enum ColumnType: String, Sendable, Hashable, CaseIterable {
        case float, double, int, long, string, boolean
    }

    /// How many columns a schema may have beside the required and the reserved ones.
    public struct Limits: Sendable, Hashable {
        /// The most metadata columns of each type of dataset; none where a type is missing.
        public var metadataColumns: [DatasetType: Int]
        /// The most textual columns of an Items schema.
        public var textualColumns: Int

        /// The limits of Amazon Personalize.
        public static let standard = Limits(
            metadataColumns: [.interactions: 5, .users: 25, .items: 100, .actions: 10],
            textualColumns: 1
        )

        /// Limits of one's own.
        ///
        /// - Parameters:
        ///   - metadataColumns: The most metadata columns of each type of dataset; none where a type is missing.
        ///   - textualColumns: The most textual columns of an Items schema.
        public init(metadataColumns: [DatasetType: Int], textualColumns: Int) {
            self.metadataColumns = metadataColumns
            self.textualColumns = textualColumns
        }
    }

    /// What the dataset holds.
    public let datasetType: DatasetType
    /// The columns, in the schema's order.
    public let columns: [Column]

    /// The most characters that the text of a schema may have.
    public static let maximumLength = 20_000

    /// Reads and checks a schema.
    ///
    /// - Parameters:
    ///   - text: The Avro record, in JSON.
    ///   - domain: The domain whose columns are required too.
    ///   - limits: How many columns there may be.
    /// - Throws: `SchemaError` with every fault.
    public init(parsing text: String, domain: Domain? = nil, limits: Limits = .standard) throws(SchemaError) {
        guard text.count <= Self.maximumLength else {
            throw SchemaError("schema", "has \(text.count) characters; at most \(Self.maximumLength) are allowed")
        }
        let json: JSON
        do { json = try JSON(parsing: text) } catch { throw SchemaError("schema", "is not valid JSON: \(error)") }
        try self.init(json, domain: domain, limits: limits)
    }

    /// Reads and checks a schema.
    ///
    /// - Parameters:
    ///   - json: The Avro record.
    ///   - domain: The domain whose columns are required too.
    ///   - limits: How many columns there may be.
    /// - Throws: `SchemaError` with every fault.
    public init(_ json: JSON, domain: Domain? = nil, limits: Limits = .standard) throws(SchemaError) {
        var parser = SchemaParser()
        let datasetType = parser.parse(json)
        if let datasetType {
            parser.check(SchemaRules(datasetType: datasetType, domain: domain), limits: limits)
        }
        guard let datasetType, parser.faults.isEmpty else { throw SchemaError(faults: parser.faults) }
        self.datasetType = datasetType
        columns = parser.fields.map(\.column)
    }

    /// A schema of columns that need no check.
    init(datasetType: DatasetType, columns: [Column]) {
        self.datasetType = datasetType
        self.columns = columns
    }

    /// The column of a name, written as in the schema.
    public func column(_ name: String) -> Column? {
        columns.first { $0.name == name }
    }

    /// A digest of the columns, equal for schemas that read the same files alike.
    public var fingerprint: String {
        var digest = SHA256()
        digest.update(data: Data(datasetType.rawValue.utf8))
        for column in columns {
            let flags = "\(column.isNullable) \(column.isCategorical) \(column.isTextual)"
            digest.update(data: Data("\n\(column.name) \(column.type.rawValue) \(flags)".utf8))
        }
        return digest.finalize().hexadecimal
    }
}

/// Why a text is no schema: all of its faults.
public struct SchemaError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One fault of a schema.
    public struct Fault: Sendable, Equatable, CustomStringConvertible {
        /// Where it is: `fields[2].type`; `schema` for the whole.
        public let path: String
        /// The fact and, where there is one, the remedy.
        public let message: String

        /// Place, fact and remedy.
        public var description: String { "\(path) \(message)" }
    }

    /// The faults, in the order of the schema.
    public let faults: [Fault]

    /// The faults, joined by semicolons.
    public var description: String { faults.map(\.description).joined(separator: "; ") }

    init(faults: [Fault]) { self.faults = faults }

    init(_ path: String, _ message: String) { faults = [Fault(path: path, message: message)] }
}

internal import Crypto
internal import FoundationEssentials
internal import JSON

/// What a snapshot says about itself at its beginning.
///
/// ```
/// 0   "MRSNAP\r\n"                                8 bytes
/// 8   version, length of the header               2 × UInt32
/// 16  length of the file                          UInt64
/// 24  zero                                        UInt64
/// 32  SHA-256 of the header                       32 bytes
/// 64  the header: JSON with the place of every section, counted from the first section
///     the sections, each at a multiple of 64
/// ```
/// All numbers are little-endian. A column is one section of values (`UInt32` codes, `Int64`, `Float`, `Double` or
/// `UInt8` booleans); a column of strings has three more: where each string begins (`UInt64`), their bytes, and a
/// table that finds the code of a string (`DictionaryBuilder.index`). In a dataset whose records have a key, the
/// key's column also has the last row of each code (`UInt32`).
struct SnapshotHeader: Sendable, Equatable {
    /// A run of elements.
    struct Section: Sendable, Equatable {
        /// The first byte, counted from the first section.
        var offset: Int
        /// The number of elements.
        var count: Int
    }

    struct Column: Sendable, Equatable {
        var name: String
        var type: Schema.ColumnType
        var values: Section
        var offsets: Section?
        var bytes: Section?
        var index: Section?
        var lastRows: Section?
    }

    var datasetType: DatasetType
    /// The fingerprint of the schema.
    var schema: String
    var rowCount: Int
    var columns: [Column]

    static let magic = Array("MRSNAP\r\n".utf8)
    static let version: UInt32 = 1
    static let preambleLength = 64
    static let alignment = 64
    /// The most bytes a header may have.
    static let maximumLength = 1 << 20

    /// The next multiple of the alignment.
    static func aligned(_ offset: Int) -> Int { (offset + alignment - 1) / alignment * alignment }
}

// MARK: - Bytes

extension SnapshotHeader {
    /// The preamble, the header and the padding up to the first section.
    func encoded(sectionsLength: Int) -> [UInt8] {
        let text = Array(json.canonicalText.utf8)
        let start = Self.aligned(Self.preambleLength + text.count)
        var bytes = Self.magic
        Self.append(Self.version, to: &bytes)
        Self.append(UInt32(text.count), to: &bytes)
        Self.append(UInt64(start + sectionsLength), to: &bytes)
        Self.append(UInt64(0), to: &bytes)
        bytes += SHA256.hash(data: text)
        bytes += text
        bytes += [UInt8](repeating: 0, count: start - bytes.count)
        return bytes
    }

    private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        for shift in stride(from: 0, to: value.bitWidth, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    private var json: JSON {
        [
            "columns": .array(columns.map(\.json)), "datasetType": .string(datasetType.rawValue),
            "rows": JSON(rowCount), "schema": .string(schema),
        ]
    }
}

extension SnapshotHeader.Column {
    fileprivate var json: JSON {
        var json: JSON = ["name": .string(name), "type": .string(type.rawValue)]
        for (key, section) in [
            ("values", values), ("offsets", offsets), ("bytes", bytes), ("index", index), ("lastRows", lastRows),
        ] {
            guard let section else { continue }
            json[key] = [JSON(section.offset), JSON(section.count)]
        }
        return json
    }

    fileprivate init?(_ json: JSON) {
        guard let name = json["name"]?.string, let type = json["type"]?.string.flatMap(Schema.ColumnType.init),
            let values = SnapshotHeader.Section(json["values"])
        else { return nil }
        self.init(
            name: name,
            type: type,
            values: values,
            offsets: SnapshotHeader.Section(json["offsets"]),
            bytes: SnapshotHeader.Section(json["bytes"]),
            index: SnapshotHeader.Section(json["index"]),
            lastRows: SnapshotHeader.Section(json["lastRows"])
        )
    }
}

extension SnapshotHeader.Section {
    fileprivate init?(_ json: JSON?) {
        guard let offset = json?[0]?.int, let count = json?[1]?.int, offset >= 0, count >= 0 else { return nil }
        self.init(offset: offset, count: count)
    }
}

// MARK: - Reading

extension SnapshotHeader {
    /// Reads the header of a file, given its first bytes and its length; an error says only what is wrong.
    ///
    /// - Returns: The header, and where the first section begins.
    static func decode(_ bytes: [UInt8], fileLength: Int) throws(SnapshotFlaw) -> (SnapshotHeader, start: Int) {
        guard bytes.count >= preambleLength, Array(bytes[..<8]) == magic else {
            throw SnapshotFlaw("it is no snapshot")
        }
        let version = number(bytes[8..<12])
        guard version == UInt64(Self.version) else {
            throw SnapshotFlaw("its version is \(version), and only version \(Self.version) can be read")
        }
        let length = number(bytes[16..<24])
        guard length == UInt64(fileLength) else {
            throw SnapshotFlaw("it has \(fileLength) bytes where \(length) were written")
        }
        let end = preambleLength + Int(number(bytes[12..<16]))
        guard end <= bytes.count else { throw SnapshotFlaw("its header is cut off") }
        let text = Array(bytes[preambleLength..<end])
        guard Array(SHA256.hash(data: text)) == Array(bytes[32..<64]), let header = SnapshotHeader(text) else {
            throw SnapshotFlaw("its header has changed since it was written")
        }
        return (header, aligned(end))
    }

    private init?(_ text: [UInt8]) {
        guard let json = try? JSON(parsing: text), let schema = json["schema"]?.string,
            let datasetType = json["datasetType"]?.string.flatMap(DatasetType.init(rawValue:)),
            let rowCount = json["rows"]?.int, let array = json["columns"]?.array
        else { return nil }
        let columns = array.compactMap(Column.init)
        guard columns.count == array.count, columns.allSatisfy({ $0.values.count == rowCount }) else { return nil }
        self.init(datasetType: datasetType, schema: schema, rowCount: rowCount, columns: columns)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// What is wrong with a snapshot's bytes.
struct SnapshotFlaw: Error {
    let fact: String

    init(_ fact: String) { self.fact = fact }
}

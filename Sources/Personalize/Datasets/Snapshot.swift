internal import Crypto
internal import Kernels

/// The records of one import as columns in a file that never changes, read in place.
///
/// The file is named by the SHA-256 of its bytes: `sha256sum` tells whether it is as it was written.
public struct Snapshot: Sendable {
    /// The name of its file: the SHA-256 of its bytes in hexadecimal.
    public let name: String
    /// What its dataset holds.
    public let datasetType: DatasetType
    /// The fingerprint of the schema it was read with.
    public let schemaFingerprint: String
    /// How many records it holds.
    public let rowCount: Int
    private let columns: [String: SnapshotColumn]
    /// The last row of each code of the key column; empty where the dataset has no key.
    let lastRows: MappedArray<UInt32>

    /// Opens a snapshot.
    ///
    /// - Parameters:
    ///   - name: The name of its file.
    ///   - directory: Where it lies.
    ///   - isVerified: Whether all of its bytes are compared with its name first, at 1 to 2 GB a second; without
    ///     that only its header is checked.
    /// - Throws: `SnapshotError` when it cannot be read or is damaged.
    public init(_ name: String, in directory: String, isVerified: Bool = true) throws(SnapshotError) {
        do {
            let file = try MappedFile(path: "\(directory)/\(name)")
            if isVerified, Self.digest(file) != name {
                throw SnapshotFlaw("its bytes have changed since it was written")
            }
            let head = try MappedArray<UInt8>(file, offset: 0, count: min(file.count, SnapshotHeader.maximumLength))
            let (header, start) = try SnapshotHeader.decode(Array(head), fileLength: file.count)
            try self.init(name, header, SectionReader(file: file, start: start))
        } catch let error as KernelError where error.code == .unreadableFile {
            throw SnapshotError("\(error)")
        } catch let flaw as SnapshotFlaw {
            throw SnapshotError(name, directory, flaw.fact)
        } catch {
            throw SnapshotError(name, directory, "a section of it leaves the file")
        }
    }

    private init(_ name: String, _ header: SnapshotHeader, _ reader: SectionReader) throws {
        self.name = name
        datasetType = header.datasetType
        schemaFingerprint = header.schema
        rowCount = header.rowCount
        var columns: [String: SnapshotColumn] = [:]
        var lastRows = MappedArray<UInt32>()
        for column in header.columns {
            columns[column.name] = try reader.column(column)
            if let section = column.lastRows { lastRows = try reader.array(section) }
        }
        self.columns = columns
        self.lastRows = lastRows
    }

    /// The values of a column; `nil` when there is no column of the name.
    func column(_ name: String) -> SnapshotColumn? { columns[name] }

    /// The codes and strings of a column; `nil` when there is no such column of strings.
    func strings(_ name: String) -> (codes: MappedArray<UInt32>, dictionary: StringDictionary)? {
        guard case .strings(let codes, let dictionary) = columns[name] else { return nil }
        return (codes, dictionary)
    }

    /// The values of a column; `nil` when there is no such column of whole numbers.
    func integers(_ name: String) -> MappedArray<Int64>? {
        guard case .integers(let values) = columns[name] else { return nil }
        return values
    }

    /// The values of a column; `nil` when there is no such column of type float.
    func floats(_ name: String) -> MappedArray<Float>? {
        guard case .floats(let values) = columns[name] else { return nil }
        return values
    }

    private static func digest(_ file: MappedFile) -> String {
        var digest = SHA256()
        unsafe file.withUnsafeBytes { unsafe digest.update(bufferPointer: $0) }
        return digest.finalize().hexadecimal
    }
}

/// Why a snapshot cannot be read.
public struct SnapshotError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Place, fact and remedy.
    public let description: String

    init(_ description: String) { self.description = description }

    init(_ name: String, _ directory: String, _ fact: String) {
        description = "snapshot \"\(directory)/\(name)\" is damaged: \(fact); import the data again"
    }
}

/// The values of one column, a record each.
enum SnapshotColumn: Sendable {
    /// Codes of strings; `SnapshotNull.code` where there is none.
    case strings(MappedArray<UInt32>, StringDictionary)
    /// Whole numbers; `SnapshotNull.integer` where there is none.
    case integers(MappedArray<Int64>)
    /// Numbers; NaN where there is none.
    case floats(MappedArray<Float>)
    /// Numbers; NaN where there is none.
    case doubles(MappedArray<Double>)
    /// 0, 1; `SnapshotNull.boolean` where there is none.
    case booleans(MappedArray<UInt8>)
}

/// Reads sections of a snapshot in place.
private struct SectionReader {
    let file: MappedFile
    let start: Int

    func array<Element: BitwiseCopyable & Sendable>(_ section: SnapshotHeader.Section) throws -> MappedArray<Element> {
        let (offset, overflow) = start.addingReportingOverflow(section.offset)
        guard !overflow else { throw SnapshotFlaw("a section of it leaves the file") }
        return try MappedArray<Element>(file, offset: offset, count: section.count)
    }

    func column(_ column: SnapshotHeader.Column) throws -> SnapshotColumn {
        switch column.type {
        case .string: .strings(try array(column.values), try dictionary(column))
        case .long, .int: .integers(try array(column.values))
        case .float: .floats(try array(column.values))
        case .double: .doubles(try array(column.values))
        case .boolean: .booleans(try array(column.values))
        }
    }

    private func dictionary(_ column: SnapshotHeader.Column) throws -> StringDictionary {
        guard let offsets = column.offsets, let bytes = column.bytes, let index = column.index, offsets.count > 0,
            index.count.nonzeroBitCount == 1
        else { throw SnapshotFlaw("column \(column.name) has no strings") }
        return StringDictionary(offsets: try array(offsets), bytes: try array(bytes), index: try array(index))
    }
}

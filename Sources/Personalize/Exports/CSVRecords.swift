internal import Kernels

/// Records of a dataset as the bytes of a CSV file, such that an import of it reads the same values.
struct CSVRecords {
    /// What was written and not taken yet.
    private(set) var bytes: [UInt8] = []

    private static let comma = UInt8(ascii: ",")
    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// The header, with the columns in the order of the schema.
    mutating func appendHeader(_ schema: Schema) {
        // The names are letters, digits and underscores: none needs quotes.
        bytes += schema.columns.map(\.name).joined(separator: ",").utf8
        bytes.append(Self.lineFeed)
    }

    /// One record; a column that its snapshot does not have is without a value.
    mutating func append(_ columns: [SnapshotColumn?], row: Int) {
        for (index, column) in columns.enumerated() {
            if index > 0 { bytes.append(Self.comma) }
            if let column { append(column, row) }
        }
        bytes.append(Self.lineFeed)
    }

    /// Takes what was written.
    mutating func take() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }

    private mutating func append(_ column: SnapshotColumn, _ row: Int) {
        switch column {
        case .strings(let codes, let dictionary):
            guard codes[row] != SnapshotNull.code else { return }
            dictionary.withBytes(of: codes[row]) { append($0) }
        case .integers(let values): if values[row] != SnapshotNull.integer { bytes += "\(values[row])".utf8 }
        // A number is described by the fewest digits that are read as the same number.
        case .floats(let values): if !values[row].isNaN { bytes += values[row].description.utf8 }
        case .doubles(let values): if !values[row].isNaN { bytes += values[row].description.utf8 }
        case .booleans(let values):
            if values[row] != SnapshotNull.boolean { bytes += (values[row] == 1 ? "true" : "false").utf8 }
        }
    }

    private mutating func append(_ text: Span<UInt8>) {
        guard Self.needsQuotes(text) else {
            unsafe text.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
            return
        }
        bytes.append(Self.quote)
        for index in text.indices {
            if text[index] == Self.quote || Self.isAmbiguous(text, index) { bytes.append(text[index]) }
            bytes.append(text[index])
        }
        bytes.append(Self.quote)
    }

    private static func needsQuotes(_ text: Span<UInt8>) -> Bool {
        for index in text.indices {
            switch text[index] {
            case comma, quote, lineFeed, carriageReturn: return true
            default: continue
            }
        }
        return false
    }

    /// Whether a backslash would be read together with what follows it: a quote, another one, or the closing quote.
    private static func isAmbiguous(_ text: Span<UInt8>, _ index: Int) -> Bool {
        guard text[index] == backslash else { return false }
        return index + 1 == text.count || text[index + 1] == quote || text[index + 1] == backslash
    }
}

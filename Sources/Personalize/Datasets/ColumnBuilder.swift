internal import Kernels

/// The values of one column, gathered from the records of a block.
struct ColumnBuilder: Sendable {
    let column: Schema.Column
    private let longestText: Int
    /// The values, in the one of these that fits the column's type.
    private(set) var codes: [UInt32] = []
    private(set) var integers: [Int64] = []
    private(set) var floats: [Float] = []
    private(set) var doubles: [Double] = []
    private(set) var booleans: [UInt8] = []
    /// The distinct strings that `codes` stand for.
    private(set) var dictionary = DictionaryBuilder()

    init(_ column: Schema.Column, isID: Bool) {
        self.column = column
        longestText = isID ? 256 : column.isCategorical ? 1000 : column.isTextual ? 20_000 : .max
    }

    /// Appends the value of a field, or says why it has none; nothing is appended then, for the import has failed.
    mutating func append(_ field: Span<UInt8>) -> FieldFault? {
        guard field.count > 0 else { return appendNull() }
        switch column.type {
        case .string: return appendText(field)
        case .long: return append(FieldValue.integer(field, bits: 64)) { $0.integers.append($1) }
        case .int: return append(FieldValue.integer(field, bits: 32)) { $0.integers.append($1) }
        case .float: return appendFloat(field)
        case .double: return append(FieldValue.double(field)) { $0.doubles.append($1) }
        case .boolean: return append(FieldValue.boolean(field)) { $0.booleans.append($1 ? 1 : 0) }
        }
    }

    /// Appends the values that rows of a snapshot have; none where it does not have the column.
    mutating func append(_ source: SnapshotColumn?, _ rows: [Int]) {
        switch source {
        case .strings(let values, let strings):
            for row in rows {
                let code = values[row]
                codes.append(code == SnapshotNull.code ? code : strings.withBytes(of: code) { dictionary.code(of: $0) })
            }
        case .integers(let values): for row in rows { integers.append(values[row]) }
        case .floats(let values): for row in rows { floats.append(values[row]) }
        case .doubles(let values): for row in rows { doubles.append(values[row]) }
        case .booleans(let values): for row in rows { booleans.append(values[row]) }
        case nil: for _ in rows { _ = appendNull() }
        }
    }

    /// Replaces the codes by those of another dictionary, given by the code they have here.
    mutating func recode(_ map: [UInt32]) {
        for row in codes.indices where codes[row] != DictionaryBuilder.null {
            codes[row] = map[Int(codes[row])]
        }
    }

    private mutating func appendNull() -> FieldFault? {
        guard column.isNullable else { return .empty }
        switch column.type {
        case .string: codes.append(DictionaryBuilder.null)
        case .long, .int: integers.append(SnapshotNull.integer)
        case .float: floats.append(.nan)
        case .double: doubles.append(.nan)
        case .boolean: booleans.append(SnapshotNull.boolean)
        }
        return nil
    }

    private mutating func appendText(_ field: Span<UInt8>) -> FieldFault? {
        if field.count > longestText, isTooLong(field) { return .tooLong(longestText) }
        codes.append(dictionary.code(of: field))
        return nil
    }

    /// Counts characters as Unicode scalars; of a category, those of each of the values joined by `|`.
    private func isTooLong(_ field: Span<UInt8>) -> Bool {
        var length = 0
        for index in field.indices {
            if column.isCategorical, field[index] == UInt8(ascii: "|") {
                length = 0
            } else if field[index] & 0xc0 != 0x80 {
                length += 1
                if length > longestText { return true }
            }
        }
        return false
    }

    private mutating func appendFloat(_ field: Span<UInt8>) -> FieldFault? {
        append(
            FieldValue.double(field).flatMap { value in
                Float(value).isFinite ? .success(Float(value)) : .failure(.outOfRange)
            }
        ) { $0.floats.append($1) }
    }

    @inline(__always)
    private mutating func append<Value>(
        _ result: Result<Value, FieldFault>,
        _ add: (inout ColumnBuilder, Value) -> Void
    ) -> FieldFault? {
        switch result {
        case .success(let value):
            add(&self, value)
            return nil
        case .failure(let fault): return fault
        }
    }
}

/// What stands for "no value" in the columns of a snapshot; in those of floating-point numbers it is NaN.
enum SnapshotNull {
    static let integer = Int64.min
    static let boolean = UInt8.max
    static let code = DictionaryBuilder.null
}

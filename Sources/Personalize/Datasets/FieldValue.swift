/// Why a field is no value of its column.
enum FieldFault: Error, Equatable {
    case empty, notInteger, outOfRange, notNumber, notBoolean, invalidUTF8
    case tooLong(Int)
}

/// Numbers and booleans as they are written in CSV files.
enum FieldValue {
    /// A whole number; the smallest of 64 bits is left out, for it stands for null.
    static func integer(_ field: Span<UInt8>, bits: Int) -> Result<Int64, FieldFault> {
        let isNegative = field[0] == UInt8(ascii: "-")
        var position = isNegative || field[0] == UInt8(ascii: "+") ? 1 : 0
        guard position < field.count else { return .failure(.notInteger) }
        var value: UInt64 = 0
        var hasOverflowed = false
        while position < field.count {
            let digit = field[position] &- UInt8(ascii: "0")
            guard digit < 10 else { return .failure(.notInteger) }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            hasOverflowed = hasOverflowed || overflow || carry
            value = sum
            position += 1
        }
        guard !hasOverflowed, value <= UInt64(Int64.max) else { return .failure(.outOfRange) }
        let signed = isNegative ? -Int64(value) : Int64(value)
        guard bits == 64 || Int32(exactly: signed) != nil else { return .failure(.outOfRange) }
        return .success(signed)
    }

    /// A finite number, correctly rounded.
    static func double(_ field: Span<UInt8>) -> Result<Double, FieldFault> {
        if let value = shortDecimal(field) { return .success(value) }
        guard isWrittenAsDecimal(field), let value = Double(text(field)) else { return .failure(.notNumber) }
        return value.isFinite ? .success(value) : .failure(.outOfRange)
    }

    /// `true` or `false`, in any case.
    static func boolean(_ field: Span<UInt8>) -> Result<Bool, FieldFault> {
        guard field.count <= 5 else { return .failure(.notBoolean) }
        switch text(field).lowercased() {
        case "true": return .success(true)
        case "false": return .success(false)
        default: return .failure(.notBoolean)
        }
    }

    /// The text of a field; bytes that are not UTF-8 become replacement characters.
    static func text(_ field: Span<UInt8>) -> String {
        var bytes: [UInt8] = []
        for index in field.indices { bytes.append(field[index]) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A decimal of at most 15 digits without exponent: an exact integer divided by an exact power of ten.
    private static func shortDecimal(_ field: Span<UInt8>) -> Double? {
        let isNegative = field[0] == UInt8(ascii: "-")
        var position = isNegative ? 1 : 0
        var (digits, fraction, value) = (0, 0, 0)
        var isInFraction = false
        while position < field.count {
            let byte = field[position]
            position += 1
            if byte == UInt8(ascii: "."), !isInFraction {
                isInFraction = true
                continue
            }
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value * 10 + Int(digit)
            digits += 1
            if isInFraction { fraction += 1 }
            guard digits <= 15 else { return nil }
        }
        guard digits > 0 else { return nil }
        let magnitude = Double(value) / powersOfTen[fraction]
        return isNegative ? -magnitude : magnitude
    }

    /// Keeps out what `Double` reads beside decimals: `nan`, `inf`, hexadecimal.
    private static func isWrittenAsDecimal(_ field: Span<UInt8>) -> Bool {
        for index in field.indices {
            switch field[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "-"),
                UInt8(ascii: "e"), UInt8(ascii: "E"):
                continue
            default: return false
            }
        }
        return true
    }

    private static let powersOfTen: [Double] = (0...15).map { exponent in
        (0..<exponent).reduce(1.0) { power, _ in power * 10 }
    }
}

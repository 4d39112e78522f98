import JSON

/// The intrinsic functions of arrays; `nil` says that the arguments are not for the function.
enum IntrinsicArrays {
    /// Ranges are no longer than this.
    private static let maximumRange = 1000

    static func partition(_ value: JSON, size: JSON) -> JSON? {
        guard let array = value.array, let size = IntrinsicMath.truncated(size), size > 0 else { return nil }
        return .array(
            stride(from: 0, to: array.count, by: size).map { start in
                .array(Array(array[start..<start + min(size, array.count - start)]))
            }
        )
    }

    static func range(_ first: JSON, _ last: JSON, step: JSON) -> JSON? {
        guard let first = IntrinsicMath.small(first), let last = IntrinsicMath.small(last),
            let step = IntrinsicMath.small(step), step != 0, (last - first) / step < maximumRange
        else { return nil }
        return .array(stride(from: first, through: last, by: step).map { JSON($0) })
    }

    static func item(of value: JSON, at index: JSON) -> JSON? {
        guard let array = value.array, let index = IntrinsicMath.truncated(index), array.indices.contains(index)
        else { return nil }
        return array[index]
    }

    static func unique(_ value: JSON) -> JSON? {
        guard let array = value.array else { return nil }
        var seen: Set<JSON> = []
        return .array(array.filter { seen.insert($0).inserted })
    }
}

/// The intrinsic functions of numbers.
enum IntrinsicMath {
    /// Adds two 32-bit integers; fractions are rounded first.
    static func sum(_ first: JSON, _ second: JSON) -> JSON? {
        guard let first = rounded(first), let second = rounded(second) else { return nil }
        let (sum, overflows) = first.addingReportingOverflow(second)
        guard !overflows else { return nil }
        return JSON(Int(sum))
    }

    /// The integer before the fraction, which is what AWS takes for bounds, indexes and sizes.
    static func truncated(_ value: JSON) -> Int? {
        switch value {
        case .integer(let integer): Int(integer)
        case .double(let double): Int(exactly: double.rounded(.towardZero))
        default: nil
        }
    }

    /// The truncated integer, if it fits 32 bits.
    static func small(_ value: JSON) -> Int? {
        truncated(value).flatMap { Int32(exactly: $0) }.map { Int($0) }
    }

    private static func rounded(_ value: JSON) -> Int32? {
        switch value {
        case .integer(let integer): Int32(exactly: integer)
        case .double(let double): Int32(exactly: double.rounded())
        default: nil
        }
    }
}

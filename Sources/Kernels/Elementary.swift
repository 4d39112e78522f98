internal import Glibc

/// Powers with real exponents.
public enum Power {
    /// A base of zero or more to the power of an exponent.
    public static func of(_ base: Double, _ exponent: Double) -> Double {
        if exponent == 0.5 { return base.squareRoot() }
        return exponent == 1 ? base : pow(base, exponent)
    }
}

/// Natural logarithms.
public enum Logarithm {
    /// The natural logarithm of a number more than zero.
    public static func of(_ value: Float) -> Float { Float(log(Double(value))) }

    /// The natural logarithm of a number more than zero.
    public static func of(_ value: Double) -> Double { log(value) }
}

/// Powers of e, as the rankings compute them: beyond ±80 an exponent counts as ±80.
public enum Exponential {
    /// e to the power of a number.
    public static func of(_ value: Float) -> Double { Double(exponential(Vector(repeating: value)).x) }
}

extension Matrix {
    /// The inner product of a row with a vector as long as the row.
    public func dot(row: Int, _ vector: [Float]) -> Float {
        precondition(row >= 0 && row < rows && vector.count == columns, "the vector does not fit the row")
        var total: Float = 0
        for (column, value) in vector.enumerated() { total += values[row * stride + column] * value }
        return total
    }

    /// Makes all numbers of a row zero.
    public mutating func clear(row: Int) {
        for column in 0..<columns { self[row, column] = 0 }
    }
}

/// Four 32-bit numbers: what one instruction works on with every x86-64 and ARM processor.
typealias Vector = SIMD4<Float>

/// The inner product of two rows of so many vectors.
@inline(__always)
func dot(_ left: UnsafePointer<Vector>, _ right: UnsafePointer<Vector>, _ vectors: Int) -> Float {
    var even = Vector.zero
    var odd = Vector.zero
    var index = 0
    while index &+ 1 < vectors {
        unsafe even += left[index] * right[index]
        unsafe odd += left[index &+ 1] * right[index &+ 1]
        index &+= 2
    }
    if index < vectors { unsafe even += left[index] * right[index] }
    return sum(even + odd)
}

/// The sum of four numbers, always in the same order.
@inline(__always)
func sum(_ vector: Vector) -> Float {
    let pairs = vector.lowHalf + vector.highHalf
    return pairs.x + pairs.y
}

/// The sums of four vectors, each as one number.
@inline(__always)
func sums(_ first: Vector, _ second: Vector, _ third: Vector, _ fourth: Vector) -> Vector {
    let lower = SIMD8<Float>(lowHalf: first, highHalf: second)
    let upper = SIMD8<Float>(lowHalf: third, highHalf: fourth)
    let lowerPairs = lower.evenHalf + lower.oddHalf
    let upperPairs = upper.evenHalf + upper.oddHalf
    let pairs = SIMD8<Float>(lowHalf: lowerPairs, highHalf: upperPairs)
    return pairs.evenHalf + pairs.oddHalf
}

/// The inner products of one row with four others.
@inline(__always)
func dots(
    _ row: UnsafePointer<Vector>,
    _ others: (UnsafePointer<Vector>, UnsafePointer<Vector>, UnsafePointer<Vector>, UnsafePointer<Vector>),
    _ vectors: Int
) -> Vector {
    var (first, second, third, fourth) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
    var index = 0
    while index < vectors {
        let value = unsafe row[index]
        unsafe first += others.0[index] * value
        unsafe second += others.1[index] * value
        unsafe third += others.2[index] * value
        unsafe fourth += others.3[index] * value
        index &+= 1
    }
    return sums(first, second, third, fourth)
}

/// Adds a multiple of a row to another.
@inline(__always)
func add(_ factor: Float, _ row: UnsafePointer<Vector>, to sum: UnsafeMutablePointer<Vector>, _ vectors: Int) {
    for index in 0..<vectors { unsafe sum[index] += row[index] * factor }
}

/// e to the power of each of four numbers, to a relative error of 3 · 10⁻⁷; beyond ±80 they count as ±80.
@inline(__always)
func exponential(_ vector: Vector) -> Vector {
    let limited = vector.clamped(lowerBound: Vector(repeating: -80), upperBound: Vector(repeating: 80))
    let shift = Vector(repeating: 12_582_912)
    let shifted = limited * 1.442_695_04 + shift
    let whole = shifted - shift
    let rest = limited - whole * 0.693_359_375 + whole * 2.121_944_4e-4
    var power = rest * 1.987_569_15e-4 + 1.398_199_950_7e-3
    power = power * rest + 8.333_451_907_3e-3
    power = power * rest + 4.166_579_589_4e-2
    power = power * rest + 0.166_666_654_59
    power = power * rest + 0.500_000_012_01
    power = power * rest * rest + rest + 1
    let exponent = unsafe unsafeBitCast(shifted, to: SIMD4<UInt32>.self) &<< 23
    return unsafe unsafeBitCast(unsafeBitCast(power, to: SIMD4<UInt32>.self) &+ exponent, to: Vector.self)
}

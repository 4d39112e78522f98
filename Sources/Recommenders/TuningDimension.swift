internal import Kernels

extension Tuning {
    /// A hyperparameter that is searched, and how a number from 0 to 1 becomes its value.
    struct Dimension: Sendable, Equatable {
        let name: String
        let values: Range.Values

        init(_ name: String, _ values: Range.Values) {
            self.name = name
            self.values = values
        }

        /// The value at a share of the range; ranges over more than a power of ten are gone through by logarithm.
        func value(at share: Double) -> String {
            switch values {
            case .integer(let least, let greatest):
                // The range is cut into equal parts, one a number, so that the ends are as likely as the rest.
                let spread = Self.spread(Double(least), Double(greatest) + 1, at: share)
                return "\(min(max(Int(spread.rounded(.down)), least), greatest))"
            case .continuous(let least, let greatest):
                return "\(min(max(Self.spread(least, greatest, at: share), least), greatest))"
            case .categorical(let values):
                return values[min(Int(share * Double(values.count)), values.count - 1)]
            }
        }

        private static func spread(_ least: Double, _ greatest: Double, at share: Double) -> Double {
            guard least > 0, greatest > 10 * least else { return least + (greatest - least) * share }
            return least * Power.of(greatest / least, share)
        }
    }
}

/// Points that fill a cube more evenly than random ones do, however few are taken.
///
/// [Halton: "On the efficiency of certain quasi-random sequences of points in evaluating multi-dimensional integrals",
/// 1960; Cranley, Patterson: "Randomization of number theoretic methods for multiple integration", 1976, for the shift]
struct HaltonSequence: Sendable {
    private let bases: [Int]
    private let shifts: [Double]

    init(dimensions: Int, seed: UInt64) {
        var bases: [Int] = []
        var number = 2
        while bases.count < dimensions {
            if bases.allSatisfy({ number % $0 != 0 }) { bases.append(number) }
            number += 1
        }
        let random = CounterRandom(seed: seed, stream: 8)
        self.bases = bases
        shifts = bases.indices.map { random.uniform(at: UInt64($0)) }
    }

    /// The point of an index from 0, each coordinate in `0 ..< 1`.
    subscript(index: Int) -> [Double] {
        zip(bases, shifts).map { base, shift in
            let value = Self.radicalInverse(index + 1, base: base) + shift
            return value < 1 ? value : value - 1
        }
    }

    /// The digits of a number in a base, mirrored behind the point.
    private static func radicalInverse(_ number: Int, base: Int) -> Double {
        var (rest, value, scale) = (number, 0.0, 1.0)
        while rest > 0 {
            scale /= Double(base)
            value += Double(rest % base) * scale
            rest /= base
        }
        return value
    }
}

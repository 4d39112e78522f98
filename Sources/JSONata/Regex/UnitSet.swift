/// A set of UTF-16 code units.
struct UnitSet {
    typealias Unit = UInt16

    /// Sorted, with gaps between them.
    private(set) var ranges: [ClosedRange<Unit>]
    /// The members below 128, a bit each.
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    init(_ ranges: [ClosedRange<Unit>]) {
        var merged: [ClosedRange<Unit>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, UInt32(range.lowerBound) <= UInt32(last.upperBound) + 1 {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        self.ranges = merged
        for range in merged where range.lowerBound < 128 {
            for unit in range.lowerBound...min(range.upperBound, 127) {
                if unit < 64 { low |= 1 << UInt64(unit) } else { high |= 1 << UInt64(unit - 64) }
            }
        }
    }

    init(_ unit: Unit) { self.init([unit...unit]) }

    func contains(_ unit: Unit) -> Bool {
        if unit < 64 { return low >> UInt64(unit) & 1 == 1 }
        if unit < 128 { return high >> UInt64(unit - 64) & 1 == 1 }
        var (first, end) = (0, ranges.count)
        while first < end {
            let middle = (first + end) / 2
            if unit < ranges[middle].lowerBound {
                end = middle
            } else if unit > ranges[middle].upperBound {
                first = middle + 1
            } else {
                return true
            }
        }
        return false
    }

    /// The only member, if there is just one.
    var only: Unit? { ranges.count == 1 && ranges[0].count == 1 ? ranges[0].lowerBound : nil }

    /// All units that are not members.
    var inverted: UnitSet {
        var gaps: [ClosedRange<Unit>] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { gaps.append(Unit(next)...(range.lowerBound - 1)) }
            next = UInt32(range.upperBound) + 1
        }
        if next <= 0xFFFF { gaps.append(Unit(next)...0xFFFF) }
        return UnitSet(gaps)
    }

    func union(_ other: UnitSet) -> UnitSet { UnitSet(ranges + other.ranges) }

    // MARK: - Classes

    static let digits = UnitSet([0x30...0x39])
    static let words = UnitSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let lineEnds = UnitSet([0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029])
    static let spaces = UnitSet([
        0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F,
        0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
    ])
    static let notLineEnds = lineEnds.inverted
}

// MARK: - Case

extension UnitSet {
    /// The members and all units that differ from one only in case.
    var ignoringCase: UnitSet {
        var added: [ClosedRange<Unit>] = []
        for unit in Unit(0x41)...0x5A where contains(unit) || contains(unit + 32) {
            added += [unit...unit, (unit + 32)...(unit + 32)]
        }
        let foreign = ranges.filter { $0.upperBound >= 128 }
        guard !foreign.isEmpty, !foreign.contains(where: { $0.lowerBound <= 128 && $0.upperBound == 0xFFFF }) else {
            return UnitSet(ranges + added)
        }
        var folded: Set<Unit> = []
        for range in foreign { for unit in range where unit >= 128 { folded.insert(unit.foldedCase) } }
        for unit in Unit(128)...0xFFFF where folded.contains(unit.foldedCase) { added.append(unit...unit) }
        return UnitSet(ranges + added)
    }
}

extension UInt16 {
    /// The unit by which case is ignored: its capital letter, where that is one unit and does not lead into ASCII.
    var foldedCase: UInt16 {
        if self < 128 { return self >= 0x61 && self <= 0x7A ? self - 32 : self }
        guard let scalar = Unicode.Scalar(self) else { return self }
        let units = scalar.properties.uppercaseMapping.utf16
        guard let first = units.first, units.count == 1, first >= 128 else { return self }
        return first
    }
}

extension NumberPicture {
    /// The half of a picture for numbers of one sign.
    struct Part {
        private(set) var prefix: String
        let suffix: String
        let hasPoint: Bool
        /// What the number is multiplied by: 100 before a percent sign, 1,000 before one of per mille.
        private(set) var factor = 1.0
        private(set) var minimumIntegerSize: Int
        let scale: Int
        private(set) var minimumFractionSize: Int
        private(set) var maximumFractionSize: Int
        private(set) var minimumExponentSize = 0
        /// Before how many digits, counted from the point, a separator stands.
        let integerGroups: [Int]
        /// The distance between separators that repeat, or nothing.
        let regularGroup: Int
        let fractionGroups: [Int]

        init(_ text: String, _ symbols: NumberSymbols) throws(PictureFault) {
            let pieces = Pieces(text, symbols)
            if let fault = pieces.fault(symbols) { throw fault }
            prefix = String(pieces.prefix)
            suffix = String(pieces.suffix)
            hasPoint = text.contains(symbols.decimalSeparator)
            integerGroups = pieces.integerGroups(symbols)
            regularGroup = Part.regularDistance(of: integerGroups)
            fractionGroups = pieces.fractionGroups(symbols)
            minimumIntegerSize = pieces.integer.count(where: symbols.isDecimal)
            scale = minimumIntegerSize
            minimumFractionSize = pieces.fraction.count(where: symbols.isDecimal)
            maximumFractionSize = pieces.fraction.count(where: symbols.isDigit)
            if text.contains(symbols.percent) {
                factor = 100
            } else if text.contains(symbols.perMille) {
                factor = 1_000
            }
            settleSizes(pieces, symbols)
        }

        /// At least one digit is shown, whatever the picture asks for.
        private mutating func settleSizes(_ pieces: Pieces, _ symbols: NumberSymbols) {
            if minimumIntegerSize == 0, maximumFractionSize == 0 {
                if pieces.exponent == nil {
                    minimumIntegerSize = 1
                } else {
                    minimumFractionSize = 1
                    maximumFractionSize = 1
                }
            }
            if pieces.exponent != nil, minimumIntegerSize == 0,
                pieces.integer.contains(where: { String($0) == symbols.digit })
            {
                minimumIntegerSize = 1
            }
            if minimumIntegerSize == 0, minimumFractionSize == 0 { minimumFractionSize = 1 }
            minimumExponentSize = pieces.exponent?.count(where: symbols.isDecimal) ?? 0
        }

        /// The same with a minus sign in front.
        func negated(_ symbols: NumberSymbols) -> Part {
            var part = self
            part.prefix = symbols.minusSign + prefix
            return part
        }

        /// The distance at which separators repeat, if they all do.
        static func regularDistance(of positions: [Int]) -> Int {
            guard let first = positions.first else { return 0 }
            var distance = first
            for position in positions { distance = Self.greatestCommonDivisor(distance, position) }
            return (1...positions.count).allSatisfy { positions.contains($0 * distance) } ? distance : 0
        }

        private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
            b == 0 ? a : greatestCommonDivisor(b, a % b)
        }
    }

    /// A part cut up at its separators.
    fileprivate struct Pieces {
        let whole: [Unicode.Scalar]
        let prefix: ArraySlice<Unicode.Scalar>
        let suffix: ArraySlice<Unicode.Scalar>
        let active: [Unicode.Scalar]
        let mantissa: [Unicode.Scalar]
        let exponent: [Unicode.Scalar]?
        let integer: [Unicode.Scalar]
        let fraction: [Unicode.Scalar]

        init(_ text: String, _ symbols: NumberSymbols) {
            whole = Array(text.unicodeScalars)
            let isEdge = { (scalar: Unicode.Scalar) in
                symbols.isActive(scalar) && String(scalar) != symbols.exponentSeparator
            }
            let start = whole.firstIndex(where: isEdge) ?? 0
            let end = whole.lastIndex(where: isEdge).map { $0 + 1 } ?? whole.count
            prefix = whole[..<start]
            suffix = whole[end...]
            active = Array(whole[start..<end])
            // The reference counts the place of the exponent from the start of the prefix.
            if let place = whole.place(of: symbols.exponentSeparator, from: start), place <= end {
                mantissa = Array(active.prefix(place))
                exponent = Array(active.dropFirst(place + 1))
            } else {
                mantissa = active
                exponent = nil
            }
            if let point = mantissa.place(of: symbols.decimalSeparator) {
                integer = Array(mantissa[..<point])
                fraction = Array(mantissa[(point + 1)...])
            } else {
                integer = mantissa
                fraction = Array(suffix)
            }
        }

        func integerGroups(_ symbols: NumberSymbols) -> [Int] {
            integer.indices.filter { String(integer[$0]) == symbols.groupingSeparator }
                .map { integer[$0...].count(where: symbols.isDigit) }
        }

        /// As in the reference, separators after the first are looked for in the integer.
        func fractionGroups(_ symbols: NumberSymbols) -> [Int] {
            var positions: [Int] = []
            var next = fraction.place(of: symbols.groupingSeparator)
            while let place = next {
                positions.append(fraction.prefix(place).count(where: symbols.isDigit))
                next = integer.place(of: symbols.groupingSeparator, from: place + 1)
            }
            return positions
        }
    }
}

// MARK: - Faults

extension NumberPicture.Pieces {
    /// The fault of this part that the reference names: the last one it looks for.
    fileprivate func fault(_ symbols: NumberSymbols) -> PictureFault? {
        exponentFault(symbols) ?? orderFault(symbols) ?? groupingFault(symbols) ?? characterFault(symbols)
    }

    private func count(_ text: String) -> Int {
        var count = 0
        var start = 0
        while !text.isEmpty, let place = whole.place(of: text, from: start) {
            count += 1
            start = place + 1
        }
        return count
    }

    private func exponentFault(_ symbols: NumberSymbols) -> PictureFault? {
        guard let exponent else { return nil }
        if exponent.isEmpty || !exponent.allSatisfy(symbols.isDecimal) {
            return PictureFault(
                "D3093",
                "must have one or more digits that must be shown as its exponent, and only those"
            )
        }
        guard count(symbols.percent) + count(symbols.perMille) > 0 else { return nil }
        return PictureFault("D3092", "cannot have both an exponent and a percent or per-mille sign")
    }

    private func orderFault(_ symbols: NumberSymbols) -> PictureFault? {
        let isOptional = { (scalar: Unicode.Scalar) in String(scalar) == symbols.digit }
        if let last = fraction.lastIndex(where: isOptional), fraction[last...].contains(where: symbols.isDecimal) {
            return PictureFault("D3091", "has an optional digit before one that must be shown, after the point")
        }
        if let first = integer.firstIndex(where: isOptional), integer[..<first].contains(where: symbols.isDecimal) {
            return PictureFault("D3090", "has an optional digit after one that must be shown, before the point")
        }
        return nil
    }

    private func groupingFault(_ symbols: NumberSymbols) -> PictureFault? {
        let separator = symbols.groupingSeparator
        if count(separator + separator) > 0 {
            return PictureFault("D3089", "has two grouping separators next to each other")
        }
        if let point = whole.place(of: symbols.decimalSeparator) {
            let neighbours = whole.indices.filter { $0 == point - 1 || $0 == point + 1 }.map { String(whole[$0]) }
            guard neighbours.contains(separator) else { return nil }
            return PictureFault("D3087", "has a grouping separator next to the decimal separator")
        }
        guard integer.last.map({ String($0) }) == separator else { return nil }
        return PictureFault("D3088", "has a grouping separator at the end of the integer part")
    }

    private func characterFault(_ symbols: NumberSymbols) -> PictureFault? {
        if !active.allSatisfy(symbols.isActive) {
            return PictureFault("D3086", "has a character of the prefix or suffix between its digits")
        }
        if !mantissa.contains(where: symbols.isDigit) {
            return PictureFault("D3085", "must have a digit")
        }
        if count(symbols.percent) > 0, count(symbols.perMille) > 0 {
            return PictureFault("D3084", "has both a percent sign and a per-mille sign")
        }
        if count(symbols.perMille) > 1 { return PictureFault("D3083", "has more than one per-mille sign") }
        if count(symbols.percent) > 1 { return PictureFault("D3082", "has more than one percent sign") }
        guard count(symbols.decimalSeparator) > 1 else { return nil }
        return PictureFault("D3081", "has more than one decimal separator")
    }
}

extension Array<Unicode.Scalar> {
    /// Where a text first begins, from a place on.
    func place(of text: String, from start: Int = 0) -> Int? {
        let wanted = Array(text.unicodeScalars)
        guard !wanted.isEmpty, start + wanted.count <= count else { return nil }
        return (start...(count - wanted.count)).first { self[$0..<($0 + wanted.count)].elementsEqual(wanted) }
    }
}

extension Builtin {
    static let formats: [Entry] = [
        ("formatNumber", "<n-so?:s>", formatNumber),
        ("formatInteger", "<n-s:s>", formatInteger),
        ("parseInteger", "<s-s:n>", parseInteger),
        ("formatBase", "<n-n?:s>", formatBase),
    ]

    @Sendable private static func formatNumber(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let number = call.number(0), let picture = call.string(1) else { return nil }
        try call.charge(forPicture: picture)
        var options: [(key: String, value: Value)] = []
        if case .object(let object) = call[2] { options = object.members }
        do {
            return .string(try NumberPicture(picture, NumberSymbols(options)).text(of: number))
        } catch {
            throw call.fault(error)
        }
    }

    @Sendable private static func formatInteger(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let number = call.number(0), let picture = call.string(1) else { return nil }
        try call.charge(forPicture: picture)
        do {
            return .string(try IntegerPicture(picture).text(of: number.rounded(.down)))
        } catch {
            throw call.fault(error)
        }
    }

    @Sendable private static func parseInteger(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let text = call.string(0), let picture = call.string(1) else { return nil }
        do {
            return .number(try IntegerPicture(picture).number(in: text))
        } catch {
            throw call.fault(error)
        }
    }

    @Sendable private static func formatBase(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let number = call.number(0) else { return nil }
        let radix = Int(clamping: (call.number(1) ?? 10).rounded(places: 0))
        guard (2...36).contains(radix) else { throw call.fault("D3100", "the radix of $formatBase must be 2 to 36") }
        let rounded = number.rounded(places: 0)
        guard rounded.isFinite else { throw JSONataError("D1001", value: .number(number)) }
        if radix == 10 { return .string(rounded.jsonataText) }
        return .string((rounded < 0 ? "-" : "") + digits(of: rounded.magnitude, radix))
    }

    /// A number without fraction in another base; beyond 53 bits, zeros stand for what a double does not know.
    private static func digits(of number: Double, _ radix: Int) -> String {
        var digits = ""
        var rest = number
        while rest.exponent >= 53, rest.isFinite {
            rest /= Double(radix)
            digits = "0" + digits
        }
        repeat {
            let digit = rest.truncatingRemainder(dividingBy: Double(radix))
            digits = String(Int(digit), radix: radix) + digits
            rest = (rest - digit) / Double(radix)
        } while rest > 0
        return digits
    }
}

extension Invocation {
    /// Counts the work of a picture, which grows with the square of its length where signs are put between digits.
    fileprivate func charge(forPicture picture: String) throws(JSONataError) {
        let length = min(picture.utf8.count, 1 << 30)
        try evaluator.charge(length * length >> 10, at: site.position)
    }
}

extension Builtin {
    static let strings: [Entry] = [
        ("string", "<x-b?:s>", string),
        ("length", "<s-:n>", length),
        ("substring", "<s-nn?:s>", substring),
        ("substringBefore", "<s-s:s>", substringBefore),
        ("substringAfter", "<s-s:s>", substringAfter),
        ("lowercase", "<s-:s>", { (call) throws(JSONataError) in call.string(0).map { .string($0.lowercased()) } }),
        ("uppercase", "<s-:s>", { (call) throws(JSONataError) in call.string(0).map { .string($0.uppercased()) } }),
        ("trim", "<s-:s>", trim),
        ("pad", "<s-ns?:s>", pad),
        ("join", "<a<s>s?:s>", join),
    ]

    @Sendable private static func string(_ call: Invocation) throws(JSONataError) -> Value? {
        guard var value = call[0] else { return nil }
        if case .array(let array) = value, array.isInputWrapper, let input = array.items.first { value = input }
        let isPretty = call[1] == .bool(true)
        return .string(try value.text(at: call.site.position, isPretty: isPretty))
    }

    @Sendable private static func length(_ call: Invocation) throws(JSONataError) -> Value? {
        call.string(0).map { .number(Double($0.unicodeScalars.count)) }
    }

    @Sendable private static func substring(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let text = call.string(0) else { return nil }
        let scalars = Array(text.unicodeScalars)
        let count = Double(scalars.count)
        var first = call.number(1) ?? 0
        if count + first < 0 { first = 0 }
        var last = count
        if let length = call.number(2) {
            guard length > 0, call[1] != nil else { return .string("") }
            last = min(last, first >= 0 ? first + length : count + first + length)
        }
        let start = Int(clamping: first < 0 ? count + first.rounded(.towardZero) : min(first, count))
        let end = Int(clamping: last)
        guard start < end else { return .string("") }
        return .string(String(scalars[start..<end]))
    }

    @Sendable private static func substringBefore(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let text = call.string(0), let chars = call.string(1) else { return call[0] }
        guard let range = text.firstRange(of: chars) else { return .string(text) }
        return .string(String(text[..<range.lowerBound]))
    }

    @Sendable private static func substringAfter(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let text = call.string(0), let chars = call.string(1) else { return call[0] }
        guard let range = text.firstRange(of: chars) else { return .string(text) }
        return .string(String(text[range.upperBound...]))
    }

    @Sendable private static func trim(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let text = call.string(0) else { return nil }
        let words = text.unicodeScalars.split { " \t\n\r".unicodeScalars.contains($0) }
        return .string(words.map { String($0) }.joined(separator: " "))
    }

    @Sendable private static func pad(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let text = call.string(0) else { return nil }
        let width = Int(clamping: call.number(1) ?? 0)
        let missing = abs(max(width, -10_000_000)) - text.unicodeScalars.count
        guard missing > 0 else { return .string(text) }
        guard missing <= 10_000_000 else { throw call.fault("D3031", "the width of $pad is more than ten million") }
        let filling = Array((call.string(1 + 1).flatMap { $0.isEmpty ? nil : $0 } ?? " ").unicodeScalars)
        let padding = String((0..<missing).map { filling[$0 % filling.count] })
        return .string(width > 0 ? text + padding : padding + text)
    }

    @Sendable private static func join(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let items = call.array(0) else { return nil }
        let texts = items.map { item in if case .string(let text) = item { text } else { "" } }
        return .string(texts.joined(separator: call.string(1) ?? ""))
    }
}

extension String {
    init(_ scalars: some Sequence<Unicode.Scalar>) {
        var view = UnicodeScalarView()
        view.append(contentsOf: scalars)
        self.init(view)
    }

    /// Where another string, which is not empty, first occurs; an empty one occurs at the start.
    func firstRange(of other: String) -> Range<Index>? {
        other.isEmpty ? startIndex..<startIndex : ranges(of: other).first
    }
}

extension Int {
    /// The number without its fraction, at most as far as an integer of 32 bits goes.
    init(clamping number: Double) { self = Int(Swift.max(-2_147_483_648, Swift.min(2_147_483_647, number))) }
}

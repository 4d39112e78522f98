extension Builtin {
    static let patterns: [Entry] = [
        ("contains", "<s-(sf):b>", contains),
        ("split", "<s-(sf)n?:a<s>>", split),
        ("match", "<s-f<s:o>n?:a<o>>", match),
        ("replace", "<s-(sf)(sf)n?:s>", replace),
    ]

    @Sendable private static func contains(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let text = call.string(0), call[1] != nil else { return nil }
        if let part = call.string(1) {
            return .bool(Array(text.unicodeScalars).place(of: part) != nil || part.isEmpty)
        }
        guard var matches = try Matches(of: call, in: text) else { return .bool(false) }
        return .bool(try matches.next() != nil)
    }

    @Sendable private static func split(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let text = call.string(0) else { return nil }
        let limit = try call.limit(2, code: "D3020") ?? .max
        if let separator = call.string(1) { return .strings(pieces(of: text, between: separator).prefix(limit)) }
        guard limit > 0, var matches = try Matches(of: call, in: text) else { return .strings([]) }
        var pieces: [String] = []
        var start = 0
        // As in the reference, the match after the last one wanted is looked for, too: it must not be empty.
        var next = try matches.next()
        while pieces.count < limit, let match = next {
            pieces.append(matches.text(start, match.start))
            start = match.end
            next = try matches.next()
        }
        if pieces.count < limit { pieces.append(matches.text(start, .max)) }
        return .strings(pieces[...])
    }

    /// The pieces between a string; without one, the characters.
    private static func pieces(of text: String, between separator: String) -> [String] {
        if separator.isEmpty { return text.unicodeScalars.map { String($0) } }
        let scalars = Array(text.unicodeScalars)
        let length = separator.unicodeScalars.count
        var pieces: [String] = []
        var start = 0
        while let place = scalars.place(of: separator, from: start) {
            pieces.append(String(scalars[start..<place]))
            start = place + length
        }
        return pieces + [String(scalars[start...])]
    }

    @Sendable private static func match(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let text = call.string(0) else { return nil }
        let limit = try call.limit(2, code: "D3040") ?? .max
        guard limit > 0, var matches = try Matches(of: call, in: text) else { return .array(.sequence([])) }
        var results: [Value] = []
        var next = try matches.next()
        while results.count < limit, let match = next {
            let object = ObjectValue()
            object["match"] = .string(match.text)
            object["index"] = .number(Double(match.start))
            object["groups"] = match.groups
            results.append(.object(object))
            next = try matches.next()
        }
        return .array(.sequence(results))
    }

    @Sendable private static func replace(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let text = call.string(0) else { return nil }
        if call.string(1) == "" { throw call.fault("D3010", "the pattern of $replace must not be empty") }
        let limit = try call.limit(3, code: "D3011") ?? .max
        if let plain = call.string(1) { return .string(try replacing(plain, in: text, limit, call)) }
        guard limit > 0, var matches = try Matches(of: call, in: text) else { return .string(text) }
        var result = ""
        var start = 0
        var count = 0
        var next = try matches.next()
        while count < limit, let match = next {
            result += matches.text(start, match.start) + (try replacement(for: match, call))
            start = match.start + match.text.utf16.count
            count += 1
            next = try matches.next()
        }
        return .string(result + matches.text(start, .max))
    }

    private static func replacing(
        _ plain: String,
        in text: String,
        _ limit: Int,
        _ call: Invocation
    ) throws(JSONataError) -> String {
        let scalars = Array(text.unicodeScalars)
        let length = plain.unicodeScalars.count
        // Put together at the end: a text that grows piece by piece is copied at each.
        var pieces: [String] = []
        var start = 0
        var count = 0
        while count < limit, let place = scalars.place(of: plain, from: start) {
            let match = Matches.Match(text: plain, start: place, end: place + length, groups: .array(ValueArray([])))
            let template = call.string(2)
            let replacement = if let template { template } else { try replacement(for: match, call) }
            pieces.append(String(scalars[start..<place]))
            pieces.append(replacement)
            start = place + length
            count += 1
        }
        pieces.append(String(scalars[start...]))
        return pieces.joined()
    }

    private static func replacement(for match: Matches.Match, _ call: Invocation) throws(JSONataError) -> String {
        if let template = call.string(2) { return match.filling(template) }
        guard let function = call.function(2) else { return "" }
        guard case .string(let text) = try call.apply(function, match.object) else {
            throw call.fault("D3012", "the function given to $replace must return a string")
        }
        return text
    }
}

extension Invocation {
    /// A limit on how many are wanted, which must not be negative; a fraction counts as one more.
    fileprivate func limit(_ index: Int, code: String) throws(JSONataError) -> Int? {
        guard let number = number(index) else { return nil }
        guard number >= 0 else { throw fault(code, "the limit of $\(site.name) must not be negative") }
        return Int(clamping: function(1) == nil && site.name == "split" ? number : number.rounded(.up))
    }
}

extension Value {
    fileprivate static func strings(_ texts: ArraySlice<String>) -> Value {
        .array(ValueArray(texts.map(Value.string)))
    }
}

extension Builtin {
    static let patterns: [Entry] = [
        ("contains", "<s-(sf):b>", contains),
        ("split", "<s-(sf)n?:a<s>>", split),
        ("match", "<s-f<s:o>n?:a<o>>", match),
        ("replace", "<s-(sf)(sf)n?:s>", replace),
    ]

    @Sendable private static func contains(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let text = call.string(0), call[1] != nil else { return nil }
        if let part = call.string(1) { return .bool(part.isEmpty || text.contains(part)) }
        return .bool(try !call.matches(of: 1, in: text, limit: 1).isEmpty)
    }

    @Sendable private static func split(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let text = call.string(0) else { return nil }
        let limit = try call.limit(2, code: "D3020")
        guard let separator = call.string(1) else {
            return .strings(try pieces(of: text, between: call.matches(of: 1, in: text)), limit: limit)
        }
        if separator.isEmpty { return .strings(text.unicodeScalars.map(String.init), limit: limit) }
        return .strings(
            text.split(separator: separator, omittingEmptySubsequences: false).map(String.init),
            limit: limit
        )
    }

    private static func pieces(of text: String, between matches: [PatternMatch]) -> [String] {
        let scalars = Array(text.unicodeScalars)
        var pieces: [String] = []
        var start = 0
        for match in matches {
            pieces.append(String(scalars[start..<match.start]))
            start = match.end
        }
        return pieces + [String(scalars[start...])]
    }

    @Sendable private static func match(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let text = call.string(0) else { return nil }
        let limit = try call.limit(2, code: "D3040")
        let matches = try call.matches(of: 1, in: text, limit: limit)
        return .array(
            .sequence(
                matches.map { match in
                    let object = ObjectValue()
                    object["match"] = .string(match.text)
                    object["index"] = .number(Double(match.start))
                    object["groups"] = .array(ValueArray(match.groups.map(Value.string)))
                    return .object(object)
                }
            )
        )
    }

    @Sendable private static func replace(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let text = call.string(0) else { return nil }
        let limit = try call.limit(3, code: "D3011") ?? Int.max
        if call.string(1) == "" { throw call.fault("D3010", "the pattern of $replace must not be empty") }
        let plain = call.string(1).map { PatternMatch.all(of: $0, in: text, limit: limit) }
        let matches = if let plain { plain } else { try call.matches(of: 1, in: text, limit: limit) }
        let scalars = Array(text.unicodeScalars)
        var result = ""
        var start = 0
        for match in matches {
            result += String(scalars[start..<match.start]) + (try replacement(for: match, call))
            start = match.end
        }
        return .string(result + String(scalars[start...]))
    }

    private static func replacement(for match: PatternMatch, _ call: Invocation) throws(JSONataError) -> String {
        if let template = call.string(2) {
            return call.string(1) == nil ? match.filling(template) : template
        }
        guard let function = call.function(2) else { return "" }
        guard case .string(let text) = try call.apply(function, match.object) else {
            throw call.fault("D3012", "the function given to $replace must return a string")
        }
        return text
    }
}

/// One place where a pattern fits; positions count characters.
struct PatternMatch {
    let text: String
    let start: Int
    let groups: [String]

    var end: Int { start + text.unicodeScalars.count }

    /// The match as a function of the language sees it.
    var object: Value {
        let object = ObjectValue()
        object["match"] = .string(text)
        object["start"] = .number(Double(start))
        object["end"] = .number(Double(end))
        object["groups"] = .array(ValueArray(groups.map(Value.string)))
        return .object(object)
    }

    /// All places of a plain string.
    static func all(of part: String, in text: String, limit: Int) -> [PatternMatch] {
        text.ranges(of: part).prefix(limit).map { range in
            let start = text.unicodeScalars.distance(from: text.startIndex, to: range.lowerBound)
            return PatternMatch(text: part, start: start, groups: [])
        }
    }

    /// A template with `$0`, `$1` … replaced by the match and its groups, `$$` by a dollar sign.
    func filling(_ template: String) -> String {
        var result = ""
        var rest = Substring(template)
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            if rest.first == "$" {
                result += "$"
                rest.removeFirst()
            } else {
                result += group(takenFrom: &rest)
            }
        }
        return result + rest
    }

    /// The group of the longest number that names one; a smaller number leaves its last digits as text.
    private func group(takenFrom rest: inout Substring) -> String {
        let digits = rest.prefix { ("0"..."9").contains($0) }
        guard !digits.isEmpty else { return "$" }
        if digits.first == "0" {
            rest.removeFirst()
            return text
        }
        var count = min(digits.count, String(groups.count).count)
        while count > 1, (Int(digits.prefix(count)) ?? .max) > groups.count { count -= 1 }
        let number = Int(digits.prefix(count)) ?? 0
        rest.removeFirst(count)
        return number <= groups.count ? groups[number - 1] : ""
    }
}

extension Invocation {
    /// The matches of a regular expression, or of a function that acts as one.
    fileprivate func matches(of index: Int, in text: String, limit: Int? = nil) throws(JSONataError) -> [PatternMatch] {
        guard let function = function(index) else { return [] }
        if case .regex(let pattern, let flags) = function.kind {
            return try evaluator.matches(of: pattern, flags, in: text, limit: limit ?? .max, site)
        }
        var matches: [PatternMatch] = []
        var result = try evaluator.apply(function, [.string(text)], site)
        while matches.count < limit ?? .max, case .object(let object) = result {
            matches.append(try match(object))
            guard case .function(let next) = object["next"] else { break }
            result = try evaluator.apply(next, [], site)
        }
        return matches
    }

    private func match(_ object: ObjectValue) throws(JSONataError) -> PatternMatch {
        guard case .string(let text) = object["match"], let start = object["start"]?.double else {
            throw fault("T1010", "a function that matches must return match, start, end, groups and next")
        }
        let groups = object["groups"]?.elements.compactMap { item in
            if case .string(let text) = item { text } else { nil as String? }
        }
        return PatternMatch(text: text, start: Int(clamping: start), groups: groups ?? [])
    }

    /// A limit on how many are wanted, which must not be negative.
    fileprivate func limit(_ index: Int, code: String) throws(JSONataError) -> Int? {
        guard let number = number(index) else { return nil }
        guard number >= 0 else { throw fault(code, "the limit of $\(site.name) must not be negative") }
        return Int(clamping: number)
    }
}

extension Evaluator {
    /// A regular expression called as a function: its first match.
    func match(
        _ value: Value?,
        _ pattern: String,
        _ flags: String,
        _ site: CallSite
    ) throws(JSONataError) -> Value? {
        guard case .string(let text) = value else { return nil }
        return try matches(of: pattern, flags, in: text, limit: 1, site).first?.object
    }

    /// The matches of a regular expression, none of them empty.
    func matches(
        of pattern: String,
        _ flags: String,
        in text: String,
        limit: Int,
        _ site: CallSite
    ) throws(JSONataError) -> [PatternMatch] {
        let options = flags.isEmpty ? "" : "(?\(flags))"
        guard let regex = try? Regex(options + pattern).matchingSemantics(.unicodeScalar) else {
            throw JSONataError("S0303", at: site.position, "the regular expression /\(pattern)/ cannot be read")
        }
        var matches: [PatternMatch] = []
        for match in text.matches(of: regex) {
            guard matches.count < limit else { break }
            guard !match.range.isEmpty else {
                throw JSONataError("D1004", at: site.position, "the regular expression matches an empty string")
            }
            let start = text.unicodeScalars.distance(from: text.startIndex, to: match.range.lowerBound)
            let groups = match.output.dropFirst().map { $0.substring.map { String($0) } ?? "" }
            matches.append(PatternMatch(text: String(text[match.range]), start: start, groups: groups))
        }
        return matches
    }
}

extension Value {
    /// An array of strings, cut off at a limit.
    fileprivate static func strings(_ texts: [String], limit: Int?) -> Value {
        .array(ValueArray(texts.prefix(limit ?? .max).map(Value.string)))
    }
}

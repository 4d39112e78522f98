/// A regular expression in JavaScript's dialect of 2018, without the flag `u`: it works on UTF-16 code units.
struct RegularExpression: Sendable {
    /// What was written between the slashes.
    let pattern: String
    let flags: String
    private let program: RegexProgram
    private let first: UnitSet?

    /// Reads an expression with the flags `i`, case is ignored, and `m`, `^` and `$` are the ends of lines.
    init(_ pattern: String, flags: String) throws(RegexParser.Fault) {
        guard Set(flags).count == flags.count else { throw RegexParser.Fault(fact: "a flag is there twice") }
        self.pattern = pattern
        self.flags = flags
        let ignoresCase = flags.contains("i")
        var parser = RegexParser(pattern, isMultiline: flags.contains("m"), ignoresCase: ignoresCase)
        let node = try parser.parse()
        program = try RegexProgram(
            node,
            groupCount: parser.groupCount,
            names: parser.names,
            ignoresCase: ignoresCase
        )
        first = program.first
    }

    /// Where an expression matches, in UTF-16 code units.
    struct Match {
        let range: Range<Int>
        /// The groups that capture; `nil` for one that took no part.
        let groups: [Range<Int>?]
    }

    /// The first match from a position on; counts the steps it takes.
    func firstMatch(
        in text: [UInt16],
        from start: Int,
        _ budget: inout RegexMatcher.Budget
    ) throws(RegexMatcher.Exhausted) -> Match? {
        guard start <= text.count else { return nil }
        var matcher = RegexMatcher(program, in: text, budget)
        defer { budget = matcher.budget }
        for position in start...text.count {
            if let first {
                guard position < text.count else { return nil }
                if !first.contains(text[position]) { continue }
            }
            if try matcher.matches(at: position) { return Match(matcher.registers, program.groupCount) }
            if program.isAnchored { return nil }
        }
        return nil
    }

    /// A text as an expression that matches just it.
    static func escaped(_ text: String) -> String {
        let special = ".*+?^${}()|[]\\"
        return text.map { special.contains($0) ? "\\\($0)" : String($0) }.joined()
    }
}

extension RegularExpression.Match {
    fileprivate init(_ registers: [Int], _ groupCount: Int) {
        range = registers[0]..<registers[1]
        groups = (1..<(groupCount + 1)).map { group in
            let (start, end) = (registers[2 * group], registers[2 * group + 1])
            return start >= 0 && end >= start ? start..<end : nil
        }
    }
}

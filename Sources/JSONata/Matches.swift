/// The matches of the second argument of a call, a regular expression or a function that acts as one, in a text.
struct Matches {
    /// One place where the pattern fits; positions count UTF-16 code units.
    struct Match {
        let text: String
        let start: Int
        let end: Int
        /// An array of the texts of the groups.
        let groups: Value
        /// A function that finds the next match.
        var next: Function?
    }

    private enum Source {
        case expression(RegularExpression)
        case function(Function?)
    }

    private let call: Invocation
    private let units: [UInt16]
    private var source: Source
    private var position: Int? = 0
    private var isFirst = true

    /// Nothing, if the argument is no function.
    init?(of call: Invocation, in text: String) throws(JSONataError) {
        guard let function = call.function(1) else { return nil }
        self.call = call
        units = Array(text.utf16)
        if case .regex(let expression) = function.kind {
            source = .expression(expression)
        } else {
            source = .function(function)
        }
    }

    /// A part of the text.
    func text(_ start: Int, _ end: Int) -> String {
        let end = max(0, min(end, units.count))
        let start = max(0, min(start, units.count))
        return String(decoding: units[min(start, end)..<max(start, end)], as: UTF16.self)
    }

    mutating func next() throws(JSONataError) -> Match? {
        switch source {
        case .expression(let expression):
            guard let start = position else { return nil }
            let (evaluator, site) = (call.evaluator, call.site)
            let match = try evaluator.match(of: expression, in: units, from: start, isFirst: isFirst, site)
            isFirst = false
            position = match.flatMap { $0.end < units.count ? $0.end : nil }
            return match
        case .function(let function):
            guard let function else { return nil }
            let arguments: [Value?] = isFirst ? [.string(text(0, .max))] : []
            isFirst = false
            let match = try match(call.apply(function, toAll: arguments))
            source = .function(match?.next)
            return match
        }
    }

    /// What a function returned that acts as a regular expression.
    private func match(_ value: Value?) throws(JSONataError) -> Match? {
        guard let value else { return nil }
        let fault = call.fault("T1010", "a function that matches must return match, start, end, groups and next")
        guard case .object(let object) = value else {
            if value.isTrue { throw fault }
            return nil
        }
        guard case .string(let text) = object["match"], let start = object["start"]?.double else { throw fault }
        let first = Int(clamping: start)
        var match = Match(
            text: text,
            start: first,
            end: object["end"]?.double.map { Int(clamping: $0) } ?? first + text.utf16.count,
            groups: object["groups"] ?? .array(ValueArray([]))
        )
        if case .function(let next) = object["next"] { match.next = next }
        return match
    }
}

extension Matches.Match {
    /// The match as a function of the language sees it.
    var object: Value {
        let object = ObjectValue()
        object["match"] = .string(text)
        object["start"] = .number(Double(start))
        object["end"] = .number(Double(end))
        object["groups"] = groups
        if let next { object["next"] = .function(next) }
        return .object(object)
    }

    /// A template with `$0`, `$1` … replaced by the match and its groups, `$$` by a dollar sign.
    func filling(_ template: String) -> String {
        let groups = groups.elements
        var result = ""
        var rest = Substring(template)
        while let dollar = rest.unicodeScalars.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.unicodeScalars.index(after: dollar)...]
            result += Self.substitute(takenFrom: &rest, text, groups)
        }
        return result + rest
    }

    /// What a dollar sign and what follows it stand for: the group of the longest number that names one.
    private static func substitute(takenFrom rest: inout Substring, _ text: String, _ groups: [Value]) -> String {
        switch rest.unicodeScalars.first {
        case "$":
            rest.unicodeScalars.removeFirst()
            return "$"
        case "0":
            rest.unicodeScalars.removeFirst()
            return text
        default: break
        }
        let width = max(1, groups.isEmpty ? 1 : String(groups.count).utf8.count)
        var digits = rest.unicodeScalars.prefix { ("0"..."9").contains($0) }.prefix(width)
        guard var number = Int(String(digits)) else { return "$" }
        if number > groups.count, width > 1, digits.count == width {
            digits.removeLast()
            number = Int(String(digits)) ?? number
        }
        rest.unicodeScalars.removeFirst(digits.count)
        guard number >= 1, number <= groups.count, case .string(let group) = groups[number - 1] else { return "" }
        return group
    }
}

extension Evaluator {
    /// A regular expression called as a function: its first match in the text, or from a position on.
    func match(
        _ arguments: [Value?],
        _ expression: RegularExpression,
        _ site: CallSite
    ) throws(JSONataError) -> Value? {
        guard case .string(let text) = arguments.first ?? nil else { return nil }
        let start = arguments.count > 1 ? Int(clamping: arguments[1]?.double ?? 0) : 0
        let units = Array(text.utf16)
        return try match(of: expression, in: units, from: max(0, start), isFirst: true, site)?.object
    }

    /// The first match from a position on; all but the first of a text must not be empty.
    func match(
        of expression: RegularExpression,
        in units: [UInt16],
        from start: Int,
        isFirst: Bool,
        _ site: CallSite
    ) throws(JSONataError) -> Matches.Match? {
        guard let match = try firstMatch(of: expression, in: units, from: start, site.position) else { return nil }
        if match.range.isEmpty, !isFirst {
            let fact = "the regular expression /\(expression.pattern)/ matches an empty string"
            throw JSONataError("D1004", at: site.position, fact, token: site.name)
        }
        let groups = match.groups.map { $0.map { Value.string(String(decoding: units[$0], as: UTF16.self)) } ?? .null }
        return Matches.Match(
            text: String(decoding: units[match.range], as: UTF16.self),
            start: match.range.lowerBound,
            end: match.range.upperBound,
            groups: .array(ValueArray(groups)),
            next: Self.next(after: match.range.upperBound, expression, units)
        )
    }

    /// A function that goes on where a match ended.
    private static func next(after end: Int, _ expression: RegularExpression, _ units: [UInt16]) -> Function? {
        guard let signature = noArguments else { return nil }
        let body: Builtin.Body = { (call) throws(JSONataError) in
            guard end < units.count else { return nil }
            let evaluator = call.evaluator
            return try evaluator.match(of: expression, in: units, from: end, isFirst: false, call.site)?.object
        }
        return Function(.builtin(Builtin(name: "next", signature: signature, body: body)))
    }

    private static let noArguments = try? Signature(parsing: "<:o>", at: 0)

    /// The first match from a position on, within the limits of the evaluation.
    func firstMatch(
        of expression: RegularExpression,
        in units: [UInt16],
        from start: Int,
        _ position: Int
    ) throws(JSONataError) -> RegularExpression.Match? {
        let stepsInOne = 16
        let (product, isHuge) = remainingSteps.multipliedReportingOverflow(by: stepsInOne)
        var budget = RegexMatcher.Budget(maximumSteps: isHuge ? .max : product, isOutOfTime: options.isOutOfTime)
        let match: RegularExpression.Match?
        do {
            match = try expression.firstMatch(in: units, from: start, &budget)
        } catch {
            let fact = "a regular expression takes too long, check for repetitions within repetitions"
            throw JSONataError("U1001", at: position, fact)
        }
        try charge(budget.steps / stepsInOne + 1, at: position)
        return match
    }
}

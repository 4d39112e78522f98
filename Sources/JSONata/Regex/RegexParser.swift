/// Reads a regular expression in JavaScript's dialect without the flag `u`.
struct RegexParser {
    /// Why an expression cannot be read.
    struct Fault: Error {
        let fact: String
    }

    static let maximumDepth = 100

    var units: ArraySlice<UInt16>
    private let isMultiline: Bool
    private let ignoresCase: Bool
    private let groupTotal: Int
    let hasNames: Bool
    private(set) var groupCount = 0
    private(set) var names: [String: Int] = [:]
    private var depth = 0

    init(_ pattern: String, isMultiline: Bool, ignoresCase: Bool) {
        units = Array(pattern.utf16)[...]
        self.isMultiline = isMultiline
        self.ignoresCase = ignoresCase
        (groupTotal, hasNames) = Self.countGroups(units)
    }

    mutating func parse() throws(Fault) -> RegexNode {
        let node = try choice()
        guard units.isEmpty else { throw Fault(fact: "there is a \")\" without its \"(\"") }
        return node
    }

    // MARK: - Units

    func next(is character: Unicode.Scalar) -> Bool { units.first.map { UInt32($0) } == character.value }

    mutating func take(_ text: String) -> Bool {
        guard units.starts(with: text.utf16) else { return false }
        units = units.dropFirst(text.utf16.count)
        return true
    }

    mutating func takeDecimal() -> Int? {
        let digits = units.prefix { $0 >= 0x30 && $0 <= 0x39 }
        guard !digits.isEmpty else { return nil }
        units = units.dropFirst(digits.count)
        return Int(String(decoding: digits, as: UTF16.self)) ?? Int.max
    }

    /// A set as it is matched: with the other case of its members, if case is ignored, and then turned around.
    func matched(_ set: UnitSet, isNegative: Bool = false) -> UnitSet {
        let set = ignoresCase ? set.ignoringCase : set
        return isNegative ? set.inverted : set
    }

    /// Counts the groups that capture, before they are read, since references may come before them.
    private static func countGroups(_ units: ArraySlice<UInt16>) -> (count: Int, hasNames: Bool) {
        var (count, hasNames, isInClass) = (0, false, false)
        var rest = units
        while let unit = rest.popFirst() {
            switch Unicode.Scalar(unit) {
            case "\\": _ = rest.popFirst()
            case "[": isInClass = true
            case "]": isInClass = false
            case "(" where !isInClass:
                let isNamed =
                    rest.starts(with: "?<".utf16) && !rest.starts(with: "?<=".utf16) && !rest.starts(with: "?<!".utf16)
                if isNamed { hasNames = true }
                if isNamed || rest.first != 0x3F { count += 1 }
            default: break
            }
        }
        return (count, hasNames)
    }

    // MARK: - Grammar

    private mutating func choice() throws(Fault) -> RegexNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else {
            throw Fault(fact: "groups are nested more than \(Self.maximumDepth) deep")
        }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(Fault) -> RegexNode {
        var terms: [RegexNode] = []
        while !units.isEmpty, !next(is: "|"), !next(is: ")") { terms.append(try term()) }
        return terms.count == 1 ? terms[0] : terms.isEmpty ? .empty : .sequence(terms)
    }

    private mutating func term() throws(Fault) -> RegexNode {
        if take("^") { return .assertion(isMultiline ? .lineStart : .start) }
        if take("$") { return .assertion(isMultiline ? .lineEnd : .end) }
        if take("\\b") { return .assertion(.wordEdge) }
        if take("\\B") { return .assertion(.noWordEdge) }
        let firstGroup = groupCount
        let (atom, isQuantifiable) = try atom()
        guard var repetition = try quantifier() else { return atom }
        guard isQuantifiable else { throw Fault(fact: "a lookbehind cannot be repeated") }
        repetition.groups = firstGroup..<groupCount
        return .repetition(atom, repetition)
    }

    private mutating func quantifier() throws(Fault) -> RegexNode.Repetition? {
        var repetition: RegexNode.Repetition
        if take("*") {
            repetition = .init(minimum: 0, maximum: nil, groups: 0..<0)
        } else if take("+") {
            repetition = .init(minimum: 1, maximum: nil, groups: 0..<0)
        } else if take("?") {
            repetition = .init(minimum: 0, maximum: 1, groups: 0..<0)
        } else if let counted = countedQuantifier() {
            repetition = counted
        } else {
            return nil
        }
        guard repetition.minimum <= repetition.maximum ?? .max else {
            throw Fault(fact: "the numbers of a quantifier are out of order")
        }
        repetition.isLazy = take("?")
        return repetition
    }

    /// `{2}`, `{2,}` or `{2,3}`; anything else that begins with a brace stands for itself.
    private mutating func countedQuantifier() -> RegexNode.Repetition? {
        let start = units
        guard take("{"), let minimum = takeDecimal() else {
            units = start
            return nil
        }
        var maximum: Int? = minimum
        if take(",") { maximum = takeDecimal() }
        guard take("}") else {
            units = start
            return nil
        }
        return .init(minimum: minimum, maximum: maximum, groups: 0..<0)
    }

    private mutating func atom() throws(Fault) -> (node: RegexNode, isQuantifiable: Bool) {
        if take("(") { return try group() }
        if take(".") { return (.set(UnitSet.notLineEnds), true) }
        if take("[") { return (.set(try characterClass()), true) }
        if take("\\") { return (try escape(), true) }
        let start = units
        if ["*", "+", "?"].contains(where: next(is:)) || countedQuantifier() != nil {
            throw Fault(fact: "there is nothing to repeat")
        }
        units = start
        guard let unit = units.popFirst() else { throw Fault(fact: "the expression ends too early") }
        return (.set(matched(UnitSet(unit))), true)
    }

    private mutating func group() throws(Fault) -> (node: RegexNode, isQuantifiable: Bool) {
        let firstGroup = groupCount
        for (sign, isBehind, isNegative) in [
            ("?=", false, false), ("?!", false, true), ("?<=", true, false), ("?<!", true, true),
        ] where take(sign) {
            let body = try closedChoice()
            let look = RegexNode.Look(isBehind: isBehind, isNegative: isNegative, groups: firstGroup..<groupCount)
            return (.look(body, look), !isBehind)
        }
        if take("?:") { return (try closedChoice(), true) }
        groupCount += 1
        let index = groupCount
        if take("?<") {
            let name = try groupName()
            guard names.updateValue(index, forKey: name) == nil else {
                throw Fault(fact: "the group name \"\(name)\" is there twice")
            }
        } else if next(is: "?") {
            throw Fault(fact: "a group begins with \"(?\" and goes on as none does")
        }
        return (.group(try closedChoice(), index: index), true)
    }

    private mutating func closedChoice() throws(Fault) -> RegexNode {
        let node = try choice()
        guard take(")") else { throw Fault(fact: "a group is not closed") }
        return node
    }

    private mutating func groupName() throws(Fault) -> String {
        let name = String(decoding: units.prefix { $0 != 0x3E }, as: UTF16.self)
        let isName = name.unicodeScalars.enumerated().allSatisfy { index, scalar in
            scalar == "$" || scalar == "_"
                || (index == 0 ? scalar.properties.isIDStart : scalar.properties.isIDContinue)
        }
        guard !name.isEmpty, isName, take(name + ">") else { throw Fault(fact: "\"\(name)\" is no name of a group") }
        return name
    }

    // MARK: - Escapes

    /// What follows a backslash outside of classes.
    private mutating func escape() throws(Fault) -> RegexNode {
        let start = units
        if let unit = units.first, unit >= 0x31, unit <= 0x39, let number = takeDecimal() {
            if number <= groupTotal { return .backreference(number) }
            units = start
        }
        if hasNames, take("k") {
            guard take("<") else { throw Fault(fact: "\\k must be followed by a name in angle brackets") }
            return .namedBackreference(try groupName())
        }
        if let escaped = classEscape() { return .set(matched(escaped)) }
        guard !units.isEmpty else { throw Fault(fact: "the expression ends with a backslash") }
        return .set(matched(UnitSet(characterEscape(inClass: false))))
    }
}

/// A regular expression compiled for the matcher.
struct RegexProgram {
    enum Instruction {
        case unit(UInt16)
        case set(Int)
        case unitBehind(UInt16)
        case setBehind(Int)
        /// As many units of a set as there are, giving back down to the minimum.
        case run(set: Int, minimum: Int, maximum: Int)
        /// Goes on at the first place, and at the second if that fails.
        case split(Int, Int)
        case jump(Int)
        /// Keeps the position in a register.
        case save(Int)
        case clear(Range<Int>)
        case setCounter(Int, Int)
        /// The head of a counted loop: into the body, which follows, or out of it.
        case loop(Loop)
        /// The end of the body of a loop; fails if a turn that was not asked for matched nothing.
        case turn(counter: Int, mark: Int, minimum: Int, head: Int)
        /// Fails if nothing was matched since the mark.
        case advanced(mark: Int)
        case assertion(RegexNode.Assertion)
        case backreference(Int, isBehind: Bool)
        /// Looks ahead or behind by the program up to the next `accept`, and goes on at the end.
        case look(isNegative: Bool, end: Int)
        case accept
    }

    struct Loop {
        let counter: Int
        let minimum: Int
        let maximum: Int
        let isLazy: Bool
        let exit: Int
    }

    let instructions: [Instruction]
    let sets: [UnitSet]
    let registerCount: Int
    let groupCount: Int
    let ignoresCase: Bool

    init(_ node: RegexNode, groupCount: Int, names: [String: Int], ignoresCase: Bool) throws(RegexParser.Fault) {
        var compiler = RegexCompiler(registerCount: 2 * (groupCount + 1), names: names)
        try compiler.compile(node)
        compiler.emit(.accept)
        instructions = compiler.instructions
        sets = compiler.sets
        registerCount = compiler.registerCount
        self.groupCount = groupCount
        self.ignoresCase = ignoresCase
    }

    /// What every match begins with, if that is known.
    var first: UnitSet? {
        for instruction in instructions {
            switch instruction {
            case .save, .clear, .setCounter: continue
            case .unit(let unit): return UnitSet(unit)
            case .set(let set): return sets[set]
            case .run(let set, let minimum, _) where minimum > 0: return sets[set]
            default: return nil
            }
        }
        return nil
    }

    /// Whether a match can only be at the start.
    var isAnchored: Bool {
        if case .assertion(.start) = instructions.first { true } else { false }
    }
}

/// Turns the tree of a regular expression into instructions.
private struct RegexCompiler {
    private(set) var instructions: [RegexProgram.Instruction] = []
    private(set) var sets: [UnitSet] = []
    private(set) var registerCount: Int
    private let names: [String: Int]
    /// Whether what is compiled is matched from right to left.
    private var isBehind = false

    /// An expression of more instructions is refused.
    private static let maximumSize = 100_000

    init(registerCount: Int, names: [String: Int]) {
        self.registerCount = registerCount
        self.names = names
    }

    private var place: Int { instructions.count }

    mutating func emit(_ instruction: RegexProgram.Instruction) { instructions.append(instruction) }

    private mutating func register() -> Int {
        registerCount += 1
        return registerCount - 1
    }

    private mutating func index(of set: UnitSet) -> Int {
        sets.append(set)
        return sets.count - 1
    }

    mutating func compile(_ node: RegexNode) throws(RegexParser.Fault) {
        guard place < Self.maximumSize else { throw RegexParser.Fault(fact: "the expression is too long") }
        switch node {
        case .empty: break
        case .set(let set): compile(set)
        case .sequence(let nodes):
            for node in isBehind ? nodes.reversed() : nodes { try compile(node) }
        case .choice(let branches): try compile(branches[...])
        case .group(let body, let index):
            emit(.save(2 * index + (isBehind ? 1 : 0)))
            try compile(body)
            emit(.save(2 * index + (isBehind ? 0 : 1)))
        case .repetition(let body, let repetition): try compile(body, repetition)
        case .backreference(let index): emit(.backreference(index, isBehind: isBehind))
        case .namedBackreference(let name):
            guard let index = names[name] else { throw RegexParser.Fault(fact: "there is no group \"\(name)\"") }
            emit(.backreference(index, isBehind: isBehind))
        case .assertion(let assertion): emit(.assertion(assertion))
        case .look(let body, let look): try compile(body, look)
        }
    }

    private mutating func compile(_ set: UnitSet) {
        if let unit = set.only {
            emit(isBehind ? .unitBehind(unit) : .unit(unit))
        } else {
            let index = index(of: set)
            emit(isBehind ? .setBehind(index) : .set(index))
        }
    }

    private mutating func compile(_ branches: ArraySlice<RegexNode>) throws(RegexParser.Fault) {
        var exits: [Int] = []
        for branch in branches.dropLast() {
            let split = place
            emit(.split(split + 1, 0))
            try compile(branch)
            exits.append(place)
            emit(.jump(0))
            instructions[split] = .split(split + 1, place)
        }
        if let last = branches.last { try compile(last) }
        for exit in exits { instructions[exit] = .jump(place) }
    }

    private mutating func compile(_ body: RegexNode, _ look: RegexNode.Look) throws(RegexParser.Fault) {
        let wasBehind = isBehind
        isBehind = look.isBehind
        let start = place
        emit(.look(isNegative: look.isNegative, end: 0))
        try compile(body)
        emit(.accept)
        instructions[start] = .look(isNegative: look.isNegative, end: place)
        isBehind = wasBehind
    }

    private mutating func compile(
        _ body: RegexNode,
        _ repetition: RegexNode.Repetition
    ) throws(RegexParser.Fault) {
        let maximum = repetition.maximum ?? .max
        guard maximum > 0 else { return }
        if case .set(let set) = body, !isBehind, !repetition.isLazy {
            return emit(.run(set: index(of: set), minimum: repetition.minimum, maximum: maximum))
        }
        if repetition.minimum == 0, maximum == 1 { return try compileOption(body, repetition) }
        if case .set(let set) = body, repetition.isLazy, !isBehind, maximum == .max {
            return compileLazyRun(set, repetition.minimum)
        }
        let (counter, mark) = (register(), register())
        emit(.setCounter(counter, 0))
        let head = place
        emit(.jump(0))
        emit(.save(mark))
        clear(repetition.groups)
        try compile(body)
        emit(.turn(counter: counter, mark: mark, minimum: repetition.minimum, head: head))
        instructions[head] = .loop(
            .init(
                counter: counter,
                minimum: repetition.minimum,
                maximum: maximum,
                isLazy: repetition.isLazy,
                exit: place
            )
        )
    }

    private mutating func clear(_ groups: Range<Int>) {
        guard !groups.isEmpty else { return }
        emit(.clear((2 * groups.lowerBound + 2)..<(2 * groups.upperBound + 2)))
    }

    private mutating func compileOption(
        _ body: RegexNode,
        _ repetition: RegexNode.Repetition
    ) throws(RegexParser.Fault) {
        let mark = register()
        let split = place
        emit(.split(0, 0))
        emit(.save(mark))
        clear(repetition.groups)
        try compile(body)
        emit(.advanced(mark: mark))
        instructions[split] = repetition.isLazy ? .split(place, split + 1) : .split(split + 1, place)
    }

    private mutating func compileLazyRun(_ set: UnitSet, _ minimum: Int) {
        let index = index(of: set)
        if minimum > 0 { emit(.run(set: index, minimum: minimum, maximum: minimum)) }
        let split = place
        emit(.split(split + 3, split + 1))
        emit(.set(index))
        emit(.jump(split))
    }
}

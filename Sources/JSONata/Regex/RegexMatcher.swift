/// Runs a compiled regular expression at one place of a text.
///
/// Goes back over a stack of its own, so that neither long texts nor deep expressions need room on that of the thread.
struct RegexMatcher {
    /// What is done when the way taken so far has failed.
    private enum Retreat {
        /// Go on at a place of the program, at a position or, one after the other, down to a lower one.
        case resume(place: Int, position: Int, lowest: Int)
        /// Give a register its earlier value.
        case restore(register: Int, value: Int)
    }

    /// The steps that were allowed are used up, or the time is.
    struct Exhausted: Error {}

    /// What matching may cost.
    struct Budget {
        let maximumSteps: Int
        let isOutOfTime: (@Sendable () -> Bool)?
        fileprivate(set) var steps = 0
        private var nextCheck = 0

        init(maximumSteps: Int, isOutOfTime: (@Sendable () -> Bool)?) {
            self.maximumSteps = maximumSteps
            self.isOutOfTime = isOutOfTime
        }

        fileprivate mutating func spend(_ count: Int = 1) throws(Exhausted) {
            steps += count
            if steps >= nextCheck { try check() }
        }

        private mutating func check() throws(Exhausted) {
            guard steps < maximumSteps, isOutOfTime?() != true else { throw Exhausted() }
            nextCheck = min(maximumSteps, steps + 65_536)
        }
    }

    private let program: RegexProgram
    private let text: [UInt16]
    /// Positions of groups, two each, then counters and marks; -1 is none.
    private(set) var registers: [Int]
    private var retreats: [Retreat] = []
    private(set) var budget: Budget

    init(_ program: RegexProgram, in text: [UInt16], _ budget: Budget) {
        self.program = program
        self.text = text
        self.budget = budget
        registers = Array(repeating: -1, count: program.registerCount)
    }

    /// Whether the expression matches from a position on; then the registers say where.
    mutating func matches(at start: Int) throws(Exhausted) -> Bool {
        for index in registers.indices { registers[index] = -1 }
        retreats.removeAll(keepingCapacity: true)
        guard let end = try run(from: 0, at: start) else { return false }
        registers[0] = start
        registers[1] = end
        return true
    }

    private mutating func set(_ register: Int, _ value: Int) {
        guard registers[register] != value else { return }
        retreats.append(.restore(register: register, value: registers[register]))
        registers[register] = value
    }

    /// Takes back what was done since the last choice, down to a level; the place and position to go on at, if any.
    private mutating func retreat(to base: Int) -> (place: Int, position: Int)? {
        while retreats.count > base, let last = retreats.popLast() {
            switch last {
            case .restore(let register, let value): registers[register] = value
            case .resume(let place, let position, let lowest):
                if position > lowest {
                    retreats.append(.resume(place: place, position: position - 1, lowest: lowest))
                }
                return (place, position)
            }
        }
        return nil
    }

    /// Forgets the choices made above a level, but not the earlier values of registers.
    private mutating func commit(above base: Int) {
        var kept = base
        for index in base..<retreats.count {
            guard case .restore = retreats[index] else { continue }
            retreats[kept] = retreats[index]
            kept += 1
        }
        retreats.removeLast(retreats.count - kept)
    }

    /// Runs up to `accept`; the position there, or nothing if there is no way.
    private mutating func run(from start: Int, at position: Int) throws(Exhausted) -> Int? {
        let base = retreats.count
        var place = start
        var position = position
        while true {
            try budget.spend()
            if case .accept = program.instructions[place] { return position }
            if try step(&place, &position) { continue }
            guard let next = retreat(to: base) else { return nil }
            (place, position) = next
        }
    }

    /// Does one instruction; whether it succeeded.
    private mutating func step(_ place: inout Int, _ position: inout Int) throws(Exhausted) -> Bool {
        let instruction = program.instructions[place]
        place += 1
        switch instruction {
        case .unit(let unit):
            guard position < text.count, text[position] == unit else { return false }
            position += 1
        case .set(let set):
            guard position < text.count, program.sets[set].contains(text[position]) else { return false }
            position += 1
        case .unitBehind(let unit):
            guard position > 0, text[position - 1] == unit else { return false }
            position -= 1
        case .setBehind(let set):
            guard position > 0, program.sets[set].contains(text[position - 1]) else { return false }
            position -= 1
        case .run(let set, let minimum, let maximum): return try run(set, minimum, maximum, place, &position)
        case .split(let first, let second):
            retreats.append(.resume(place: second, position: position, lowest: position))
            place = first
        case .jump(let target): place = target
        case .save(let register): set(register, position)
        case .clear(let range): for register in range { set(register, -1) }
        case .setCounter(let register, let value): set(register, value)
        default: return try stepFurther(instruction, &place, &position)
        }
        return true
    }

    private mutating func run(
        _ set: Int,
        _ minimum: Int,
        _ maximum: Int,
        _ place: Int,
        _ position: inout Int
    ) throws(Exhausted) -> Bool {
        let start = position
        let end = maximum < text.count - start ? start + maximum : text.count
        let members = program.sets[set]
        while position < end, members.contains(text[position]) { position += 1 }
        try budget.spend((position - start) / 8)
        guard position - start >= minimum else { return false }
        if position > start + minimum {
            retreats.append(.resume(place: place, position: position - 1, lowest: start + minimum))
        }
        return true
    }

    private mutating func stepFurther(
        _ instruction: RegexProgram.Instruction,
        _ place: inout Int,
        _ position: inout Int
    ) throws(Exhausted) -> Bool {
        switch instruction {
        case .loop(let loop): enter(loop, &place, position)
        case .turn(let counter, let mark, let minimum, let head):
            if registers[counter] >= minimum, registers[mark] == position { return false }
            set(counter, registers[counter] + 1)
            place = head
        case .advanced(let mark): return registers[mark] != position
        case .assertion(let assertion): return holds(assertion, position)
        case .backreference(let group, let isBehind): return try refer(to: group, isBehind, &position)
        case .look(let isNegative, let end):
            let found = try look(from: place, at: position, isNegative)
            place = end
            return found != isNegative
        default: preconditionFailure("an instruction is done twice")
        }
        return true
    }

    private mutating func enter(_ loop: RegexProgram.Loop, _ place: inout Int, _ position: Int) {
        let count = registers[loop.counter]
        if count < loop.minimum { return }
        if count >= loop.maximum {
            place = loop.exit
        } else if loop.isLazy {
            retreats.append(.resume(place: place, position: position, lowest: position))
            place = loop.exit
        } else {
            retreats.append(.resume(place: loop.exit, position: position, lowest: position))
        }
    }

    /// Whether the program of a lookaround matches; a positive one keeps its groups.
    private mutating func look(from place: Int, at position: Int, _ isNegative: Bool) throws(Exhausted) -> Bool {
        let base = retreats.count
        guard try run(from: place, at: position) != nil else { return false }
        commit(above: base)
        if isNegative { _ = retreat(to: base) }
        return true
    }

    private func holds(_ assertion: RegexNode.Assertion, _ position: Int) -> Bool {
        switch assertion {
        case .start: position == 0
        case .end: position == text.count
        case .lineStart: position == 0 || UnitSet.lineEnds.contains(text[position - 1])
        case .lineEnd: position == text.count || UnitSet.lineEnds.contains(text[position])
        case .wordEdge: isWord(position - 1) != isWord(position)
        case .noWordEdge: isWord(position - 1) == isWord(position)
        }
    }

    private func isWord(_ position: Int) -> Bool {
        text.indices.contains(position) && UnitSet.words.contains(text[position])
    }

    /// Matches what a group has matched; a group without a match is matched by nothing.
    private mutating func refer(to group: Int, _ isBehind: Bool, _ position: inout Int) throws(Exhausted) -> Bool {
        let (start, end) = (registers[2 * group], registers[2 * group + 1])
        guard start >= 0, end >= 0 else { return true }
        let length = end - start
        let from = isBehind ? position - length : position
        guard from >= 0, from + length <= text.count else { return false }
        try budget.spend(length / 8)
        for offset in 0..<length {
            let (a, b) = (text[start + offset], text[from + offset])
            guard a == b || (program.ignoresCase && a.foldedCase == b.foldedCase) else { return false }
        }
        position = isBehind ? from : from + length
        return true
    }
}

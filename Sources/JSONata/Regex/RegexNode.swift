/// A part of a regular expression.
indirect enum RegexNode {
    case empty
    case set(UnitSet)
    case sequence([RegexNode])
    case choice([RegexNode])
    case group(RegexNode, index: Int)
    case repetition(RegexNode, Repetition)
    case backreference(Int)
    case namedBackreference(String)
    case assertion(Assertion)
    case look(RegexNode, Look)

    struct Repetition {
        var minimum: Int
        /// `nil` is without end.
        var maximum: Int?
        var isLazy = false
        /// The groups inside, which each turn forgets.
        var groups: Range<Int>
    }

    enum Assertion { case start, end, lineStart, lineEnd, wordEdge, noWordEdge }

    struct Look {
        let isBehind: Bool
        let isNegative: Bool
        /// The groups inside.
        let groups: Range<Int>
    }
}

final class StringNode: Node {
    let text: String

    init(_ text: String) { self.text = text }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? { .string(text) }
}

final class NumberNode: Node {
    let number: Double

    init(_ number: Double) { self.number = number }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? { .number(number) }
}

/// An integer that a double cannot hold.
final class BigIntegerNode: Node {
    private let number: Int64

    init(_ number: Int64) { self.number = number }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        .bigInteger(number)
    }
}

/// `true`, `false` or `null`.
final class ConstantNode: Node {
    private let isTrue: Bool?

    init(_ isTrue: Bool?) { self.isTrue = isTrue }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        isTrue.map(Value.bool) ?? .null
    }
}

final class PatternNode: Node {
    private let expression: RegularExpression

    init(_ expression: RegularExpression) { self.expression = expression }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        .function(Function(.regex(expression)))
    }
}

/// Where nothing may be evaluated: a `?` outside of a call's arguments.
final class NothingNode: Node {
    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? { nil }
}

enum Arithmetic: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case remainder = "%"
}

final class ArithmeticNode: Node {
    private let sign: Arithmetic
    private let left: any Node
    private let right: any Node
    private let position: Int

    init(_ sign: Arithmetic, _ left: any Node, _ right: any Node, at position: Int) {
        self.sign = sign
        self.left = left
        self.right = right
        self.position = position
    }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        try run.enter(position)
        defer { run.leave() }
        let left = try left.evaluate(input, frame, run)
        let right = try right.evaluate(input, frame, run)
        if case .number(let a)? = left, case .number(let b)? = right, a.isFinite, b.isFinite {
            return .number(result(a, b))
        }
        let a = try operand(left, "T2001")
        let b = try operand(right, "T2002")
        guard let a, let b else { return nil }
        return .number(result(a, b))
    }

    @inline(__always)
    private func result(_ a: Double, _ b: Double) -> Double {
        switch sign {
        case .add: a + b
        case .subtract: a - b
        case .multiply: a * b
        case .divide: a / b
        case .remainder: a.truncatingRemainder(dividingBy: b)
        }
    }

    private func operand(_ value: Value?, _ code: String) throws(JSONataError) -> Double? {
        guard let value else { return nil }
        guard let number = value.double, !number.isNaN else {
            throw JSONataError(code, at: position, token: sign.rawValue, value: value)
        }
        guard number.isFinite else { throw JSONataError("D1001", at: position, token: sign.rawValue, value: value) }
        return number
    }
}

/// `-` before an operand.
final class NegationNode: Node {
    private let operand: any Node
    private let position: Int

    init(_ operand: any Node, at position: Int) {
        self.operand = operand
        self.position = position
    }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        try run.enter(position)
        defer { run.leave() }
        switch try operand.evaluate(input, frame, run) {
        case nil: return nil
        case .number(let number) where number.isFinite: return .number(-number)
        case .number(let number) where number.isInfinite:
            throw JSONataError("D1001", at: position, token: "-", value: .number(number))
        case .bigInteger(let number) where number > .min: return .bigInteger(-number)
        case .bigInteger(let number): return .number(-Double(number))
        case let value: throw JSONataError("D1002", at: position, token: "-", value: value)
        }
    }
}

/// A test of equality, by `=` or `!=`.
final class EqualityNode: Node {
    private let isNegated: Bool
    private let left: any Node
    private let right: any Node
    private let position: Int

    init(isNegated: Bool, _ left: any Node, _ right: any Node, at position: Int) {
        self.isNegated = isNegated
        self.left = left
        self.right = right
        self.position = position
    }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        try run.enter(position)
        defer { run.leave() }
        let left = try left.evaluate(input, frame, run)
        let right = try right.evaluate(input, frame, run)
        guard let left, let right else { return .bool(false) }
        return .bool((left == right) != isNegated)
    }
}

enum Comparison: String, Sendable {
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
}

final class ComparisonNode: Node {
    private let sign: Comparison
    private let left: any Node
    private let right: any Node
    private let position: Int

    init(_ sign: Comparison, _ left: any Node, _ right: any Node, at position: Int) {
        self.sign = sign
        self.left = left
        self.right = right
        self.position = position
    }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        try run.enter(position)
        defer { run.leave() }
        let left = try left.evaluate(input, frame, run)
        let right = try right.evaluate(input, frame, run)
        if case .number(let a)? = left, case .number(let b)? = right { return .bool(result(a, b)) }
        for value in [left, right] {
            if let value, !value.isOrdered {
                throw JSONataError("T2010", at: position, token: sign.rawValue, value: value)
            }
        }
        guard let left, let right else { return nil }
        guard let order = left.order(to: right) else {
            throw JSONataError("T2009", at: position, token: sign.rawValue, value: left, other: right)
        }
        return .bool(result(order, 0))
    }

    @inline(__always)
    private func result<Number: Comparable>(_ a: Number, _ b: Number) -> Bool {
        switch sign {
        case .less: a < b
        case .lessOrEqual: a <= b
        case .greater: a > b
        case .greaterOrEqual: a >= b
        }
    }
}

/// A test whether a value is among others, `in`.
final class InclusionNode: Node {
    private let left: any Node
    private let right: any Node
    private let position: Int

    init(_ left: any Node, _ right: any Node, at position: Int) {
        self.left = left
        self.right = right
        self.position = position
    }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        try run.enter(position)
        defer { run.leave() }
        let left = try left.evaluate(input, frame, run)
        let right = try right.evaluate(input, frame, run)
        guard let left, let right else { return .bool(false) }
        return .bool(right.elements.contains { $0.isSame(as: left) })
    }
}

/// The operators `and` and `or`.
final class LogicNode: Node {
    private let isConjunction: Bool
    private let left: any Node
    private let right: any Node
    private let position: Int

    init(isConjunction: Bool, _ left: any Node, _ right: any Node, at position: Int) {
        self.isConjunction = isConjunction
        self.left = left
        self.right = right
        self.position = position
    }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        try run.enter(position)
        defer { run.leave() }
        guard try left.isTrue(input, frame, run) == isConjunction else { return .bool(!isConjunction) }
        do throws(JSONataError) {
            return .bool(try right.isTrue(input, frame, run))
        } catch {
            throw error.replaced(position: position, token: isConjunction ? "and" : "or")
        }
    }
}

/// Texts joined by `&`.
final class ConcatenationNode: Node {
    private let parts: [any Node]
    private let position: Int

    init(_ parts: [any Node], at position: Int) {
        self.parts = parts
        self.position = position
    }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        try run.enter(position)
        defer { run.leave() }
        var text = ""
        for part in parts {
            switch try part.evaluate(input, frame, run) {
            case nil: continue
            case .string(let string): text += string
            case let value?: text += try self.text(of: value)
            }
        }
        try run.build(.string(text), position)
        return .string(text)
    }

    private func text(of value: Value) throws(JSONataError) -> String {
        do throws(JSONataError) {
            return try value.text(at: position)
        } catch {
            throw error.replaced(position: position, token: "&")
        }
    }
}

/// Integers one after the other, `a..b`.
final class RangeNode: Node {
    private let first: any Node
    private let last: any Node
    private let position: Int

    init(_ first: any Node, _ last: any Node, at position: Int) {
        self.first = first
        self.last = last
        self.position = position
    }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        try run.enter(position)
        defer { run.leave() }
        let left = try first.evaluate(input, frame, run)
        let right = try last.evaluate(input, frame, run)
        let first = try bound(left, "T2003")
        let last = try bound(right, "T2004")
        guard let first, let last, first <= last else { return nil }
        let count = last - first + 1
        guard count <= 10_000_000 else { throw JSONataError("D2014", at: position, token: "..", value: .number(count)) }
        guard first.magnitude < 0x1p62 else { return .number(first) }
        // A sequence, which is unwrapped only where it has one member.
        let range = Value.array(ValueArray(Int(first)...Int(last)))
        try run.build(range, position)
        return Value?.some(range).finished()
    }

    private func bound(_ value: Value?, _ code: String) throws(JSONataError) -> Double? {
        guard let value else { return nil }
        guard let number = value.double, number.isFinite, number.rounded() == number else {
            throw JSONataError(code, at: position, token: "..", value: value)
        }
        return number
    }
}

extension Value {
    /// Whether this is a number or a string.
    var isOrdered: Bool {
        switch self {
        case .number, .bigInteger, .string: true
        default: false
        }
    }

    /// Whether this is the same plain value, or the same object or array: not one that is merely equal.
    fileprivate func isSame(as other: Value) -> Bool {
        switch (self, other) {
        case (.object(let a), .object(let b)):
            // What came in as JSON has no box of its own.
            a === b || a.source != nil && b.source != nil && self == other
        case (.array(let a), .array(let b)): a.json != nil && b.json != nil && self == other
        default: self == other
        }
    }

    /// Negative, zero or positive as this comes before, with or after another number or string of the same type.
    func order(to other: Value) -> Int? {
        if let a = double, let b = other.double { return a < b ? -1 : a > b ? 1 : 0 }
        if case .string(let a) = self, case .string(let b) = other { return a.order(to: b) }
        return nil
    }

    /// The value as `$string` makes it.
    func text(at position: Int, isPretty: Bool = false) throws(JSONataError) -> String {
        switch self {
        case .string(let text): return text
        case .function: return ""
        case .number(let number):
            guard number.isFinite else { throw JSONataError("D3001", at: position, value: self) }
            return number.jsonataText
        default:
            var writer = JSONWriter(isPretty: isPretty)
            writer.write(self)
            if let number = writer.badNumber { throw JSONataError("D1001", at: position, value: .number(number)) }
            return writer.text
        }
    }
}

extension String {
    /// The order of the units of UTF-16, as the language compares texts.
    func order(to other: String) -> Int {
        var left = utf8.makeIterator()
        var right = other.utf8.makeIterator()
        while true {
            switch (left.next(), right.next()) {
            case (nil, nil): return 0
            case (nil, _): return -1
            case (_, nil): return 1
            case (let a?, let b?):
                guard a != b else { continue }
                // Four bytes mean a pair of surrogates, which stand before the last letters of three bytes.
                if a >= 0xEE, b >= 0xEE, (a >= 0xF0) != (b >= 0xF0) { return a >= 0xF0 ? -1 : 1 }
                return a < b ? -1 : 1
            }
        }
    }
}

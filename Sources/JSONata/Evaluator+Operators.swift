extension Evaluator {
    func binary(
        _ sign: Node.Operator,
        _ left: Node,
        _ right: Node,
        _ position: Int,
        _ context: Context
    ) throws(JSONataError) -> Value? {
        let left = try evaluate(left, context)
        let right = try evaluate(right, context)
        switch sign {
        case .add, .subtract, .multiply, .divide, .remainder: return try arithmetic(sign, left, right, position)
        case .equal: return .bool(left.map { $0 == right } ?? false)
        case .notEqual: return .bool(left.map { left in right.map { left != $0 } ?? false } ?? false)
        case .less, .lessOrEqual, .greater, .greaterOrEqual: return try comparison(sign, left, right, position)
        case .concatenate:
            return .string(try (left?.text(at: position) ?? "") + (right?.text(at: position) ?? ""))
        case .range: return try range(left, right, position)
        case .inclusion:
            guard let left, let right else { return .bool(false) }
            return .bool(right.elements.contains(left))
        }
    }

    func negation(of node: Node, _ context: Context) throws(JSONataError) -> Value? {
        guard let value = try evaluate(node, context) else { return nil }
        switch value {
        case .number(let number): return .number(-number)
        case .bigInteger(let number): return .bigInteger(-number)
        default: throw JSONataError("D1002", at: node.position, "only a number can be negated", token: "-")
        }
    }

    private func arithmetic(
        _ sign: Node.Operator,
        _ left: Value?,
        _ right: Value?,
        _ position: Int
    ) throws(JSONataError) -> Value? {
        let a = try operand(left, "T2001", "left", sign, position)
        let b = try operand(right, "T2002", "right", sign, position)
        guard let a, let b else { return nil }
        let result =
            switch sign {
            case .add: a + b
            case .subtract: a - b
            case .multiply: a * b
            case .divide: a / b
            default: a.truncatingRemainder(dividingBy: b)
            }
        guard result.isFinite else {
            throw JSONataError("D1001", at: position, "the number is out of range", token: sign.rawValue)
        }
        return .number(result)
    }

    private func operand(
        _ value: Value?,
        _ code: String,
        _ side: String,
        _ sign: Node.Operator,
        _ position: Int
    ) throws(JSONataError) -> Double? {
        guard let value else { return nil }
        guard let number = value.double else {
            let fact = "the \(side) side of \"\(sign.rawValue)\" must be a number, it is of type \(value.typeName)"
            throw JSONataError(code, at: position, fact, token: sign.rawValue)
        }
        return number
    }

    private func comparison(
        _ sign: Node.Operator,
        _ left: Value?,
        _ right: Value?,
        _ position: Int
    ) throws(JSONataError) -> Value? {
        for value in [left, right] {
            guard let value, value.double == nil else { continue }
            guard case .string = value else {
                let fact =
                    "the sides of \"\(sign.rawValue)\" must be numbers or strings, one is of type \(value.typeName)"
                throw JSONataError("T2010", at: position, fact, token: sign.rawValue)
            }
        }
        guard let left, let right else { return nil }
        guard let order = left.order(to: right) else {
            let fact = "the sides of \"\(sign.rawValue)\" must be of the same type"
            throw JSONataError("T2009", at: position, fact, token: sign.rawValue)
        }
        return switch sign {
        case .less: .bool(order < 0)
        case .lessOrEqual: .bool(order <= 0)
        case .greater: .bool(order > 0)
        default: .bool(order >= 0)
        }
    }

    private func range(_ left: Value?, _ right: Value?, _ position: Int) throws(JSONataError) -> Value? {
        let first = try bound(left, "T2003", "left", position)
        let last = try bound(right, "T2004", "right", position)
        guard let first, let last, first <= last else { return nil }
        guard last - first < 10_000_000 else {
            throw JSONataError("D2014", at: position, "the range has more than ten million members", token: "..")
        }
        return .array(ValueArray(first...last))
    }

    private func bound(
        _ value: Value?,
        _ code: String,
        _ side: String,
        _ position: Int
    ) throws(JSONataError) -> Int? {
        guard let value else { return nil }
        guard let number = value.double, let integer = Int(exactly: number) else {
            throw JSONataError(code, at: position, "the \(side) side of .. must be an integer", token: "..")
        }
        return integer
    }
}

extension Value {
    /// Negative, zero or positive as this comes before, with or after another number or string of the same type.
    func order(to other: Value) -> Int? {
        if let a = double, let b = other.double { return a < b ? -1 : a > b ? 1 : 0 }
        if case .string(let a) = self, case .string(let b) = other { return a < b ? -1 : a > b ? 1 : 0 }
        return nil
    }

    /// The value as `$string` makes it.
    func text(at position: Int, isPretty: Bool = false) throws(JSONataError) -> String {
        switch self {
        case .string(let text): return text
        case .function: return ""
        case .number(let number):
            guard number.isFinite else { throw JSONataError("D3001", at: position, "the number is out of range") }
            return number.jsonataText
        default:
            var writer = JSONWriter(isPretty: isPretty)
            writer.write(self)
            return writer.text
        }
    }
}

import JSON
import JSONata

extension JSONPath.Search {
    /// The operand's value for an item; `nil` when its path leads nowhere.
    func value(of operand: JSONPath.Operand, _ item: JSON) -> JSON? {
        switch operand {
        case .literal(let value): return value
        case .path(let start, let segments, let function):
            guard let origin = origin(start, item), let found = try? value(of: segments, from: origin) else {
                return nil
            }
            guard let function else { return found }
            return apply(function, to: found, item: item)
        }
    }

    private func origin(_ start: JSONPath.Start, _ item: JSON) -> JSON? {
        switch start {
        case .item: item
        case .root: root
        case .context: surroundings?.context.json
        case .variable(let name): surroundings?.variables[name]
        }
    }

    func accepts(_ filter: JSONPath.Filter, _ item: JSON) -> Bool {
        switch filter {
        case .and(let filters): filters.allSatisfy { accepts($0, item) }
        case .or(let filters): filters.contains { accepts($0, item) }
        case .not(let filter): !accepts(filter, item)
        case .exists(let operand): exists(operand, item)
        case .matches(let operand, let pattern):
            switch value(of: operand, item) {
            case .string(let text)?: pattern.matches(text)
            case .array(let values)?: values.contains { $0.string.map(pattern.matches) ?? false }
            case let value?: value.double != nil && pattern.matches(value.text)
            case nil: false
            }
        case .compare(let left, let comparison, let right):
            comparison.holds(value(of: left, item), value(of: right, item))
        }
    }

    /// A path that may find many values exists when it finds one; null is as good as nothing, as on AWS.
    private func exists(_ operand: JSONPath.Operand, _ item: JSON) -> Bool {
        guard let value = value(of: operand, item), !value.isNull else { return false }
        guard case .path(_, let segments, nil) = operand, !JSONPath.isDefinite(segments) else { return true }
        return value.array?.isEmpty == false
    }
}

extension JSONPath.Comparison {
    fileprivate func holds(_ left: JSON?, _ right: JSON?) -> Bool {
        switch self {
        case .equal: Self.areEqual(left, right)
        case .notEqual: !Self.areEqual(left, right)
        case .identical: left == right
        case .notIdentical: left != right
        case .less: ordered(left, right) { $0 < 0 }
        case .lessOrEqual: ordered(left, right) { $0 <= 0 }
        case .greater: ordered(left, right) { $0 > 0 }
        case .greaterOrEqual: ordered(left, right) { $0 >= 0 }
        default: holdsOfMany(left, right)
        }
    }

    private func holdsOfMany(_ left: JSON?, _ right: JSON?) -> Bool {
        guard let left, let right else { return false }
        switch self {
        case .in: return right.array?.contains(left) ?? false
        case .notIn: return !(right.array?.contains(left) ?? false)
        case .contains: return left.array?.contains(right) ?? Self.isPart(right, of: left)
        case .all: return Self.pair(left, right) { left, right in right.allSatisfy(left.contains) }
        case .anyOf: return Self.pair(left, right) { left, right in left.contains(where: right.contains) }
        case .noneOf: return Self.pair(left, right) { left, right in !left.contains(where: right.contains) }
        case .subsetOf: return Self.pair(left, right) { left, right in left.allSatisfy(right.contains) }
        case .size: return left.count != nil && left.count == right.int
        case .empty: return left.count.map { ($0 == 0) == (right == true) } ?? false
        case .type: return left.typeName == right.string
        default: return false
        }
    }

    private static func isPart(_ part: JSON, of whole: JSON) -> Bool {
        guard let part = part.string, let whole = whole.string else { return false }
        return part.isEmpty || whole.contains(part)
    }

    private static func pair(_ left: JSON, _ right: JSON, _ test: ([JSON], [JSON]) -> Bool) -> Bool {
        guard let left = left.array, let right = right.array else { return false }
        return test(left, right)
    }

    /// A number equals the text of it.
    private static func areEqual(_ left: JSON?, _ right: JSON?) -> Bool {
        switch (left, right) {
        case (.string(let left)?, .string(let right)?): return CodeUnits(text: left) == CodeUnits(text: right)
        case (.string(let text)?, let number?), (let number?, .string(let text)?):
            return number.double != nil && (try? JSON(parsing: text)) == number
        default: return left == right
        }
    }

    private func ordered(_ left: JSON?, _ right: JSON?, _ test: (Int) -> Bool) -> Bool {
        guard let left, let right, let order = left.compared(to: right) else { return false }
        return test(order)
    }
}

extension JSON {
    /// How many elements, members or characters there are; `nil` for a value that has none.
    fileprivate var count: Int? {
        switch self {
        case .array(let values): values.count
        case .object(let object): object.count
        case .string(let text): text.utf16.count
        default: nil
        }
    }
}

internal import JSON

extension EventCondition {
    /// Reads an element of a list of a pattern.
    init(_ value: JSON, at place: String) throws(NotificationError) {
        switch value {
        case .object(let object):
            guard object.count == 1, let (name, operand) = object.first(where: { _ in true }) else {
                throw EventPattern.refusal("Only one key allowed in match expression, at \"\(place)\"")
            }
            self = try Self.condition(name, operand, at: place)
        case .array: throw EventPattern.refusal("A list must not hold a list, at \"\(place)\"")
        default: self = .equals(value)
        }
    }

    private static let names = [
        "prefix", "suffix", "equals-ignore-case", "wildcard", "numeric", "exists", "anything-but", "cidr",
    ]

    private static func condition(
        _ name: String,
        _ operand: JSON,
        at place: String
    ) throws(NotificationError) -> EventCondition {
        switch name {
        case "prefix", "suffix": return try affix(name, operand, at: place)
        case "equals-ignore-case": return .equalsIgnoringCase(try text(operand, name, place).lowercased())
        case "wildcard": return .wildcard(try wildcard(operand, at: place))
        case "numeric": return .numeric(try comparisons(operand, at: place))
        case "anything-but": return .anythingBut(try exclusions(operand, at: place))
        case "exists":
            guard let isWanted = operand.bool else {
                throw EventPattern.refusal("exists match pattern must be either true or false, at \"\(place)\"")
            }
            return .exists(isWanted)
        case "cidr":
            guard let range = AddressRange(try text(operand, name, place)) else {
                throw EventPattern.refusal("Malformed CIDR, one '/' required, at \"\(place)\"")
            }
            return .addresses(range)
        default:
            let suggestion = NearestName.find(name, among: names).map { ", did you mean \"\($0)\"?" } ?? ""
            throw EventPattern.refusal("Unrecognized match type \(name) at \"\(place)\"\(suggestion)")
        }
    }

    private static func text(_ operand: JSON, _ name: String, _ place: String) throws(NotificationError) -> String {
        guard let text = operand.string else {
            throw EventPattern.refusal("\(name) match pattern must be a string, at \"\(place)\"")
        }
        return text
    }

    private static func affix(
        _ name: String,
        _ operand: JSON,
        at place: String
    ) throws(NotificationError) -> EventCondition {
        let folded = operand["equals-ignore-case"]
        let plain = try text(folded ?? operand, name, place)
        let ignoresCase = folded != nil
        let wanted = ignoresCase ? plain.lowercased() : plain
        return name == "prefix"
            ? .prefix(wanted, ignoresCase: ignoresCase) : .suffix(wanted, ignoresCase: ignoresCase)
    }

    private static func wildcard(_ operand: JSON, at place: String) throws(NotificationError) -> Wildcard {
        let text = try text(operand, "wildcard", place)
        guard let wildcard = Wildcard(text) else {
            throw EventPattern.refusal(
                "Consecutive wildcard characters, or an invalid escape character, in \"\(text)\" at \"\(place)\""
            )
        }
        return wildcard
    }

    private static func comparisons(
        _ operand: JSON,
        at place: String
    ) throws(NotificationError) -> [(Comparison, Double)] {
        guard let list = operand.array, list.count == 2 || list.count == 4 else {
            throw EventPattern.refusal("numeric match must be [COMPARISON, NUMBER] once or twice, at \"\(place)\"")
        }
        var comparisons: [(Comparison, Double)] = []
        for index in stride(from: 0, to: list.count, by: 2) {
            guard let comparison = list[index].string.flatMap(Comparison.init) else {
                throw EventPattern.refusal("Unrecognized numeric range operator: \(list[index]) at \"\(place)\"")
            }
            guard let number = list[index + 1].double else {
                throw EventPattern.refusal("Value of \(comparison.rawValue) must be numeric, at \"\(place)\"")
            }
            comparisons.append((comparison, number))
        }
        return comparisons
    }

    private static func exclusions(_ operand: JSON, at place: String) throws(NotificationError) -> [EventCondition] {
        if let object = operand.object {
            guard object.count == 1, let (name, value) = object.first(where: { _ in true }),
                ["prefix", "suffix", "equals-ignore-case", "wildcard"].contains(name)
            else { throw EventPattern.refusal("Unsupported anything-but pattern at \"\(place)\"") }
            var conditions: [EventCondition] = []
            for value in value.array ?? [value] { conditions.append(try condition(name, value, at: place)) }
            return conditions
        }
        let values = operand.array ?? [operand]
        let isUniform = values.allSatisfy { $0.string != nil } || values.allSatisfy { $0.double != nil }
        guard !values.isEmpty, isUniform else {
            throw EventPattern.refusal(
                "Inside anything but list, either all values are number or string, mixed type is not supported, "
                    + "at \"\(place)\""
            )
        }
        return values.map(EventCondition.equals)
    }
}

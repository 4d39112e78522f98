import FoundationEssentials
import JSON

extension JSONPath.Search {
    /// The value of a function; `nil` where it has none.
    func apply(_ call: JSONPath.FunctionCall, to value: JSON, item: JSON) -> JSON? {
        var arguments: [JSON] = []
        for argument in call.arguments {
            guard let value = self.value(of: argument, item) else { return nil }
            arguments.append(value)
        }
        switch call.name {
        case .length, .size: return Self.length(arguments.first ?? value)
        case .keys: return value.object.map { .array($0.keys.map(JSON.string)) }
        case .min: return Self.numbers(value, arguments)?.min().map { JSON($0) }
        case .max: return Self.numbers(value, arguments)?.max().map { JSON($0) }
        case .sum: return Self.numbers(value, arguments).map { JSON($0.reduce(0, +)) }
        case .avg: return Self.numbers(value, arguments).map { JSON(Self.mean($0)) }
        case .stddev: return Self.numbers(value, arguments).map { JSON(Self.deviation($0)) }
        case .concat: return .string(Self.texts(value, arguments).joined())
        case .append: return value.array.map { .array($0 + arguments) }
        case .first: return value.array?.first
        case .last: return value.array?.last
        case .index: return Self.element(of: value, at: arguments.first)
        }
    }

    private static func length(_ value: JSON) -> JSON? {
        value.array.map { JSON($0.count) } ?? value.object.map { JSON($0.count) }
    }

    /// The numbers of an array and of the arguments; `nil` when there are none or something else is among them.
    private static func numbers(_ value: JSON, _ arguments: [JSON]) -> [Double]? {
        let all = (value.array ?? []) + arguments.flatMap { $0.array ?? [$0] }
        let numbers = all.compactMap(\.double)
        return numbers.isEmpty || numbers.count < all.count ? nil : numbers
    }

    private static func mean(_ numbers: [Double]) -> Double { numbers.reduce(0, +) / Double(numbers.count) }

    private static func deviation(_ numbers: [Double]) -> Double {
        let mean = mean(numbers)
        return (numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count)).squareRoot()
    }

    private static func texts(_ value: JSON, _ arguments: [JSON]) -> [String] {
        (value.array ?? []).compactMap(\.string) + arguments.flatMap { $0.array ?? [$0] }.map(\.plain)
    }

    private static func element(of value: JSON, at index: JSON?) -> JSON? {
        guard let array = value.array, let index = index?.int else { return nil }
        return value[index < 0 ? array.count + index : index]
    }
}

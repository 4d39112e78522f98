/// The types a function takes, as in `<s-(sf)n?:s>`.
///
/// `s n b l o a f` are string, number, boolean, null, object, array, function; `j` is any JSON, `x` anything, `(…)` a
/// choice, `a<s>` an array of strings. `-` takes the context when the argument is missing, `?` lets it be missing,
/// `+` lets it repeat.
struct Signature: Sendable {
    struct Parameter: Sendable {
        /// What an argument may be; `m` is a missing one.
        var accepted: Set<Character>
        /// Whether a single value becomes an array of one.
        var isArray = false
        var elementType: Character?
        var takesContext = false
        var isOptional = false
        var isRepeated = false
    }

    let parameters: [Parameter]

    /// Reads a signature that stands at a place of an expression; letters that name no type are passed over.
    init(parsing text: String, at start: Int) throws(JSONataError) {
        var parameters: [Parameter] = []
        var rest = text.dropFirst()
        while let sign = rest.popFirst(), sign != ":", sign != ">" {
            let position = start + text.utf16.count - rest.utf16.count - 1
            switch sign {
            case "-", "?", "+", "<":
                guard var last = parameters.popLast() else {
                    throw JSONataError("S0401", at: position, "the signature \(text) begins with \"\(sign)\"")
                }
                try last.apply(sign, &rest, text, at: position)
                parameters.append(last)
            case "(":
                let choice = rest.prefix { $0 != ")" }
                rest = rest[choice.endIndex...].dropFirst()
                guard !choice.contains("<") else {
                    throw JSONataError("S0402", at: position, "the choice (\(choice)) cannot hold types with a type")
                }
                parameters.append(Parameter(accepted: Set(choice).union("m")))
            default:
                if let parameter = Parameter(sign) { parameters.append(parameter) }
            }
        }
        self.parameters = parameters
    }

    /// The arguments as the function takes them: context filled in, single values made arrays.
    func validated(
        _ arguments: [Value?],
        context: Value?,
        at position: Int,
        function: String
    ) throws(JSONataError) -> [Value?] {
        let symbols = arguments.map { $0?.typeSymbol ?? "m" }
        guard let lengths = match(symbols, parameters[...], isWhole: true) else {
            throw mismatch(symbols, at: position, function: function)
        }
        var result: [Value?] = []
        var next = 0
        for (parameter, length) in zip(parameters, lengths) {
            if length == 0, parameter.takesContext {
                result.append(try parameter.checkedContext(context, next + 1, at: position, function))
                continue
            }
            // As in the reference, one that is left out is given the argument of the next.
            for index in next..<next + max(1, length) {
                let argument = index < arguments.count ? arguments[index] : nil
                guard length > 0 else {
                    result.append(argument)
                    continue
                }
                result.append(try parameter.adjusted(argument, index + 1, at: position, function))
            }
            next += max(1, length)
        }
        return result
    }

    /// How many of the arguments each of the parameters takes, as many as possible from the left; some arguments may be
    /// left over where the parameters are not the whole signature.
    private func match(_ symbols: [Character], _ parameters: ArraySlice<Parameter>, isWhole: Bool) -> [Int]? {
        let width = symbols.count + 1
        // Whether the parameters from one on fit the arguments from one on.
        var fits = Array(repeating: false, count: (parameters.count + 1) * width)
        for end in 0..<width where !isWhole || end == symbols.count { fits[parameters.count * width + end] = true }
        for (index, parameter) in parameters.enumerated().reversed() {
            for start in 0..<width {
                let lengths = parameter.lengths(symbols[start...])
                fits[index * width + start] = lengths.contains { fits[(index + 1) * width + start + $0] }
            }
        }
        guard fits[0] else { return nil }
        var start = 0
        return parameters.enumerated().map { index, parameter in
            let lengths = parameter.lengths(symbols[start...])
            let length = lengths.last { fits[(index + 1) * width + start + $0] } ?? 0
            start += length
            return length
        }
    }

    private func mismatch(_ symbols: [Character], at position: Int, function: String) -> JSONataError {
        var matched = 0
        for count in 1..<(parameters.count + 1) {
            guard let lengths = match(symbols, parameters[..<count], isWhole: false) else { break }
            matched = lengths.reduce(0, +)
        }
        let name = function.isEmpty ? "the function" : "function \"\(function)\""
        let fact = "argument \(matched + 1) of \(name) does not match its signature"
        return JSONataError("T0410", at: position, fact, token: function)
    }
}

extension Signature.Parameter {
    private static let any: Set<Character> = ["a", "s", "n", "b", "l", "f", "o", "m"]

    fileprivate init?(_ sign: Character) {
        switch sign {
        case "s", "n", "b", "l", "o": self.init(accepted: [sign, "m"])
        case "a": self.init(accepted: Self.any, isArray: true)
        case "f": self.init(accepted: ["f"])
        case "j": self.init(accepted: Self.any.subtracting("f"))
        case "x": self.init(accepted: Self.any)
        default: return nil
        }
    }

    fileprivate mutating func apply(
        _ sign: Character,
        _ rest: inout Substring,
        _ text: String,
        at position: Int
    ) throws(JSONataError) {
        switch sign {
        case "-": takesContext = true
        case "?": isOptional = true
        case "+": isRepeated = true
        default:
            guard isArray || accepted == ["f"], let close = Self.closing(of: rest) else {
                throw JSONataError("S0401", at: position, "in the signature \(text) only a and f can have a type <…>")
            }
            elementType = rest.first
            rest = rest[rest.index(after: close)...]
        }
    }

    /// How many of the first arguments it may take; no range where one is needed and does not fit.
    fileprivate func lengths(_ symbols: ArraySlice<Character>) -> Range<Int> {
        let most = symbols.prefix(isRepeated ? symbols.count : 1).prefix(while: accepted.contains).count
        let least = isOptional || takesContext ? 0 : 1
        return least..<max(least, most + 1)
    }

    private static func closing(of text: Substring) -> Substring.Index? {
        var depth = 1
        return text.indices.first { index in
            if text[index] == "<" { depth += 1 }
            if text[index] == ">" { depth -= 1 }
            return depth == 0
        }
    }

    fileprivate func checkedContext(
        _ context: Value?,
        _ number: Int,
        at position: Int,
        _ function: String
    ) throws(JSONataError) -> Value? {
        guard accepted.contains(context?.typeSymbol ?? "m") else {
            let fact = "the context is no fit for argument \(number) of function \"\(function)\""
            throw JSONataError("T0411", at: position, fact, token: function)
        }
        return context
    }

    fileprivate func adjusted(
        _ argument: Value?,
        _ number: Int,
        at position: Int,
        _ function: String
    ) throws(JSONataError) -> Value? {
        guard isArray, let argument else { return argument }
        let elements = argument.elements
        if let elementType, elements.contains(where: { $0.typeSymbol != elementType }) {
            let fact =
                "argument \(number) of function \"\(function)\" must be an array of \(Value.typeName(elementType))s"
            throw JSONataError("T0412", at: position, fact, token: function)
        }
        if case .array = argument { return argument }
        return .array(ValueArray([argument]))
    }
}

/// A function of the language.
struct Builtin: Sendable {
    typealias Body = @Sendable (Invocation) throws(JSONataError) -> Value?

    let name: String
    let signature: Signature
    let body: Body
    /// How many arguments it looks at when another function calls it.
    let arity: Int
    /// What each parameter takes; `nil` where they need to be matched one by one.
    private let forms: [Form]?

    private struct Form: Sendable {
        let accepted: UInt16
        let isArray: Bool
        let elementType: UInt16?
    }

    init(name: String, signature: Signature, body: @escaping Body) {
        self.name = name
        self.signature = signature
        self.body = body
        arity = Self.arities[name] ?? signature.parameters.count { !$0.isOptional }
        let forms = signature.parameters.map { parameter in
            Form(
                accepted: parameter.accepted.reduce(0) { $0 | Value.typeBit($1) },
                isArray: parameter.isArray,
                elementType: parameter.elementType.map(Value.typeBit)
            )
        }
        self.forms = signature.parameters.contains(where: \.isRepeated) ? nil : forms
    }

    /// The functions that look at arguments that may be missing, too.
    private static let arities = [
        "eval": 2, "formatBase": 2, "formatNumber": 3, "fromMillis": 3, "join": 2, "match": 3, "now": 2, "pad": 3,
        "reduce": 3, "replace": 4, "round": 2, "sift": 2, "single": 2, "sort": 2, "split": 3, "substring": 3,
        "toMillis": 2, "assert": 2, "error": 1, "zip": 0,
    ]

    /// The arguments as the function takes them, where there is one of the right type for each parameter; else `nil`.
    func fitting(_ arguments: [Value?]) -> [Value?]? {
        guard let forms, forms.count == arguments.count else { return nil }
        var result = arguments
        for (index, form) in forms.enumerated() {
            guard form.accepted & arguments[index].typeBit != 0 else { return nil }
            guard form.isArray, let argument = arguments[index] else { continue }
            if case .array(let array) = argument {
                if let type = form.elementType, array.count > 0, array.items.contains(where: { $0.typeBit != type }) {
                    return nil
                }
            } else {
                if let type = form.elementType, argument.typeBit != type { return nil }
                result[index] = .array(ValueArray([argument]))
            }
        }
        return result
    }

    /// The function of a name, without its dollar sign.
    static func named(_ name: String, in library: EvaluationOptions.Library = .standard) -> Builtin? {
        switch library {
        case .standard: standard[name]
        case .stepFunctions: name == "eval" ? nil : additions[name] ?? standard[name]
        }
    }

    private static let standard = table([
        strings, patterns, encodings, numbers, arrays, objects, higherOrder, truths, times, formats, chance,
    ])

    private static let additions = table([stepFunctions])

    private static func table(_ groups: [[Entry]]) -> [String: Builtin] {
        var table: [String: Builtin] = [:]
        for (name, signature, body) in groups.joined() {
            guard let signature = try? Signature(parsing: signature, at: 0) else {
                preconditionFailure("the signature \(signature) of \(name) cannot be read")
            }
            table[name] = Builtin(name: name, signature: signature, body: body)
        }
        return table
    }

    typealias Entry = (name: String, signature: String, body: Body)
}

/// A call of a function: its arguments, and what it may ask for.
struct Invocation {
    let evaluator: Evaluator
    let arguments: [Value?]
    let site: CallSite

    subscript(index: Int) -> Value? { index < arguments.count ? arguments[index] : nil }

    /// The argument as a string, if it is there.
    func string(_ index: Int) -> String? {
        if case .string(let text) = self[index] { text } else { nil }
    }

    /// The argument as a number, if it is there.
    func number(_ index: Int) -> Double? { self[index]?.double }

    /// The members of the argument, if it is there.
    func array(_ index: Int) -> [Value]? { self[index]?.elements }

    /// The argument as a function, if it is there.
    func function(_ index: Int) -> Function? {
        if case .function(let function) = self[index] { function } else { nil }
    }

    /// Calls a function with as many of the arguments as it looks at.
    func apply(_ function: Function, _ argument: Value?) throws(JSONataError) -> Value? {
        try apply(function, argument, nil, nil, count: 1)
    }

    /// Calls a function with as many of the arguments as it looks at.
    func apply(_ function: Function, _ first: Value?, _ second: Value?) throws(JSONataError) -> Value? {
        try apply(function, first, second, nil, count: 2)
    }

    /// Calls a function with as many of the arguments as it looks at.
    func apply(
        _ function: Function,
        _ first: Value?,
        _ second: Value?,
        _ third: Value?
    ) throws(JSONataError) -> Value? {
        try apply(function, first, second, third, count: 3)
    }

    private func apply(
        _ function: Function,
        _ first: Value?,
        _ second: Value?,
        _ third: Value?,
        count: Int
    ) throws(JSONataError) -> Value? {
        try evaluator.enterCallback(site.position)
        defer { evaluator.leaveCallback() }
        return try evaluator.apply(function, first, second, third, count: count, site.withoutContext)
    }

    /// Calls a function with as many of the arguments as it looks at.
    func apply(
        _ function: Function,
        _ first: Value?,
        _ second: Value?,
        _ third: Value?,
        _ fourth: Value?
    ) throws(JSONataError) -> Value? {
        let count = max(1, min(function.arity, 4))
        return try apply(function, toAll: Array([first, second, third, fourth].prefix(count)))
    }

    /// Calls a function with all of the arguments.
    func apply(_ function: Function, toAll arguments: [Value?]) throws(JSONataError) -> Value? {
        try evaluator.enterCallback(site.position)
        defer { evaluator.leaveCallback() }
        return try evaluator.apply(function, arguments, site.withoutContext)
    }

    func fault(_ code: String, _ message: String) -> JSONataError {
        JSONataError(code, at: site.position, message, token: site.name)
    }

    /// What is wrong with the picture that the call was given.
    func fault(_ fault: PictureFault) -> JSONataError { self.fault(fault.code, "the picture \(fault.fact)") }

    func unsupported(_ what: String) -> JSONataError { .unsupported(what, at: site.position) }
}

extension Value {
    /// A bit for the letter of a type in a signature.
    fileprivate static func typeBit(_ symbol: Character) -> UInt16 {
        switch symbol {
        case "l": 1
        case "b": 2
        case "n": 4
        case "s": 8
        case "a": 16
        case "o": 32
        case "f": 64
        default: 128
        }
    }

    fileprivate var typeBit: UInt16 {
        switch self {
        case .null: 1
        case .bool: 2
        case .number, .bigInteger: 4
        case .string: 8
        case .array: 16
        case .object: 32
        case .function: 64
        }
    }
}

extension Value? {
    fileprivate var typeBit: UInt16 { self?.typeBit ?? 128 }
}

/// A function of the language.
struct Builtin: Sendable {
    typealias Body = @Sendable (Invocation) throws(JSONataError) -> Value?

    let name: String
    let signature: Signature
    let body: Body

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
    func apply(_ function: Function, _ arguments: Value?...) throws(JSONataError) -> Value? {
        let count = max(1, min(function.arity, arguments.count))
        return try evaluator.apply(function, Array(arguments.prefix(count)), site)
    }

    func fault(_ code: String, _ message: String) -> JSONataError {
        JSONataError(code, at: site.position, message, token: site.name)
    }

    /// What is wrong with the picture that the call was given.
    func fault(_ fault: PictureFault) -> JSONataError { self.fault(fault.code, "the picture \(fault.fact)") }

    func unsupported(_ what: String) -> JSONataError { .unsupported(what, at: site.position) }
}

/// What is called, and the names under which errors speak of it.
struct Callee: Sendable {
    let node: any Node
    /// The name of the variable, or of the field that has it for a value.
    let name: String
    let position: Int
    let isPath: Bool
    let isVariable: Bool
    /// Whether the name can only be that of a function of the library.
    let isBuiltinName: Bool

    func builtin(_ run: Evaluator) -> Builtin? {
        isBuiltinName && !run.shadowsBuiltins ? run.builtin(name) : nil
    }

    /// What is to be called; an error with the code where a dollar sign was forgotten.
    func value(
        _ input: Value?,
        _ frame: Frame,
        _ run: Evaluator,
        forgotten code: String,
        at position: Int
    ) throws(JSONataError) -> Value? {
        let value = try node.evaluate(input, frame, run)
        if value == nil, isPath, run.variable(name, frame)?.isThere == true {
            throw JSONataError(code, at: position, token: name)
        }
        return value
    }
}

/// A call, `f(x)`.
final class CallNode: Node {
    let callee: Callee
    private let arguments: [any Node]
    private let keepsArray: Bool
    private let position: Int

    init(_ callee: Callee, _ arguments: [any Node], keepsArray: Bool, at position: Int) {
        self.callee = callee
        self.arguments = arguments
        self.keepsArray = keepsArray
        self.position = position
    }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        try call(input, frame, run, given: [], at: position).finished(keepsArray: keepsArray)
    }

    func evaluateSequence(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        try call(input, frame, run, given: [], at: position)
    }

    /// The call with an argument before its own, as `~>` gives it.
    func evaluateSequence(
        _ input: Value?,
        _ frame: Frame,
        _ run: Evaluator,
        given: Value?
    ) throws(JSONataError) -> Value? {
        try call(input, frame, run, given: [given], at: position)
    }

    private func call(
        _ input: Value?,
        _ frame: Frame,
        _ run: Evaluator,
        given: [Value?],
        at position: Int
    ) throws(JSONataError) -> Value? {
        try run.enter(position)
        defer { run.leave() }
        let site = CallSite(position, callee.name, input, frame)
        if let builtin = callee.builtin(run) {
            let values = try self.values(input, frame, run, given)
            do throws(JSONataError) {
                return try run.call(builtin, values, site)
            } catch {
                throw error.moved(to: position, token: callee.name)
            }
        }
        let value = try callee.value(input, frame, run, forgotten: "T1005", at: position)
        let values = try self.values(input, frame, run, given)
        guard case .function(let function)? = value else {
            throw JSONataError("T1006", at: position, token: callee.name)
        }
        return try run.apply(function, values, site)
    }

    func evaluateTail(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> TailOutcome {
        do throws(JSONataError) {
            return try tail(input, frame, run)
        } catch {
            return .failure(error)
        }
    }

    private func tail(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> TailOutcome {
        guard callee.builtin(run) == nil else {
            return .value(try call(input, frame, run, given: [], at: callee.position))
        }
        guard case .function(let function)? = try callee.node.evaluate(input, frame, run) else {
            throw JSONataError("T1006", at: callee.position, token: callee.name)
        }
        guard case .lambda = function.kind else { return .value(try evaluateSequence(input, frame, run)) }
        let name = callee.isVariable ? callee.name : nil
        let values = try self.values(input, frame, run, [])
        return .call(TailCall(function: function, arguments: values, position: callee.position, name: name))
    }

    private func values(
        _ input: Value?,
        _ frame: Frame,
        _ run: Evaluator,
        _ given: [Value?]
    ) throws(JSONataError) -> [Value?] {
        var values = given
        values.reserveCapacity(given.count + arguments.count)
        for argument in arguments { values.append(try argument.evaluate(input, frame, run)) }
        return values
    }
}

/// A call that leaves arguments open, such as `f(?, 2)`.
final class PartialNode: Node {
    private let callee: Callee
    private let arguments: [(any Node)?]
    private let position: Int

    init(_ callee: Callee, _ arguments: [(any Node)?], at position: Int) {
        self.callee = callee
        self.arguments = arguments
        self.position = position
    }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        try run.enter(position)
        defer { run.leave() }
        var values: [Value??] = []
        for argument in arguments {
            if let argument {
                values.append(.some(try argument.evaluate(input, frame, run)))
            } else {
                values.append(nil)
            }
        }
        guard case .function(let function)? = try callee.value(input, frame, run, forgotten: "T1007", at: position)
        else { throw JSONataError("T1008", at: position, token: callee.name) }
        let result = Value.function(Function(.partial(function, values)))
        try run.checkNesting(of: result, position)
        return result
    }
}

/// A value given to a function, `a ~> f`.
final class ApplyNode: Node {
    private let left: any Node
    private let right: any Node
    private let keepsArray: Bool
    private let position: Int

    init(_ left: any Node, _ right: any Node, keepsArray: Bool, at position: Int) {
        self.left = left
        self.right = right
        self.keepsArray = keepsArray
        self.position = position
    }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        try run.enter(position)
        defer { run.leave() }
        let value = try left.evaluate(input, frame, run)
        if let call = right as? CallNode {
            return try call.evaluateSequence(input, frame, run, given: value).finished(keepsArray: keepsArray)
        }
        guard case .function(let function)? = try right.evaluate(input, frame, run) else {
            throw JSONataError("T2006", at: position, value: value)
        }
        if case .function(let first)? = value {
            let result = Value.function(Function(.chain(first, function)))
            try run.checkNesting(of: result, position)
            return result
        }
        let site = CallSite(position, "", .null, frame)
        return try run.apply(function, [value], site).finished(keepsArray: keepsArray)
    }
}

/// A function, `function($x) { … }`.
final class LambdaNode: Node {
    let parameters: [String]
    let signature: Signature?
    let body: any Node
    private let position: Int

    init(_ parameters: [String], _ signature: Signature?, _ body: any Node, at position: Int) {
        self.parameters = parameters
        self.signature = signature
        self.body = body
        self.position = position
    }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        let result = Value.function(Function(.lambda(self, input: input, frame)))
        try run.checkNesting(of: result, position)
        return result
    }

    /// The arguments as the signature has them.
    @inline(__always)
    func checked(_ arguments: [Value?], _ site: CallSite) throws(JSONataError) -> [Value?] {
        guard let signature else { return arguments }
        return try signature.validated(arguments, context: site.input, at: site.position, function: site.name)
    }
}

extension Value {
    /// Whether JavaScript counts this as true, as the language does when it looks for a forgotten dollar sign.
    fileprivate var isThere: Bool {
        switch self {
        case .null: false
        case .bool(let value): value
        case .number(let number): number != 0 && !number.isNaN
        case .string(let text): !text.isEmpty
        default: true
        }
    }
}

/// A part of an expression that is ready to run.
///
/// Nodes never change, so that one expression may run in several tasks at once; what happens while one runs is kept in
/// its evaluator.
protocol Node: AnyObject, Sendable {
    /// The value on an input; `nil` when there is none.
    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value?

    /// The value, a sequence left as it is where it has one member or none, as predicates and functions see it.
    func evaluateSequence(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value?

    /// The value, or the results with the variables that were bound on the way to each.
    func evaluateStream(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Stream

    /// The value, or a call in the last place of a function, which is left to be done.
    func evaluateTail(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> TailOutcome
}

extension Node {
    func evaluateSequence(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        try evaluate(input, frame, run)
    }

    func evaluateStream(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Stream {
        .value(try evaluate(input, frame, run))
    }

    func evaluateTail(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> TailOutcome {
        .value(try evaluate(input, frame, run))
    }

    func isTrue(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Bool {
        switch try evaluate(input, frame, run) {
        case nil: return false
        case .bool(let value)?: return value
        case .number(let number)? where number.isInfinite: throw JSONataError("D1001", value: .number(number))
        case let value?: return value.isTrue
        }
    }
}

/// What a step of a path finds.
enum Stream {
    case value(Value?)
    case tuples([Tuple])
}

/// What the body of a function comes to.
enum TailOutcome {
    case value(Value?)
    case call(TailCall)
    /// What went wrong in the last call, which has its place already.
    case failure(JSONataError)
}

/// A call that is left to be done.
struct TailCall {
    let function: Function
    let arguments: [Value?]
    let position: Int
    let name: String?
}

extension Value? {
    /// A sequence as a result: nothing, its only member, or itself.
    @inline(__always)
    func finished(keepsArray: Bool = false) -> Value? {
        guard case .array(let array)? = self, array.isSequence else { return self }
        return array.finished(keepsArray: keepsArray)
    }

    /// The members of an array, or the value as the only one, or none.
    var members: [Value] { self?.elements ?? [] }
}

extension ValueArray {
    func finished(keepsArray: Bool) -> Value? {
        var array = self
        if keepsArray { array.keepsSingleton = true }
        switch array.count {
        case 0: return nil
        case 1: return array.keepsSingleton ? .array(array) : array[0]
        default: return .array(array)
        }
    }
}

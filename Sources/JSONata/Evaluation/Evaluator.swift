/// Runs the nodes of an expression on one input.
///
/// A class, since depth and steps are counted through all parts; it lives for one evaluation.
final class Evaluator {
    let options: EvaluationOptions
    /// The input, as `$$` names it.
    let root: Value?
    /// Whether a variable from outside has the name of a function.
    let shadowsBuiltins: Bool
    private let maximumDepth: Int
    private let maximumSteps: Int
    private var depth = 0
    private var steps = 0
    /// When to ask for the time, or to stop.
    private var nextCheck: Int
    /// The frames in which functions were bound; a function keeps its frame, so the circle is cut at the end.
    private var framesToClear: [Frame] = []

    /// Deeper values exhaust the stack when they are walked through or let go.
    private static let maximumNesting = 1_000
    /// Larger values, in which the same parts may stand many times, take too long to compare or to write.
    private static let maximumWeight: Float = 30_000_000
    private static let checkInterval = 4_096
    private static let callbackDepth = 2

    init(root: Value?, shadowsBuiltins: Bool = false, options: EvaluationOptions) {
        self.root = root
        self.shadowsBuiltins = shadowsBuiltins
        self.options = options
        maximumDepth = options.maximumDepth
        maximumSteps = options.maximumSteps
        nextCheck = min(Self.checkInterval, maximumSteps)
    }

    deinit {
        for frame in framesToClear { frame.removeAll() }
    }

    // MARK: - Limits

    /// Counts a part that is begun, and refuses it when it is one too many.
    @inline(__always)
    func enter(_ position: Int) throws(JSONataError) {
        depth += 1
        steps += 1
        if depth > maximumDepth || steps >= nextCheck { try check(position) }
    }

    @inline(__always)
    func leave() { depth -= 1 }

    /// Counts a function that another one calls, which takes more room on the stack than other parts.
    @inline(__always)
    func enterCallback(_ position: Int) throws(JSONataError) {
        guard depth + Self.callbackDepth <= maximumDepth else { throw Self.tooDeep(position) }
        depth += Self.callbackDepth
    }

    @inline(__always)
    func leaveCallback() { depth -= Self.callbackDepth }

    private static func tooDeep(_ position: Int) -> JSONataError {
        let remedy = "check for a recursion without end"
        return JSONataError("U1001", at: position, "the evaluation is nested too deep, \(remedy)")
    }

    /// Counts a turn of a loop.
    @inline(__always)
    func step(_ position: Int) throws(JSONataError) { try step(1, position) }

    /// Counts what is built: an eighth of a step for a member of an array, less for a letter.
    @inline(__always)
    func build(_ value: Value?, _ position: Int) throws(JSONataError) {
        switch value {
        case .array(let array)?: try step(array.count >> 3, position)
        case .string(let text)?: try step(text.utf8.count >> 6, position)
        default: break
        }
    }

    @inline(__always)
    private func step(_ count: Int, _ position: Int) throws(JSONataError) {
        steps += count
        guard steps >= nextCheck else { return }
        depth += 1
        try check(position)
        depth -= 1
    }

    /// How many more parts may be evaluated.
    var remainingSteps: Int { max(0, maximumSteps - steps) }

    /// Counts work of a kind that is not done by parts of the expression.
    func charge(_ count: Int, at position: Int) throws(JSONataError) {
        steps += count
        guard steps > maximumSteps || options.isOutOfTime?() == true else { return }
        throw JSONataError("U1001", at: position, "the evaluation takes too long, check for a loop without end")
    }

    @inline(never)
    private func check(_ position: Int) throws(JSONataError) {
        guard depth <= maximumDepth else {
            depth -= 1
            throw Self.tooDeep(position)
        }
        guard steps >= nextCheck else { return }
        nextCheck = min(steps + Self.checkInterval, maximumSteps)
        guard steps > maximumSteps || options.isOutOfTime?() == true else {
            if steps == maximumSteps { nextCheck = maximumSteps + 1 }
            return
        }
        depth -= 1
        throw JSONataError("U1001", at: position, "the evaluation takes too long, check for a loop without end")
    }

    /// Refuses values that are too large, or so deep that walking through them, or letting them go, would exhaust the stack.
    @inline(__always)
    func checkNesting(of value: Value?, _ position: Int) throws(JSONataError) {
        guard let value, value.depth > Self.maximumNesting || value.weight > Self.maximumWeight else { return }
        try refuse(value, position)
    }

    private func refuse(_ value: Value, _ position: Int) throws(JSONataError) {
        guard value.depth > Self.maximumNesting else {
            let fact = "a value has more than \(Int(Self.maximumWeight)) parts"
            throw JSONataError("U1001", at: position, "\(fact), check for a loop without end")
        }
        let fact = "values are nested more than \(Self.maximumNesting) deep"
        throw JSONataError("U1001", at: position, "\(fact), check for a recursion without end")
    }

    /// Remembers a frame that a value in it may hold on to.
    func bind(_ name: String, _ value: Value?, in frame: Frame) {
        if let value, value.holdsFunction { framesToClear.append(frame) }
        frame.bind(name, value)
    }

    // MARK: - Variables

    /// The function of the library.
    func builtin(_ name: String) -> Builtin? {
        name == "eval" && !options.isEvalAllowed ? nil : Builtin.named(name, in: options.library)
    }

    func variable(_ name: String, _ frame: Frame) -> Value? {
        frame.lookup(name) ?? builtin(name).map { .function(Function(.builtin($0))) }
    }

    /// The member of an object, or those of the members of an array, as a sequence.
    func lookup(_ name: String, in value: Value?) -> Value? {
        switch value {
        case .object(let object): return object[name]
        case .array(let array):
            var found: [Value] = []
            lookup(name, in: array, into: &found)
            return .array(.sequence(found))
        default: return nil
        }
    }

    private func lookup(_ name: String, in array: ValueArray, into found: inout [Value]) {
        for item in array.items {
            switch item {
            case .object(let object):
                guard let value = object[name] else { continue }
                if case .array(let inner) = value { found += inner.items } else { found.append(value) }
            case .array(let inner): lookup(name, in: inner, into: &found)
            default: break
            }
        }
    }
}

/// Steps divided by dots of which some make variables, so that each result carries its own.
final class TuplePathNode: Node {
    /// The steps before the first that makes variables.
    private let plainSteps: [PathStep]
    private let steps: [PathStep]
    private let keepsSingleton: Bool
    private let keepsArray: Bool
    private let isAbsolute: Bool
    private let isStream: Bool
    private let grouping: Grouping?
    private let position: Int

    /// A path that is absolute when it begins with a variable, and a stream when what stands around it takes the
    /// variables over.
    init(
        _ steps: [PathStep],
        keepsSingleton: Bool,
        keepsArray: Bool,
        isAbsolute: Bool,
        isStream: Bool,
        _ grouping: Grouping?,
        at position: Int
    ) {
        let first = steps.firstIndex(where: \.isTuple) ?? 0
        plainSteps = Array(steps[..<first])
        self.steps = Array(steps[first...])
        self.keepsSingleton = keepsSingleton
        self.keepsArray = keepsArray
        self.isAbsolute = isAbsolute
        self.isStream = isStream
        self.grouping = grouping
        self.position = position
    }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        try run.enter(position)
        defer { run.leave() }
        let flow = try plainFlow(input, frame, run)
        if flow.isEmpty, grouping == nil { return flow.result(keepsArray: keepsSingleton || keepsArray) }
        let tuples = try self.tuples(flow, frame, run)
        if let grouping { return try grouping.group(tuples, isStream: true, frame, run) }
        var array = ValueArray.sequence(tuples.compactMap(\.value))
        array.keepsSingleton = keepsSingleton
        return array.finished(keepsArray: keepsArray)
    }

    func evaluateStream(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Stream {
        guard isStream, grouping == nil else { return .value(try evaluate(input, frame, run)) }
        try run.enter(position)
        defer { run.leave() }
        let flow = try plainFlow(input, frame, run)
        if flow.isEmpty { return .value(flow.result(keepsArray: keepsSingleton || keepsArray)) }
        return .tuples(try tuples(flow, frame, run))
    }

    private func tuples(_ flow: Flow, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> [Tuple] {
        var tuples = flow.items.map { Tuple(value: $0) }
        if case .one(let item) = flow { tuples = [Tuple(value: item)] }
        for (index, step) in steps.enumerated() {
            if let sorting = step.sorting {
                tuples = try sorting.sort(tuples, frame, run)
                if let name = step.index { Self.bindPositions(of: &tuples, to: name) }
            } else if index == 0, plainSteps.isEmpty, step.isConstructed {
                let sequence = Value.array(.sequence(tuples.compactMap(\.value)))
                tuples = try step.node.evaluate(sequence, frame, run).members.map { Tuple(value: $0) }
            } else {
                tuples = try advance(tuples, by: step, frame, run)
            }
            try apply(step.stages, to: &tuples, frame, run)
            if tuples.isEmpty { break }
        }
        return tuples
    }

    /// What the steps find before the first that makes variables.
    private func plainFlow(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Flow {
        var flow = Flow(input, walksArray: !isAbsolute)
        for (index, step) in plainSteps.enumerated() {
            try flow.take(step, isFirst: index == 0, isLast: false, frame, run, position)
            if flow.isEmpty { break }
        }
        return flow
    }

    private func advance(
        _ tuples: [Tuple],
        by step: PathStep,
        _ frame: Frame,
        _ run: Evaluator
    ) throws(JSONataError) -> [Tuple] {
        var results: [Tuple] = []
        for tuple in tuples {
            try run.step(position)
            switch try step.node.evaluateStream(tuple.value, tuple.frame(in: frame), run) {
            case .value(let value): take(value.members, of: tuple, at: step, into: &results)
            case .tuples(let inner):
                for found in inner {
                    var result = Tuple(value: found.value, bindings: tuple.bindings)
                    for (name, value) in found.bindings?.all ?? [] { result.bind(name, value) }
                    results.append(result)
                }
            }
        }
        return results
    }

    private func take(_ found: [Value], of tuple: Tuple, at step: PathStep, into results: inout [Tuple]) {
        for (index, value) in found.enumerated() {
            var result = tuple
            if let focus = step.focus { result.bind(focus, value) } else { result.value = value }
            if let name = step.index { result.bind(name, .number(Double(index))) }
            if let label = step.ancestor { result.bind(label, tuple.value) }
            results.append(result)
        }
    }

    private func apply(
        _ stages: [PathStep.Stage],
        to tuples: inout [Tuple],
        _ frame: Frame,
        _ run: Evaluator
    ) throws(JSONataError) {
        for stage in stages {
            switch stage {
            case .index(let name): Self.bindPositions(of: &tuples, to: name)
            case .filter(let filter): tuples = try filter.filter(tuples, frame, run)
            }
        }
    }

    private static func bindPositions(of tuples: inout [Tuple], to name: String) {
        for index in tuples.indices { tuples[index].bind(name, .number(Double(index))) }
    }
}

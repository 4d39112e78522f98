/// Steps divided by dots.
final class PathNode: Node {
    private let steps: [PathStep]
    private let keepsSingleton: Bool
    private let keepsArray: Bool
    private let isAbsolute: Bool
    private let grouping: Grouping?
    private let position: Int

    /// A path that does not walk through an input array when it is absolute, that is, begins with a variable.
    init(
        _ steps: [PathStep],
        keepsSingleton: Bool,
        keepsArray: Bool,
        isAbsolute: Bool,
        _ grouping: Grouping?,
        at position: Int
    ) {
        self.steps = steps
        self.keepsSingleton = keepsSingleton
        self.keepsArray = keepsArray
        self.isAbsolute = isAbsolute
        self.grouping = grouping
        self.position = position
    }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        try run.enter(position)
        defer { run.leave() }
        var flow = Flow(input, walksArray: !isAbsolute)
        for (index, step) in steps.enumerated() {
            let isLast = index == steps.count - 1
            try flow.take(step, isFirst: index == 0, isLast: isLast, frame, run, position)
            if flow.isEmpty { break }
        }
        return try result(of: flow, frame, run)
    }

    private func result(of flow: Flow, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        if let grouping { return try grouping.group(flow.value, frame, run) }
        return flow.result(keepsArray: keepsSingleton || keepsArray)
    }
}

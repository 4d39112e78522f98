import JSON

extension Turn {
    /// Starts the branches.
    mutating func run(
        _ parallel: ParallelState,
        _ frame: inout Frame,
        _ current: StateDefinition
    ) throws(StatesError) -> Step {
        let input = try arguments(parallel.arguments, effectiveInput(frame, current), frame)
        try checkSize(of: input, from: current.name)
        record(.parallelStateStarted, of: &frame)
        var children = Frame.Children(
            outputs: Array(repeating: nil, count: parallel.branches.count),
            next: parallel.branches.count,
            frames: [],
            limit: parallel.branches.count
        )
        for (index, start) in parallel.branches.enumerated() {
            children.frames.append(
                makeFrame(parent: frame.id, index: index, stateName: start, input: input, after: frame.lastEvent)
            )
        }
        frame.phase = .children(children)
        return .wait
    }
}

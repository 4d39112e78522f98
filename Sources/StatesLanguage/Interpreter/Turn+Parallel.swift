import JSON

extension Turn {
    /// Starts the branches.
    mutating func run(
        _ parallel: ParallelState,
        _ frame: inout Frame,
        _ current: StateDefinition
    ) throws(StatesError) -> Step {
        let input = try effectiveInput(frame, current, parameters: parallel.arguments)
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

    mutating func finish(
        _ parallel: ParallelState,
        _ frame: inout Frame,
        _ current: StateDefinition,
        _ result: JSON
    ) throws(StatesError) -> Step {
        record(.parallelStateSucceeded, after: frame.lastEvent)
        return .exit(output: try output(result: result, parallel.result, frame, current), current.transition)
    }
}

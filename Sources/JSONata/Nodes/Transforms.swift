/// A function that changes a copy: `| pattern | update, deletion |`.
final class TransformNode: Node {
    private let pattern: any Node
    private let update: any Node
    private let deletion: (any Node)?
    private let updatePosition: Int
    private let deletionPosition: Int
    private let position: Int

    init(
        pattern: any Node,
        update: (node: any Node, position: Int),
        deletion: (node: any Node, position: Int)?,
        at position: Int
    ) {
        self.pattern = pattern
        self.update = update.node
        self.deletion = deletion?.node
        updatePosition = update.position
        deletionPosition = deletion?.position ?? 0
        self.position = position
    }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        .function(Function(.transform(self, frame)))
    }

    /// A copy of a value in which the objects that the pattern finds are changed.
    func apply(
        to value: Value?,
        _ frame: Frame,
        _ run: Evaluator,
        _ site: CallSite
    ) throws(JSONataError) -> Value? {
        switch value {
        case nil: return nil
        case .array, .object: break
        default:
            throw JSONataError("T0410", at: site.position, "Argument 1 of function does not match function signature")
        }
        if frame.lookup("clone") != nil {
            guard case .function? = run.variable("clone", frame) else { throw JSONataError("T2013", at: position) }
        }
        let copy = value?.copy
        for match in try pattern.evaluate(copy, frame, run).members {
            try run.step(position)
            let object = if case .object(let object) = match { object } else { nil as ObjectValue? }
            try update(object, match, frame, run)
            try delete(from: object, match, frame, run)
        }
        return copy
    }

    private func update(
        _ object: ObjectValue?,
        _ match: Value,
        _ frame: Frame,
        _ run: Evaluator
    ) throws(JSONataError) {
        guard let update = try update.evaluate(match, frame, run) else { return }
        guard case .object(let members) = update.copy else {
            throw JSONataError("T2011", at: updatePosition, value: update)
        }
        for (key, value) in members.members { object?[key] = value }
    }

    private func delete(
        from object: ObjectValue?,
        _ match: Value,
        _ frame: Frame,
        _ run: Evaluator
    ) throws(JSONataError) {
        guard let deletions = try deletion?.evaluate(match, frame, run) else { return }
        var names: [String] = []
        for deletion in deletions.elements {
            guard case .string(let name) = deletion else {
                throw JSONataError("T2012", at: deletionPosition, value: deletions)
            }
            names.append(name)
        }
        for name in names { object?[name] = nil }
    }
}

/// A step of a path.
final class PathStep: Sendable {
    enum Stage: Sendable {
        case filter(Filter)
        case index(String)
    }

    let node: any Node
    /// The node, where it is a field's name without predicates.
    let plainName: NameNode?
    /// The terms, where the step is an order-by.
    let sorting: Sorting?
    let filters: [Filter]
    let stages: [Stage]
    let isConstructed: Bool
    let focus: String?
    let index: String?
    let ancestor: String?
    let isTuple: Bool

    init(
        _ node: any Node,
        sorting: Sorting?,
        stages: [Stage],
        isConstructed: Bool,
        isTuple: Bool,
        binding names: (focus: String?, index: String?, ancestor: String?)
    ) {
        self.node = node
        self.sorting = sorting
        self.stages = stages
        filters = stages.compactMap { if case .filter(let filter) = $0 { filter } else { nil } }
        plainName = stages.isEmpty ? node as? NameNode : nil
        self.isConstructed = isConstructed
        self.isTuple = isTuple
        focus = names.focus
        index = names.index
        ancestor = names.ancestor
    }

    /// What one item has at this step; what the filters let through of one item is an array where it is not one value.
    @inline(__always)
    func evaluate(
        _ item: Value?,
        _ frame: Frame,
        _ run: Evaluator
    ) throws(JSONataError) -> Value? {
        if let plainName { return plainName.find(in: item, run) }
        var value = try node.evaluate(item, frame, run)
        for (index, filter) in filters.enumerated() {
            // What is undefined is filtered, what a filter left empty is not.
            if index > 0, value == nil { break }
            value = try filter.filter(value, frame, run)
        }
        return value
    }
}

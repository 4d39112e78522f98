/// Where variables are set and read: the machine, and a scope for each branch and processor within it.
struct VariableScopes {
    /// The state that is being read.
    var state = ""
    /// The variables that each state reads.
    private(set) var namesByState: [String: Set<String>] = [:]

    private var scopes: [Scope] = []
    private var current: Int?

    private struct Scope {
        let outer: Int?
        let seesOutside: Bool
        var assigned: [String: String] = [:]
        var assignments: [(name: String, place: String)] = []
        var reads: [(name: String, place: String)] = []
        /// The state around the scope.
        let state: String
    }

    /// Begins a scope within the current one.
    mutating func enter(seesOutside: Bool) {
        scopes.append(Scope(outer: current, seesOutside: seesOutside, state: state))
        current = scopes.count - 1
    }

    /// Goes back to the scope around the current one.
    mutating func leave() {
        guard let index = current else { return }
        state = scopes[index].state
        current = scopes[index].outer
    }

    mutating func assign(_ name: String, at place: String) {
        guard let current else { return }
        scopes[current].assignments.append((name, place))
        if scopes[current].assigned[name] == nil { scopes[current].assigned[name] = place }
    }

    mutating func read(_ name: String, at place: String) {
        guard let current else { return }
        scopes[current].reads.append((name, place))
        namesByState[state, default: []].insert(name)
    }

    /// Assignments to names of a scope around, and reads of what nobody sets.
    func diagnostics() -> [Diagnostic] {
        scopes.flatMap { scope in
            scope.assignments.compactMap { duplicate($0.name, at: $0.place, in: scope) }
                + undefined(in: scope)
        }
    }

    private func duplicate(_ name: String, at place: String, in scope: Scope) -> Diagnostic? {
        guard let first = find(name, from: scope.seesOutside ? scope.outer : nil) else { return nil }
        return Diagnostic(
            code: .duplicateVariableName,
            location: place,
            message: "The variable name '\(name)' was already defined in a parent scope.",
            remedy: "it is set at \(first)"
        )
    }

    private func undefined(in scope: Scope) -> [Diagnostic] {
        var told: Set<String> = []
        return scope.reads.compactMap { read in
            guard scope.assigned[read.name] == nil, find(read.name, from: scope.seesOutside ? scope.outer : nil) == nil,
                told.insert("\(read.place) \(read.name)").inserted
            else { return nil }
            return Diagnostic(
                severity: .warning,
                code: .possiblyUndefinedVariable,
                location: read.place,
                message: "Variable '\(read.name)' is possibly not defined."
            )
        }
    }

    /// Where a variable is set in a scope or around it.
    private func find(_ name: String, from index: Int?) -> String? {
        var index = index
        while let scope = index.map({ scopes[$0] }) {
            if let place = scope.assigned[name] { return place }
            index = scope.seesOutside ? scope.outer : nil
        }
        return nil
    }
}

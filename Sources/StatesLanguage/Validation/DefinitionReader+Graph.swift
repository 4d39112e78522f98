import JSON

extension DefinitionReader {
    /// Checks where the states of one scope lead: to states of the scope, to an end, and to every state.
    mutating func checkGraph(
        of own: [StateDefinition],
        named names: [String],
        startAt: String?,
        in fields: Fields
    ) {
        let known = Set(names)
        if let startAt { checkTarget(startAt, at: fields.place("StartAt"), known: known) }
        for state in own { checkTargets(of: state, in: fields, known: known) }
        // States that could not be read may lead anywhere: what follows would only accuse the innocent.
        guard own.count == names.count, !own.isEmpty, let startAt else { return }
        // A branch or a processor may do without an end, as on AWS.
        guard fields.location != "/" || own.contains(where: \.isTerminal) else {
            report(nil, "Workflow has no terminal state", code: .missingEndState)
            return
        }
        guard !hasUnknownTargets else { return }
        let reached = reachable(from: startAt, among: own)
        for name in names where !reached.contains(name) {
            report(
                "\(fields.place("States"))/\(name)",
                "State \"\(name)\" is not reachable.",
                code: .missingTransitionTarget
            )
        }
    }

    private mutating func checkTargets(of state: StateDefinition, in fields: Fields, known: Set<String>) {
        let place = "\(fields.place("States"))/\(state.name)"
        if case .next(let name) = state.transition { checkTarget(name, at: "\(place)/Next", known: known) }
        if case .choice(let choice) = state.kind {
            for (index, rule) in choice.rules.enumerated() {
                checkTarget(rule.next, at: "\(place)/Choices[\(index)]/Next", known: known)
            }
            if let fallback = choice.fallback { checkTarget(fallback, at: "\(place)/Default", known: known) }
        }
        for (index, catcher) in (state.handling?.catchers ?? []).enumerated() {
            checkTarget(catcher.next, at: "\(place)/Catch[\(index)]/Next", known: known)
        }
    }

    private mutating func checkTarget(_ name: String, at place: String, known: Set<String>) {
        guard !known.contains(name) else { return }
        report(
            place,
            "Missing 'Next' target: \(name)",
            code: .missingTransitionTarget,
            remedy: suggestion(for: name, among: known.sorted())
        )
    }

    private func reachable(from start: String, among own: [StateDefinition]) -> Set<String> {
        let targets = Dictionary(own.map { ($0.name, $0.targets) }) { first, _ in first }
        var reached: Set<String> = []
        var open = [start]
        while let name = open.popLast() {
            if reached.insert(name).inserted { open += targets[name] ?? [] }
        }
        return reached
    }
}

extension StateDefinition {
    /// Whether the workflow can end here.
    fileprivate var isTerminal: Bool {
        switch kind {
        case .succeed, .fail: true
        case .choice: false
        case .task, .pass, .wait, .parallel, .map: transition == .end
        }
    }
}

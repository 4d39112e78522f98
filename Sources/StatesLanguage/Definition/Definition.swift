public import JSON

/// A state machine of the Amazon States Language, checked and ready to run.
///
/// States are in JSONPath or in JSONata, as `QueryLanguage` says of the machine or of each.
public struct Definition: Sendable {
    /// The author's comment.
    public let comment: String?
    /// The state the machine starts at.
    public let startAt: String
    /// How long an execution may run, if that is limited.
    public let timeoutSeconds: Int?
    /// The states of the machine itself, in the order of the text.
    public let states: [StateDefinition]
    /// The variables that states read, by name in order; states that read none are not there.
    public let variableReferences: [String: [String]]

    /// Every state of the machine, its branches and processors, by name.
    let statesByName: [String: StateDefinition]

    /// Whether any state evaluates JSONata, so that nobody knows how long it takes.
    public let hasExpressions: Bool

    /// Reads a definition.
    ///
    /// - Parameters:
    ///   - json: The definition as `CreateStateMachine` takes it.
    ///   - type: What the machine is to be: Express machines may not do all that standard ones do.
    /// - Throws: `DefinitionError` with every fault, when one of them is an error.
    public init(_ json: JSON, type: StateMachineType = .standard) throws(DefinitionError) {
        var reader = DefinitionReader(type: type)
        guard let definition = reader.read(json), !reader.diagnostics.contains(where: { $0.severity == .error }) else {
            throw DefinitionError(diagnostics: reader.diagnostics)
        }
        self = definition
    }

    /// Every fault of a definition, warnings among them; empty for one that is perfect.
    ///
    /// - Parameters:
    ///   - json: The definition as `CreateStateMachine` takes it.
    ///   - type: What the machine is to be.
    ///   - resources: What its tasks may ask; `nil` for anything.
    /// - Returns: The faults, in the order of the text for each state.
    public static func diagnostics(
        for json: JSON,
        type: StateMachineType = .standard,
        resources: ResourceCatalogue? = nil
    ) -> [Diagnostic] {
        var reader = DefinitionReader(type: type)
        _ = reader.read(json)
        return reader.diagnostics + (resources?.diagnostics(for: json) ?? [])
    }

    init(
        comment: String?,
        startAt: String,
        timeoutSeconds: Int?,
        states: [StateDefinition],
        all: [StateDefinition],
        variableReferences: [String: [String]]
    ) {
        self.variableReferences = variableReferences
        self.comment = comment
        self.startAt = startAt
        self.timeoutSeconds = timeoutSeconds
        self.states = states
        statesByName = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
        hasExpressions = all.contains { $0.queryLanguage == .jsonata }
    }

    /// A part of a machine that starts at a state of its own.
    init(startAt: String, sharing machine: Definition) {
        comment = nil
        self.startAt = startAt
        timeoutSeconds = nil
        variableReferences = machine.variableReferences
        statesByName = machine.statesByName
        hasExpressions = machine.hasExpressions
        states = machine.reach(from: startAt)
    }
}

/// The eight types of states.
public enum StateType: String, Sendable, CaseIterable {
    case task = "Task"
    case pass = "Pass"
    case choice = "Choice"
    case wait = "Wait"
    case succeed = "Succeed"
    case fail = "Fail"
    case parallel = "Parallel"
    case map = "Map"
}

/// A state of a definition.
public struct StateDefinition: Sendable {
    /// The state's name, unique in its machine.
    public let name: String
    /// The author's comment.
    public let comment: String?

    let queryLanguage: QueryLanguage
    let transition: Transition
    let inputPath: PathField
    let outputPath: PathField
    /// The variables the state sets when it ends.
    let assign: Template?
    /// `Output` of JSONata; `nil` where the result, or the input, is passed on.
    let output: JSONataTemplate?
    let kind: Kind

    /// Where a state leads.
    enum Transition: Sendable, Equatable {
        case next(String)
        case end
    }

    /// A field that holds a path or `null`.
    enum PathField: Sendable, Equatable {
        case path(JSONPath)
        /// `null`: an empty object takes the input's place.
        case discard
    }

    /// What only states of one type have.
    enum Kind: Sendable {
        case task(TaskState)
        case pass(PassState)
        case choice(ChoiceState)
        case wait(WaitState)
        case succeed
        case fail(FailState)
        case parallel(ParallelState)
        case map(MapState)
    }

    /// The state's type.
    public var type: StateType {
        switch kind {
        case .task: .task
        case .pass: .pass
        case .choice: .choice
        case .wait: .wait
        case .succeed: .succeed
        case .fail: .fail
        case .parallel: .parallel
        case .map: .map
        }
    }

    /// The resource of a Task state.
    public var resource: String? {
        guard case .task(let task) = kind else { return nil }
        return task.resource.text
    }

    /// The states this one may lead to, catchers' among them, in the order of the text.
    public var targets: [String] {
        var targets: [String] = []
        if case .next(let name) = transition { targets.append(name) }
        if case .choice(let choice) = kind {
            targets += choice.rules.map(\.next) + (choice.fallback.map { [$0] } ?? [])
        }
        return targets + (handling?.catchers.map(\.next) ?? [])
    }

    /// The states that the branches or the processor of this one start at.
    public var childStarts: [String] {
        switch kind {
        case .parallel(let parallel): parallel.branches
        case .map(let map): [map.startAt]
        default: []
        }
    }

    /// Retry and Catch, for the types that have them.
    var handling: ErrorHandling? {
        switch kind {
        case .task(let task): task.handling
        case .parallel(let parallel): parallel.handling
        case .map(let map): map.handling
        default: nil
        }
    }
}

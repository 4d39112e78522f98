import JSON

/// Reads a definition and notes every fault on the way, so that its author sees them all at once.
struct DefinitionReader {
    var diagnostics: [Diagnostic] = []
    /// The states read so far, of all scopes.
    var states: [StateDefinition] = []
    /// Where each name was first used.
    var places: [String: String] = [:]
    /// Where each label of a Map was first used.
    var labels: [String: String] = [:]
    /// The language of the states that do not say theirs, in branches and processors too.
    var machineLanguage = QueryLanguage.jsonPath
    /// Which variables are set and read where.
    var variables = VariableScopes()
    /// Whether a state of the scope may lead where nobody knows, since it could not be read.
    var hasUnknownTargets = false
    /// How many machines, branches and processors are around what is read.
    var depth = 0
    /// What runs the states that are read: the machine, or the children of a distributed Map.
    var type = StateMachineType.standard
    /// How many more times the name is looked for that a wrong one was meant to be: a definition may be wrong all over.
    private var suggestionsLeft = 100

    init(type: StateMachineType = .standard) {
        self.type = type
    }

    /// What a name was probably meant to be.
    mutating func suggestion(for name: String, among names: @autoclosure () -> [String]) -> String? {
        guard suggestionsLeft > 0 else { return nil }
        suggestionsLeft -= 1
        return NearestName.find(name, among: names()).map { "did you mean \"\($0)\"?" }
    }

    /// An object of the definition and its place.
    struct Fields {
        let object: JSONObject
        let location: String
        /// The language its expressions are in.
        var language = QueryLanguage.jsonPath
        /// The place of the state it is in; fields are named from there.
        var state = ""

        /// The place of one of its members.
        func place(_ name: String) -> String {
            location == "/" ? "/\(name)" : "\(location)/\(name)"
        }

        /// The name of one of its members as the errors of an execution have it: `Output`, `Catch[0]/Output`.
        func name(of member: String) -> String {
            String(place(member).dropFirst(state.isEmpty ? 0 : state.count + 1))
        }

        func has(_ name: String) -> Bool { object[name] != nil }

        /// An object within this one.
        func inner(_ object: JSONObject, at place: String) -> Fields {
            Fields(object: object, location: place, language: language, state: state)
        }
    }

    mutating func report(
        _ location: String?,
        _ message: String,
        code: Diagnostic.Code = .schemaValidationFailed,
        severity: Diagnostic.Severity = .error,
        remedy: String? = nil
    ) {
        diagnostics.append(
            Diagnostic(severity: severity, code: code, location: location, message: message, remedy: remedy)
        )
    }

    /// Reads the whole; `nil` when there is too little to make a definition of.
    mutating func read(_ json: JSON) -> Definition? {
        guard let object = json.object else {
            report(nil, "Definition must be a valid JSON object")
            return nil
        }
        let fields = Fields(object: object, location: "/")
        checkNames(of: fields, known: ["Comment", "StartAt", "States", "TimeoutSeconds", "Version", "QueryLanguage"])
        machineLanguage = queryLanguage(of: fields) ?? .jsonPath
        let comment = string("Comment", in: fields)
        if let version = string("Version", in: fields) { checkChoice(version, ["1.0"], at: fields.place("Version")) }
        let timeout = integer("TimeoutSeconds", in: fields, in: 0...99_999_999)
        let scope = readScope(fields)
        diagnostics += variables.diagnostics()
        guard let (startAt, names) = scope else { return nil }
        let own = Set(names)
        return Definition(
            comment: comment,
            startAt: startAt,
            timeoutSeconds: [timeout == 0 ? nil : timeout, type.durationLimit].compactMap(\.self).min(),
            states: states.filter { own.contains($0.name) },
            all: states,
            variableReferences: variables.namesByState.mapValues { $0.sorted() }
        )
    }

    /// Reads `StartAt` and `States` of a machine, a branch or a processor; answers the start and the states' names.
    ///
    /// The states of a scope that does not see outside cannot read the variables around it.
    mutating func readScope(_ fields: Fields, seesOutside: Bool = true) -> (startAt: String, names: [String])? {
        guard depth < Self.maximumDepth else {
            report(fields.location, "The states are too deeply nested", code: .tooDeeplyNested)
            return nil
        }
        depth += 1
        variables.enter(seesOutside: seesOutside)
        defer {
            depth -= 1
            variables.leave()
        }
        checkRequired(["States", "StartAt"], in: fields)
        let startAt = string("StartAt", in: fields)
        guard let object = object("States", in: fields) else { return nil }
        let outer = states
        states = []
        let outerHasUnknownTargets = hasUnknownTargets
        hasUnknownTargets = false
        defer { hasUnknownTargets = outerHasUnknownTargets }
        for (name, value) in object { readState(name, value, at: "\(fields.place("States"))/\(name)") }
        if object.isEmpty { report(fields.place("States"), Self.empty) }
        let all = states
        let own = all.filter { object[$0.name] != nil && places[$0.name] == "\(fields.place("States"))/\($0.name)" }
        checkGraph(of: own, named: object.keys, startAt: startAt, in: fields)
        states = outer + all
        guard let startAt else { return nil }
        return (startAt, object.keys)
    }

    /// How AWS says that a list or a text has nothing in it.
    static let empty = "Value cannot be empty"

    /// So deep may states be nested in one another; fits the stack of any thread.
    private static let maximumDepth = 20

    private mutating func readState(_ name: String, _ value: JSON, at place: String) {
        checkName(name, at: place)
        guard let members = value.object else {
            report(place, "Expected value of type Object")
            return
        }
        guard checkDepth(of: members, at: place) else { return }
        variables.state = name
        readState(name, Fields(object: members, location: place, language: machineLanguage, state: place))
        variables.state = ""
    }

    /// Reports a field of a state whose value is nested deeper than those who walk through it may go.
    private mutating func checkDepth(of members: JSONObject, at place: String) -> Bool {
        let scopes = ["Branches", "ItemProcessor", "Iterator"]
        let deep = members.filter { !scopes.contains($0.key) && $0.value.isNested(deeperThan: Self.maximumFieldDepth) }
        for (name, _) in deep {
            report("\(place)/\(name)", "The value is too deeply nested", code: .tooDeeplyNested)
        }
        hasUnknownTargets = hasUnknownTargets || !deep.isEmpty
        return deep.isEmpty
    }

    /// So deep may values be nested in a field.
    private static let maximumFieldDepth = 100

    private mutating func checkName(_ name: String, at place: String) {
        if name.isEmpty {
            report(place, "State names cannot be empty", code: .invalidStateName)
        } else if name.utf16.count > 80 {
            report(place, "State name exceeds the 80-character limit allowed by the service", code: .invalidStateName)
        }
        if let first = places[name] {
            report(
                place,
                "Duplicate State name: \(name)",
                code: .duplicateStateName,
                remedy: "first used at \(first)"
            )
        } else {
            places[name] = place
        }
    }

    /// The language that an object names; `nil` where it names none.
    ///
    /// What is neither of the languages is a fault and, as on AWS, counts as JSONata.
    mutating func queryLanguage(of fields: Fields) -> QueryLanguage? {
        guard let value = fields.object["QueryLanguage"] else { return nil }
        let place = fields.place("QueryLanguage")
        guard let name = value.string else {
            report(place, "Expected value of type [STRING]")
            return .jsonata
        }
        checkChoice(name, QueryLanguage.allCases.map(\.rawValue), at: place)
        return name == QueryLanguage.jsonPath.rawValue ? .jsonPath : .jsonata
    }
}

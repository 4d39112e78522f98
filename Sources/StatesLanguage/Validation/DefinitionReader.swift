import JSON

/// Reads a definition and notes every fault on the way, so that its author sees them all at once.
struct DefinitionReader {
    var diagnostics: [Diagnostic] = []
    /// The states read so far, of all scopes.
    var states: [StateDefinition] = []
    /// Where each name was first used.
    var places: [String: String] = [:]

    /// An object of the definition and its place.
    struct Fields {
        let object: JSONObject
        let location: String

        /// The place of one of its members.
        func place(_ name: String) -> String {
            location == "/" ? "/\(name)" : "\(location)/\(name)"
        }

        func has(_ name: String) -> Bool { object[name] != nil }
    }

    mutating func report(
        _ location: String?,
        _ message: String,
        code: Diagnostic.Code = .schemaValidationFailed,
        severity: Diagnostic.Severity = .error
    ) {
        diagnostics.append(Diagnostic(severity: severity, code: code, location: location, message: message))
    }

    /// Reads the whole; `nil` when there is too little to make a definition of.
    mutating func read(_ json: JSON) -> Definition? {
        guard let object = json.object else {
            report(nil, "Definition must be a valid JSON object")
            return nil
        }
        let fields = Fields(object: object, location: "/")
        let known = ["Comment", "StartAt", "States", "TimeoutSeconds", "Version", "QueryLanguage"]
        checkNames(of: fields, known: known)
        checkQueryLanguage(of: fields)
        let comment = string("Comment", in: fields)
        if let version = string("Version", in: fields), version != "1.0" {
            report(fields.place("Version"), "Value \"\(version)\" is not a version of the language, use \"1.0\"")
        }
        let timeout = integer("TimeoutSeconds", in: fields, in: 1...99_999_999)
        guard let (startAt, names) = readScope(fields, isNested: false) else { return nil }
        let own = Set(names)
        return Definition(
            comment: comment,
            startAt: startAt,
            timeoutSeconds: timeout,
            states: states.filter { own.contains($0.name) },
            all: states
        )
    }

    /// Reads `StartAt` and `States` of a machine, a branch or a processor; answers the start and the states' names.
    mutating func readScope(_ fields: Fields, isNested: Bool) -> (startAt: String, names: [String])? {
        checkRequired(["States", "StartAt"], in: fields)
        let startAt = string("StartAt", in: fields)
        guard let object = object("States", in: fields) else { return nil }
        let outer = states
        states = []
        for (name, value) in object {
            let place = "\(fields.place("States"))/\(name)"
            checkName(name, at: place)
            guard let members = value.object else {
                report(place, "Expected value of type Object")
                continue
            }
            readState(name, Fields(object: members, location: place))
        }
        if object.isEmpty { report(fields.place("States"), "States must have at least one state") }
        let all = states
        let own = all.filter { object[$0.name] != nil && places[$0.name] == "\(fields.place("States"))/\($0.name)" }
        checkGraph(of: own, named: object.keys, startAt: startAt, in: fields, isNested: isNested)
        states = outer + all
        guard let startAt else { return nil }
        return (startAt, object.keys)
    }

    private mutating func checkName(_ name: String, at place: String) {
        if name.isEmpty || name.unicodeScalars.count > 80 {
            report(place, "State names must have 1 to 80 characters")
        }
        if let first = places[name] {
            report(place, "Duplicate State name \"\(name)\", first used at \(first)", code: .duplicateStateName)
        } else {
            places[name] = place
        }
    }

    /// Refuses `QueryLanguage: JSONata` and unknown languages.
    mutating func checkQueryLanguage(of fields: Fields) {
        guard let language = string("QueryLanguage", in: fields), language != "JSONPath" else { return }
        if language == "JSONata" {
            report(
                fields.place("QueryLanguage"),
                "The query language JSONata is not supported in this version, use JSONPath",
                code: .notSupported
            )
        } else {
            report(fields.place("QueryLanguage"), "Value \"\(language)\" is not valid, use JSONPath")
        }
    }
}

import FoundationEssentials
import JSON

extension DefinitionReader {
    /// Reads a state and adds it to the states of its scope.
    mutating func readState(_ name: String, _ fields: Fields) {
        checkRequired(["Type"], in: fields)
        guard let typeName = string("Type", in: fields),
            checkChoice(typeName, StateType.allCases.map(\.rawValue), at: fields.place("Type")),
            let type = StateType(rawValue: typeName)
        else { return }
        let fields = checkLanguage(of: fields, type)
        let comment = string("Comment", in: fields)
        let inputPath = pathField("InputPath", in: fields)
        let outputPath = pathField("OutputPath", in: fields)
        let transition = transition(of: type, in: fields)
        let kind = kind(of: type, in: fields)
        let sight: Sight = type.hasResult ? .result : []
        let assign = assign(in: fields, seeing: sight)
        let output = jsonataTemplate("Output", in: fields, seeing: sight)
        guard let kind, let transition else { return }
        states.append(
            StateDefinition(
                name: name,
                comment: comment,
                queryLanguage: fields.language,
                transition: transition,
                inputPath: inputPath,
                outputPath: outputPath,
                assign: assign,
                output: output,
                kind: kind
            )
        )
    }

    /// Checks a state's fields against its language; the fields come back in that language.
    private mutating func checkLanguage(of fields: Fields, _ type: StateType) -> Fields {
        var fields = fields
        let known = StateFields.common + StateFields.of(type)
        // Where a state may not be in its language, what the language forbids is not told on top of it.
        let isDowngrade = machineLanguage == .jsonata && fields.object["QueryLanguage"] == "JSONPath"
        if isDowngrade {
            fields.language = .jsonPath
            report(
                fields.location,
                "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
            )
        } else if let named = fields.object["QueryLanguage"] {
            fields.language = named == "JSONPath" ? .jsonPath : .jsonata
        }
        checkNames(of: fields, known: known, checkingLanguage: !isDowngrade)
        _ = queryLanguage(of: fields)
        return fields
    }

    /// Where a state leads; the types that lead nowhere by themselves end.
    private mutating func transition(of type: StateType, in fields: Fields) -> StateDefinition.Transition? {
        switch type {
        case .choice, .succeed, .fail: return .end
        case .task, .pass, .wait, .parallel, .map: break
        }
        let next = string("Next", in: fields)
        let end = boolean("End", in: fields)
        if next != nil, end == true {
            checkExclusive(["Next", "End"], in: fields)
        }
        if let next { return .next(next) }
        if end == true { return .end }
        if end == false || !fields.has("Next") && !fields.has("End") {
            report(fields.location, "This object should have only one of the following fields: [Next, End]")
        }
        return nil
    }

    private mutating func kind(of type: StateType, in fields: Fields) -> StateDefinition.Kind? {
        switch type {
        case .task: task(fields).map(StateDefinition.Kind.task)
        case .pass: .pass(pass(fields))
        case .choice: choice(fields).map(StateDefinition.Kind.choice)
        case .wait: wait(fields).map(StateDefinition.Kind.wait)
        case .succeed: .succeed
        case .fail: .fail(fail(fields))
        case .parallel: parallel(fields).map(StateDefinition.Kind.parallel)
        case .map: map(fields).map(StateDefinition.Kind.map)
        }
    }

    /// `ResultSelector` and `ResultPath`.
    mutating func result(_ fields: Fields) -> ResultFields {
        ResultFields(selector: payloadTemplate("ResultSelector", in: fields), path: resultPath(in: fields))
    }

    private mutating func pass(_ fields: Fields) -> PassState {
        let result = fields.object["Result"]
        if let result { warnOfStaticResult(result, at: fields.place("Result")) }
        return PassState(
            result: result,
            parameters: payloadTemplate("Parameters", in: fields),
            resultPath: resultPath(in: fields)
        )
    }

    private mutating func warnOfStaticResult(_ value: JSON, at place: String) {
        switch value {
        case .string(let text) where Self.looksLikePath(text):
            report(
                place,
                "Attempt to use a path in the result of a pass state",
                code: .passResultIsStatic,
                severity: .warning,
                remedy: "use 'Parameters' for values that are found at runtime"
            )
        case .array(let values):
            for (index, value) in values.enumerated() { warnOfStaticResult(value, at: "\(place)[\(index)]") }
        case .object(let object):
            for (key, value) in object { warnOfStaticResult(value, at: "\(place)/\(key)") }
        default: break
        }
    }

    // MARK: Wait

    private mutating func wait(_ fields: Fields) -> WaitState? {
        guard checkExactlyOne(["SecondsPath", "Seconds", "TimestampPath", "Timestamp"], in: fields) else { return nil }
        if fields.has("SecondsPath") { return path("SecondsPath", in: fields).map(WaitState.secondsPath) }
        if fields.has("TimestampPath") { return path("TimestampPath", in: fields).map(WaitState.timestampPath) }
        if fields.has("Seconds") {
            if fields.language == .jsonata, let expression = expression("Seconds", in: fields) {
                return expression.map(WaitState.secondsExpression)
            }
            return integer("Seconds", in: fields, in: 0...99_999_999).map(WaitState.seconds)
        }
        if fields.language == .jsonata, let expression = expression("Timestamp", in: fields) {
            return expression.map(WaitState.timestampExpression)
        }
        return timestamp("Timestamp", in: fields).map(WaitState.timestamp)
    }

    // MARK: Fail

    private mutating func fail(_ fields: Fields) -> FailState {
        FailState(error: failText("Error", in: fields), cause: failText("Cause", in: fields))
    }

    private mutating func failText(_ name: String, in fields: Fields) -> FailState.Text? {
        let pathName = "\(name)Path"
        checkExclusive([name, pathName], in: fields)
        if fields.language == .jsonata, let expression = expression(name, in: fields) {
            return expression.map(FailState.Text.jsonata)
        }
        if let text = string(name, in: fields) {
            warnOfPath(.string(text), name, in: fields)
            return .literal(text)
        }
        guard let value = fields.object[pathName] else { return nil }
        let place = fields.place(pathName)
        return expression(value, field: pathName, at: place, of: place).map(FailState.Text.expression)
    }

    // MARK: Parallel

    private mutating func parallel(_ fields: Fields) -> ParallelState? {
        checkRequired(["Branches"], in: fields)
        let arguments = template(fields.language == .jsonPath ? "Parameters" : "Arguments", in: fields)
        let result = result(fields)
        let handling = errorHandling(fields)
        guard let branches = objects("Branches", in: fields) else { return nil }
        checkNotEmpty("Branches", in: fields)
        var starts: [String] = []
        for branch in branches {
            checkNames(of: branch, known: ["StartAt", "States", "Comment"])
            if let (start, _) = readScope(branch) { starts.append(start) }
        }
        guard starts.count == branches.count, !starts.isEmpty else { return nil }
        return ParallelState(branches: starts, arguments: arguments, result: result, handling: handling)
    }
}

extension StateType {
    /// Whether there is a `$states.result` when the state ends.
    fileprivate var hasResult: Bool {
        switch self {
        case .task, .parallel, .map: true
        case .pass, .choice, .wait, .succeed, .fail: false
        }
    }
}

import JSON

extension DefinitionReader {
    /// The fields each type of state may have, beside those of all.
    private static let fieldsByType: [StateType: [String]] = {
        let io = ["InputPath", "OutputPath"]
        let flow = io + ["Next", "End"]
        let work = flow + ["Parameters", "ResultSelector", "ResultPath", "Retry", "Catch"]
        return [
            .task: work + [
                "Resource", "TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath",
                "Credentials",
            ],
            .pass: flow + ["Result", "Parameters", "ResultPath"],
            .choice: io + ["Choices", "Default"],
            .wait: flow + ["Seconds", "SecondsPath", "Timestamp", "TimestampPath"],
            .succeed: io,
            .fail: ["Error", "ErrorPath", "Cause", "CausePath"],
            .parallel: work + ["Branches"],
            .map: work + [
                "ItemProcessor", "Iterator", "ItemsPath", "ItemSelector", "MaxConcurrency", "MaxConcurrencyPath",
            ],
        ]
    }()

    /// Reads a state and adds it to the states of its scope.
    mutating func readState(_ name: String, _ fields: Fields) {
        checkRequired(["Type"], in: fields)
        guard let typeName = string("Type", in: fields) else { return }
        guard let type = StateType(rawValue: typeName) else {
            let known = StateType.allCases.map(\.rawValue)
            let suggestion = NearestName.find(typeName, among: known).map { ", did you mean \"\($0)\"?" }
            report(fields.place("Type"), "Value \"\(typeName)\" is not a type of states" + (suggestion ?? ""))
            return
        }
        checkNames(
            of: fields,
            known: ["Type", "Comment", "QueryLanguage"] + (Self.fieldsByType[type] ?? [])
        )
        checkQueryLanguage(of: fields)
        let comment = string("Comment", in: fields)
        let inputPath = pathField("InputPath", in: fields)
        let outputPath = pathField("OutputPath", in: fields)
        let transition = transition(of: type, in: fields)
        guard let kind = kind(of: type, in: fields), let transition else { return }
        states.append(
            StateDefinition(
                name: name,
                comment: comment,
                queryLanguage: .jsonPath,
                transition: transition,
                inputPath: inputPath,
                outputPath: outputPath,
                assign: nil,
                output: nil,
                kind: kind
            )
        )
    }

    private mutating func transition(of type: StateType, in fields: Fields) -> StateDefinition.Transition? {
        switch type {
        case .choice, .succeed, .fail: return .end
        case .task, .pass, .wait, .parallel, .map: break
        }
        let next = string("Next", in: fields)
        let end = boolean("End", in: fields)
        if fields.has("Next"), fields.has("End") {
            report(fields.location, "Only one of the fields 'Next' and 'End' may be given")
        }
        if let next { return .next(next) }
        if end == true { return .end }
        if end == false { report(fields.place("End"), "Value must be true, or the field 'Next' given instead") }
        if !fields.has("Next"), !fields.has("End") {
            report(fields.location, "One of the fields 'Next' and 'End' is required")
        }
        return nil
    }

    private mutating func kind(of type: StateType, in fields: Fields) -> StateDefinition.Kind? {
        switch type {
        case .task: return task(fields).map(StateDefinition.Kind.task)
        case .pass:
            let parameters = template("Parameters", in: fields)
            return .pass(
                PassState(
                    result: fields.object["Result"],
                    parameters: parameters,
                    resultPath: resultPath(in: fields)
                )
            )
        case .choice: return choice(fields).map(StateDefinition.Kind.choice)
        case .wait: return wait(fields).map(StateDefinition.Kind.wait)
        case .succeed: return .succeed
        case .fail: return .fail(fail(fields))
        case .parallel: return parallel(fields).map(StateDefinition.Kind.parallel)
        case .map: return map(fields).map(StateDefinition.Kind.map)
        }
    }

    private mutating func result(_ fields: Fields) -> ResultFields {
        ResultFields(selector: template("ResultSelector", in: fields), path: resultPath(in: fields))
    }

    // MARK: Task

    private mutating func task(_ fields: Fields) -> TaskState? {
        checkRequired(["Resource"], in: fields)
        let parameters = template("Parameters", in: fields)
        let credentials = template("Credentials", in: fields)
        if fields.has("Credentials") {
            let object = object("Credentials", in: fields)
            if let object, object["RoleArn"] == nil, object["RoleArn.$"] == nil {
                report(fields.place("Credentials"), "The field 'RoleArn' is required but was missing")
            }
        }
        let timeout = limit("TimeoutSeconds", in: fields, in: 1...99_999_999)
        let heartbeat = limit("HeartbeatSeconds", in: fields, in: 1...99_999_999)
        if case .value(let timeout) = timeout, case .value(let heartbeat) = heartbeat, heartbeat >= timeout {
            report(fields.place("HeartbeatSeconds"), "HeartbeatSeconds must be smaller than TimeoutSeconds")
        }
        let result = result(fields)
        let handling = errorHandling(fields)
        guard let text = string("Resource", in: fields) else { return nil }
        guard let resource = TaskResource(text) else {
            report(fields.place("Resource"), "Value \"\(text)\" is not a valid resource ARN")
            return nil
        }
        return TaskState(
            resource: resource,
            arguments: parameters.map(Template.jsonPath),
            result: result,
            handling: handling,
            timeout: timeout,
            heartbeat: heartbeat,
            credentials: credentials.map(Template.jsonPath)
        )
    }

    // MARK: Wait

    private mutating func wait(_ fields: Fields) -> WaitState? {
        let names = ["Seconds", "Timestamp", "SecondsPath", "TimestampPath"]
        guard names.count(where: fields.has) == 1 else {
            report(fields.location, "Exactly one of the fields [\(names.joined(separator: ", "))] is required")
            return nil
        }
        if fields.has("Seconds") {
            return integer("Seconds", in: fields, in: 0...99_999_999).map(WaitState.seconds)
        }
        if fields.has("Timestamp") { return timestamp("Timestamp", in: fields).map(WaitState.timestamp) }
        if fields.has("SecondsPath") { return path("SecondsPath", in: fields).map(WaitState.secondsPath) }
        return path("TimestampPath", in: fields).map(WaitState.timestampPath)
    }

    // MARK: Fail

    private mutating func fail(_ fields: Fields) -> FailState {
        FailState(error: failText("Error", in: fields), cause: failText("Cause", in: fields))
    }

    private mutating func failText(_ name: String, in fields: Fields) -> FailState.Text? {
        checkExclusive(name, "\(name)Path", in: fields)
        if let text = string(name, in: fields) { return .literal(text) }
        guard let text = string("\(name)Path", in: fields) else { return nil }
        do {
            return .expression(try PayloadTemplate.Expression(text))
        } catch {
            report(
                fields.place("\(name)Path"),
                "The value for the field '\(name)Path' must be a valid JSONPath or a valid intrinsic function call"
            )
            return nil
        }
    }

    // MARK: Parallel and Map

    private mutating func parallel(_ fields: Fields) -> ParallelState? {
        checkRequired(["Branches"], in: fields)
        let parameters = template("Parameters", in: fields)
        let result = result(fields)
        let handling = errorHandling(fields)
        guard let branches = objects("Branches", in: fields) else { return nil }
        if branches.isEmpty { report(fields.place("Branches"), "Branches must have at least one branch") }
        var starts: [String] = []
        for branch in branches {
            checkNames(of: branch, known: ["StartAt", "States", "Comment", "QueryLanguage"])
            checkQueryLanguage(of: branch)
            if let (start, _) = readScope(branch, isNested: true) { starts.append(start) }
        }
        guard starts.count == branches.count, !starts.isEmpty else { return nil }
        return ParallelState(
            branches: starts,
            arguments: parameters.map(Template.jsonPath),
            result: result,
            handling: handling
        )
    }

    private mutating func map(_ fields: Fields) -> MapState? {
        checkExclusive("ItemProcessor", "Iterator", in: fields)
        checkExclusive("ItemSelector", "Parameters", in: fields)
        let name = fields.has("Iterator") ? "Iterator" : "ItemProcessor"
        checkRequired([name], in: fields)
        let selector = template(fields.has("ItemSelector") ? "ItemSelector" : "Parameters", in: fields)
        let itemsPath = path("ItemsPath", in: fields) ?? .input
        let concurrency = limit("MaxConcurrency", in: fields, in: 0...Int.max)
        let result = result(fields)
        let handling = errorHandling(fields)
        guard let processor = object(name, in: fields) else { return nil }
        let scope = Fields(object: processor, location: fields.place(name))
        checkNames(of: scope, known: ["StartAt", "States", "Comment", "QueryLanguage", "ProcessorConfig"])
        checkQueryLanguage(of: scope)
        checkProcessorConfig(of: scope)
        guard let (startAt, _) = readScope(scope, isNested: true) else { return nil }
        return MapState(
            startAt: startAt,
            items: .path(itemsPath),
            itemSelector: selector.map(Template.jsonPath),
            maxConcurrency: concurrency,
            result: result,
            handling: handling
        )
    }

    private mutating func checkProcessorConfig(of fields: Fields) {
        guard let object = object("ProcessorConfig", in: fields) else { return }
        let config = Fields(object: object, location: fields.place("ProcessorConfig"))
        checkNames(of: config, known: ["Mode", "ExecutionType"])
        guard let mode = string("Mode", in: config), mode != "INLINE" else { return }
        if mode == "DISTRIBUTED" {
            report(
                config.place("Mode"),
                "Distributed maps are not supported in this version, use INLINE",
                code: .notSupported
            )
        } else {
            report(config.place("Mode"), "Value \"\(mode)\" is not valid, use INLINE")
        }
    }
}

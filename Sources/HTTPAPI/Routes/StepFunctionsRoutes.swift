public import DurableExecution
internal import JSON

extension OperationTable {
    /// `AWSStepFunctions.…`: state machines, executions and the tasks that wait for a token.
    ///
    /// Beyond AWS, `ListExecutions` without a state machine lists those of all.
    public static func stepFunctions(_ engine: Engine) -> OperationTable {
        var table = OperationTable(service: "AWSStepFunctions", protocol: .json10)
        table.addStateMachineWriting(engine)
        table.addStateMachineReading(engine)
        table.addExecutionControl(engine)
        table.addExecutionReading(engine)
        table.addTaskTokens(engine)
        table.addMapRuns(engine)
        table.addActivities(engine)
        table.addVersions(engine)
        table.addAliases(engine)
        table.addTags(engine)
        table.addTestState(engine)
        table["ValidateStateMachineDefinition"] = { input in
            try DefinitionCheck(OperationInput(input), resources: engine.resources).json
        }
        // Below every operation: what is added later is not checked.
        table.check(StepFunctionsShapes.inputs)
        return table
    }

    // MARK: State machines

    private mutating func addStateMachineWriting(_ engine: Engine) {
        self["CreateStateMachine"] = { input in
            let members = OperationInput(input)
            let request = try CreateStateMachineRequest(
                name: members.string("name"),
                definition: members.string("definition"),
                roleArn: members.string("roleArn"),
                type: members.optionalString("type") ?? "STANDARD",
                options: members.configurations(),
                tags: members.tags("tags"),
                publishes: members.optionalBool("publish") ?? false,
                versionDescription: members.optionalString("versionDescription")
            )
            let stored = try await engine.store(request)
            return .present([
                "stateMachineArn": .string(stored.machine.arn),
                "creationDate": stored.machine.creationDate.epochSeconds,
                "stateMachineVersionArn": stored.version.map { .string($0.arn) },
            ])
        }
        self["UpdateStateMachine"] = { input in
            let members = OperationInput(input)
            let request = try UpdateStateMachineRequest(
                definition: members.optionalString("definition"),
                roleArn: members.optionalString("roleArn"),
                options: members.configurations(),
                publishes: members.optionalBool("publish") ?? false,
                versionDescription: members.optionalString("versionDescription")
            )
            let stored = try await engine.updateStateMachine(members.arn("stateMachineArn"), request)
            return .present([
                "updateDate": stored.machine.updateDate.epochSeconds,
                "revisionId": stored.machine.revisionId.map(JSON.string),
                "stateMachineVersionArn": stored.version.map { .string($0.arn) },
            ])
        }
        self["DeleteStateMachine"] = { input in
            try await engine.deleteStateMachine(OperationInput(input).arn("stateMachineArn"))
            return [:]
        }
    }

    private mutating func addStateMachineReading(_ engine: Engine) {
        self["DescribeStateMachine"] = { input in
            let members = OperationInput(input)
            var json = try await engine.describeStateMachine(members.arn("stateMachineArn")).json
            if try members.wantsMetadataOnly() { json.hideDefinition() }
            return json
        }
        self["DescribeStateMachineForExecution"] = { input in
            let members = OperationInput(input)
            var json = try await engine.describeStateMachineForExecution(members.arn("executionArn")).jsonForExecution
            if try members.wantsMetadataOnly() { json.hideDefinition() }
            return json
        }
        self["ListStateMachines"] = { input in
            let members = OperationInput(input)
            let page = try await engine.listStateMachines(
                maxResults: members.pageSize(),
                nextToken: members.pageToken()
            )
            return page.json("stateMachines", \.summaryJSON)
        }
    }

    // MARK: Executions

    private mutating func addExecutionControl(_ engine: Engine) {
        self["StartExecution"] = { input in
            let members = OperationInput(input)
            let execution = try await engine.startExecution(
                of: members.arn("stateMachineArn"),
                name: members.optionalString("name"),
                input: members.optionalString("input"),
                traceHeader: members.optionalString("traceHeader")
            )
            return ["executionArn": .string(execution.arn), "startDate": execution.startDate.epochSeconds]
        }
        self["StartSyncExecution"] = { input in
            let members = OperationInput(input)
            let execution = try await engine.startSyncExecution(
                of: members.arn("stateMachineArn"),
                name: members.optionalString("name"),
                input: members.optionalString("input"),
                traceHeader: members.optionalString("traceHeader")
            )
            return try execution.syncJSON(includingData: !members.wantsMetadataOnly())
        }
        self["StopExecution"] = { input in
            let members = OperationInput(input)
            let execution = try await engine.stopExecution(
                members.arn("executionArn"),
                error: members.optionalString("error"),
                cause: members.optionalString("cause")
            )
            return .present(["stopDate": execution.stopDate?.epochSeconds])
        }
        self["RedriveExecution"] = { input in
            let members = OperationInput(input)
            let execution = try await engine.redriveExecution(
                members.arn("executionArn"),
                clientToken: members.optionalString("clientToken")
            )
            return .present(["redriveDate": execution.redriveDate?.epochSeconds])
        }
    }

    private mutating func addExecutionReading(_ engine: Engine) {
        self["DescribeExecution"] = { input in
            let members = OperationInput(input)
            let execution = try await engine.describeExecution(members.arn("executionArn"))
            return try members.wantsMetadataOnly() ? execution.metadataJSON : execution.json
        }
        self["ListExecutions"] = { input in
            let members = OperationInput(input)
            let page = try await engine.listExecutions(
                members.executionQuery(),
                maxResults: members.pageSize(),
                nextToken: members.pageToken()
            )
            return page.json("executions", \.summaryJSON)
        }
        self["GetExecutionHistory"] = { input in
            let members = OperationInput(input)
            let page = try await engine.executionHistory(
                of: members.arn("executionArn"),
                isReversed: members.optionalBool("reverseOrder") ?? false,
                includesData: members.optionalBool("includeExecutionData") ?? true,
                maxResults: members.pageSize(),
                nextToken: members.pageToken()
            )
            return page.json("events", \.self)
        }
    }

    // MARK: Tasks that wait for a token

    private mutating func addTaskTokens(_ engine: Engine) {
        self["SendTaskSuccess"] = { input in
            let members = OperationInput(input)
            try await engine.sendTaskSuccess(
                token: members.string("taskToken"),
                output: members.string("output")
            )
            return [:]
        }
        self["SendTaskFailure"] = { input in
            let members = OperationInput(input)
            try await engine.sendTaskFailure(
                token: members.string("taskToken"),
                error: members.optionalString("error"),
                cause: members.optionalString("cause")
            )
            return [:]
        }
        self["SendTaskHeartbeat"] = { input in
            try await engine.sendTaskHeartbeat(token: OperationInput(input).string("taskToken"))
            return [:]
        }
    }
}

// MARK: - Members that several operations share

extension OperationInput {
    private enum IncludedData: String, CaseIterable {
        case all = "ALL_DATA"
        case metadata = "METADATA_ONLY"
    }

    private enum RedriveFilter: String, CaseIterable {
        case redriven = "REDRIVEN"
        case notRedriven = "NOT_REDRIVEN"
    }

    func arn(_ key: String) throws(WireError) -> String { try string(key) }

    fileprivate func wantsMetadataOnly() throws(WireError) -> Bool {
        try optionalCase("includedData", of: IncludedData.self) == .metadata
    }

    /// The configurations of a state machine or an activity, as they are.
    func configurations() throws(WireError) -> JSON {
        var options = JSONObject()
        for key in ["loggingConfiguration", "tracingConfiguration", "encryptionConfiguration"]
        where try optionalObject(key) != nil {
            options[key] = json(key)
        }
        return .object(options)
    }

    fileprivate func executionQuery() throws(WireError) -> ExecutionQuery {
        let mapRunArn = try optionalString("mapRunArn")
        let stateMachineArn = try optionalString("stateMachineArn")
        guard mapRunArn == nil || stateMachineArn == nil else {
            throw WireError("ValidationException", "Only one of stateMachineArn and mapRunArn can be specified.")
        }
        return ExecutionQuery(
            stateMachineArn: stateMachineArn,
            status: try optionalCase("statusFilter", of: Execution.Status.self),
            isRedriven: try optionalCase("redriveFilter", of: RedriveFilter.self).map { $0 == .redriven },
            mapRunArn: mapRunArn
        )
    }
}

extension JSON {
    /// Leaves out what `METADATA_ONLY` does not show of a state machine.
    fileprivate mutating func hideDefinition() {
        self["definition"] = "{}"
        self["variableReferences"] = nil
    }
}

extension Page {
    /// The answer of an operation that lists.
    func json(_ key: String, _ element: (Element) -> JSON) -> JSON {
        var json: JSON = [:]
        json[key] = .array(elements.map(element))
        if let nextToken { json["nextToken"] = .string(nextToken) }
        return json
    }
}

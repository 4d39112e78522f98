public import JSON
import StatesLanguage

extension Engine {
    /// Inputs, outputs and results may have so many bytes of JSON text.
    private static let dataLimit = 262_144

    /// Starts an execution; returns once its first states are on disk.
    ///
    /// The same name and input again, while it runs, is the same execution.
    ///
    /// - Parameters:
    ///   - stateMachineArn: What to run; of an alias, chance chooses the version by weight.
    ///   - name: A name unique in the state machine; `nil` for a new one.
    ///   - input: JSON text; `nil` for `{}`.
    ///   - traceHeader: Kept and shown.
    /// - Returns: The execution.
    /// - Throws: `InvalidArn`, `InvalidName`, `InvalidExecutionInput`, `StateMachineDoesNotExist`,
    ///   `ExecutionAlreadyExists`, `ServiceUnavailable`.
    public func startExecution(
        of stateMachineArn: String,
        name: String? = nil,
        input: String? = nil,
        traceHeader: String? = nil
    ) async throws(ExecutionError) -> Execution {
        _ = try StateMachineReference(stateMachineArn)
        if let name { try ResourceNames.check(name: name) }
        let text = input ?? "{}"
        let payload = try Self.executionInput(text)
        let target = try await target(of: stateMachineArn)
        let machine = target.machine
        let name = (name: name ?? environment.makeID(), isNew: name == nil)
        var execution = Execution(
            arn: configuration.names.execution(name.name, of: machine.name),
            stateMachineArn: machine.arn,
            name: name.name,
            revision: machine.revision,
            input: text,
            startDate: now,
            traceHeader: traceHeader
        )
        execution.stateMachineVersionArn = target.versionArn
        execution.stateMachineAliasArn = target.aliasArn
        let state = ExecutionState(
            context: ExecutionContext(execution, of: machine, input: payload),
            seed: environment.makeSeed()
        )
        let start = Delivery.Start(execution: execution, state: state, isNameNew: name.isNew)
        return try await request(.start(start), of: execution.arn)
    }

    /// Finds an execution.
    ///
    /// - Parameter arn: Its ARN.
    /// - Returns: The execution after its last step.
    /// - Throws: `InvalidArn`, `ExecutionDoesNotExist`.
    public func describeExecution(_ arn: String) async throws(ExecutionError) -> Execution {
        try ResourceNames.check(arn, is: .execution)
        guard let execution = try await saved({ try await store.execution(arn) }) else { throw .noExecution(arn) }
        return execution
    }

    /// Lists executions, newest first.
    ///
    /// - Parameters:
    ///   - query: Which executions; beyond AWS, all state machines' when none is named.
    ///   - maxResults: From 0 to 1,000; 0 and `nil` stand for 100.
    ///   - nextToken: What the page before ended with.
    /// - Returns: A page.
    /// - Throws: `InvalidArn`, `InvalidToken`, `ResourceNotFound`, `StateMachineDoesNotExist`, `ValidationException`.
    public func listExecutions(
        _ query: ExecutionQuery = ExecutionQuery(),
        maxResults: Int? = nil,
        nextToken: String? = nil
    ) async throws(ExecutionError) -> Page<Execution> {
        if let arn = query.stateMachineArn { try await checkIsThere(arn) }
        if let arn = query.mapRunArn { _ = try await describeMapRun(arn) }
        return try await page("executions \(query)", maxResults, nextToken, tokenLimit: 3096) {
            try await store.executions(query, $0)
        }
    }

    /// The events of an execution, in AWS's shape.
    ///
    /// - Parameters:
    ///   - arn: The execution's ARN.
    ///   - isReversed: Newest first.
    ///   - includesData: Whether inputs, outputs and parameters are shown.
    ///   - maxResults: From 0 to 1,000; 0 and `nil` stand for 100.
    ///   - nextToken: What the page before ended with.
    /// - Returns: A page.
    /// - Throws: `InvalidArn`, `InvalidToken`, `ExecutionDoesNotExist`, `ValidationException`.
    public func executionHistory(
        of arn: String,
        isReversed: Bool = false,
        includesData: Bool = true,
        maxResults: Int? = nil,
        nextToken: String? = nil
    ) async throws(ExecutionError) -> Page<JSON> {
        _ = try await describeExecution(arn)
        let query = "history \(arn) \(isReversed) \(includesData)"
        var events = try await page(query, maxResults, nextToken) {
            try await store.history(of: arn, isReversed: isReversed, $0)
        }
        if !includesData { events.elements = events.elements.map(\.withoutData) }
        return events
    }

    /// Stops an execution; one that has ended stays as it ended.
    ///
    /// - Parameters:
    ///   - arn: Its ARN.
    ///   - error: An error's name for the record.
    ///   - cause: A cause for the record.
    /// - Returns: The execution, with its `stopDate`.
    /// - Throws: `InvalidArn`, `ExecutionDoesNotExist`, `ServiceUnavailable`.
    public func stopExecution(
        _ arn: String,
        error: String? = nil,
        cause: String? = nil
    ) async throws(ExecutionError) -> Execution {
        try ResourceNames.check(arn, is: .execution)
        return try await request(.stop(error: error, cause: cause), of: arn)
    }

    /// Has an execution that failed, was stopped or timed out go on from where it ended.
    ///
    /// Beyond AWS, it may go on under another definition, that must have the states it is in, and with another input
    /// of the state that failed; the state machine itself stays as it is.
    ///
    /// - Parameters:
    ///   - arn: Its ARN.
    ///   - clientToken: The same token again, while the redriven execution runs, does nothing more.
    ///   - definition: The definition to go on with, as JSON text; `nil` for the one it began with.
    ///   - input: The input of the state that is run again, as JSON text; `nil` for the one it had.
    /// - Returns: The execution, with its `redriveDate`.
    /// - Throws: `InvalidArn`, `ExecutionDoesNotExist`, `ExecutionNotRedrivable`, `InvalidDefinition`,
    ///   `InvalidExecutionInput`, `ValidationException` for a definition or input that does not fit the execution,
    ///   `ServiceUnavailable`.
    public func redriveExecution(
        _ arn: String,
        clientToken: String? = nil,
        definition: String? = nil,
        input: String? = nil
    ) async throws(ExecutionError) -> Execution {
        try ResourceNames.check(arn, is: .execution)
        var order = Delivery.Redrive(token: clientToken)
        order.input = try input.map { text throws(ExecutionError) in try Self.executionInput(text) }
        if definition != nil || input != nil {
            order.revision = try await revision(for: arn, definition, changesInput: input != nil)
        }
        return try await request(.redrive(order), of: arn)
    }

    /// Checks that an execution can go on under a definition, and saves that; `nil` where it stays the same.
    private func revision(
        for arn: String,
        _ text: String?,
        changesInput: Bool
    ) async throws(ExecutionError) -> Int64? {
        let machine = try await describeStateMachineForExecution(arn)
        guard let state = try await saved({ try await store.load([arn]).first?.state.map(StateCodec.decode) }) else {
            throw ExecutionError(.executionNotRedrivable, "Execution is SUCCEEDED and cannot be redriven")
        }
        let names = state.redrivenStateNames
        if changesInput, names.count != 1 {
            let list = names.map { "\"\($0)\"" }.joined(separator: ", ")
            throw ExecutionError(.validation, "the input can be changed for one state only, here \(list) would go on")
        }
        guard let text else { return nil }
        let definition = try Self.definition(text, asking: resources)
        let former = try Self.definition(machine.definition)
        let missing = state.statesMissing(in: definition, since: former)
        guard missing.isEmpty else {
            let list = missing.map { "\"\($0)\"" }.joined(separator: ", ")
            throw ExecutionError(
                .validation,
                "the execution is in \(list), which the new definition does not have as such; keep the names and types"
            )
        }
        var changed = machine
        changed.definition = text
        changed.updateDate = now
        let revised = changed
        return try await saved { try await store.insertRevision(revised) }
    }

    private static func executionInput(_ text: String) throws(ExecutionError) -> Payload {
        guard text.utf8.count <= dataLimit else {
            throw ExecutionError(
                .validation,
                "1 validation error detected: Value at 'input' failed to satisfy constraint: "
                    + "Member must have length less than or equal to \(dataLimit)"
            )
        }
        do {
            return try Payload(parsing: text)
        } catch {
            let complaint = text.isEmpty ? "Invalid execution input." : JSONComplaint.text(for: text) ?? "\(error)"
            throw ExecutionError(.invalidExecutionInput, "Invalid State Machine Execution Input: '\(complaint)'")
        }
    }
}

extension ExecutionContext {
    fileprivate init(
        _ execution: DurableExecution.Execution,
        of machine: DurableExecution.StateMachine,
        input: Payload
    ) {
        self.init(
            execution: Execution(
                id: execution.arn,
                name: execution.name,
                roleArn: machine.roleArn,
                startTime: execution.startDate,
                input: input
            ),
            stateMachine: StateMachine(id: machine.arn, name: machine.name)
        )
    }
}

extension JSON {
    /// A history event without inputs, outputs and parameters.
    fileprivate var withoutData: JSON {
        guard var event = object else { return self }
        for (key, value) in event {
            guard var details = value.object else { continue }
            for hidden in ["input", "inputDetails", "output", "outputDetails", "parameters", "error", "cause"] {
                details[hidden] = nil
            }
            event[key] = .object(details)
        }
        return .object(event)
    }
}

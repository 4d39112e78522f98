public import JSON
import StatesLanguage
import Synchronization

extension Engine {
    /// Inputs, outputs and results may have so many bytes of JSON text.
    private static let dataLimit = 262_144

    /// Starts an execution; returns once its first states are on disk, or of an Express one that it will run.
    ///
    /// The same name and input again, while it runs, is the same execution; names of Express ones need not be unique.
    ///
    /// - Parameters:
    ///   - stateMachineArn: What to run; of an alias, chance chooses the version by weight.
    ///   - name: A name unique in the state machine; `nil` for a new one.
    ///   - input: JSON text; `nil` for `{}`.
    ///   - traceHeader: Kept and shown.
    ///   - parentTask: A task that waits for its end: it ends as the execution does, and when it ends before, the
    ///     execution is stopped. For it, the same name again is the same execution, even when that has ended.
    /// - Returns: The execution.
    /// - Throws: `InvalidArn`, `InvalidName`, `InvalidExecutionInput`, `StateMachineDoesNotExist`,
    ///   `ExecutionAlreadyExists`, `ExecutionLimitExceeded`, `StateMachineTypeNotSupported` for an Express execution
    ///   that a task would wait for, `ServiceUnavailable`.
    public func startExecution(
        of stateMachineArn: String,
        name: String? = nil,
        input: String? = nil,
        traceHeader: String? = nil,
        parentTask: TaskKey? = nil
    ) async throws(ExecutionError) -> Execution {
        var start = try await prepareStart(of: stateMachineArn, name: name, input: input, traceHeader: traceHeader)
        guard start.machine.type == .standard else {
            guard parentTask == nil else { throw .unsupportedType }
            return try await startExpress(start.execution)
        }
        start.execution.parentTask = parentTask
        if let parentTask {
            start.execution.depth = try await depth(ofNested: parentTask)
            nested.withLock { $0.expectSubmission(of: parentTask.executionArn) }
        }
        let letter = Delivery.Start(execution: start.execution, state: start.state, isNameNew: name == nil)
        return try await request(.start(letter), of: start.execution.arn)
    }

    /// How deep an execution for a task is nested; throws where that is too deep to be anything but a loop.
    private func depth(ofNested task: TaskKey) async throws(ExecutionError) -> Int {
        let parent = try await saved { try await store.execution(task.executionArn) }
        let depth = (parent?.depth ?? 0) + 1
        guard depth <= configuration.nestingLimit else {
            throw ExecutionError(
                .executionLimitExceeded,
                "Execution limit exceeded: \(configuration.nestingLimit) executions wait for one another already; "
                    + "check for a state machine that starts itself"
            )
        }
        return depth
    }

    /// An execution that has not begun, and what it is of.
    struct PreparedStart {
        var execution: Execution
        var machine: StateMachine
        var state: ExecutionState
    }

    /// Checks a request to start an execution, of either type.
    func prepareStart(
        of stateMachineArn: String,
        name: String?,
        input: String?,
        traceHeader: String?
    ) async throws(ExecutionError) -> PreparedStart {
        _ = try StateMachineReference(stateMachineArn)
        if let name { try ResourceNames.check(name: name) }
        let text = input ?? "{}"
        let payload = try Self.executionInput(text)
        let target = try await target(of: stateMachineArn)
        let machine = target.machine
        let name = name ?? environment.makeID()
        let arn =
            switch machine.type {
            case .standard: configuration.names.execution(name, of: machine.name)
            case .express: configuration.names.express(name, of: machine.name, id: environment.makeID())
            }
        var execution = Execution(
            arn: arn,
            stateMachineArn: machine.arn,
            name: name,
            revision: machine.revision,
            input: text,
            startDate: now,
            traceHeader: traceHeader
        )
        execution.stateMachineVersionArn = target.versionArn
        execution.stateMachineAliasArn = target.aliasArn
        return PreparedStart(
            execution: execution,
            machine: machine,
            state: initialState(of: execution, machine, input: payload)
        )
    }

    /// The state of an execution before its first event.
    func initialState(of execution: Execution, _ machine: StateMachine, input: Payload) -> ExecutionState {
        ExecutionState(
            context: ExecutionContext(execution, of: machine, input: input),
            seed: environment.makeSeed()
        )
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
    /// - Throws: `InvalidArn`, `InvalidToken`, `ResourceNotFound`, `StateMachineDoesNotExist`,
    ///   `StateMachineTypeNotSupported`, `ValidationException`.
    public func listExecutions(
        _ query: ExecutionQuery = ExecutionQuery(),
        maxResults: Int? = nil,
        nextToken: String? = nil
    ) async throws(ExecutionError) -> Page<Execution> {
        if let arn = query.stateMachineArn { try await checkHasExecutions(arn) }
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
        let definition = try Self.definition(text, type: machine.type, asking: resources)
        let former = try Self.definition(machine.definition, type: machine.type)
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
            for hidden in JSON.dataMembers { details[hidden] = nil }
            event[key] = .object(details)
        }
        return .object(event)
    }
}

import FoundationEssentials
import JSON
import StatesLanguage

extension Engine {
    /// Runs one state and tells what it made of its input; nothing is written down.
    ///
    /// A task without a mock is really done, by the handler that would do it in an execution.
    ///
    /// - Parameter request: The state, its input, and what stands in for its task.
    /// - Returns: How the state ended, and what comes next.
    /// - Throws: `InvalidDefinition`, `InvalidExecutionInput`, `ValidationException`.
    public func testState(_ request: TestStateRequest) async throws(ExecutionError) -> TestStateResult {
        try await withTaskExecutorPreference(expressThreads) { () async throws(ExecutionError) in
            try await runTest(request)
        }
    }

    private func runTest(_ request: TestStateRequest) async throws(ExecutionError) -> TestStateResult {
        let state = try StateUnderTest(request)
        try Self.check(request, state)
        let input = try Self.testInput(request.input)
        let mock = try request.mock.map { mock throws(ExecutionError) in try MockAnswer(mock, for: state, request) }
        let context = try TestContext(
            request.context,
            of: state,
            input: input,
            names: configuration.names,
            role: request.roleArn,
            now: now
        )
        var run = await StateRun(
            interpreter(of: state.definition, namesStates: false),
            context: context.execution,
            variables: try Self.testVariables(request.variables),
            retries: request.mock?.error == nil ? 0 : request.retrierRetryCount,
            seed: environment.makeSeed(),
            now: now,
            aside: expressAside
        )
        var exchange: JSONObject?
        var answered = 0
        while let need = await run.next() {
            switch need {
            case .task(let task):
                if let mock {
                    await run.answer(task, try mock.answer(answered))
                } else {
                    let result = await perform(task, of: context.execution.execution.id)
                    if request.inspectionLevel == .trace { exchange = HTTPExchange.json(task, result, request) }
                    await run.answer(task, result)
                }
                answered += 1
            case .mapRun(let mapRun): await run.answer(mapRun, try mock?.answer(of: mapRun) ?? .success([]))
            }
        }
        var result = run.result(of: state.name, level: request.inspectionLevel)
        for (key, value) in exchange ?? [:] { result.inspectionData?[key] = value }
        return result
    }

    /// Refuses what a test cannot do.
    private static func check(_ request: TestStateRequest, _ state: StateUnderTest) throws(ExecutionError) {
        func refuse(_ text: String) -> ExecutionError { ExecutionError(.validation, text) }
        if request.mock != nil {
            guard ["Task", "Map", "Parallel"].contains(state.type) else {
                throw refuse("State type '\(state.type)' is not supported when a mock is specified")
            }
            if request.revealsSecrets {
                throw refuse("TestState does not support RevealSecrets when a mock is specified.")
            }
        } else {
            guard !state.needsMock else {
                let what = state.type == "Task" ? "Resource '\(state.resource)'" : "State type '\(state.type)'"
                throw refuse("\(what) is not supported when a mock is not specified")
            }
            if request.mapIterationFailureCount != nil {
                throw refuse("TestState does not support MapIterationFailureCount when a mock is not specified.")
            }
            if state.type == "Task", request.roleArn == nil {
                throw refuse("Either a role ARN or a mock must be specified")
            }
        }
    }

    private static func testInput(_ text: String) throws(ExecutionError) -> Payload {
        do {
            return try Payload(parsing: text)
        } catch {
            throw ExecutionError(.invalidExecutionInput, "Invalid State Machine Execution Input: '\(error)'")
        }
    }

    private static func testVariables(_ text: String?) throws(ExecutionError) -> JSONObject {
        guard let text else { return [:] }
        guard let variables = (try? JSON(parsing: text))?.object else {
            throw ExecutionError(.validation, "Invalid variables provided: they must be a JSON object")
        }
        return variables
    }

    /// Does a task as an execution would.
    private func perform(_ task: TaskRequest, of execution: String) async -> Result<Payload, StatesError> {
        guard let handler = tasks.handler(for: task.resource) else { return .failure(unknownResource(task.resource)) }
        do {
            switch try await handler.run(TaskInvocation(executionArn: execution, request: task)) {
            case .succeeded(let output), .submitted(let output): return .success(Payload(output))
            }
        } catch let error as StatesError {
            return .failure(error)
        } catch {
            return .failure(StatesError(name: StatesError.taskFailed, cause: "\(error)"))
        }
    }
}

/// What a mock answers: one task, each iteration or branch, a Map Run.
private struct MockAnswer {
    private let result: JSON?
    private let error: StatesError?
    private let isPerChild: Bool
    private let failureCount: Int

    init(
        _ mock: TestStateRequest.Mock,
        for state: StateUnderTest,
        _ request: TestStateRequest
    ) throws(ExecutionError) {
        func refuse(_ text: String) -> ExecutionError { ExecutionError(.validation, text) }
        error = mock.error.map { StatesError(name: $0, cause: mock.cause) }
        guard (mock.result == nil) != (mock.error == nil && mock.cause == nil) else {
            throw refuse("A mock must have exactly one of 'result' and 'errorOutput'")
        }
        isPerChild = (state.type == "Map" && !state.isDistributed) || state.type == "Parallel"
        failureCount = request.mapIterationFailureCount ?? 0
        guard let text = mock.result else {
            result = nil
            return
        }
        guard let value = try? JSON(parsing: text) else { throw refuse("Mocked result must be valid JSON") }
        switch state.type {
        case "Parallel":
            guard let values = value.array else { throw refuse("Mocked result must be an array.") }
            guard values.count == state.source["Branches"]?.array?.count else {
                throw refuse("Mocked result must contain the same number of items as number of Parallel branches.")
            }
        case "Map" where state.source["ResultWriter"] != nil:
            guard value.object != nil else { throw refuse("Mocked result must be a JSON object.") }
        case "Map": guard value.array != nil else { throw refuse("Mocked result must be an array.") }
        default: try MockResultCheck(resource: state.resource, mode: mock.fieldValidationMode)?.check(value)
        }
        result = value
    }

    /// What the task of this number answers.
    func answer(_ number: Int) throws(ExecutionError) -> Result<Payload, StatesError> {
        if let error { return .failure(error) }
        guard isPerChild else { return .success(Payload(result ?? .null)) }
        return .success(Payload(result?[number] ?? .null))
    }

    /// How a Map Run ends.
    func answer(of run: MapRunRequest) throws(ExecutionError) -> Result<JSON, StatesError> {
        if let error { return .failure(error) }
        let count = result?.array?.count ?? (failureCount > 0 ? failureCount : 0)
        guard failureCount <= count || result?.array == nil else {
            throw ExecutionError(
                .validation,
                "Map iteration failure count must be less than or equal to the number of Map iterations"
            )
        }
        let share = count == 0 ? 0 : Double(failureCount) * 100 / Double(count)
        let isTolerated =
            failureCount <= run.toleratedFailureCount ?? 0
            || run.toleratedFailurePercentage.map { share <= $0 } == true
        guard failureCount == 0 || isTolerated else {
            return .failure(
                StatesError(
                    name: StatesError.exceedToleratedFailureThreshold,
                    cause: "The specified tolerated failure threshold was exceeded"
                )
            )
        }
        return .success(result ?? .null)
    }
}

/// The request and the response of an HTTP task, as `TRACE` shows them.
private enum HTTPExchange {
    static func json(
        _ task: TaskRequest,
        _ result: Result<Payload, StatesError>,
        _ request: TestStateRequest
    ) -> JSONObject? {
        guard task.resource.hasPrefix("arn:aws:states:::http:invoke") else { return nil }
        let parameters = task.parameters
        var sent: JSON = ["protocol": "https"]
        sent["method"] = parameters["Method"]
        sent["url"] = parameters["ApiEndpoint"]
        if let url = parameters["ApiEndpoint"]?.string, url.hasPrefix("http:") { sent["protocol"] = "http" }
        if let headers = parameters["Headers"] { sent["headers"] = .string(headers.text) }
        if let body = parameters["RequestBody"] { sent["body"] = .string(body.string ?? body.text) }
        var members: JSONObject = ["request": sent]
        if case .success(let answer) = result {
            var received: JSON = ["protocol": sent["protocol"] ?? .null]
            received["statusCode"] = answer.value["StatusCode"].map { .string($0.text) }
            received["statusMessage"] = answer.value["StatusText"]
            received["headers"] = answer.value["Headers"].map { .string($0.text) }
            received["body"] = answer.value["ResponseBody"].map { .string($0.string ?? $0.text) }
            members["response"] = received
        }
        return members
    }
}

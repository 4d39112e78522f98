import FoundationEssentials
import JSON

extension Turn {
    /// Asks for the task.
    mutating func run(_ task: TaskState, _ frame: inout Frame, _ current: StateDefinition) throws(StatesError) -> Step {
        if case .activity = task.resource.kind, !interpreter.hasActivity(task.resource.text) {
            throw runtime("The activity \(task.resource.text) does not exist.")
        }
        let execution = state.context.execution
        let token = TaskToken(
            task: state.nextTask,
            of: execution.id,
            startedAt: execution.startTime,
            key: interpreter.tokenKey
        ).text
        let visibleToken = task.resource.isCallback ? token : nil
        let effective = try effectiveInput(frame, current)
        let input = effective.value
        let parameters = try arguments(task.arguments, effective, frame, taskToken: visibleToken)
        try checkSize(of: parameters, from: current.name)
        let request = TaskRequest(
            id: state.nextTask,
            stateName: current.name,
            resource: task.resource.text,
            input: parameters,
            token: token,
            timeoutSeconds: try seconds(task.timeout, field: "TimeoutSeconds", input, frame),
            heartbeatSeconds: try seconds(task.heartbeat, field: "HeartbeatSeconds", input, frame)
        )
        let role = try task.credentials.map { credentials throws(StatesError) in
            try evaluate(credentials, on: input, frame)["RoleArn"] ?? .null
        }
        state.nextTask += 1
        recordScheduled(request, task, role: role, &frame)
        effects.commands.append(.scheduleTask(request))
        var open = OpenTask(frame: frame.id, heartbeatSeconds: request.heartbeatSeconds)
        if let seconds = request.timeoutSeconds {
            open.timeoutTimer = startTimer(.taskTimeout(request.id), at: now.addingTimeInterval(Double(seconds)))
        }
        state.tasks[request.id] = open
        startHeartbeat(of: request.id)
        frame.phase = .task(request.id)
        return .wait
    }

    private mutating func seconds(
        _ limit: Limit?,
        field: String,
        _ input: JSON,
        _ frame: Frame
    ) throws(StatesError) -> Int? {
        switch limit {
        case nil: return nil
        case .value(let value): return value
        case .expression(let expression):
            return try evaluating(on: input, frame) { (evaluator) throws(StatesError) in
                try evaluator.value(of: expression, field: field, expected: "integer") { value in
                    value.int.flatMap { (1...99_999_999).contains($0) ? $0 : nil }
                }
            }
        case .path(let path):
            let field = "\(field)Path"
            guard let value = find(path, on: input, frame) else {
                throw runtime(
                    "The JSONPath '\(path.text)' specified for the field '\(field)' could not be found in the input "
                        + "'\(input.text)'"
                )
            }
            guard let seconds = value.int, (1...99_999_999).contains(seconds) else {
                throw runtime(
                    "The \(field) field refers to value \"\(value.plain)\" which is not a valid integer: \(path.text)"
                )
            }
            return seconds
        }
    }

    // MARK: Events of the task

    mutating func taskStarted(_ id: Int, workerName: String?) {
        guard let task = state.tasks[id], !task.isStarted, var frame = state.frames[task.frame] else { return }
        state.tasks[id]?.isStarted = true
        let resource = resource(of: frame)
        switch resource.kind {
        case .lambda: record(.lambdaFunctionStarted, of: &frame)
        case .activity: record(.activityStarted, workerName.map { ["workerName": .string($0)] } ?? [:], of: &frame)
        case .service: record(.taskStarted, resource.details, of: &frame)
        }
        state.frames[task.frame] = frame
    }

    mutating func taskSubmitted(_ id: Int, output: JSON) {
        guard let (resource, frameID) = begin(id), case .service = resource.kind, var frame = state.frames[frameID]
        else { return }
        record(.taskSubmitted, resource.details, data: .init(key: .output, payload: Payload(output)), of: &frame)
        state.frames[frameID] = frame
    }

    mutating func taskSucceeded(_ id: Int, output: Payload) {
        guard let (resource, frameID) = begin(id) else { return }
        if let error = fault(of: output, from: resource.displayName) { return taskFailed(id, error: error) }
        close(id)
        guard var frame = state.frames.removeValue(forKey: frameID) else { return }
        let type: HistoryEventType =
            switch resource.kind {
            case .lambda: .lambdaFunctionSucceeded
            case .activity: .activitySucceeded
            case .service: .taskSucceeded
            }
        record(type, resource.details, data: .init(key: .output, payload: output), of: &frame)
        frame.phase = .finished(output)
        state.frames[frameID] = frame
        enqueue(frameID)
    }

    mutating func taskFailed(_ id: Int, error: StatesError) {
        guard let (resource, frameID) = begin(id), var frame = state.frames[frameID] else { return }
        close(id)
        let error = error.completed(in: frame.stateName, enteredAt: frame.enteredEvent)
        let type: HistoryEventType =
            switch resource.kind {
            case .lambda: .lambdaFunctionFailed
            case .activity: .activityFailed
            case .service: .taskFailed
            }
        recordFailure(type, error, resource, &frame)
        state.frames[frameID] = frame
        fail(frameID, error)
    }

    /// Writes down that the task was started, should nobody have said so, and answers what it is.
    private mutating func begin(_ id: Int) -> (TaskResource, frame: Int)? {
        taskStarted(id, workerName: nil)
        guard let task = state.tasks[id], let frame = state.frames[task.frame] else { return nil }
        return (resource(of: frame), task.frame)
    }

    private func resource(of frame: Frame) -> TaskResource {
        guard case .task(let task) = definition.statesByName[frame.stateName]?.kind else {
            preconditionFailure("state \"\(frame.stateName)\" has an open task but is no Task")
        }
        return task.resource
    }

    // MARK: Time

    mutating func heartbeat(_ id: Int) {
        guard let task = state.tasks[id], task.heartbeatSeconds != nil else { return }
        cancelTimer(task.heartbeatTimer)
        startHeartbeat(of: id)
    }

    private mutating func startHeartbeat(of id: Int) {
        guard let seconds = state.tasks[id]?.heartbeatSeconds else { return }
        let timer = startTimer(.heartbeat(id), at: now.addingTimeInterval(Double(seconds)))
        state.tasks[id]?.heartbeatTimer = timer
    }

    /// A task took too long, or was silent for too long: AWS shows `States.Timeout` for both, and Retry and Catch
    /// may tell a missed heartbeat by its own name.
    mutating func taskTimedOut(_ id: Int, heartbeat: Bool) {
        guard let task = state.tasks[id], var frame = state.frames[task.frame] else { return }
        close(id)
        effects.commands.append(.cancelTask(id))
        let resource = resource(of: frame)
        let type: HistoryEventType =
            switch resource.kind {
            case .lambda: .lambdaFunctionTimedOut
            case .activity: .activityTimedOut
            case .service: .taskTimedOut
            }
        let error = StatesError(name: StatesError.timeout)
        recordFailure(type, error, resource, &frame)
        state.frames[task.frame] = frame
        fail(task.frame, error, alias: heartbeat ? StatesError.heartbeatTimeout : nil)
    }

    /// Forgets a task and its timers.
    mutating func close(_ id: Int) {
        guard let task = state.tasks.removeValue(forKey: id) else { return }
        cancelTimer(task.timeoutTimer)
        cancelTimer(task.heartbeatTimer)
    }

    // MARK: History

    private mutating func recordScheduled(
        _ request: TaskRequest,
        _ task: TaskState,
        role: JSON?,
        _ frame: inout Frame
    ) {
        var details = task.resource.details
        let key: HistoryEvent.DataMember.Key
        let type: HistoryEventType
        switch task.resource.kind {
        case .lambda: (type, key) = (.lambdaFunctionScheduled, .input)
        case .activity: (type, key) = (.activityScheduled, .input)
        case .service:
            (type, key) = (.taskScheduled, .parameters)
            details["region"] = .string(state.context.region)
        }
        if type != .taskScheduled { details["resource"] = .string(task.resource.text) }
        if let seconds = request.timeoutSeconds { details["timeoutInSeconds"] = JSON(seconds) }
        if let seconds = request.heartbeatSeconds, type != .lambdaFunctionScheduled {
            details["heartbeatInSeconds"] = JSON(seconds)
        }
        if let role, type != .activityScheduled { details["taskCredentials"] = ["roleArn": role] }
        record(type, details, data: .init(key: key, payload: request.input), of: &frame)
    }

    private mutating func recordFailure(
        _ type: HistoryEventType,
        _ error: StatesError,
        _ resource: TaskResource,
        _ frame: inout Frame
    ) {
        var details = resource.details
        for (key, value) in error.details { details[key] = value }
        record(type, details, of: &frame)
    }
}

extension TaskResource {
    /// Whether the task's answer comes by its token.
    fileprivate var isCallback: Bool {
        if case .service(_, _, .waitForTaskToken) = kind { true } else { false }
    }

    /// What the history of a service integration says of it; nothing for functions and activities.
    fileprivate var details: JSONObject {
        guard case .service(let type, let resource, _) = kind else { return [:] }
        return ["resourceType": .string(type), "resource": .string(resource)]
    }
}

extension ExecutionContext {
    /// The region in the execution's ARN.
    fileprivate var region: String {
        let parts = execution.id.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count > 3 && !parts[3].isEmpty ? String(parts[3]) : "us-east-1"
    }
}

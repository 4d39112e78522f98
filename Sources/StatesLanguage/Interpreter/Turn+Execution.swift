import FoundationEssentials
import JSON

// The beginning and the ends of an execution.
extension Turn {
    mutating func start() {
        guard state.nextEventID == 1 else { return }
        let input = state.context.execution.input
        record(
            .executionStarted,
            ["roleArn": .string(state.context.execution.roleArn)],
            data: .init(key: .input, payload: input),
            after: 0
        )
        if input.value.isNested(deeperThan: Self.depthLimit) {
            // Nobody will ask for it any more, and it could not be read again.
            state.context.execution.input = nil
            let cause = "The execution's input is nested deeper than \(Self.depthLimit) levels."
            return failExecution(StatesError(name: StatesError.dataLimitExceeded, cause: cause), after: 1)
        }
        startExecutionTimer()
        let root = makeFrame(parent: nil, index: 0, stateName: definition.startAt, input: input, after: 0)
        guard !state.startVariables.isEmpty, let frame = state.frames[root] else { return }
        assign(state.startVariables, in: frame)
        state.startVariables = [:]
    }

    private mutating func startExecutionTimer() {
        guard let seconds = definition.timeoutSeconds else { return }
        _ = startTimer(.execution, at: now.addingTimeInterval(Double(seconds)))
    }

    mutating func succeed(_ frame: Frame, output: Payload) {
        record(.executionSucceeded, data: .init(key: .output, payload: output), after: frame.lastEvent)
        state.frames.removeAll()
        end(.succeeded, .succeeded(output: output))
    }

    mutating func failExecution(_ error: StatesError, after event: Int) {
        var error = error
        error.location = nil
        error.alias = nil
        record(.executionFailed, error.details, after: event)
        end(.failed, .failed(error))
    }

    /// The machine's `TimeoutSeconds` are over; no event led to it.
    mutating func timeOut() {
        let error = StatesError(name: StatesError.timeout)
        record(.executionTimedOut, error.details, after: 0)
        end(.timedOut, .timedOut(error))
    }

    mutating func stop(error: String?, cause: String?) {
        var details = JSONObject()
        if let error { details["error"] = .string(error) }
        if let cause { details["cause"] = .string(cause) }
        record(.executionAborted, details, after: 0)
        end(.aborted, .aborted(error: error, cause: cause))
    }

    private mutating func end(_ status: ExecutionState.Status, _ outcome: Outcome) {
        for id in state.frames.keys.sorted() { silence(id) }
        for id in state.timers.keys.sorted() { cancelTimer(id) }
        state.status = status
        effects.commands.append(.end(outcome))
    }

    // MARK: Redrive

    /// Goes on where the execution failed: what succeeded keeps its results, retries are counted anew.
    mutating func redrive(input: Payload?) {
        switch state.status {
        case .failed, .timedOut, .aborted: break
        case .running, .succeeded: return
        }
        guard !state.frames.isEmpty, state.nextEventID < interpreter.configuration.historyLimit ?? .max else { return }
        state.status = .running
        state.context.execution.redriveCount += 1
        state.context.execution.redriveTime = now
        let event = record(
            .executionRedriven,
            ["redriveCount": JSON(state.context.execution.redriveCount)],
            after: state.nextEventID - 1
        )
        startExecutionTimer()
        for (id, var frame) in state.frames {
            frame.retries = []
            if let input, frame.isRedriven {
                frame.input = input
                // What a Map Run did for another input is of no use.
                state.mapRuns[id] = nil
            }
            if frame.phase == .stopped { frame.phase = .rerun }
            frame.lastEvent = event
            state.frames[id] = frame
        }
        enqueueRunnable()
    }
}

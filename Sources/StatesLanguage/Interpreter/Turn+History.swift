import JSON

extension Turn {
    /// Writes an event down and answers its id.
    @discardableResult
    mutating func record(
        _ type: HistoryEventType,
        _ details: JSONObject = [:],
        data: HistoryEvent.DataMember? = nil,
        after previous: Int
    ) -> Int {
        let id = state.nextEventID
        // The last place is for what tells how the execution ended.
        if let limit = interpreter.configuration.historyLimit, id >= limit, !type.endsExecution {
            isHistoryFull = true
            return id
        }
        state.nextEventID += 1
        effects.history.append(
            HistoryEvent(
                id: id,
                previousID: previous,
                timestamp: now,
                type: type,
                details: details,
                data: data
            )
        )
        return id
    }

    /// Writes down an event of a frame, after the frame's last one.
    mutating func record(
        _ type: HistoryEventType,
        _ details: JSONObject = [:],
        data: HistoryEvent.DataMember? = nil,
        of frame: inout Frame
    ) {
        frame.lastEvent = record(type, details, data: data, after: frame.lastEvent)
    }

    mutating func enter(_ frame: inout Frame, _ current: StateDefinition) {
        note(.input, frame.input)
        frame.enteredAfter = frame.lastEvent
        record(
            current.type.entered,
            ["name": .string(current.name)],
            data: .init(key: .input, payload: frame.input),
            of: &frame
        )
        frame.enteredEvent = frame.lastEvent
        frame.enteredTime = now
        frame.phase = .rerun
    }

    /// Writes down that a state is left, and sets its variables.
    mutating func leave(_ frame: inout Frame, _ current: StateDefinition, _ exit: Exit) {
        guard let type = current.type.exited else { return }
        record(
            type,
            ["name": .string(current.name)],
            data: .init(key: .output, payload: exit.output),
            of: &frame
        )
        if !exit.assigned.isEmpty, !isHistoryFull {
            effects.history[effects.history.count - 1].details["assignedVariables"] = .object(exit.assigned)
            assign(exit.assigned, in: frame)
        }
        if !state.mapRuns.isEmpty { state.mapRuns[frame.id] = nil }
        guard isInspected, inspection?.hasLeft == false else { return }
        inspection?.hasLeft = true
        inspection?.variables = state.variables[frame.id] ?? [:]
        if case .next(let name) = exit.transition { inspection?.nextState = name }
    }

    /// Writes down that an expression of a state went wrong.
    mutating func recordEvaluationFailure(_ error: StatesError, _ frame: inout Frame) {
        guard let location = error.location else { return }
        var details = error.details
        details["location"] = .string(location)
        details["state"] = .string(frame.stateName)
        frame.lastEvent = record(.evaluationFailed, details, after: frame.enteredAfter)
    }
}

extension StateType {
    var entered: HistoryEventType {
        switch self {
        case .task: .taskStateEntered
        case .pass: .passStateEntered
        case .choice: .choiceStateEntered
        case .wait: .waitStateEntered
        case .succeed: .succeedStateEntered
        case .fail: .failStateEntered
        case .parallel: .parallelStateEntered
        case .map: .mapStateEntered
        }
    }

    /// `nil` for Fail, which nobody leaves.
    var exited: HistoryEventType? {
        switch self {
        case .task: .taskStateExited
        case .pass: .passStateExited
        case .choice: .choiceStateExited
        case .wait: .waitStateExited
        case .succeed: .succeedStateExited
        case .fail: nil
        case .parallel: .parallelStateExited
        case .map: .mapStateExited
        }
    }

    /// `nil` for the types that are over at once.
    var aborted: HistoryEventType? {
        switch self {
        case .task: .taskStateAborted
        case .wait: .waitStateAborted
        case .parallel: .parallelStateAborted
        case .map: .mapStateAborted
        case .pass, .choice, .succeed, .fail: nil
        }
    }
}

extension HistoryEventType {
    fileprivate var endsExecution: Bool {
        switch self {
        case .executionSucceeded, .executionFailed, .executionTimedOut, .executionAborted: true
        default: false
        }
    }
}

extension StatesError {
    /// The details of an event that tells of this error.
    var details: JSONObject {
        var details = JSONObject()
        if !name.isEmpty { details["error"] = .string(name) }
        if let cause { details["cause"] = .string(cause) }
        return details
    }
}

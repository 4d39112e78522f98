import JSON

extension Turn {
    /// Writes an event down and answers its id.
    @discardableResult
    mutating func record(
        _ type: HistoryEventType,
        _ details: JSONObject = [:],
        payload: HistoryEvent.Payload? = nil,
        after previous: Int
    ) -> Int {
        let id = state.nextEventID
        state.nextEventID += 1
        effects.history.append(
            HistoryEvent(
                id: id,
                previousID: previous,
                timestamp: now,
                type: type,
                details: details,
                payload: payload
            )
        )
        return id
    }

    /// Writes down an event of a frame, after the frame's last one.
    mutating func record(
        _ type: HistoryEventType,
        _ details: JSONObject = [:],
        payload: HistoryEvent.Payload? = nil,
        of frame: inout Frame
    ) {
        frame.lastEvent = record(type, details, payload: payload, after: frame.lastEvent)
    }

    mutating func enter(_ frame: inout Frame, _ current: StateDefinition) {
        record(
            current.type.entered,
            ["name": .string(current.name)],
            payload: .init(key: "input", value: frame.input),
            of: &frame
        )
        frame.enteredEvent = frame.lastEvent
        frame.enteredTime = now
        frame.phase = .rerun
    }

    mutating func exit(_ frame: inout Frame, _ current: StateDefinition, with output: JSON) {
        guard let type = current.type.exited else { return }
        record(
            type,
            ["name": .string(current.name)],
            payload: .init(key: "output", value: output),
            of: &frame
        )
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

extension StatesError {
    /// The details of an event that tells of this error.
    var details: JSONObject {
        var details = JSONObject()
        if !name.isEmpty { details["error"] = .string(name) }
        if let cause { details["cause"] = .string(cause) }
        return details
    }
}

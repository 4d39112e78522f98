import JSON

// What Parallel and Map have in common: frames within a frame.
extension Turn {
    mutating func makeFrame(
        parent: Int?,
        index: Int,
        stateName: String,
        input: Payload,
        after event: Int
    ) -> Int {
        let id = state.nextFrame
        state.nextFrame += 1
        state.frames[id] = Frame(
            id: id,
            parent: parent,
            index: index,
            stateName: stateName,
            input: input,
            enteredTime: now,
            enteredEvent: 0,
            lastEvent: event
        )
        enqueue(id)
        return id
    }

    /// A frame's last state ended.
    mutating func finish(_ frame: Frame, output: Payload) {
        forgetVariables(of: frame)
        guard let parent = frame.parent else { return succeed(frame, output: output) }
        guard var around = state.frames.removeValue(forKey: parent), case .children(var children) = around.phase else {
            return
        }
        // The children have one owner while they are changed: a second one would make the change a copy.
        around.phase = .stopped
        children.outputs[frame.index] = output.value
        children.frames.removeAll { $0 == frame.id }
        around.lastEvent = frame.lastEvent
        let isDone = children.isDone
        around.phase = .children(children)
        state.frames[parent] = around
        if let name = mapName(of: parent) {
            let event = record(.mapIterationSucceeded, iteration(name, frame.index), after: frame.lastEvent)
            guard isDone else {
                return startMoreIterations(of: parent)
            }
            state.frames[parent]?.lastEvent = event
        }
        if isDone { enqueue(parent) }
    }

    private mutating func startMoreIterations(of id: Int) {
        do throws(StatesError) {
            try startIterations(of: id)
        } catch {
            guard let frame = state.frames[id] else { return }
            fail(id, place(error, in: frame))
        }
    }

    /// The Map state a frame is in, if it is in one.
    func mapName(of frame: Int) -> String? {
        guard let name = state.frames[frame]?.stateName, case .map = definition.statesByName[name]?.kind else {
            return nil
        }
        return name
    }

    func iteration(_ name: String, _ index: Int) -> JSONObject {
        ["name": .string(name), "index": JSON(index)]
    }

    /// Ends what a state's branches or iterations are doing, and writes down what was aborted.
    mutating func abort(_ frames: [Int], after event: Int) {
        for id in frames {
            guard let frame = state.frames[id], frame.phase != .stopped else { continue }
            if case .children(let children) = frame.phase { abort(children.frames, after: event) }
            silence(id)
            if frame.phase == .mapRun { record(.mapRunAborted, after: event) }
            if frame.phase != .ready, let type = definition.statesByName[frame.stateName]?.type.aborted {
                record(type, after: event)
            }
            if let parent = frame.parent, let name = mapName(of: parent) {
                record(.mapIterationAborted, iteration(name, frame.index), after: event)
            }
        }
    }

    /// Cancels what a frame and those within it wait for, and writes nothing down.
    mutating func silenceAll(_ id: Int) {
        if case .children(let children)? = state.frames[id]?.phase { children.frames.forEach { silenceAll($0) } }
        silence(id)
    }

    /// Cancels what a frame waits for; a frame that waits for nothing stays as it is and can go on.
    mutating func silence(_ id: Int) {
        switch state.frames[id]?.phase {
        case .task(let task):
            close(task)
            effects.commands.append(.cancelTask(task))
        case .mapRun:
            if let run = state.mapRuns[id] { effects.commands.append(.cancelMapRun(run.id)) }
        case .wait(let timer), .retry(let timer): cancelTimer(timer)
        default: return
        }
        state.frames[id]?.phase = .stopped
    }

    /// Forgets frames and all within them.
    mutating func remove(_ frames: [Int]) {
        for id in frames {
            guard let frame = state.frames.removeValue(forKey: id) else { continue }
            forgetVariables(of: frame)
            state.mapRuns[id] = nil
            if case .children(let children) = frame.phase { remove(children.frames) }
        }
    }
}

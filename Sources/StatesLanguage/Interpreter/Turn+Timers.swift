import FoundationEssentials

extension Turn {
    mutating func startTimer(_ purpose: TimerPurpose, at date: Date) -> Int {
        let id = state.nextTimer
        state.nextTimer += 1
        state.timers[id] = purpose
        effects.commands.append(.startTimer(id: id, fireAt: date))
        return id
    }

    mutating func cancelTimer(_ id: Int?) {
        guard let id, state.timers.removeValue(forKey: id) != nil else { return }
        effects.commands.append(.cancelTimer(id))
    }

    mutating func fired(_ timer: Int) {
        guard let purpose = state.timers.removeValue(forKey: timer) else { return }
        switch purpose {
        case .execution: timeOut()
        case .frame(let frame): goOn(frame)
        case .taskTimeout(let task): taskTimedOut(task, heartbeat: false)
        case .heartbeat(let task): taskTimedOut(task, heartbeat: true)
        case .continuation: enqueueRunnable()
        }
    }

    /// Every frame that can run, in the order in which they came about.
    mutating func enqueueRunnable() {
        for frame in state.frames.values.sorted(by: { $0.id < $1.id }) where frame.isRunnable { enqueue(frame.id) }
    }

    /// A Wait is over, or the delay before a retry.
    private mutating func goOn(_ id: Int) {
        guard let phase = state.frames[id]?.phase else { return }
        switch phase {
        case .wait: state.frames[id]?.phase = .waited
        case .retry: state.frames[id]?.phase = .rerun
        default: return
        }
        enqueue(id)
    }
}

extension Frame {
    fileprivate var isRunnable: Bool {
        switch phase {
        case .ready, .rerun, .waited, .finished: true
        case .children(let children): children.isDone
        case .task, .mapRun, .wait, .retry, .stopped: false
        }
    }
}

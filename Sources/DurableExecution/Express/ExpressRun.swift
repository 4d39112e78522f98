import FoundationEssentials
import StatesLanguage

/// One run of an Express execution: in memory from its start to its end, and nowhere else.
struct ExpressRun {
    private(set) var execution: Execution
    private let machine: Machine
    private let engine: Engine
    private var state: ExecutionState
    /// What ends tasks and timers before their time.
    private var tasks: [Int: Signal] = [:]
    private var timers: [Int: Signal] = [:]

    /// What the execution waits for.
    private enum Effort {
        case task(ScheduledTask, Signal)
        case timer(Int, Date, Signal)
    }

    init(_ execution: Execution, of machine: Machine, _ state: ExecutionState, in engine: Engine) {
        self.execution = execution
        self.machine = machine
        self.state = state
        self.engine = engine
    }

    /// Runs to the end, or until the task is cancelled; then the execution still runs.
    mutating func run() async -> Execution {
        // Most Express machines that ask nobody are through with this.
        let efforts = await take(.started)
        guard execution.status == .running else { return execution }
        let (events, inbox) = AsyncStream.makeStream(of: Event.self)
        await withDiscardingTaskGroup { group in
            var efforts = efforts
            var iterator = events.makeAsyncIterator()
            while execution.status == .running {
                for effort in efforts { begin(effort, inbox, &group) }
                guard let event = await iterator.next(isolation: nil) else { break }
                efforts = await take(event)
            }
            group.cancelAll()
        }
        return execution
    }

    /// Takes an event in and says what is to be waited for.
    private mutating func take(_ event: Event) async -> [Effort] {
        var efforts: [Effort] = []
        var events = [event]
        while let event = events.popLast() {
            let effects = await advance(event)
            engine.log(effects.history, of: execution, machine)
            for command in effects.commands {
                if let effort = obey(command) { efforts.append(effort) }
                if case .scheduleTask(let request) = command { events.insert(.taskStarted(task: request.id), at: 0) }
            }
        }
        return efforts
    }

    /// Advances among others when that is quick, and aside when it takes long.
    private mutating func advance(_ event: Event) async -> Effects {
        let now = engine.now
        let interpreter = machine.interpreter
        guard interpreter.definition.hasExpressions else {
            return interpreter.handle(event, in: &state, at: now, within: .short)
        }
        let revision = execution.revision
        if !engine.isSlow(revision) {
            let slice = TimeSlice.short
            var attempt = state
            let effects = interpreter.handle(event, in: &attempt, at: now, within: slice)
            if !slice.isExceeded {
                state = attempt
                return effects
            }
        }
        return await engine.expressAside.compute(for: revision) {
            let start = ThreadTime.now
            defer { engine.note(isSlow: ThreadTime.now - start > TimeSlice.shortTime, revision) }
            return interpreter.handle(event, in: &state, at: now, within: .long)
        }
    }

    private mutating func obey(_ command: Command) -> Effort? {
        switch command {
        case .scheduleTask(let request):
            let cancellation = Signal()
            tasks[request.id] = cancellation
            return .task(ScheduledTask(executionArn: execution.arn, request: request, attempt: 1), cancellation)
        case .startTimer(let id, let date):
            let cancellation = Signal()
            timers[id] = cancellation
            return .timer(id, date, cancellation)
        case .cancelTask(let id): tasks.removeValue(forKey: id)?.give()
        case .cancelTimer(let id): timers.removeValue(forKey: id)?.give()
        case .end(let outcome): execution.end(outcome, at: engine.now)
        case .startMapRun, .redriveMapRun, .cancelMapRun:
            preconditionFailure("an Express machine with a distributed Map passed the validation")
        }
        return nil
    }

    private func begin(
        _ effort: Effort,
        _ inbox: AsyncStream<Event>.Continuation,
        _ group: inout DiscardingTaskGroup
    ) {
        let engine = engine
        switch effort {
        case .task(let task, let cancellation):
            group.addTask {
                let event = await engine.result(of: task, cancellation: cancellation) { inbox.yield($0) }
                if let event { inbox.yield(event) }
            }
        case .timer(let id, let date, let cancellation):
            group.addTask {
                if await engine.hasCome(date, cancellation: cancellation) { inbox.yield(.timerFired(timer: id)) }
            }
        }
    }
}

extension Engine {
    /// Waits for a date; false when the wait was cancelled.
    fileprivate func hasCome(_ date: Date, cancellation: Signal) async -> Bool {
        await withTaskGroup { group in
            group.addTask {
                let unsignalled = Signal()
                while self.now < date, !Task.isCancelled { await self.sleep(until: date, or: unsignalled) }
                return !Task.isCancelled
            }
            group.addTask {
                await cancellation.wait()
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            return first
        }
    }
}

import FoundationEssentials
import JSON
import StatesLanguage

/// Takes one execution's mail in and says what is to be saved, done and answered; pure.
struct Step {
    let now: Date
    let machine: Machine
    private let lease: Lease
    private let slice: TimeSlice

    /// The execution as it will be; `nil` when there is none of that ARN.
    var current: HotExecution?
    /// What changes in the store.
    private(set) var transition: Transition?
    /// Whom to answer what, once the change is on disk.
    private(set) var answers: [(Delivery.Reply, Result<Execution, ExecutionError>)] = []
    /// What is to be logged of it, by machines that log.
    private(set) var events: [HistoryEvent] = []
    /// Slots for handlers that are still free.
    private(set) var slots: Int
    private var begun: [Int] = []
    /// Where the execution stood before; `nil` when there was none.
    let previousStatus: Execution.Status?
    /// Whether a Map Run has redriven it meanwhile.
    var isRedriven = false
    /// Whether tasks ended before their time, so that what they have begun is to be stopped.
    private(set) var abandonsTasks = false

    init(of stored: HotExecution?, machine: Machine, lease: Lease, slots: Int, at now: Date, within slice: TimeSlice) {
        self.slice = slice
        current = stored
        self.machine = machine
        self.lease = lease
        self.slots = slots
        self.now = now
        previousStatus = stored?.execution.status
    }

    /// Whether an expression took longer than it may: then nothing here is of use.
    var isExceeded: Bool { slice.isExceeded }

    /// Whether there is more to do than could be done at once.
    var leavesRest: Bool { current?.state?.hasContinuation == true }

    /// Takes all mail in; encodes the state when it has changed.
    mutating func take(_ work: Work) {
        for delivery in work.deliveries { take(delivery, arn: work.arn) }
        guard var transition, let current, !isExceeded else { return }
        transition.execution = current.execution
        if machine.logging != nil { events = transition.history }
        if let mapRun = current.execution.mapRun {
            transition.childStep = childStep(to: current.execution.status)
            if mapRun.isExpress { transition.history = [] }
        }
        transition.state = current.execution.status == .succeeded ? nil : current.state.map(StateCodec.encode)
        self.transition = transition
    }

    private mutating func take(_ delivery: Delivery, arn: String) {
        let answer: Result<Execution, ExecutionError>
        switch delivery.letter {
        case .start(let start): answer = begin(start)
        case .event(let event): answer = advance(event, arn: arn)
        case .handed(let event):
            if case .taskSubmitted(let task, _) = event { change { $0.submittedTasks.append(task) } }
            answer = advance(event, arn: arn)
        case .claim(let task, let workerName): answer = claim(task, by: workerName, arn: arn)
        case .stop(let error, let cause): answer = advance(.stopped(error: error, cause: cause), arn: arn)
        case .redrive(let order): answer = redrive(order, arn: arn)
        case .redriveChild(let redrive): answer = redriveChild(redrive, arn: arn)
        case .mapRunEnded(let status, let event): answer = endMapRun(status, event, arn: arn)
        }
        if let reply = delivery.reply { answers.append((reply, answer)) }
    }

    mutating func change(_ body: (inout Transition) -> Void) {
        guard let current else { return }
        var changed = transition ?? Transition(execution: current.execution)
        transition = nil
        body(&changed)
        transition = changed
    }
}

// MARK: - Letters

extension Step {
    private mutating func begin(_ start: Delivery.Start) -> Result<Execution, ExecutionError> {
        if let existing = current?.execution {
            let isSame = existing.status == .running && existing.input == start.execution.input
            // The task that started it may run again after a crash, when the execution has ended.
            let isOfTask = existing.parentTask != nil && existing.parentTask == start.execution.parentTask
            return isSame || isOfTask
                ? .success(existing)
                : .failure(ExecutionError(.executionAlreadyExists, "Execution Already Exists: '\(existing.arn)'"))
        }
        current = HotExecution(execution: start.execution, state: start.state)
        transition = Transition(execution: start.execution, isNew: true)
        handle(.started)
        change { $0.nameVersion(of: start.execution) }
        return .success(current?.execution ?? start.execution)
    }

    mutating func advance(_ event: Event, arn: String) -> Result<Execution, ExecutionError> {
        guard let execution = current?.execution else { return .failure(.noExecution(arn)) }
        switch event {
        case .taskSucceeded(let task, _), .taskFailed(let task, _): change { $0.endedTasks.append(task) }
        case .timerFired(let timer): change { $0.endedTimers.append(timer) }
        default: break
        }
        guard execution.status == .running else { return .success(execution) }
        handle(event)
        return .success(current?.execution ?? execution)
    }

    /// Gives an activity's task to a worker: that it was started is on disk before the worker has it.
    private mutating func claim(
        _ task: Int,
        by workerName: String?,
        arn: String
    ) -> Result<Execution, ExecutionError> {
        guard let execution = current?.execution else { return .failure(.noExecution(arn)) }
        let count = transition?.history.count ?? 0
        if execution.status == .running { handle(.taskStarted(task: task, workerName: workerName)) }
        guard let transition, transition.history.count > count else {
            return .failure(ExecutionError(.taskDoesNotExist, "Task Does Not Exist: '\(task)'"))
        }
        change { $0.submittedTasks.append(task) }
        return .success(execution)
    }

    private mutating func redrive(_ order: Delivery.Redrive, arn: String) -> Result<Execution, ExecutionError> {
        guard var execution = current?.execution else { return .failure(.noExecution(arn)) }
        if let token = order.token, execution.status == .running, execution.redriveToken == token {
            return .success(execution)
        }
        if let reason = execution.redriveStatusReason {
            return .failure(ExecutionError(.executionNotRedrivable, reason))
        }
        guard execution.mapRun == nil else { return .failure(.redrivableByMapRun) }
        execution.status = .running
        (execution.error, execution.cause, execution.stopDate) = (nil, nil, nil)
        execution.redriveCount += 1
        execution.redriveDate = now
        execution.redriveToken = order.token
        execution.revision = order.revision ?? execution.revision
        current?.execution = execution
        handle(.redriven(input: order.input))
        return .success(current?.execution ?? execution)
    }
}

// MARK: - Effects

extension Step {
    mutating func handle(_ event: Event) {
        guard let execution = current?.execution, var state = current?.state else { return }
        // A second owner would make every change of the state a copy.
        current = nil
        let states = state.currentStateNames
        let effects = machine.interpreter.handle(event, in: &state, at: now, within: slice)
        current = HotExecution(execution: execution, state: state)
        change { $0.history += effects.history }
        for command in effects.commands { apply(command, states: states) }
        while let task = begun.popLast() { handle(.taskStarted(task: task)) }
    }

    private mutating func apply(_ command: Command, states: [String]) {
        switch command {
        case .scheduleTask(let request): schedule(request)
        case .cancelTask(let task): cancel(task)
        case .startTimer(let timer, let date): change { $0.timers[timer] = date }
        case .cancelTimer(let timer):
            change { if $0.timers.removeValue(forKey: timer) == nil { $0.endedTimers.append(timer) } }
        case .startMapRun(let request): begin(request)
        case .redriveMapRun(let id): change { [now] in $0.mapRuns.append(.redrive(requestID: id, at: now)) }
        case .cancelMapRun(let id): change { [now] in $0.mapRuns.append(.end(requestID: id, .aborted, at: now)) }
        case .end(let outcome): end(outcome, states: states)
        }
    }

    private mutating func schedule(_ request: TaskRequest) {
        guard let arn = current?.execution.arn else { return }
        var task = ScheduledTask(executionArn: arn, request: request)
        if slots > 0, request.activityARN == nil {
            slots -= 1
            task.lease = lease
            task.attempt = 1
            begun.append(request.id)
        }
        change { $0.tasks.append(task) }
    }

    private mutating func cancel(_ id: Int) {
        abandonsTasks = true
        guard let index = transition?.tasks.firstIndex(where: { $0.request.id == id }) else {
            change { $0.endedTasks.append(id) }
            return
        }
        if transition?.tasks[index].lease != nil { slots += 1 }
        change { $0.tasks.remove(at: index) }
    }

    private mutating func end(_ outcome: Outcome, states: [String]) {
        guard var execution = current?.execution else { return }
        execution.end(outcome, at: now)
        current?.execution = execution
        // The end of a child is told by its Map Run.
        guard execution.mapRun == nil else { return }
        let entered = transition?.history.last { $0.type.rawValue.hasSuffix("StateEntered") }
        let name = entered?.details["name"]?.string ?? states.last
        let row = ExecutionOutcome(of: execution, stateName: execution.status == .succeeded ? nil : name, at: now)
        change { $0.outcomes.append(row) }
    }
}

extension ExecutionOutcome {
    fileprivate init(of execution: Execution, stateName: String?, at now: Date) {
        self.init(
            executionArn: execution.arn,
            stateMachineArn: execution.stateMachineArn,
            name: execution.name,
            redriveCount: execution.redriveCount,
            status: execution.status,
            error: execution.error,
            cause: execution.cause,
            stateName: stateName,
            startDate: execution.startDate,
            date: now
        )
    }
}

extension Transition {
    /// Says in the first event which version and alias the execution was started by.
    fileprivate mutating func nameVersion(of execution: Execution) {
        guard history.first?.type == .executionStarted else { return }
        if let arn = execution.stateMachineAliasArn { history[0].details["stateMachineAliasArn"] = .string(arn) }
        if let arn = execution.stateMachineVersionArn { history[0].details["stateMachineVersionArn"] = .string(arn) }
    }
}

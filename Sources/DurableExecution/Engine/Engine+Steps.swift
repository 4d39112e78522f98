import FoundationEssentials
import Logging
import StatesLanguage
import Synchronization

/// A step with the mail it came from.
private struct PreparedStep {
    var work: Work
    var step: Step
}

extension Engine {
    /// Advances whatever has mail, batch after batch; what takes long is set aside.
    func advanceExecutions() async {
        var failures = 0
        while !Task.isCancelled {
            let (work, hasMore) = agenda.withLock { agenda in
                (agenda.takeWork(limit: failures == 0 ? configuration.batchLimit : 1), agenda.hasWork)
            }
            if hasMore { mailSignal.give() }
            guard !work.isEmpty else {
                await mailSignal.wait()
                continue
            }
            var open = work
            do {
                try await advance(&open)
                failures = 0
            } catch {
                // One at a time from here, so that a step which can never be saved holds no other up.
                failures += 1
                fail(open, error)
                await backOff(failures, or: mailSignal)
            }
        }
    }

    /// Advances what was set aside, one execution after another.
    func advanceExecutionsAside() async {
        var failures = 0
        while !Task.isCancelled {
            let (work, hasMore) = agenda.withLock { ($0.takeWorkAside(), $0.hasWorkAside) }
            guard let work else {
                await asideSignal.wait()
                continue
            }
            if hasMore { asideSignal.give() }
            var open = [work]
            do {
                try await advance(&open, .aside)
                failures = 0
            } catch {
                failures += 1
                fail(open, error)
                mailSignal.give()
                await backOff(failures, or: asideSignal)
            }
        }
    }

    /// Among whom executions are advanced.
    enum Company {
        /// Others, which share a commit and wait for one another: what takes long is set aside.
        case batch
        /// Others that begin, and must.
        case starts
        /// Nobody.
        case aside
    }

    /// Advances executions; those that are done with, whatever the commit brings, leave `work`.
    ///
    /// - Parameters:
    ///   - work: The executions with their mail.
    ///   - company: Among whom.
    ///   - save: Saves what comes of it in one transaction.
    /// - Throws: What the store throws; then nothing has changed.
    func advance(
        _ work: inout [Work],
        _ company: Company = .batch,
        save: (([Transition]) async throws -> Void)? = nil
    ) async throws {
        let begun = company == .starts ? work.map(\.arn) : []
        let reserved = agenda.withLock { agenda in
            // A timer of theirs may be due as soon as they are saved.
            agenda.occupy(begun)
            return agenda.reserveSlots(limit: work.count)
        }
        var slots = reserved
        do {
            let steps = try await prepare(&work, company, slots: &slots)
            let transitions = steps.compactMap(\.step.transition)
            if let save {
                try await save(transitions)
            } else if !transitions.isEmpty {
                try await store.commit(transitions)
            }
            settle(steps, unusedSlots: slots)
        } catch {
            agenda.withLock { agenda in
                agenda.freeSlots(reserved)
                agenda.abandon(begun)
            }
            if !begun.isEmpty { mailSignal.give() }
            throw error
        }
    }

    private func prepare(_ open: inout [Work], _ company: Company, slots: inout Int) async throws -> [PreparedStep] {
        let missing = open.filter { $0.cached == nil && !$0.isFresh }.map(\.arn)
        let loaded = missing.isEmpty ? [] : try await store.load(missing)
        let stored = Dictionary(loaded.map { ($0.execution.arn, $0) }) { first, _ in first }
        var steps: [PreparedStep] = []
        for work in open {
            do {
                let step = try await step(work, stored[work.arn], company, slots: slots)
                slots = step.slots
                steps.append(PreparedStep(work: work, step: step))
            } catch let error as UnworkableExecution {
                open.removeAll { $0.arn == work.arn }
                drop(work, error)
            } catch let long as LongStep {
                open.removeAll { $0.arn == work.arn }
                setAside(work, long)
            }
        }
        return steps
    }

    private func step(
        _ work: Work,
        _ stored: StoredExecution?,
        _ company: Company,
        slots: Int
    ) async throws -> Step {
        let hot = try work.cached ?? stored.map(thaw)
        guard var execution = hot?.execution ?? work.newExecution else {
            throw UnworkableExecution(answer: .noExecution(work.arn))
        }
        if let revision = work.redriveRevision(hot?.execution) { execution.revision = revision }
        guard let machine = try await machine(for: execution) else {
            throw UnworkableExecution(damaged: work.arn, "its definition is not in the store")
        }
        let end = now.addingTimeInterval(configuration.leaseDuration / .seconds(1))
        let lease = Lease(owner: owner, end: end)
        for slice in slices(for: work, hot?.state, revision: execution.revision, company) {
            var step = Step(of: hot, machine: machine, lease: lease, slots: slots, at: now, within: slice)
            let start = ThreadTime.now
            step.take(work)
            let isSlow = step.isExceeded || step.leavesRest || ThreadTime.now - start > TimeSlice.shortTime
            if isSlow || company == .aside { note(isSlow: isSlow, execution.revision) }
            if !step.isExceeded { return step }
        }
        throw LongStep(revision: execution.revision)
    }

    /// The times that a step may have, one after the other, until one is enough.
    ///
    /// In company, what takes long is left to a continuation, so that whoever waits for an answer has it at once; the
    /// continuation is made aside.
    private func slices(
        for work: Work,
        _ state: ExecutionState?,
        revision: Int64,
        _ company: Company
    ) -> [TimeSlice] {
        let isSlow = isSlow(revision)
        return switch company {
        case .aside: [.long]
        case .starts: isSlow ? [.none, .long] : [.short, .none, .long]
        case .batch where isSlow: state.map(work.isContinuation) == true ? [] : [.none]
        case .batch: [.short, .none]
        }
    }

    /// Gives an execution to those who advance what takes long.
    private func setAside(_ work: Work, _ step: LongStep) {
        agenda.withLock { $0.setAside(work, ofRevision: step.revision) }
        for delivery in work.deliveries { delivery.onDelay?() }
        asideSignal.give()
    }

    /// Whether a step of a state machine took long when it was last made with time to spare.
    func isSlow(_ revision: Int64) -> Bool { slowRevisions.withLock { $0[revision] != nil } }

    /// Notes whether a state machine's steps take long, so that others need not wait for the next.
    func note(isSlow: Bool, _ revision: Int64) {
        slowRevisions.withLock { revisions in
            if isSlow { revisions.insert(true, for: revision) } else { _ = revisions.remove(revision) }
        }
    }

    private func thaw(_ stored: StoredExecution) throws -> HotExecution {
        let execution = stored.execution
        do {
            return HotExecution(execution: execution, state: try stored.state.map(StateCodec.decode))
        } catch {
            throw UnworkableExecution(damaged: execution.arn, "its state cannot be read: \(error)")
        }
    }
}

// MARK: - After the commit

extension Engine {
    private func settle(_ steps: [PreparedStep], unusedSlots: Int) {
        var cancellations: [Signal] = []
        var needsDispatch = false
        var hasEarlierTimer = false
        // Before anybody else can advance these executions, so that their lines keep their order.
        log(steps)
        let (hasWork, hasWorkAside) = agenda.withLock { agenda in
            agenda.freeSlots(unusedSlots)
            for prepared in steps {
                let transition = prepared.step.transition
                cancellations += agenda.endTasks(transition?.endedTaskKeys ?? [])
                agenda.handOver(transition?.submittedTaskKeys ?? [])
                for task in transition?.tasks ?? [] where task.request.activityARN == nil {
                    needsDispatch = true
                    if task.lease == nil { agenda.noteOffered(true) } else { agenda.start(task) }
                }
                let timer = transition?.timers.values.min()
                if agenda.noteTimer(timer) { hasEarlierTimer = true }
                agenda.finish(prepared.work.arn, prepared.step.current)
            }
            return (agenda.hasWork, agenda.hasWorkAside)
        }
        // What was passed over while these were busy can be taken now, also by those who were not the ones to finish.
        if hasWork { mailSignal.give() }
        if hasWorkAside { asideSignal.give() }
        for cancellation in cancellations { cancellation.give() }
        if needsDispatch || unusedSlots > 0 { dispatchSignal.give() }
        if hasEarlierTimer { timerSignal.give() }
        offerToPolls(steps.flatMap { $0.step.transition?.tasks ?? [] })
        let transitions = steps.compactMap(\.step.transition)
        counters.note(transitions)
        updateMapRuns(transitions)
        noteNested(steps.map(\.step))
        for prepared in steps { for (reply, answer) in prepared.step.answers { reply(answer) } }
        announce(steps)
    }

    private func log(_ steps: [PreparedStep]) {
        for step in steps.map(\.step) where !step.events.isEmpty {
            guard let execution = step.current?.execution else { continue }
            log(step.events, of: execution, step.machine)
        }
    }

    private func announce(_ steps: [PreparedStep]) {
        let changes = steps.compactMap { prepared -> ExecutionChange? in
            guard let transition = prepared.step.transition, let current = prepared.step.current else { return nil }
            if transition.isNew, current.execution.mapRun == nil {
                logger.info("execution started", metadata: ["execution.arn": "\(current.execution.arn)"])
            }
            for outcome in transition.outcomes {
                logger.info(
                    "execution ended",
                    metadata: [
                        "execution.arn": "\(outcome.executionArn)", "execution.status": "\(outcome.status.rawValue)",
                    ]
                )
            }
            return ExecutionChange(
                execution: current.execution,
                stateNames: current.state?.currentStateNames ?? [],
                lastEventID: transition.history.last?.id ?? 0,
                hasBegun: transition.isNew || transition.history.contains { $0.type == .executionRedriven },
                hasEnded: transition.hasEnded
            )
        }
        if !changes.isEmpty { watchers.tell(changes) }
    }

    /// Answers those who wait, and keeps what nobody waits for.
    private func fail(_ work: [Work], _ error: any Error) {
        logger.error("executions cannot be saved", metadata: ["error": "\(error)"])
        for delivery in work.flatMap(\.deliveries) { delivery.reply?(.failure(.translating(error))) }
        agenda.withLock { $0.putBack(work) }
    }

    /// Sets an execution aside that cannot go on whatever is tried, so that the others can.
    private func drop(_ work: Work, _ error: UnworkableExecution) {
        if error.answer.code == .unavailable {
            logger.error("execution cannot go on", metadata: ["error": "\(error.answer.message)"])
        }
        for delivery in work.deliveries { delivery.reply?(.failure(error.answer)) }
        agenda.withLock { $0.finish(work.arn, nil) }
        mailSignal.give()
        asideSignal.give()
    }
}

/// A step that takes longer than others can wait.
private struct LongStep: Error {
    var revision: Int64
}

/// An execution that does not exist, or whose row makes no sense to this version.
private struct UnworkableExecution: Error {
    var answer: ExecutionError

    init(answer: ExecutionError) { self.answer = answer }

    init(damaged arn: String, _ fact: String) {
        answer = ExecutionError(.unavailable, "execution '\(arn)' cannot go on: \(fact)")
    }
}

extension Work {
    /// Whether it surely is not in the store: started under a name that was made for it.
    fileprivate var isFresh: Bool {
        if case .start(let start)? = deliveries.first?.letter { start.isNameNew } else { false }
    }

    /// Whether it asks for nothing but to go on with what a step left over.
    fileprivate func isContinuation(of state: ExecutionState) -> Bool {
        deliveries.allSatisfy { delivery in
            guard case .event(.timerFired(let timer)) = delivery.letter else { return false }
            return state.isContinuation(timer)
        }
    }

    /// The revision it is to go on with, where that is another.
    fileprivate func redriveRevision(_ execution: Execution?) -> Int64? {
        guard execution?.status.isRedrivable == true else { return nil }
        for delivery in deliveries {
            if case .redrive(let order) = delivery.letter { return order.revision }
        }
        return nil
    }

    /// The execution it starts.
    fileprivate var newExecution: Execution? {
        for delivery in deliveries {
            if case .start(let start) = delivery.letter { return start.execution }
        }
        return nil
    }
}

extension Transition {
    fileprivate var hasEnded: Bool { !outcomes.isEmpty || childStep.map { $0.to != .running } ?? false }

    fileprivate var endedTaskKeys: [TaskKey] {
        endedTasks.map { TaskKey(executionArn: execution.arn, id: $0) }
    }

    fileprivate var submittedTaskKeys: [TaskKey] {
        submittedTasks.map { TaskKey(executionArn: execution.arn, id: $0) }
    }
}

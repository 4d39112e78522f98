import FoundationEssentials
import JSON
import Logging
import StatesLanguage
import Synchronization

extension Engine {
    /// Waits for tasks that have a slot: those just scheduled, and as many of the store's as there are slots.
    func nextStarts() async -> [(task: ScheduledTask, cancellation: Signal)] {
        await dispatchSignal.wait()
        await claimOfferedTasks()
        return agenda.withLock { $0.takeStarts() }
    }

    private func claimOfferedTasks() async {
        let slots = agenda.withLock { $0.reserveSlotsForOffered(limit: configuration.batchLimit) }
        guard slots > 0 else { return }
        // Tasks that are offered while the store is asked must not be forgotten with those it did not have.
        agenda.withLock { $0.noteOffered(false) }
        do {
            let claimed = try await store.claimTasks(limit: slots, lease: lease)
            agenda.withLock { agenda in
                agenda.freeSlots(slots - claimed.count)
                if claimed.count == slots { agenda.noteOffered(true) }
                for task in claimed { agenda.start(task) }
            }
            for task in claimed where task.attempt == 1 {
                deliver(.event(.taskStarted(task: task.request.id)), to: task.executionArn)
            }
        } catch {
            logger.error("tasks cannot be claimed", metadata: ["error": "\(error)"])
            agenda.withLock { agenda in
                agenda.freeSlots(slots)
                agenda.noteOffered(true)
            }
            await backOff(4, or: dispatchSignal)
            dispatchSignal.give()
        }
    }

    var lease: Lease {
        Lease(owner: owner, end: now.addingTimeInterval(configuration.leaseDuration / .seconds(1)))
    }

    /// Runs the handler of a task, unless nobody waits for the task any more.
    func perform(_ task: ScheduledTask, cancellation: Signal) async {
        let arn = task.executionArn
        let result = await result(of: task, cancellation: cancellation) { self.deliver(.event($0), to: arn) }
        if let result {
            counters.notePerformedTask()
            deliver(.handed(result), to: arn)
        }
        if agenda.withLock({ $0.handlerEnded(task.key) }) { dispatchSignal.give() }
    }

    /// What the handler of a task says in the end, and `send` is given on the way; `nil` when the engine stops or the
    /// task was cancelled, so that it says nothing.
    func result(
        of task: ScheduledTask,
        cancellation: Signal,
        send: @escaping @Sendable (Event) -> Void
    ) async -> Event? {
        await withTaskGroup { group in
            group.addTask { await self.invoke(task, send) }
            group.addTask {
                await cancellation.wait()
                return Event?.none
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    private func invoke(_ task: ScheduledTask, _ send: @escaping @Sendable (Event) -> Void) async -> Event? {
        let request = task.request
        guard let handler = tasks.handler(for: request.resource) else {
            return .taskFailed(task: request.id, error: unknownResource(request.resource))
        }
        let invocation = TaskInvocation(
            executionArn: task.executionArn,
            request: request,
            attempt: task.attempt,
            heartbeat: { send(.taskHeartbeat(task: request.id)) },
            submitted: { send(.taskSubmitted(task: request.id, output: $0)) }
        )
        do {
            switch try await handler.run(invocation) {
            case .submitted(let output): return .taskSubmitted(task: request.id, output: output)
            case .succeeded(let output) where request.waitsForToken:
                return .taskSubmitted(task: request.id, output: output)
            case .succeeded(let output): return .taskSucceeded(task: request.id, output: Payload(output))
            }
        } catch {
            guard !Task.isCancelled else { return nil }
            let failure = error as? StatesError ?? StatesError(name: StatesError.taskFailed, cause: "\(error)")
            return .taskFailed(task: request.id, error: failure)
        }
    }

    func unknownResource(_ resource: String) -> StatesError {
        StatesError(
            name: StatesError.runtime,
            cause: "The resource \"\(resource)\" is not known here; the resources here are: \(resources.summary)"
        )
    }
}

// MARK: - Leases

extension Engine {
    /// Renews the leases of tasks at work, and offers again what was lost.
    func keepLeases() async {
        let unsignalled = Signal()
        while !Task.isCancelled {
            let period = configuration.leaseDuration / .seconds(3)
            await sleep(until: environment.now().addingTimeInterval(period), or: unsignalled)
            guard !Task.isCancelled else { return }
            do {
                try await rescueTasks()
            } catch {
                logger.error("leases cannot be renewed", metadata: ["error": "\(error)"])
            }
        }
    }

    private func rescueTasks() async throws {
        let leased = agenda.withLock { Array($0.leased) }
        if !leased.isEmpty { try await store.renew(lease, of: leased) }
        let released = try await store.releaseTasks(leasedUntil: now)
        guard released > 0 else { return }
        logger.warning("tasks whose lease has ended are offered again", metadata: ["task.count": "\(released)"])
        agenda.withLock { $0.noteOffered(true) }
        dispatchSignal.give()
    }
}

import FoundationEssentials
import JSON

// What becomes of an error: the state's Retry, then its Catch, then the state around it.
extension Turn {
    /// A state failed of itself.
    ///
    /// The alias is another name by which Retry and Catch may know the error.
    mutating func fail(_ id: Int, _ error: StatesError, alias: String? = nil) {
        guard var frame = state.frames[id] else { return }
        let failure = Failure(error: error, aliases: alias.map { [$0] } ?? [])
        if case .children(let children) = frame.phase {
            if isFatal(failure, for: id) {
                children.frames.forEach { silenceAll($0) }
            } else {
                abort(children.frames, after: frame.lastEvent)
            }
            remove(children.frames)
        }
        recordEvaluationFailure(error, &frame)
        frame.phase = .stopped
        state.frames[id] = frame
        if retry(id, failure) || `catch`(id, failure) { return }
        propagate(from: id, failure)
    }

    /// An error and the other names by which it may be matched.
    struct Failure {
        var error: StatesError
        var aliases: [String]

        func matches(_ patterns: [String]) -> Bool {
            error.alias.map(patterns.contains) ?? false || error.matches(anyOf: patterns)
                || error.name != StatesError.runtime && aliases.contains(where: patterns.contains)
        }
    }

    /// A Map Run failed, and with it its Map state.
    mutating func failMapState(_ id: Int, _ error: StatesError) {
        let failure = Failure(error: error, aliases: [])
        if retry(id, failure) { return }
        guard let frame = state.frames[id] else { return }
        let event = record(.mapStateFailed, after: frame.lastEvent)
        state.frames[id]?.lastEvent = event
        if `catch`(id, failure) { return }
        propagate(from: id, failure)
    }

    private mutating func propagate(from id: Int, _ failure: Failure) {
        guard let frame = state.frames[id] else { return }
        guard let parent = frame.parent, !isFatal(failure, for: parent) else {
            return failExecution(failure.error, after: frame.lastEvent)
        }
        childFailed(frame, of: parent, failure)
    }

    /// Whether an error ends the execution wherever it happens: no state from here outwards says what to do about it.
    private func isFatal(_ failure: Failure, for id: Int) -> Bool {
        guard failure.error.name == StatesError.runtime else { return false }
        var next: Int? = id
        while let frame = next.flatMap({ state.frames[$0] }) {
            let handling = definition.statesByName[frame.stateName]?.handling
            let patterns = (handling?.retriers.map(\.errorEquals) ?? []) + (handling?.catchers.map(\.errorEquals) ?? [])
            if patterns.contains(where: failure.matches) { return false }
            next = frame.parent
        }
        return true
    }

    /// A branch or an iteration failed, and with it the state it belongs to.
    private mutating func childFailed(_ child: Frame, of id: Int, _ failure: Failure) {
        guard case .children(let children) = state.frames[id]?.phase else { return }
        var failure = failure
        let event = child.lastEvent
        let map = mapName(of: id)
        if let map { record(.mapIterationFailed, iteration(map, child.index), after: event) }
        abort(children.frames.filter { $0 != child.id }, after: event)
        state.frames[id]?.lastEvent = event
        if map == nil { failure.aliases.append(StatesError.branchFailed) }
        if retry(id, failure) { return remove(children.frames) }
        let failed = record(map == nil ? .parallelStateFailed : .mapStateFailed, after: event)
        state.frames[id]?.lastEvent = failed
        if `catch`(id, failure) { return remove(children.frames) }
        propagate(from: id, failure)
    }

    // MARK: Retry

    private mutating func retry(_ id: Int, _ failure: Failure) -> Bool {
        guard var frame = state.frames[id],
            let retriers = definition.statesByName[frame.stateName]?.handling?.retriers,
            let index = retriers.firstIndex(where: { failure.matches($0.errorEquals) })
        else { return false }
        if frame.retries.count < retriers.count {
            frame.retries += Array(repeating: 0, count: retriers.count - frame.retries.count)
        }
        let retrier = retriers[index]
        guard frame.retries[index] < retrier.maxAttempts else { return false }
        if !state.mapRuns.isEmpty { state.mapRuns[id] = nil }
        let delay = retrier.delay(after: frame.retries[index], using: &state.generator)
        frame.retries[index] += 1
        inspection?.retryIndex = index
        inspection?.retryBackoffIntervalSeconds = delay
        frame.phase = .retry(timer: startTimer(.frame(id), at: now.addingTimeInterval(delay)))
        state.frames[id] = frame
        return true
    }

    // MARK: Catch

    private mutating func `catch`(_ id: Int, _ failure: Failure) -> Bool {
        guard var frame = state.frames[id], let current = definition.statesByName[frame.stateName],
            let catchers = current.handling?.catchers,
            let index = catchers.firstIndex(where: { failure.matches($0.errorEquals) })
        else { return false }
        let catcher = catchers[index]
        inspection?.catchIndex = index
        let alias = failure.error.alias.flatMap { catcher.errorEquals.contains($0) ? $0 : nil }
        let name = alias ?? failure.error.name
        let result: JSON = ["Error": .string(name), "Cause": .string(failure.error.cause ?? "")]
        do throws(StatesError) {
            let exit = try exit(frame, current, error: result, catcher)
            leave(&frame, current, exit)
            frame.move(to: catcher.next, input: exit.output)
            state.frames[id] = frame
            enqueue(id)
        } catch {
            let error = place(error, in: frame)
            recordEvaluationFailure(error, &frame)
            state.frames[id] = frame
            propagate(from: id, Failure(error: error, aliases: []))
        }
        return true
    }
}

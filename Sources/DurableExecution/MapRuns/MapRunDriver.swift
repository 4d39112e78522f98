import StatesLanguage

/// Decides what a Map Run does next; pure.
struct MapRunDriver: Sendable {
    /// What to do next.
    enum Action: Equatable {
        /// Run again so many children at most that did not succeed.
        case redrive(Int)
        /// Start so many children at most.
        case start(Int)
        /// Wait until a child ends or a limit changes.
        case wait
        /// Stop the children under way.
        case stopChildren
        /// All children have ended: write the results and tell the execution, which gets the error if there is one.
        case conclude(StatesError?)
        /// Nothing is left to do.
        case finish
    }

    /// Children at once of a run that does not limit them.
    let concurrencyCap: Int
    /// What went wrong beside the children: with the items, for one.
    var failure: StatesError?
    /// The redrive whose children have been told to stop, so that they are told once.
    private var stopped: Int?

    init(concurrencyCap: Int) { self.concurrencyCap = concurrencyCap }

    mutating func next(for run: MapRun) -> Action {
        let running = run.executionCounts.running
        guard run.status == .running else { return running > 0 ? stop(run) : .finish }
        if let error = failure ?? Self.exceededTolerance(of: run) { return running > 0 ? stop(run) : .conclude(error) }
        let limit = run.maxConcurrency == 0 ? concurrencyCap : min(run.maxConcurrency, concurrencyCap)
        let room = limit - running
        let pending = run.executionCounts.pendingRedrive
        if pending > 0 { return room > 0 ? .redrive(min(room, pending)) : .wait }
        if !run.progress.isComplete { return room > 0 ? .start(room) : .wait }
        return running > 0 ? .wait : .conclude(nil)
    }

    /// Forgets what went wrong, for a run that is redriven.
    mutating func reset() {
        failure = nil
        stopped = nil
    }

    private mutating func stop(_ run: MapRun) -> Action {
        guard stopped != run.redriveCount else { return .wait }
        stopped = run.redriveCount
        return .stopChildren
    }

    /// The error of a run of which too many items have failed.
    ///
    /// A limit of zero is none, and with neither limit no item may fail. Those that wait for a redrive count as failed
    /// no more. The percentage is one of all items, so it decides once their number is known.
    static func exceededTolerance(of run: MapRun) -> StatesError? {
        let failed = run.itemCounts.unsuccessful - run.itemCounts.pendingRedrive
        guard failed > 0 else { return nil }
        let count = run.toleratedFailureCount ?? 0
        let percentage = run.toleratedFailurePercentage ?? 0
        let isOverCount = count > 0 ? failed > count : percentage == 0
        var isOverShare = false
        if percentage > 0, let total = run.knownItemTotal {
            isOverShare = Double(failed) * 100 > percentage * Double(total)
        }
        guard isOverCount || isOverShare else { return nil }
        return StatesError(
            name: "States.ExceedToleratedFailureThreshold",
            cause: "The specified tolerated failure threshold was exceeded"
        )
    }
}

extension MapRun {
    /// How many items there are, once that is known.
    var knownItemTotal: Int? { progress.isComplete ? progress.itemCount : progress.itemTotal }
}

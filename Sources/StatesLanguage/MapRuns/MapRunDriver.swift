/// Where a Map Run stands, as far as it decides what comes next.
public struct MapRunStanding: Sendable, Equatable {
    /// Whether it goes on.
    public var isRunning = true
    /// How many times it was redriven.
    public var redriveCount = 0
    /// How many children may run at once; 0 for as many as there may be.
    public var maxConcurrency: Int
    /// How many items may fail; `nil` unless given.
    public var toleratedFailureCount: Int?
    /// How many percent of the items may fail; `nil` unless given.
    public var toleratedFailurePercentage: Double?
    /// How many children are under way.
    public var runningCount = 0
    /// How many children wait for a redrive.
    public var pendingRedriveCount = 0
    /// How many items ended without success; those that wait for a redrive are none of them.
    public var failedItemCount = 0
    /// How many items there are, once that is known.
    public var itemTotal: Int?
    /// Whether all items are in children.
    public var isComplete = false

    /// A run with these limits of which nothing has been started.
    public init(maxConcurrency: Int, toleratedFailureCount: Int?, toleratedFailurePercentage: Double?) {
        self.maxConcurrency = maxConcurrency
        self.toleratedFailureCount = toleratedFailureCount
        self.toleratedFailurePercentage = toleratedFailurePercentage
    }
}

/// Decides what a Map Run does next; pure.
public struct MapRunDriver: Sendable {
    /// What to do next.
    public enum Action: Sendable, Equatable {
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
    private let concurrencyCap: Int
    /// What went wrong beside the children: with the items, for one.
    public var failure: StatesError?
    /// The redrive whose children have been told to stop, so that they are told once.
    private var stopped: Int?

    /// A driver.
    ///
    /// - Parameter concurrencyCap: Children at once of a run that does not limit them; a higher limit counts as this.
    public init(concurrencyCap: Int) { self.concurrencyCap = concurrencyCap }

    /// Decides.
    ///
    /// - Parameter run: Where the run stands.
    /// - Returns: What to do; children that are told to stop are told once.
    public mutating func next(for run: MapRunStanding) -> Action {
        let running = run.runningCount
        guard run.isRunning else { return running > 0 ? stop(run) : .finish }
        if let error = failure ?? run.exceededTolerance { return running > 0 ? stop(run) : .conclude(error) }
        let limit = run.maxConcurrency == 0 ? concurrencyCap : min(run.maxConcurrency, concurrencyCap)
        let room = limit - running
        let pending = run.pendingRedriveCount
        if pending > 0 { return room > 0 ? .redrive(min(room, pending)) : .wait }
        if !run.isComplete { return room > 0 ? .start(room) : .wait }
        return running > 0 ? .wait : .conclude(nil)
    }

    /// Forgets what went wrong, for a run that is redriven.
    public mutating func reset() {
        failure = nil
        stopped = nil
    }

    private mutating func stop(_ run: MapRunStanding) -> Action {
        guard stopped != run.redriveCount else { return .wait }
        stopped = run.redriveCount
        return .stopChildren
    }
}

extension MapRunStanding {
    /// The error of a run of which too many items have failed.
    ///
    /// A limit of zero is none, and with neither limit no item may fail. The percentage is one of all items, so it
    /// decides once their number is known.
    fileprivate var exceededTolerance: StatesError? {
        guard failedItemCount > 0 else { return nil }
        let count = toleratedFailureCount ?? 0
        let percentage = toleratedFailurePercentage ?? 0
        let isOverCount = count > 0 ? failedItemCount > count : percentage == 0
        var isOverShare = false
        if percentage > 0, let itemTotal {
            isOverShare = Double(failedItemCount) * 100 > percentage * Double(itemTotal)
        }
        guard isOverCount || isOverShare else { return nil }
        return StatesError(
            name: StatesError.exceedToleratedFailureThreshold,
            cause: "The specified tolerated failure threshold was exceeded"
        )
    }
}

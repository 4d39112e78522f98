import JSON

/// How many children of a Map Run, or how many of its items, stand where.
public struct MapRunCounts: Sendable, Equatable {
    /// Under way.
    public var running = 0
    /// Ended well.
    public var succeeded = 0
    /// Ended in an error.
    public var failed = 0
    /// Ended at a time limit.
    public var timedOut = 0
    /// Stopped.
    public var aborted = 0
    /// Ended without success before the last redrive and not yet run again.
    public var pendingRedrive = 0
    /// Written by the result writer.
    public var resultsWritten = 0

    /// Counts of nothing.
    public init() {}

    /// All of them.
    public var total: Int { running + succeeded + unsuccessful }

    /// Those that ended without success.
    public var unsuccessful: Int { failed + timedOut + aborted }

    /// Adds what other counts have.
    public static func += (left: inout MapRunCounts, right: MapRunCounts) {
        left.running += right.running
        left.succeeded += right.succeeded
        left.failed += right.failed
        left.timedOut += right.timedOut
        left.aborted += right.aborted
        left.pendingRedrive += right.pendingRedrive
        left.resultsWritten += right.resultsWritten
    }

    /// Takes in a child's step.
    ///
    /// - Parameters:
    ///   - step: From where to where.
    ///   - times: How many items the child has, or 1.
    ///   - isPendingRedrive: Whether the child has not yet taken part in the run's last redrive.
    public mutating func apply(_ step: MapRunMembership.Step, times: Int, isPendingRedrive: Bool) {
        if let old = step.from { add(-times, to: old) }
        add(times, to: step.to)
        if step.isRedriven { pendingRedrive -= times }
        if isPendingRedrive, step.to.isRedrivable { pendingRedrive += times }
    }

    /// All that did not succeed are to run again.
    mutating func redrive() {
        pendingRedrive = unsuccessful
        resultsWritten = 0
    }

    private mutating func add(_ count: Int, to status: Execution.Status) {
        switch status {
        case .running, .pendingRedrive: running += count
        case .succeeded: succeeded += count
        case .failed: failed += count
        case .timedOut: timedOut += count
        case .aborted: aborted += count
        }
    }

    /// The counts as `DescribeMapRun` shows them.
    func json(pending: Int) -> JSON {
        [
            "pending": JSON(pending), "running": JSON(running), "succeeded": JSON(succeeded), "failed": JSON(failed),
            "timedOut": JSON(timedOut), "aborted": JSON(aborted), "total": JSON(total + pending),
            "resultsWritten": JSON(resultsWritten), "failuresNotRedrivable": 0,
            "pendingRedrive": JSON(pendingRedrive),
        ]
    }
}

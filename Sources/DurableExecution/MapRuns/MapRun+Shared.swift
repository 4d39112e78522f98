import StatesLanguage

// What the parts of a Map Run that know no store are told of it.
extension MapRun {
    /// Where the run stands for the one who decides what comes next.
    var standing: MapRunStanding {
        var standing = MapRunStanding(
            maxConcurrency: maxConcurrency,
            toleratedFailureCount: toleratedFailureCount,
            toleratedFailurePercentage: toleratedFailurePercentage
        )
        standing.isRunning = status == .running
        standing.redriveCount = redriveCount
        standing.runningCount = executionCounts.running
        standing.pendingRedriveCount = executionCounts.pendingRedrive
        standing.failedItemCount = itemCounts.unsuccessful - itemCounts.pendingRedrive
        standing.itemTotal = progress.isComplete ? progress.itemCount : progress.itemTotal
        standing.isComplete = progress.isComplete
        return standing
    }
}

extension MapRunDriver {
    mutating func next(for run: MapRun) -> Action { next(for: run.standing) }
}

extension Execution {
    /// What the results of its Map Run say of it.
    var mapRunChild: MapRunChild {
        var child = MapRunChild(
            arn: arn,
            name: name,
            stateMachineArn: stateMachineArn,
            status: ExecutionState.Status(rawValue: status.rawValue) ?? .running,
            input: input,
            startDate: startDate
        )
        (child.output, child.error, child.cause, child.stopDate) = (output, error, cause, stopDate)
        (child.redriveCount, child.redriveDate) = (redriveCount, redriveDate)
        return child
    }
}

import JSON
import StatesLanguage

/// What steps do to Map Runs: those an execution has asked for, and the one it is a child of.
extension Step {
    /// Begins a Map Run.
    mutating func begin(_ request: MapRunRequest) {
        guard let execution = current?.execution else { return }
        var run = MapRun(
            arn: request.arn,
            executionArn: execution.arn,
            stateMachineArn: execution.stateMachineArn,
            revision: execution.revision,
            requestID: request.id,
            stateName: request.stateName,
            label: request.label,
            isExpress: request.isExpress,
            maxConcurrency: request.maxConcurrency,
            toleratedFailureCount: request.toleratedFailureCount,
            toleratedFailurePercentage: request.toleratedFailurePercentage,
            startDate: now
        )
        run.progress.itemTotal = request.itemTotal
        change { [run] in $0.mapRuns.append(.begin(run, request)) }
    }

    /// Takes in the end of a Map Run; whatever the execution makes of it, the run has ended.
    mutating func endMapRun(
        _ status: MapRun.Status,
        _ event: Event,
        arn: String
    ) -> Result<Execution, ExecutionError> {
        guard current != nil else { return .failure(.noExecution(arn)) }
        switch event {
        case .mapRunSucceeded(let id, _), .mapRunFailed(let id, _):
            change { [now] in $0.mapRuns.append(.end(requestID: id, status, at: now)) }
        default: break
        }
        return advance(event, arn: arn)
    }

    /// Runs a child again that did not succeed, once for each redrive of its run.
    mutating func redriveChild(_ redrive: Delivery.ChildRedrive, arn: String) -> Result<Execution, ExecutionError> {
        guard var execution = current?.execution, let child = execution.mapRun else {
            return .failure(.noExecution(arn))
        }
        guard execution.status.isRedrivable, child.redriveCount < redrive.redriveCount else {
            return .success(execution)
        }
        isRedriven = true
        execution.mapRun?.redriveCount = redrive.redriveCount
        execution.status = .running
        (execution.error, execution.cause, execution.stopDate) = (nil, nil, nil)
        if let state = redrive.state {
            execution.startDate = now
            current = HotExecution(execution: execution, state: state)
            handle(.started)
        } else {
            execution.redriveCount += 1
            execution.redriveDate = now
            current?.execution = execution
            handle(.redriven())
        }
        return .success(current?.execution ?? execution)
    }

    /// From where to where a child has gone; `nil` when it stands as before.
    func childStep(to status: Execution.Status) -> MapRunMembership.Step? {
        guard previousStatus != status || isRedriven else { return nil }
        return MapRunMembership.Step(from: previousStatus, to: status, isRedriven: isRedriven)
    }
}

extension MapRunRequest {
    /// How many items there are, where that is known before they are read.
    fileprivate var itemTotal: Int? {
        guard case .items(let items) = source else { return nil }
        return items.array?.count ?? items.object?.count
    }
}

extension ExecutionError {
    static let redrivableByMapRun = ExecutionError(
        .executionNotRedrivable,
        "Execution is a child of a Map Run and is redriven with it; redrive the execution that started the Map Run"
    )
}

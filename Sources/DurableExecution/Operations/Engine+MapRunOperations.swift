import JSON
import Synchronization

extension Engine {
    /// Lists the Map Runs of an execution, newest first.
    ///
    /// - Parameters:
    ///   - executionArn: The execution's ARN.
    ///   - maxResults: From 0 to 1,000; 0 and `nil` stand for 100.
    ///   - nextToken: What the page before ended with.
    /// - Returns: A page.
    /// - Throws: `InvalidArn`, `InvalidToken`, `ExecutionDoesNotExist`, `ValidationException`.
    public func listMapRuns(
        of executionArn: String,
        maxResults: Int? = nil,
        nextToken: String? = nil
    ) async throws(ExecutionError) -> Page<MapRun> {
        _ = try await describeExecution(executionArn)
        return try await page("map runs \(executionArn)", maxResults, nextToken) {
            try await store.mapRuns(of: executionArn, $0)
        }
    }

    /// Finds a Map Run.
    ///
    /// - Parameter arn: Its ARN.
    /// - Returns: The run as it stands.
    /// - Throws: `InvalidArn`, `ResourceNotFound`.
    public func describeMapRun(_ arn: String) async throws(ExecutionError) -> MapRun {
        try ResourceNames.check(arn, is: .mapRun)
        guard let run = try await saved({ try await store.mapRun(arn) }) else { throw .noResource(arn) }
        return run
    }

    /// Changes the limits of a Map Run, which hold from then on.
    ///
    /// - Parameters:
    ///   - arn: Its ARN.
    ///   - limits: The limits to set.
    /// - Throws: `InvalidArn`, `ResourceNotFound`, `ValidationException`.
    public func updateMapRun(_ arn: String, _ limits: MapRunLimits) async throws(ExecutionError) {
        try ResourceNames.check(arn, is: .mapRun)
        guard let run = try await saved({ try await store.update(limits, ofMapRun: arn) }) else {
            throw .noResource(arn)
        }
        mapRuns.withLock(\.entries)[arn]?.change { known in
            known.maxConcurrency = run.maxConcurrency
            known.toleratedFailureCount = run.toleratedFailureCount
            known.toleratedFailurePercentage = run.toleratedFailurePercentage
        }
    }
}

extension StateMachine {
    /// What the children of one of its Map Runs run.
    func processor(of run: MapRun) -> StateMachine {
        var machine = self
        machine.mapRunArn = run.arn
        machine.label = run.label
        machine.arn = MapRunMembership.arn(.stateMachine, ofMapRun: run.arn, name: nil)
        machine.name = MapRunMembership.machineName(ofMapRun: run.arn)
        if let definition = try? JSON(parsing: definition), let processor = definition.processor(of: run.stateName) {
            machine.definition = processor.text
        }
        return machine
    }
}

extension JSON {
    /// The processor of a Map state, anywhere in a definition.
    fileprivate func processor(of stateName: String) -> JSON? {
        for (name, state) in self["States"]?.object ?? [:] {
            let processor = state["ItemProcessor"] ?? state["Iterator"]
            if name == stateName, let processor { return processor }
            for scope in [processor].compactMap(\.self) + (state["Branches"]?.array ?? []) {
                if let found = scope.processor(of: stateName) { return found }
            }
        }
        return nil
    }
}

import FoundationEssentials
import JSON

extension Rehearsal {
    /// The Map Runs, in the order in which they were started, those of children too; made anew at each call.
    public var mapRuns: [RehearsedMapRun] {
        runs.map { run in
            RehearsedMapRun(
                run,
                executionARN: executions[run.execution].state.context.execution.id,
                parent: executions[run.execution].child,
                children: run.children.map { .init(executions[$0]) }
            )
        }
    }

    // MARK: Items

    /// Finds the items of a run that begins.
    mutating func open(_ index: Int) {
        guard runs[index].standing.isRunning else { return }
        do throws(StatesError) {
            guard let items = try items(of: runs[index].request) else {
                missingMock = .items(runs[index].request)
                return
            }
            runs[index].take(items, definition, now: now)
        } catch {
            runs[index].driver.failure = error
        }
        changedRuns.append(index)
    }

    private func items(of request: MapRunRequest) throws(StatesError) -> [MapRunItem]? {
        switch request.source {
        case .items(let json): return try MapRunItem.items(of: json)
        case .reader(_, let arguments, let config):
            switch items(request) {
            case .items(let json):
                let limit = config["MaxItems"]?.int.flatMap { $0 > 0 ? $0 : nil } ?? .max
                let place = ["Bucket", "Key"].compactMap { arguments[$0]?.string }.joined(separator: "/")
                return Array(try MapRunItem.items(of: json, source: "S3://\(place)").prefix(limit))
            case .error(let error): throw error
            case .output, .silence, nil: return nil
            }
        }
    }

    // MARK: Children

    /// Does what a run is to do next, until it has to wait.
    mutating func drive(_ index: Int) {
        while true {
            let standing = runs[index].standing
            switch runs[index].driver.next(for: standing) {
            case .start(let limit): startChildren(of: index, limit: limit)
            case .stopChildren:
                let children = runs[index].children
                for child in children where executions[child].state.isRunning { send(.stopped(), to: child) }
            case .conclude(let failure): conclude(index, failure)
            case .wait, .finish, .redrive: return
            }
        }
    }

    /// Nobody waits for a run any more.
    mutating func abort(_ index: Int) {
        guard runs[index].standing.isRunning else { return }
        runs[index].end(.aborted, at: now)
        changedRuns.append(index)
    }

    private mutating func startChildren(of index: Int, limit: Int) {
        do throws(StatesError) {
            for input in try runs[index].nextInputs(limit: limit) { start(input, of: index) }
        } catch {
            runs[index].driver.failure = error
        }
    }

    private mutating func start(_ input: ChildInputs<MapRunItem>.Input, of index: Int) {
        let request = runs[index].request
        let names = MapRunNames(request.arn)
        let number = runs[index].children.count
        let name = names.child(number)
        let parent = executions[runs[index].execution].state.context
        let context = ExecutionContext(
            execution: .init(
                id: names.arn(of: "execution", name: name),
                name: name,
                roleArn: parent.execution.roleArn,
                startTime: now,
                input: Payload(input.json)
            ),
            stateMachine: .init(id: names.arn(of: "stateMachine", name: nil), name: names.machine)
        )
        guard let processor = runs[index].processor else { return }
        runs[index].children.append(executions.count)
        runs[index].standing.runningCount += 1
        ready.append(.start(execution: executions.count))
        executions.append(
            RehearsedExecution(
                processor,
                ExecutionState(context: context, seed: seeds.next()),
                child: .init(run: index, index: number, itemCount: input.itemCount)
            )
        )
    }

    // MARK: The end

    private mutating func conclude(_ index: Int, _ failure: StatesError?) {
        let run = runs[index]
        do throws(StatesError) {
            if let failure { throw failure }
            let result = try result(of: run)
            runs[index].end(.succeeded, at: now)
            send(.mapRunSucceeded(id: run.request.id, result: result), to: run.execution)
        } catch {
            runs[index].end(.failed, at: now)
            runs[index].error = error
            send(.mapRunFailed(id: run.request.id, error: error), to: run.execution)
        }
    }

    /// What the state's result is: where its writer would put the children's ends, or what they contribute.
    private func result(of run: RehearsedRun) throws(StatesError) -> JSON {
        if let writer = run.request.writer, writer.resource != nil {
            return try ResultDestination(writer, ofMapRun: run.request.arn).result
        }
        var results = CollectedResults(run.request.writer, stateName: run.request.stateName)
        do {
            for child in run.children { try results.add(executions[child].mapRunChild) }
            return try results.value()
        } catch let error as StatesError {
            throw error
        } catch {
            throw StatesError(name: StatesError.runtime, cause: "\(error)")
        }
    }
}

import FoundationEssentials
import JSON
import Logging
import StatesLanguage
import Synchronization

extension Engine {
    /// Reads what Map Runs earlier processes have left.
    func recoverMapRuns() async throws {
        let runs = try await store.openMapRuns()
        mapRuns.withLock { board in for run in runs { board.add(run) } }
        mapRunSignal.give()
    }

    /// Takes in what has been saved of Map Runs and their children.
    func updateMapRuns(_ transitions: [Transition]) {
        let changed = transitions.filter { $0.childStep != nil || !$0.mapRuns.isEmpty }
        guard !changed.isEmpty else { return }
        let hasArrivals = mapRuns.withLock { board in
            for transition in changed { board.apply(transition) }
            return board.hasArrivals
        }
        if hasArrivals { mapRunSignal.give() }
    }

    /// Drives every Map Run until it has ended, each in a task of its own.
    func driveMapRuns() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                await mapRunSignal.wait()
                for entry in await arrivedMapRuns() { group.addTask { await self.drive(entry) } }
            }
        }
    }

    /// Map Runs that nobody drives yet; those that are to be read from the store are read until that works.
    private func arrivedMapRuns() async -> [MapRunEntry] {
        var failures = 0
        while !Task.isCancelled {
            let (entries, awaited) = mapRuns.withLock { $0.takeArrivals() }
            guard !awaited.isEmpty else { return entries }
            do {
                for key in awaited {
                    let run = try await store.mapRun(of: key.executionArn, requestID: key.requestID)
                    mapRuns.withLock { board in if let run { board.add(run) } }
                }
                return entries + mapRuns.withLock { $0.takeArrivals().entries }
            } catch {
                failures += 1
                logger.error("Map Runs cannot be read", metadata: ["error": "\(error)"])
                mapRuns.withLock { board in
                    for entry in entries { board.putBack(entry) }
                    for key in awaited { board.putBack(key.executionArn, key.requestID) }
                }
                await backOff(failures, or: mapRunSignal)
            }
        }
        return []
    }

    private func drive(_ entry: MapRunEntry) async {
        var work = MapRunWork(entry, concurrencyCap: configuration.mapRunConcurrency)
        var failures = 0
        while !Task.isCancelled {
            do {
                guard try await step(&work) else { return }
                failures = 0
            } catch {
                guard !Task.isCancelled else { return }
                failures += 1
                logger.error("a Map Run cannot go on", metadata: ["mapRun.arn": "\(entry.arn)", "error": "\(error)"])
                await backOff(failures, or: entry.changed)
            }
        }
    }

    /// Does what a Map Run is to do next; false when nothing is left.
    private func step(_ work: inout MapRunWork) async throws -> Bool {
        let run = work.entry.run
        work.follow(run)
        switch work.driver.next(for: run) {
        case .wait: await work.entry.changed.wait()
        case .redrive(let limit): try await redriveChildren(&work, run, limit: limit)
        case .start(let limit): try await startChildren(&work, run, limit: limit)
        case .stopChildren: try await stopChildren(of: run)
        case .conclude(let failure): try await conclude(&work, run, failure)
        case .finish: return mapRuns.withLock { !$0.remove(work.entry) }
        }
        return true
    }
}

private typealias ChildInput = ChildInputs<ItemPage.Item>.Input

/// What the one who drives a Map Run has at hand; bounded, and made anew from the store by another process.
struct MapRunWork {
    /// Items read ahead at most, unless a batch needs more.
    static let readAhead = 1024

    let entry: MapRunEntry
    var driver: MapRunDriver
    var request: MapRunRequest?
    var inputs: ChildInputs<ItemPage.Item>?
    var stateMachine: ExecutionContext.StateMachine?
    var roleArn = ""
    var source: (any ItemSource)?
    /// Items that were read and are in no child yet.
    var items: ArraySlice<ItemPage.Item> = []
    /// Whether the items end the source.
    var isLastPage = false
    private var redriveCount: Int

    init(_ entry: MapRunEntry, concurrencyCap: Int) {
        self.entry = entry
        driver = MapRunDriver(concurrencyCap: concurrencyCap)
        redriveCount = entry.run.redriveCount
    }

    /// Begins anew when the run was redriven: what failed may be mended, items among it.
    mutating func follow(_ run: MapRun) {
        guard run.redriveCount != redriveCount else { return }
        redriveCount = run.redriveCount
        driver.reset()
        (source, items, isLastPage) = (nil, [], false)
    }
}

// MARK: - Children

extension Engine {
    private func startChildren(_ work: inout MapRunWork, _ run: MapRun, limit: Int) async throws {
        var children: [Work]
        let inputs: [ChildInput]
        do {
            inputs = try await nextInputs(&work, run, limit: min(limit, configuration.mapRunBatch))
            children = inputs.enumerated().map { child(run.progress.childCount + $0, $1, run, work) }
        } catch let error as StatesError {
            work.driver.failure = error
            return
        }
        let used = inputs.reduce(0) { $0 + $1.itemCount }
        var progress = run.progress
        progress.cursor = work.items.prefix(used).last?.cursor ?? progress.cursor
        progress.itemCount += used
        progress.childCount += inputs.count
        progress.isComplete = work.isLastPage && used == work.items.count
        if work.isLastPage { progress.itemTotal = run.progress.itemCount + work.items.count }
        let (entry, saved) = (work.entry, progress)
        try await advance(&children, .starts) { transitions in
            try await self.store.commit(transitions, saved, ofMapRun: entry.arn)
            entry.change { $0.progress = saved }
        }
        work.items = work.items.dropFirst(used)
    }

    /// Makes the inputs of the next children; reads items as needed.
    private func nextInputs(_ work: inout MapRunWork, _ run: MapRun, limit: Int) async throws -> [ChildInput] {
        try await open(&work, run)
        guard let source = work.source, let inputs = work.inputs else { return [] }
        var wanted = min(limit, MapRunWork.readAhead)
        while true {
            while work.items.count < wanted, !work.isLastPage {
                let cursor = work.items.last?.cursor ?? run.progress.cursor
                let position = run.progress.itemCount + work.items.count
                let left = work.maxItems.map { $0 - position } ?? .max
                guard left > 0 else {
                    work.isLastPage = true
                    break
                }
                let page = try await source.read(after: cursor, limit: min(left, MapRunWork.readAhead))
                work.items = ArraySlice(Array(work.items) + page.items)
                work.isLastPage = page.isLast || page.items.count >= left
            }
            let made = try inputs.make(
                of: work.items,
                from: run.progress.itemCount,
                isLast: work.isLastPage,
                limit: limit
            )
            if !made.isEmpty || work.isLastPage { return made }
            // One batch is larger than what was read.
            wanted = work.items.count * 2
        }
    }

    /// Opens the source and what makes inputs of its items, where that was not done.
    private func open(_ work: inout MapRunWork, _ run: MapRun) async throws {
        guard work.source == nil else { return }
        try await prepare(&work, run)
        guard let request = work.request else { return }
        switch request.source {
        case .items(let items): work.source = try InlineItems(items)
        case .reader(let resource, let arguments, let config):
            guard let reader = itemReader else {
                let cause = "The resource \"\(resource)\" is not known here."
                throw StatesError(name: StatesError.itemReaderFailed, cause: cause)
            }
            work.source = try await reader.open(resource: resource, arguments: arguments, config: config)
        }
    }

    /// Reads what the run was asked for.
    private func prepare(_ work: inout MapRunWork, _ run: MapRun) async throws {
        guard work.request == nil else { return }
        guard let request = try await store.mapRunRequest(run.arn),
            let parent = try await store.execution(run.executionArn), let machine = try await machine(for: parent),
            let inputs = ChildInputs<ItemPage.Item>(
                request,
                machine.interpreter.definition,
                now: now,
                read: { MapRunItem($0.value, key: $0.key, source: $0.source) }
            )
        else {
            throw StatesError(name: StatesError.runtime, cause: "The Map Run \"\(run.arn)\" is not in the store.")
        }
        work.inputs = inputs
        let name = MapRunMembership.machineName(ofMapRun: run.arn)
        work.stateMachine = ExecutionContext.StateMachine(
            id: MapRunMembership.arn(.stateMachine, ofMapRun: run.arn, name: nil),
            name: name
        )
        work.roleArn = machine.stateMachine.roleArn
        work.request = request
    }

    /// A child that is to start.
    private func child(_ index: Int, _ input: ChildInput, _ run: MapRun, _ work: MapRunWork) -> Work {
        let name = MapRunNames(run.arn).child(index)
        var execution = Execution(
            arn: MapRunMembership.arn(.execution, ofMapRun: run.arn, name: name),
            stateMachineArn: MapRunMembership.arn(.stateMachine, ofMapRun: run.arn, name: nil),
            name: name,
            revision: run.revision,
            input: input.json.text,
            startDate: now
        )
        execution.mapRun = MapRunMembership(
            mapRunArn: run.arn,
            stateName: run.stateName,
            isExpress: run.isExpress,
            index: index,
            itemCount: input.itemCount,
            redriveCount: run.redriveCount
        )
        let state = work.state(of: execution, input: input.json, seed: environment.makeSeed())
        let start = Delivery.Start(execution: execution, state: state, isNameNew: true)
        return Work(arn: execution.arn, deliveries: [Delivery(letter: .start(start))], cached: nil)
    }

    private func redriveChildren(_ work: inout MapRunWork, _ run: MapRun, limit: Int) async throws {
        try await prepare(&work, run)
        let children = try await store.children(
            MapRunChildren(
                of: run.arn,
                in: [.failed, .timedOut, .aborted],
                redriveCountBelow: run.redriveCount,
                limit: min(limit, configuration.mapRunBatch)
            )
        )
        let letters = try children.map { child in
            var redrive = Delivery.ChildRedrive(redriveCount: run.redriveCount)
            if run.isExpress {
                let input = try JSON(parsing: child.input)
                redrive.state = work.state(of: child, input: input, seed: environment.makeSeed())
            }
            return Delivery.Letter.redriveChild(redrive)
        }
        try await deliver(letters, to: children)
    }

    private func stopChildren(of run: MapRun) async throws {
        var last = -1
        while true {
            let children = try await store.children(
                MapRunChildren(of: run.arn, in: [.running], after: last, limit: configuration.mapRunBatch)
            )
            guard let index = children.last?.mapRun?.index else { return }
            last = index
            try await deliver(children.map { _ in .stop(error: nil, cause: nil) }, to: children)
        }
    }

    /// Delivers letters to children and waits until what came of them is on disk.
    private func deliver(_ letters: [Delivery.Letter], to children: [Execution]) async throws {
        guard !children.isEmpty else { return }
        let countdown = Countdown(children.count)
        for (number, (letter, child)) in zip(letters, children).enumerated() {
            deliver(letter, to: child.arn, reply: { countdown.count(number, $0) })
        }
        try await countdown.wait()
    }
}

extension MapRunWork {
    /// How many items the reader is to read at most.
    fileprivate var maxItems: Int? {
        guard case .reader(_, _, let config)? = request?.source, let count = config["MaxItems"]?.int, count > 0 else {
            return nil
        }
        return count
    }

    /// The state of a child that has not started.
    fileprivate func state(of child: Execution, input: JSON, seed: UInt64) -> ExecutionState {
        let execution = ExecutionContext.Execution(
            id: child.arn,
            name: child.name,
            roleArn: roleArn,
            startTime: child.startDate,
            input: Payload(input)
        )
        let machine = stateMachine ?? ExecutionContext.StateMachine(id: child.stateMachineArn, name: "")
        return ExecutionState(context: ExecutionContext(execution: execution, stateMachine: machine), seed: seed)
    }
}

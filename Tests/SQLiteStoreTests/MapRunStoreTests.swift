import DurableExecution
import FoundationEssentials
import JSON
import StatesLanguage
import Testing
import TestSupport

/// What every `MapRunStore` must do.
@Suite struct MapRunStoreTests {
    private static let start = Date(timeIntervalSince1970: 1_800_000_000.125)
    private static let arn = "arn:aws:states:us-east-1:000000000000:mapRun:m/l:11111111-2222-4333-8444-555555555555"

    private static var request: MapRunRequest {
        MapRunRequest(
            id: 7,
            arn: arn,
            stateName: "Each",
            label: "l",
            isExpress: false,
            maxConcurrency: 3,
            toleratedFailureCount: nil,
            toleratedFailurePercentage: 1.5,
            source: .reader(resource: "r", arguments: ["Bucket": "b"], config: ["InputType": "CSV"]),
            batch: MapRunRequest.Batch(maxItems: 2, maxInputBytes: nil, input: [1]),
            writer: MapRunRequest.Writer(resource: "w", arguments: ["Bucket": "b"], config: [:]),
            scope: ["input": 1]
        )
    }

    /// A running execution that has a Map Run.
    private static func parent(_ store: any ExecutionStore) async throws -> (Transition, MapRun) {
        let machine = try await store.insert(
            StateMachine(
                arn: ResourceNames().stateMachine("m"),
                name: "m",
                definition: "{}",
                roleArn: "r",
                creationDate: start
            )
        )
        let execution = Execution(
            arn: ResourceNames().execution("e", of: "m"),
            stateMachineArn: machine.arn,
            name: "e",
            revision: machine.revision,
            input: "{}",
            startDate: start
        )
        var run = MapRun(
            arn: arn,
            executionArn: execution.arn,
            stateMachineArn: machine.arn,
            revision: machine.revision,
            requestID: 7,
            stateName: "Each",
            label: "l",
            isExpress: false,
            maxConcurrency: 3,
            toleratedFailureCount: nil,
            toleratedFailurePercentage: 1.5,
            startDate: start
        )
        run.progress.itemTotal = 40
        var transition = Transition(execution: execution, isNew: true, state: "{}")
        transition.mapRuns = [.begin(run, request)]
        try await store.commit([transition])
        transition.isNew = false
        transition.mapRuns = []
        return (transition, run)
    }

    private static func child(_ index: Int, of run: MapRun, _ status: Execution.Status = .running) -> Transition {
        var execution = Execution(
            arn: "arn:aws:states:us-east-1:000000000000:execution:m/l:\(index)",
            stateMachineArn: "arn:aws:states:us-east-1:000000000000:stateMachine:m/l",
            name: "\(index)",
            revision: run.revision,
            input: "\(index)",
            startDate: start
        )
        execution.mapRun = MapRunMembership(
            mapRunArn: run.arn,
            stateName: "Each",
            isExpress: false,
            index: index,
            itemCount: 2
        )
        var transition = Transition(execution: execution, isNew: true, state: "{}")
        transition.childStep = .init(from: nil, to: .running, isRedriven: false)
        if status != .running {
            transition.execution.status = status
            transition.execution.stopDate = start
            transition.childStep?.to = status
        }
        return transition
    }

    private static func ended(_ transition: Transition, _ status: Execution.Status) -> Transition {
        var transition = transition
        transition.isNew = false
        transition.childStep = .init(from: transition.execution.status, to: status, isRedriven: false)
        transition.execution.status = status
        transition.execution.stopDate = start
        return transition
    }

    @Test(arguments: Storage.allCases)
    func `a run is found as it was saved, with what was asked for`(storage: Storage) async throws {
        try await storage.run { store in
            let (parent, run) = try await Self.parent(store)
            #expect(try await store.mapRun(run.arn) == run)
            #expect(try await store.mapRun(of: parent.execution.arn, requestID: 7) == run)
            #expect(try await store.mapRun(of: parent.execution.arn, requestID: 8) == nil)
            #expect(try await store.mapRunRequest(run.arn) == Self.request)
            #expect(try await store.mapRuns(of: parent.execution.arn, PageRequest()).elements == [run])
            #expect(try await store.openMapRuns() == [run])
        }
    }

    @Test(arguments: Storage.allCases)
    func `first steps of children and what was read are saved together or not at all`(storage: Storage) async throws {
        try await storage.run { store in
            let (_, run) = try await Self.parent(store)
            var progress = run.progress
            (progress.cursor, progress.itemCount, progress.childCount) = ("c", 4, 2)
            let children = [Self.child(0, of: run), Self.child(1, of: run, .succeeded)]
            try await store.commit(children, progress, ofMapRun: run.arn)
            let saved = try #require(try await store.mapRun(run.arn))
            #expect(saved.progress == progress)
            #expect(saved.executionCounts.running == 1)
            #expect(saved.itemCounts.succeeded == 2)
            // A child that is there already takes all back.
            var later = progress
            later.cursor = "d"
            await #expect(throws: (any Error).self) {
                try await store.commit([Self.child(2, of: run), Self.child(1, of: run)], later, ofMapRun: run.arn)
            }
            #expect(try await store.mapRun(run.arn) == saved)
            #expect(try await store.children(MapRunChildren(of: run.arn, limit: 9)).count == 2)
        }
    }

    @Test(arguments: Storage.allCases)
    func `the ends of children are counted with them`(storage: Storage) async throws {
        try await storage.run { store in
            let (_, run) = try await Self.parent(store)
            let children = (0..<4).map { Self.child($0, of: run) }
            try await store.commit(children, run.progress, ofMapRun: run.arn)
            let ends: [Execution.Status] = [.failed, .timedOut, .aborted]
            try await store.commit(zip(children, ends).map(Self.ended))
            let counts = try #require(try await store.mapRun(run.arn))
            #expect(counts.executionCounts.running == 1)
            #expect(counts.executionCounts.unsuccessful == 3)
            #expect(counts.itemCounts.timedOut == 2)
            let failed = MapRunChildren(of: run.arn, in: [.failed, .timedOut, .aborted], limit: 2)
            #expect(try await store.children(failed).map(\.name) == ["0", "1"])
            let query = ExecutionQuery(status: .failed, mapRunArn: run.arn)
            #expect(try await store.executions(query, PageRequest()).elements.map(\.name) == ["0"])
            let all = try await store.executions(ExecutionQuery(mapRunArn: run.arn), PageRequest(limit: 3))
            #expect(all.elements.map(\.name) == ["3", "2", "1"])
            let rest = try await store.executions(
                ExecutionQuery(mapRunArn: run.arn),
                PageRequest(limit: 3, token: all.nextToken)
            )
            #expect(rest.elements.map(\.name) == ["0"])
            #expect(try await store.executions(ExecutionQuery(), PageRequest()).elements.map(\.name) == ["e"])
            #expect(try await store.execution(children[0].execution.arn)?.mapRun == children[0].execution.mapRun)
        }
    }

    @Test(arguments: Storage.allCases)
    func `a redrive counts what is to run again, and each child once`(storage: Storage) async throws {
        try await storage.run { store in
            var (parent, run) = try await Self.parent(store)
            let children = (0..<2).map { Self.child($0, of: run) }
            try await store.commit(children, run.progress, ofMapRun: run.arn)
            var failed = Self.ended(children[0], .failed)
            try await store.commit([failed, Self.ended(children[1], .succeeded)])
            parent.mapRuns = [.end(requestID: 7, .failed, at: Self.start)]
            try await store.commit([parent])
            #expect(try await store.openMapRuns().isEmpty)
            #expect(try await store.mapRun(run.arn)?.stopDate == Self.start)
            parent.mapRuns = [.redrive(requestID: 7, at: Self.start)]
            try await store.commit([parent])
            var redriven = try #require(try await store.mapRun(run.arn))
            #expect(redriven.status == .running)
            #expect(redriven.executionCounts.pendingRedrive == 1)
            #expect(redriven.itemCounts.pendingRedrive == 2)
            let pending = MapRunChildren(of: run.arn, in: [.failed], redriveCountBelow: 1, limit: 9)
            #expect(try await store.children(pending).map(\.name) == ["0"])
            failed.execution.mapRun?.redriveCount = 1
            failed.childStep = .init(from: .failed, to: .failed, isRedriven: true)
            try await store.commit([failed])
            redriven = try #require(try await store.mapRun(run.arn))
            #expect(redriven.executionCounts.pendingRedrive == 0)
            #expect(redriven.executionCounts.failed == 1)
            #expect(try await store.children(pending).isEmpty)
        }
    }

    @Test(arguments: Storage.allCases)
    func `limits and written results are changed in place`(storage: Storage) async throws {
        try await storage.run { store in
            let (_, run) = try await Self.parent(store)
            let changed = try await store.update(MapRunLimits(toleratedFailureCount: 4), ofMapRun: run.arn)
            #expect(changed?.toleratedFailureCount == 4)
            #expect(changed?.maxConcurrency == 3)
            #expect(changed?.toleratedFailurePercentage == 1.5)
            #expect(try await store.update(MapRunLimits(), ofMapRun: "none") == nil)
            try await store.noteResults(executions: 2, items: 5, ofMapRun: run.arn)
            let counts = try await store.mapRun(run.arn)
            #expect(counts?.executionCounts.resultsWritten == 2)
            #expect(counts?.itemCounts.resultsWritten == 5)
        }
    }
}

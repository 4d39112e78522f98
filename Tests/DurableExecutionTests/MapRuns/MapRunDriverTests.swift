import FoundationEssentials
import StatesLanguage
import Testing

@testable import DurableExecution

@Suite struct MapRunDriverTests {
    private static let exceeded = StatesError(
        name: "States.ExceedToleratedFailureThreshold",
        cause: "The specified tolerated failure threshold was exceeded"
    )

    private func run(_ change: (inout MapRun) -> Void = { _ in }) -> MapRun {
        var run = MapRun(
            arn: "arn:aws:states:us-east-1:000000000000:mapRun:m/l:id",
            executionArn: "e",
            stateMachineArn: "s",
            revision: 1,
            requestID: 1,
            stateName: "S",
            label: "l",
            isExpress: false,
            maxConcurrency: 0,
            toleratedFailureCount: nil,
            toleratedFailurePercentage: nil,
            startDate: Date(timeIntervalSince1970: 0)
        )
        change(&run)
        return run
    }

    private func next(_ change: (inout MapRun) -> Void) -> MapRunDriver.Action {
        var driver = MapRunDriver(concurrencyCap: 10)
        return driver.next(for: run(change))
    }

    @Test func `children are started while there is room`() {
        #expect(next { _ in } == .start(10))
        #expect(next { $0.maxConcurrency = 4 } == .start(4))
        #expect(next { $0.maxConcurrency = 400 } == .start(10))
        #expect(next { ($0.maxConcurrency, $0.executionCounts.running) = (4, 3) } == .start(1))
        #expect(next { ($0.maxConcurrency, $0.executionCounts.running) = (4, 4) } == .wait)
        // The limit may have been lowered below what runs.
        #expect(next { ($0.maxConcurrency, $0.executionCounts.running) = (4, 6) } == .wait)
    }

    @Test func `a run ends when all its items have`() {
        #expect(next { ($0.progress.isComplete, $0.executionCounts.running) = (true, 1) } == .wait)
        #expect(next { $0.progress.isComplete = true } == .conclude(nil))
    }

    @Test(
        arguments: [
            (nil, nil, 1, true), (0, 0, 1, true), (2, nil, 2, false), (2, nil, 3, true), (nil, 10, 1, false),
            (nil, 10, 2, true), (5, 10, 2, true), (1, 50, 2, true), (0, 10, 1, false),
        ] as [(Int?, Double?, Int, Bool)]
    )
    func `more failures than tolerated end the run`(count: Int?, share: Double?, failed: Int, isOver: Bool) {
        let action = next { run in
            (run.toleratedFailureCount, run.toleratedFailurePercentage) = (count, share)
            run.progress.itemTotal = 10
            run.progress.itemCount = 5
            (run.executionCounts.failed, run.itemCounts.failed) = (failed, failed)
        }
        #expect(action == (isOver ? .conclude(Self.exceeded) : .start(10)))
    }

    @Test func `a percentage decides once the number of items is known`() {
        let share: (inout MapRun) -> Void = { run in
            run.toleratedFailurePercentage = 10
            run.progress.itemCount = 5
            run.itemCounts.failed = 5
        }
        #expect(next(share) == .start(10))
        let complete: (inout MapRun) -> Void = { run in
            share(&run)
            run.progress.isComplete = true
        }
        #expect(next(complete) == .conclude(Self.exceeded))
    }

    @Test func `children under way are stopped once before a run fails`() {
        var driver = MapRunDriver(concurrencyCap: 10)
        driver.failure = StatesError(name: "States.ItemReaderFailed")
        let busy = run { $0.executionCounts.running = 2 }
        #expect(driver.next(for: busy) == .stopChildren)
        #expect(driver.next(for: busy) == .wait)
        #expect(driver.next(for: run()) == .conclude(StatesError(name: "States.ItemReaderFailed")))
    }

    @Test func `a run that has ended stops its children and is done`() {
        var driver = MapRunDriver(concurrencyCap: 10)
        let busy = run { ($0.status, $0.executionCounts.running) = (.aborted, 2) }
        #expect(driver.next(for: busy) == .stopChildren)
        #expect(driver.next(for: busy) == .wait)
        #expect(driver.next(for: run { $0.status = .aborted }) == .finish)
    }

    @Test func `what did not succeed is redriven before the rest is started, and does not count as failed`() {
        var failed = run { run in
            (run.executionCounts.failed, run.itemCounts.failed) = (3, 6)
            run.executionCounts.aborted = 2
            run.itemCounts.aborted = 2
        }
        failed.end(.failed, at: Date(timeIntervalSince1970: 1))
        failed.redrive(at: Date(timeIntervalSince1970: 2))
        #expect(failed.executionCounts.pendingRedrive == 5)
        #expect(failed.itemCounts.pendingRedrive == 8)
        #expect(failed.redriveCount == 1)
        #expect(failed.stopDate == nil)
        var driver = MapRunDriver(concurrencyCap: 10)
        #expect(driver.next(for: failed) == .redrive(5))
        failed.maxConcurrency = 2
        #expect(driver.next(for: failed) == .redrive(2))
    }

    @Test func `counts follow children through a redrive`() {
        var counted = run { $0.executionCounts.running = 1 }
        var child = MapRunMembership(
            mapRunArn: counted.arn,
            stateName: "S",
            isExpress: false,
            index: 0,
            itemCount: 3
        )
        counted.itemCounts.running = 3
        counted.end(.aborted, at: Date(timeIntervalSince1970: 1))
        counted.redrive(at: Date(timeIntervalSince1970: 2))
        // It was still being stopped when the run was redriven.
        counted.apply(.init(from: .running, to: .aborted, isRedriven: false), of: child)
        #expect(counted.executionCounts.pendingRedrive == 1)
        #expect(counted.itemCounts.aborted == 3)
        child.redriveCount = 1
        counted.apply(.init(from: .aborted, to: .failed, isRedriven: true), of: child)
        #expect(counted.executionCounts.pendingRedrive == 0)
        #expect(counted.itemCounts.pendingRedrive == 0)
        #expect(counted.itemCounts.failed == 3)
        #expect(counted.executionCounts.total == 1)
    }
}

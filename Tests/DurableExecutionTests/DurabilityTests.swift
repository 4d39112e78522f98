import DurableExecution
import FoundationEssentials
import JSON
import SQLiteStore
import StatesLanguage
import Synchronization
import Testing
import TestSupport

@Suite struct DurabilityTests {
    /// Every kind of effect: tasks in a row and beside one another, a retry, a wait, a catch.
    private static let journey: JSON = {
        var first = task(echo, ("Retry", [["ErrorEquals": ["Busy"], "IntervalSeconds": 1, "MaxAttempts": 9]]))
        first["End"] = nil
        first["Next"] = "Nap"
        let branch = definition(("Say", task(echo)))
        return definition(
            ("First", first),
            ("Nap", ["Type": "Wait", "Seconds": 5, "Next": "Each"]),
            ("Each", ["Type": "Map", "ItemProcessor": branch, "Next": "Last", "MaxConcurrency": 2]),
            ("Last", ["Type": "Pass", "End": true])
        )
    }()

    /// Runs the journey on a file until it completes or the store stops.
    private func travel(_ path: String, stopAt limit: Int, _ effects: Notebook<String>) async throws -> Execution? {
        let busy = Mutex(true)
        return try await Workbench.untilStopped(path, before: limit) { tasks in
            tasks.register(echo) { task in
                effects.add(task.clientToken)
                let isFirst = busy.withLock { busy in
                    defer { busy = false }
                    return busy
                }
                if task.stateName == "First", isFirst { throw StatesError(name: "Busy", cause: nil) }
                return .succeeded(task.parameters)
            }
        } _: { bench in
            try await bench.run { engine in
                let execution = try await engine.start(Self.journey, name: "one", input: [1, 2, 3, 4])
                return try await bench.advance(by: .seconds(1), untilEndOf: execution.arn)
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a run that is stopped before every commit in turn comes to the same end, with one outcome`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("store.sqlite")
        let effects = Notebook<String>()
        var ended: Execution?
        var runs = 0
        while ended == nil, runs < 200 {
            runs += 1
            // Each run gets a few transactions further, then the next goes on from there.
            ended = try await travel(path, stopAt: 5 + runs % 4, effects)
        }
        #expect(runs > 2)
        let execution = try #require(ended)
        #expect(execution.status == .succeeded)
        #expect(execution.output == "[1,2,3,4]")
        let store = try SQLiteStore(path: path)
        #expect(try await store.unacknowledgedOutcomes(limit: 10).map(\.status) == [.succeeded])
        let ids = try await store.history(of: execution.arn, isReversed: false, PageRequest(limit: 1000)).elements
            .compactMap { $0["id"]?.int }
        #expect(ids == Array(1...ids.count))
        // First, its retries, and one for each item; each at least once.
        #expect(Set(effects.notes).count >= 6)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a run stopped at transaction n, for every n, then resumed whole, comes to the same end`() async throws {
        var number = 1
        while number < 100 {
            let directory = try TemporaryDirectory()
            let path = directory.file("store.sqlite")
            let effects = Notebook<String>()
            let first = try await travel(path, stopAt: number, effects)
            let ended = try await first == nil ? travel(path, stopAt: Int.max, effects) : first
            #expect(ended?.output == "[1,2,3,4]", "stopped at transaction \(number)")
            let store = try SQLiteStore(path: path)
            #expect(try await store.unacknowledgedOutcomes(limit: 10).count == 1)
            if first != nil { break }
            number += 1
        }
        #expect(number > 8 && number < 100)
    }

    @Test func `a task whose process died runs again with the same client token`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("store.sqlite")
        let seen = Notebook<TaskInvocation>()
        let first = try Workbench(store: SQLiteStore(path: path)) { tasks in
            tasks.register(echo) { task in
                seen.add(task)
                await Workbench.untilCancelled()
                throw CancellationError()
            }
        }
        let arn = try await first.run { engine in
            let arn = try await engine.start(definition(("Try", task(echo)))).arn
            await seen.wait(for: 1)
            return arn
        }
        try first.store.close()
        let second = try Workbench(store: SQLiteStore(path: path)) { tasks in
            tasks.register(echo) { task in
                seen.add(task)
                return .succeeded("done")
            }
        }
        try await second.run { engine in
            let ended = try await engine.waitForEnd(of: arn)
            #expect(ended.output == #""done""#)
            #expect(seen.notes.map(\.attempt) == [1, 2])
            #expect(Set(seen.notes.map(\.clientToken)).count == 1)
            #expect(try await engine.eventTypes(of: arn).count { $0 == "TaskStarted" } == 1)
        }
    }

    @Test func `a lease that ended is offered again, one that is renewed is not`() async throws {
        let begun = Notebook<Int>()
        let bench = try Workbench { tasks in
            tasks.register(echo) { task in
                begun.add(task.attempt)
                await Workbench.untilCancelled()
                throw CancellationError()
            }
        }
        try await bench.run { engine in
            try await engine.start(definition(("Try", task(echo))))
            await begun.wait(for: 1)
            for _ in 0..<30 {
                await bench.clock.sleepers(atLeast: 1)
                bench.clock.advance(by: .seconds(20))
            }
            #expect(try await bench.store.offeredTaskCount() == 0)
            #expect(begun.notes == [1])
            // The same store seen by nobody who renews.
            #expect(try await bench.store.releaseTasks(leasedUntil: bench.clock.date.addingTimeInterval(61)) == 1)
        }
    }

    @Test func `starts that come together share commits`() async throws {
        let directory = try TemporaryDirectory()
        let bench = try Workbench(store: SQLiteStore(path: directory.file("store.sqlite")))
        try await bench.run { engine in
            let machine = definition(("A", ["Type": "Pass", "End": true]))
            let arn = try await engine.createStateMachine(
                CreateStateMachineRequest(name: "machine", definition: machine.text)
            ).arn
            let before = bench.store.transactionCount
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<500 { group.addTask { _ = try await engine.startExecution(of: arn) } }
                try await group.waitForAll()
            }
            #expect(bench.store.transactionCount - before < 100)
            #expect(try await engine.listExecutions(maxResults: 1000).elements.count == 500)
        }
    }

    @Test func `a full disk refuses starts, keeps results of tasks, and is got over`() async throws {
        let isFull = Mutex(false)
        let refused = Notebook<Int>()
        let gate = Notebook<Int>()
        let begun = Notebook<Int>()
        let store = try SQLiteStore.inMemory { number in
            guard isFull.withLock(\.self) else { return }
            refused.add(number)
            throw StoreError(.diskFull, "the disk is full")
        }
        let bench = try Workbench(store: store) { tasks in
            tasks.register(echo) { task in
                begun.add(1)
                await gate.wait(for: 1)
                return .succeeded("kept")
            }
        }
        try await bench.run { engine in
            let execution = try await engine.start(definition(("Try", task(echo))))
            await begun.wait(for: 1)
            isFull.withLock { $0 = true }
            gate.add(1)
            await refused.wait(for: 1)
            let error = await #expect(throws: ExecutionError.self) {
                try await engine.startExecution(of: execution.stateMachineArn)
            }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("disk is full") == true)
            isFull.withLock { $0 = false }
            let ended = try await bench.advance(by: .milliseconds(100), untilEndOf: execution.arn)
            #expect(ended.output == #""kept""#)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `ten thousand executions wait and all go on when their time comes`() async throws {
        let bench = try Workbench()
        try await bench.run { engine in
            let machine = definition(("Nap", ["Type": "Wait", "Seconds": 3600, "End": true]))
            let arn = try await engine.createStateMachine(
                CreateStateMachineRequest(name: "machine", definition: machine.text)
            ).arn
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<10_000 { group.addTask { _ = try await engine.startExecution(of: arn) } }
                try await group.waitForAll()
            }
            let before = bench.store.transactionCount
            await bench.clock.sleepers(atLeast: 2)
            bench.clock.advance(by: .seconds(3600))
            for await _ in engine.outcomeSignals() {
                let running = ExecutionQuery(status: .running)
                if try await bench.store.executions(running, PageRequest(limit: 1)).elements.isEmpty { break }
            }
            #expect(bench.store.transactionCount - before < 1000)
            #expect(try await bench.store.nextTimerDate(after: .distantPast) == nil)
            #expect(try await bench.store.unacknowledgedOutcomes(limit: 20_000).count == 10_000)
        }
    }

    @Test func `tasks beyond the slots wait in the store and all get their turn`() async throws {
        let atWork = Mutex((now: 0, most: 0))
        let bench = try Workbench(configuration: Engine.Configuration(maxConcurrentTasks: 4)) { tasks in
            tasks.register(echo) { task in
                atWork.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                for _ in 0..<10 { await Task.yield() }
                atWork.withLock { $0.now -= 1 }
                return .succeeded(task.parameters)
            }
        }
        try await bench.run { engine in
            let processor = definition(("Say", task(echo)))
            let machine = definition(("All", ["Type": "Map", "ItemProcessor": processor, "End": true]))
            let items = JSON.array((0..<100).map { JSON($0) })
            let execution = try await engine.result(of: machine, input: items)
            #expect(execution.output == items.text)
            #expect((1...4).contains(atWork.withLock(\.most)))
        }
    }
}

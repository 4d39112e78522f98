import FoundationEssentials
import JSON
import SQLiteStore
import StatesLanguage
import Synchronization
import Testing
import TestSupport

@testable import DurableExecution

/// Activities: workers poll for tasks, and end them by token.
@Suite(.timeLimit(.minutes(5))) struct ActivityTests {
    private static let arn = ResourceNames().activity("work")
    private static let work = definition(
        ("Work", task(arn, ("TimeoutSeconds", 600), ("HeartbeatSeconds", 90)))
    )

    /// Waits until so many workers poll.
    private static func polls(_ count: Int, of engine: Engine) async {
        while engine.polls.withLock(\.count) != count { await Task.yield() }
    }

    @Test func `an activity is created once, described, listed by name and deleted`() async throws {
        let engine = try Workbench().engine
        let created = try await engine.createActivity("work")
        #expect(created.arn == Self.arn)
        #expect(try await engine.createActivity("work") == created)
        #expect(try await engine.describeActivity(Self.arn) == created)
        for name in ["c", "a", "b"] { _ = try await engine.createActivity(name) }
        let first = try await engine.listActivities(maxResults: 3)
        #expect(first.elements.map(\.name) == ["a", "b", "c"])
        let rest = try await engine.listActivities(maxResults: 3, nextToken: first.nextToken)
        #expect(rest.elements.map(\.name) == ["work"])
        #expect(rest.nextToken == nil)
        try await engine.deleteActivity(Self.arn)
        try await engine.deleteActivity(Self.arn)
        let missing = "Activity Does Not Exist: '\(Self.arn)'"
        await expectRefusal(.activityDoesNotExist, missing) { try await engine.describeActivity(Self.arn) }
        await expectRefusal(.activityDoesNotExist, missing) { try await engine.activityTask(of: Self.arn) }
        await expectRefusal(.invalidArn, "Invalid Arn: 'Invalid ARN prefix: no'") {
            try await engine.describeActivity("no")
        }
        await expectRefusal(.invalidName, "Invalid Name: 'a b'") { try await engine.createActivity("a b") }
    }

    @Test func `a worker gets the task after its start is in the history, and ends it by token`() async throws {
        let bench = try Workbench()
        try await bench.run { engine in
            _ = try await engine.createActivity("work")
            async let polled = engine.activityTask(of: Self.arn, workerName: "ann")
            await Self.polls(1, of: engine)
            let execution = try await engine.start(Self.work, input: ["a": 1])
            let task = try #require(try await polled)
            #expect(task.input == #"{"a":1}"#)
            let events = try await engine.executionHistory(of: execution.arn).elements
            #expect(events.last?["type"] == "ActivityStarted")
            #expect(events.last?["activityStartedEventDetails"] == ["workerName": "ann"])
            try await engine.sendTaskSuccess(token: task.token, output: "2")
            #expect(try await engine.waitForEnd(of: execution.arn).output == "2")
            let ended = "Task Timed Out: 'Provided task does not exist anymore'"
            await expectRefusal(.taskTimedOut, ended) {
                try await engine.sendTaskSuccess(token: task.token, output: "3")
            }
            await expectRefusal(.taskTimedOut, ended) { try await engine.sendTaskHeartbeat(token: task.token) }
        }
    }

    @Test func `what was never a token is told apart from one whose task has ended`() async throws {
        try await Workbench().run { engine in
            let other = TaskToken(task: 1, of: "arn", startedAt: Date(), key: [1, 2, 3]).text
            for token in ["no", "bm8=", other] {
                await expectRefusal(.invalidToken, "Invalid Token: 'Invalid token'") {
                    try await engine.sendTaskFailure(token: token)
                }
            }
        }
    }

    @Test func `the oldest tasks go to those who wait longest`() async throws {
        try await Workbench().run { engine in
            _ = try await engine.createActivity("work")
            for name in ["1", "2", "3"] { _ = try await engine.start(Self.work, name: name, input: .string(name)) }
            let early = try await engine.activityTask(of: Self.arn)
            #expect(early?.input == #""1""#)
            let inputs = try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<2 { group.addTask { try await engine.activityTask(of: Self.arn)?.input } }
                return try await group.reduce(into: Set()) { $0.insert($1 ?? "") }
            }
            #expect(inputs == [#""2""#, #""3""#])
            let results = Notebook<String>()
            try await withThrowingTaskGroup { group in
                for name in ["x", "y"] {
                    group.addTask { results.add(name + (try await engine.activityTask(of: Self.arn)?.input ?? "")) }
                    await Self.polls(results.notes.count + (name == "x" ? 1 : 2), of: engine)
                }
                _ = try await engine.start(Self.work, name: "4", input: 4)
                await results.wait(for: 1)
                _ = try await engine.start(Self.work, name: "5", input: 5)
                try await group.waitForAll()
            }
            #expect(results.notes == ["x4", "y5"])
        }
    }

    @Test func `thousands of idle polls sleep on one clock and end after a minute`() async throws {
        let bench = try Workbench()
        try await bench.run { engine in
            _ = try await engine.createActivity("work")
            let sleepers = bench.clock.sleeperCount
            let answers = try await withThrowingTaskGroup(of: ActivityTask?.self) { group in
                for _ in 0..<5000 { group.addTask { try await engine.activityTask(of: Self.arn) } }
                await Self.polls(5000, of: engine)
                await bench.clock.sleepers(atLeast: sleepers + 1)
                #expect(bench.clock.sleeperCount <= sleepers + 2)
                bench.clock.advance(by: .seconds(59))
                #expect(engine.polls.withLock(\.count) == 5000)
                bench.clock.advance(by: .seconds(1))
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count == 5000)
            #expect(answers.allSatisfy { $0 == nil })
            #expect(engine.polls.withLock(\.count) == 0)
        }
    }

    @Test func `a poll whose client has gone leaves, and the task goes to the next`() async throws {
        try await Workbench().run { engine in
            _ = try await engine.createActivity("work")
            let answers = Notebook<String>()
            await withThrowingTaskGroup { group in
                group.addTask { answers.add("gone \(try await engine.activityTask(of: Self.arn) == nil)") }
                await Self.polls(1, of: engine)
                group.cancelAll()
                await Self.polls(0, of: engine)
            }
            async let next = engine.activityTask(of: Self.arn)
            await Self.polls(1, of: engine)
            _ = try await engine.start(Self.work)
            #expect(try await next != nil)
            #expect(answers.notes == ["gone true"])
        }
    }

    @Test func `an offered task is offered again after a restart, and a claimed one stays with its worker`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let path = directory.file("store.sqlite")
        let first = try SQLiteStore(path: path)
        let held = try await Workbench(store: first).run { engine in
            _ = try await engine.createActivity("work")
            _ = try await engine.start(Self.work, name: "held", input: 1)
            _ = try await engine.start(Self.work, name: "offered", input: 2)
            return try #require(try await engine.activityTask(of: Self.arn))
        }
        try first.close()
        #expect(held.input == "1")
        let second = try SQLiteStore(path: path)
        let bench = try Workbench(store: second)
        try await bench.run { engine in
            let offered = try #require(try await engine.activityTask(of: Self.arn))
            #expect(offered.input == "2")
            try await engine.sendTaskHeartbeat(token: held.token)
            try await engine.sendTaskSuccess(token: held.token, output: "1")
            let arn = ResourceNames().execution("held", of: "machine")
            #expect(try await engine.waitForEnd(of: arn).status == .succeeded)
            let other = ResourceNames().execution("offered", of: "machine")
            let late = try await bench.advance(by: .seconds(30), untilEndOf: other)
            #expect(late.error == "States.Timeout")
            await expectRefusal(.taskTimedOut) { try await engine.sendTaskFailure(token: offered.token) }
        }
    }

    @Test func `a task for an activity that does not exist fails the execution`() async throws {
        try await Workbench().run { engine in
            let failed = try await engine.result(of: Self.work)
            #expect(failed.error == "States.Runtime")
            #expect(
                failed.cause == "An error occurred while executing the state 'Work' (entered at the event id #2). "
                    + "The activity \(Self.arn) does not exist."
            )
            let types = try await engine.eventTypes(of: failed.arn)
            #expect(types == ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"])
        }
    }

    @Test func `tokens of different tasks differ and say nothing a stranger could make one from`() {
        let start = Date(timeIntervalSince1970: 1_800_000_000)
        let key = Array(repeating: UInt8(7), count: 32)
        let token = TaskToken(task: 1, of: "arn:e", startedAt: start, key: key).text
        #expect(token == TaskToken(task: 1, of: "arn:e", startedAt: start, key: key).text)
        #expect(token != TaskToken(task: 2, of: "arn:e", startedAt: start, key: key).text)
        #expect(token != TaskToken(task: 1, of: "arn:e", startedAt: start + 1, key: key).text)
        #expect(TaskToken.isGenuine(token, key: key))
        #expect(!TaskToken.isGenuine(token, key: Array(repeating: 8, count: 32)))
        #expect(!TaskToken.isGenuine(String(token.dropLast(4)), key: key))
    }
}

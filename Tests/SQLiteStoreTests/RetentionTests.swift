import DurableExecution
import Foundation
import GRDB
import JSON
import StatesLanguage
import TestSupport
import Testing

@testable import SQLiteStore

/// Which executions go, and what goes with them.
@Suite struct RetentionTests {
    private static let start = Date(timeIntervalSince1970: 1_800_000_000)

    private let directory: TemporaryDirectory
    private let store: SQLiteStore
    private let machine: StateMachine

    init() async throws {
        directory = try TemporaryDirectory()
        store = try SQLiteStore(path: directory.file("store.sqlite"))
        machine = try await store.insert(
            StateMachine(
                arn: ResourceNames().stateMachine("m"),
                name: "m",
                definition: "{}",
                roleArn: "r",
                creationDate: Self.start
            )
        )
    }

    /// Runs an execution that begins and ends at times in seconds, and is told of or not.
    private func execution(
        _ name: String,
        from start: Double,
        to end: Double? = nil,
        isTold: Bool = true,
        parent: String? = nil
    ) async throws {
        var execution = Execution(
            arn: ResourceNames().execution(name, of: "m"),
            stateMachineArn: machine.arn,
            name: name,
            revision: machine.revision,
            input: "{}",
            startDate: Self.start.addingTimeInterval(start)
        )
        execution.parentTask = parent.map { TaskKey(executionArn: ResourceNames().execution($0, of: "m"), id: 1) }
        try await store.commit([Transition(execution: execution, isNew: true, state: "{}")])
        guard let end else { return }
        let date = Self.start.addingTimeInterval(end)
        execution.status = .succeeded
        execution.output = "{}"
        execution.stopDate = date
        var transition = Transition(execution: execution)
        transition.outcomes = [
            ExecutionOutcome(
                executionArn: execution.arn,
                stateMachineArn: machine.arn,
                name: name,
                redriveCount: 0,
                status: .succeeded,
                error: nil,
                cause: nil,
                stateName: nil,
                startDate: execution.startDate,
                date: date
            )
        ]
        try await store.commit([transition])
        if isTold { try await store.acknowledgeOutcome(of: execution.arn, redriveCount: 0, at: date) }
    }

    private func names() async throws -> Set<String> {
        Set(try await store.executions(ExecutionQuery(), PageRequest(limit: 100)).elements.map(\.name))
    }

    private func collect(before seconds: Double, limit: Int = 500) async throws -> Int {
        var count = 0
        while let removed = try await store.removeExecutions(
            endedBefore: Self.start.addingTimeInterval(seconds),
            limit: limit
        ) {
            count += removed
        }
        return count
    }

    @Test func `what ended before the date goes; what runs, is not told or ended later stays`() async throws {
        try await execution("old", from: 0, to: 10)
        try await execution("untold", from: 0, to: 10, isTold: false)
        try await execution("runs", from: 0)
        try await execution("late", from: 0, to: 90)
        try await execution("new", from: 80, to: 90)
        let seen = try await store.removableExecutions(endedBefore: Self.start.addingTimeInterval(50))
        #expect(seen.count == 1 && seen.bytes > 0)
        #expect(try await collect(before: 50) == 1)
        #expect(try await names() == ["untold", "runs", "late", "new"])
        #expect(try await store.removableExecutions(endedBefore: Self.start.addingTimeInterval(50)).count == 0)
        #expect(try SQLiteStore.faults(ofDatabaseAt: directory.file("store.sqlite"), isThorough: true).isEmpty)
    }

    @Test func `whom somebody waits for stays, and so does who waits`() async throws {
        try await execution("parent", from: 0)
        try await execution("child", from: 1, to: 2, parent: "parent")
        #expect(try await collect(before: 50) == 0)
        try await execution("ended", from: 3, to: 60)
        try await execution("its child", from: 4, to: 5, parent: "ended")
        // The parent has not ended by the date, its child has and is waited for no more.
        #expect(try await collect(before: 50) == 1)
        #expect(try await names() == ["parent", "child", "ended"])
    }

    @Test func `a parent goes before a child that is still to be told of, which is nobody's child then`() async throws {
        try await execution("parent", from: 0, to: 10)
        try await execution("child", from: 1, to: 5, isTold: false, parent: "parent")
        #expect(try await collect(before: 50) == 1)
        let child = try #require(try await store.execution(ResourceNames().execution("child", of: "m")))
        #expect(child.parentTask == nil)
    }

    @Test func `small transactions remove as much as a large one`() async throws {
        for number in 0..<25 { try await execution("e\(number)", from: Double(number), to: Double(number) + 1) }
        #expect(try await collect(before: 100, limit: 4) == 25)
        #expect(try await names().isEmpty)
        #expect(try await store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM executionOutcome") } == 0)
    }

    @Test func `answers to client tokens stay while an execution runs that began before them`() async throws {
        try await store.write { db in
            let insert = "INSERT INTO personalizeRequest VALUES (?, 'CreateSchema', '{}', ?)"
            for (token, date) in [("a", 10.0), ("b", 30.0)] {
                try db.execute(sql: insert, arguments: [token, Self.start.timeIntervalSince1970 + date])
            }
        }
        try await execution("runs", from: 20)
        #expect(try await store.removeAnsweredRequests(answeredBefore: Self.start.addingTimeInterval(50)) == 1)
        #expect(try await store.answeredRequest("b") != nil)
        #expect(try await store.answeredRequest("a") == nil)
    }

    @Test func `a copy is whole while others write, and names the files it needs`() async throws {
        try await execution("before", from: 0, to: 1)
        let copy = directory.file("copy.sqlite")
        async let writing: Void = {
            for number in 0..<50 { try await execution("w\(number)", from: 0, to: 1) }
        }()
        try await store.backUp(to: copy)
        try await writing
        #expect(try SQLiteStore.faults(ofDatabaseAt: copy, isThorough: true).isEmpty)
        #expect(try SQLiteStore.references(inDatabaseAt: copy) == DatabaseReferences())
        let copied = try SQLiteStore(path: copy)
        let found = try await copied.executions(ExecutionQuery(), PageRequest(limit: 100)).elements
        #expect(found.contains { $0.name == "before" })
        #expect(found.allSatisfy { ($0.status == .succeeded) == ($0.stopDate != nil) })
        try copied.close()
    }

    @Test func `a damaged database is told of, and one that is missing is an error`() async throws {
        for number in 0..<200 { try await execution("e\(number)", from: 0, to: 1) }
        let path = directory.file("copy.sqlite")
        try await store.backUp(to: path)
        var bytes = Array(try Data(contentsOf: URL(filePath: path)))
        for index in stride(from: bytes.count / 3, to: bytes.count * 2 / 3, by: 1) { bytes[index] = 0xA5 }
        try Data(bytes).write(to: URL(filePath: path))
        var found: [String] = []
        do { found = try SQLiteStore.faults(ofDatabaseAt: path, isThorough: false) } catch let error as StoreError {
            found = [error.message]
        }
        #expect(!found.isEmpty)
        #expect(throws: StoreError.self) {
            try SQLiteStore.faults(ofDatabaseAt: directory.file("none.sqlite"), isThorough: false)
        }
    }
}

import DurableExecution
import Foundation
import GRDB
import StatesLanguage
import TestSupport
import Testing

@testable import SQLiteStore

/// What is counted for who watches the service.
@Suite struct FiguresTests {
    private static let start = Date(timeIntervalSince1970: 1_800_000_000)

    @Test func `what waits is counted, with the oldest lease`() async throws {
        let store = try SQLiteStore.inMemory()
        let machine = try await store.insert(
            StateMachine(
                arn: ResourceNames().stateMachine("m"),
                name: "m",
                definition: "{}",
                roleArn: "r",
                creationDate: Self.start
            )
        )
        let execution = Execution(
            arn: ResourceNames().execution("e", of: "m"),
            stateMachineArn: machine.arn,
            name: "e",
            revision: machine.revision,
            input: "{}",
            startDate: Self.start
        )
        var transition = Transition(execution: execution, isNew: true, state: "{}")
        transition.tasks = (1...3).map { id in
            let request = TaskRequest(id: id, stateName: "S", resource: "a", input: [:], token: "t\(id)")
            return ScheduledTask(executionArn: execution.arn, request: request)
        }
        transition.timers = [9: Self.start.addingTimeInterval(60)]
        try await store.commit([transition])
        let end = Self.start.addingTimeInterval(30)
        #expect(try await store.claimTasks(limit: 2, lease: Lease(owner: "me", end: end)).count == 2)

        let figures = try await store.figures(lateBefore: Self.start)
        #expect(figures.executions == ["RUNNING": 1])
        #expect(figures.tasks == ["OFFERED": 1, "LEASED": 2])
        #expect(figures.earliestLeaseEnd == end)
        #expect(figures.timers == 1)
        #expect(figures.bytes > 0)
        #expect(figures.lateSchedules == 0 && figures.untoldOutcomes == 0)
    }

    @Test
    func `a schedule is late when its time has passed and nothing was started, but not by the word of its policy`()
        async throws
    {
        let store = try SQLiteStore.inMemory()
        let now = Self.start.milliseconds
        try await store.write { db in
            try db.execute(sql: "INSERT INTO scheduleGroup VALUES ('g', 0, 0, '[]')")
            let schedule = """
                INSERT INTO schedule (groupName, name, expression, timeZone, targetKind, targetInput, catchUp, overlap,
                    state, createdAt, modifiedAt, nextFire)
                VALUES ('g', ?, 'rate(1 hour)', 'UTC', 'pipeline', '{}', 'once', ?, 'ENABLED', 0, 0, ?)
                """
            // Missed, waiting, queued, backfilled and on time.
            let schedules: [(String, String, Int64)] = [
                ("missed", "skip", now - 90_000), ("waits", "skip", now + 1), ("queued", "queue", now + 1),
                ("backfilled", "skip", now + 1), ("punctual", "skip", now + 1),
            ]
            for (name, overlap, next) in schedules { try db.execute(sql: schedule, arguments: [name, overlap, next]) }
            let firing = """
                INSERT INTO firing (id, groupName, scheduleName, scheduledTime, cause, status, recordedAt, attempts,
                    nextAttempt) VALUES (?, 'g', ?, ?, ?, 'PENDING', 0, 0, 0)
                """
            let firings: [(String, Int64, String)] = [
                ("waits", now - 90_000, "SCHEDULE"), ("queued", now - 90_000, "SCHEDULE"),
                ("backfilled", now - 900_000, "BACKFILL"), ("punctual", now - 1_000, "SCHEDULE"),
            ]
            for (name, time, cause) in firings {
                try db.execute(sql: firing, arguments: [name, name, time, cause])
            }
        }
        let figures = try await store.figures(lateBefore: Self.start.addingTimeInterval(-60))
        #expect(figures.lateSchedules == 2)
        #expect(figures.pendingFirings == 4)
        #expect(figures.enabledSchedules == 5)
    }
}

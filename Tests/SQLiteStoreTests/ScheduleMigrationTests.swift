import Foundation
import GRDB
import Scheduler
import TestSupport
import Testing

@testable import SQLiteStore

/// Schedules of a database from before there were groups.
@Suite struct ScheduleMigrationTests {
    @Test func `schedules and firings stay, and each group that is in use is made`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("store.sqlite")
        let old = try DatabaseQueue(path: path)
        try Migrations.migrator().migrate(old, upTo: "180 metrics")
        try await old.write { db in
            try db.execute(
                sql: """
                    INSERT INTO schedule VALUES ('films', 'nightly', 'rate(1 hour)', 'UTC', NULL, NULL, 'pipeline', '{}',
                        'once', 'queue', 'text', 'ENABLED', 1000, 2000, 3000, 4000, 'arn', NULL);
                    INSERT INTO firing VALUES ('f', 'films', 'nightly', 3000, 'SCHEDULE', 'STARTED', 3000, 0, 3000, 'arn', NULL);
                    """
            )
        }
        try old.close()
        let store = try SQLiteStore(path: path)
        let key = Schedule.Key(name: "nightly", groupName: "films")
        let schedule = try #require(try await store.schedule(key))
        #expect(schedule.definition.overlap == .queue)
        #expect(schedule.definition.completion == .none)
        #expect(schedule.nextFire == Date(timeIntervalSince1970: 4))
        #expect(try await store.firings(of: key, limit: 10).map(\.id) == ["f"])
        #expect(try await store.scheduleGroup("films")?.createdAt == Date(timeIntervalSince1970: 1))
        // The borders between the tables hold as before.
        try await store.updateScheduleGroup("films", for: nil) { _ in nil }
        #expect(try await store.schedule(key) == nil)
        #expect(try await store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM firing") } == 0)
    }
}

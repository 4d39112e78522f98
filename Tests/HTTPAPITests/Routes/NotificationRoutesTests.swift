import FoundationEssentials
import HTTPAPI
import JSON
import Notifications
import SQLiteStore
import Testing

@Suite struct NotificationRoutesTests {
    private static func table(_ outbox: Outbox) -> OperationTable {
        var table = OperationTable(service: "Millrace", protocol: .json11)
        table.addNotifications(outbox)
        return table
    }

    private static func call(_ table: OperationTable, _ name: String, _ input: JSON) async throws -> JSON {
        let handler = try #require(table[name])
        return try await handler(input)
    }

    @Test func `notifications are listed, counted and sent again`() async throws {
        let store = try SQLiteStore.inMemory()
        let date = Date(timeIntervalSince1970: 1_800_000_000)
        let outbox = Outbox(store: store, now: { date }, newID: { UUID().uuidString })
        let topic = try await outbox.createTopic("outcomes")
        try await outbox.subscribe(.maildir("you@example.com"), to: topic.arn)
        try await outbox.publish(Message(subject: "Ready", body: "Your endpoint is ready"), to: topic.arn)
        let table = Self.table(outbox)

        let listed = try await Self.call(table, "ListNotifications", ["status": "PENDING"])
        let notification = try #require(listed["notifications"]?[0])
        #expect(notification["subject"] == "Ready")
        #expect(notification["endpoint"] == "maildir you@example.com")
        #expect(notification["publishDate"] == 1_800_000_000)
        #expect(listed["counts"] == ["PENDING": 1, "SENT": 0, "PARKED": 0])

        let id = try #require(notification["notificationId"]?.string)
        try await store.recordAttempt(.parked(error: "no such mailbox"), of: id, at: date)
        let parked = try await Self.call(table, "ListNotifications", ["status": "PARKED"])
        #expect(parked["notifications"]?[0]?["lastError"] == "no such mailbox")
        let resent = try await Self.call(table, "ResendNotification", ["notificationId": .string(id)])
        #expect(resent["status"] == "PENDING")
        #expect(resent["notificationId"] == .string(id))
    }

    @Test func `a notification that does not exist is told`() async throws {
        let outbox = Outbox(store: try SQLiteStore.inMemory(), now: { Date() }, newID: { UUID().uuidString })
        let table = Self.table(outbox)
        let error = await #expect(throws: NotificationError.self) {
            _ = try await Self.call(table, "ResendNotification", ["notificationId": "none"])
        }
        #expect(error?.code == .notFound)
    }
}

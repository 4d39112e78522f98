internal import FoundationEssentials
internal import GRDB
public import Personalize

extension SQLiteStore {
    /// The changes of states that were not removed yet, the oldest first.
    public func stateChanges(limit: Int) async throws -> [StateChange] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT * FROM personalizeStateChange ORDER BY number LIMIT ?",
                arguments: [limit]
            ).map(StateWatch.change)
        }
    }

    /// Removes the changes up to a number.
    public func removeStateChanges(through number: Int64) async throws {
        try await write { db in
            try db.execute(sql: "DELETE FROM personalizeStateChange WHERE number <= ?", arguments: [number])
        }
    }
}

/// Notes how a transition changes the states of resources, in its own commit, as long as any rule looks at events.
struct StateWatch {
    private let date: Date?

    /// A watch over a transition; `nil` when nobody listens.
    init?(_ transition: ResourceTransition, in db: Database) throws {
        guard try SQLiteStore.hasEnabledRules(in: db) else { return nil }
        date = transition.savedAt
    }

    /// Notes the change of one resource, if it is one.
    func note(_ old: Resource?, _ new: Resource?, in db: Database) throws {
        guard let date = date ?? new?.updatedAt ?? old?.updatedAt,
            let change = StateChange.between(old, new, at: date)
        else { return }
        try db.cachedStatement(
            sql: """
                INSERT INTO personalizeStateChange (arn, kind, status, duration, failureReason, date)
                VALUES (?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            change.arn, change.kind.rawValue, change.status.rawValue, change.duration, change.failureReason,
            change.date.timeIntervalSince1970,
        ])
    }

    static func change(_ row: Row) throws -> StateChange {
        let (kind, status): (String, String) = (row["kind"], row["status"])
        guard let kind = ResourceKind(rawValue: kind), let status = StateChange.Status(rawValue: status) else {
            throw StoreError(.corrupt, "personalizeStateChange has kind \"\(kind)\", status \"\(status)\"")
        }
        return StateChange(
            number: row["number"],
            arn: row["arn"],
            kind: kind,
            status: status,
            duration: row["duration"],
            failureReason: row["failureReason"],
            date: Date(timeIntervalSince1970: row["date"])
        )
    }
}

internal import Foundation
internal import GRDB
internal import JSON
public import Notifications

extension SQLiteStore: EventRuleStore {
    /// Saves a rule; one of its name keeps its targets and its date.
    public func putRule(_ rule: EventRule) async throws {
        try await write { db in
            let sql = """
                INSERT INTO eventRule (name, arn, pattern, isEnabled, description, createdAt) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET pattern = excluded.pattern, isEnabled = excluded.isEnabled,
                    description = excluded.description
                """
            try db.execute(
                sql: sql,
                arguments: [
                    rule.name, rule.arn, rule.pattern, rule.isEnabled, rule.description, rule.createdAt.milliseconds,
                ]
            )
        }
    }

    /// The rule of a name, with its targets.
    public func rule(_ name: String) async throws -> EventRule? {
        try await read { db in try Self.rules("name = ?", [name], in: db).first }
    }

    /// All rules with their targets, by name.
    public func rules() async throws -> [EventRule] { try await read { db in try Self.rules("TRUE", [], in: db) } }

    /// Removes a rule and, by the schema, its targets.
    public func deleteRule(_ name: String) async throws {
        try await write { db in try db.execute(sql: "DELETE FROM eventRule WHERE name = ?", arguments: [name]) }
    }

    /// Makes these targets of a rule, unless it has too many then.
    public func putTargets(_ targets: [EventTarget], of rule: String, limit: Int) async throws -> Bool {
        try await write { db in
            let ids = try String.fetchSet(db, sql: "SELECT id FROM eventTarget WHERE rule = ?", arguments: [rule])
            guard ids.union(targets.map(\.id)).count <= limit else { return false }
            let sql = """
                INSERT INTO eventTarget (rule, id, arn, input) VALUES (?, ?, ?, ?)
                ON CONFLICT (rule, id) DO UPDATE SET arn = excluded.arn, input = excluded.input
                """
            for target in targets {
                try db.execute(sql: sql, arguments: [rule, target.id, target.arn, target.input.text])
            }
            return true
        }
    }

    /// Removes targets of a rule.
    public func removeTargets(_ ids: [String], of rule: String) async throws {
        try await write { db in
            for id in ids {
                try db.execute(sql: "DELETE FROM eventTarget WHERE rule = ? AND id = ?", arguments: [rule, id])
            }
        }
    }

    /// Whether any rule looks at events.
    public func hasEnabledRules() async throws -> Bool {
        try await read { db in try Self.hasEnabledRules(in: db) }
    }

    static func hasEnabledRules(in db: Database) throws -> Bool {
        try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM eventRule WHERE isEnabled)") ?? false
    }

    /// Publishes what the enabled rules make of some events, in one transaction.
    public func publish(
        newID: @escaping @Sendable () -> String,
        route: @escaping @Sendable ([EventRule]) -> [PublishedMessage]
    ) async throws {
        try await write { db in
            for message in route(try Self.rules("isEnabled", [], in: db)) {
                _ = try Self.insert(message, newID: newID, in: db)
            }
        }
    }

    private static func rules(_ condition: String, _ arguments: StatementArguments, in db: Database) throws
        -> [EventRule]
    {
        let sql = "SELECT * FROM eventRule WHERE \(condition) ORDER BY name"
        return try Row.fetchAll(db, sql: sql, arguments: arguments)
            .map { row in
                let name: String = row["name"]
                return EventRule(
                    name: name,
                    arn: row["arn"],
                    pattern: row["pattern"],
                    isEnabled: row["isEnabled"],
                    description: row["description"],
                    createdAt: Date(milliseconds: row["createdAt"]),
                    targets: try targets(of: name, in: db)
                )
            }
    }

    private static func targets(of rule: String, in db: Database) throws -> [EventTarget] {
        let sql = "SELECT id, arn, input FROM eventTarget WHERE rule = ? ORDER BY sequence"
        return try Row.fetchAll(db, sql: sql, arguments: [rule])
            .map { row in
                let input: String? = row["input"]
                return EventTarget(
                    id: row["id"],
                    arn: row["arn"],
                    input: try input.map { try JSON(parsing: $0) } ?? [:]
                )
            }
    }
}

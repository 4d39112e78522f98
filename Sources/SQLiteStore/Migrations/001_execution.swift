internal import GRDB

/// State machines, executions, their history, tasks and timers.
enum Migration001Execution {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("001 execution") { db in
            try db.execute(sql: "SELECT 1")
        }
    }
}

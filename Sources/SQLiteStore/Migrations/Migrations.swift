internal import GRDB

/// The schema's history, oldest first; migrations are only ever appended.
enum Migrations {
    /// One line a file of this folder, in the order of their numbers.
    private static let all: [@Sendable (inout DatabaseMigrator) -> Void] = [
        Migration001Execution.register(in:),
        Migration010Bucket.register(in:),
        Migration020Personalize.register(in:),
        Migration030Scheduler.register(in:),
        Migration040Notifications.register(in:),
        Migration050Activity.register(in:),
        Migration060Version.register(in:),
        Migration070MapRun.register(in:),
        Migration090Rules.register(in:),
        Migration100Express.register(in:),
        Migration110Nested.register(in:),
        Migration120LiveData.register(in:),
        Migration130ResourceKinds.register(in:),
        Migration150SnapshotParts.register(in:),
        Migration180Metrics.register(in:),
        Migration190ScheduleGroups.register(in:),
        Migration210Rollouts.register(in:),
        Migration230Notices.register(in:),
        Migration231Drift.register(in:),
        Migration240Functions.register(in:),
        Migration250TopicAttributes.register(in:),
    ]

    /// A migrator that brings any older database up to date.
    static func migrator() -> DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for register in all { register(&migrator) }
        return migrator
    }
}

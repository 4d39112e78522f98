internal import GRDB
public import Personalize

extension SQLiteStore {
    /// The windows that match a query, the newest first.
    public func metricWindows(_ query: MetricQuery) async throws -> [MetricWindow] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM personalizeMetric
                    WHERE attributionArn = ? AND startsAt >= ? AND startsAt < ? AND method = ifnull(?, method)
                    ORDER BY startsAt DESC, metricName, eventType, expression, source, method LIMIT ?
                    """,
                arguments: [query.attributionArn, query.from, query.until, query.method?.rawValue, query.limit]
            ).map(MetricRecord.window)
        }
    }
}

/// The rows of windows.
enum MetricRecord {
    /// Adds to a window, which begins at nothing; a sum too great for a number stays the greatest.
    static func add(_ window: MetricWindow, in db: Database) throws {
        do {
            try db.cachedStatement(
                sql: """
                    INSERT INTO personalizeMetric VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET value =
                    max(-1.7976931348623157e308, min(1.7976931348623157e308, value + excluded.value))
                    """
            )
            .execute(arguments: [
                window.attributionArn, window.start, window.method.rawValue, window.metricName, window.eventType,
                window.expression, window.source, window.value,
            ])
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY {
            throw PersonalizeConflict.changed(arn: window.attributionArn)
        }
    }

    static func window(_ row: Row) throws -> MetricWindow {
        let method: String = row["method"]
        guard let method = MetricWindow.Method(rawValue: method) else {
            throw StoreError(.corrupt, "personalizeMetric has method \"\(method)\"")
        }
        return MetricWindow(
            attributionArn: row["attributionArn"],
            start: row["startsAt"],
            method: method,
            metricName: row["metricName"],
            eventType: row["eventType"],
            expression: row["expression"],
            source: row["source"],
            value: row["value"]
        )
    }
}

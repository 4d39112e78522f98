internal import GRDB
internal import JSON
public import Personalize

extension SQLiteStore {
    /// The rollout of a campaign.
    public func rollout(of campaignArn: String) async throws -> Rollout? {
        // A text is bound up to its first null character only: it would be the name of another.
        guard !campaignArn.utf8.contains(0) else { return nil }
        return try await read { db in
            let sql = "SELECT * FROM personalizeRollout WHERE campaignArn = ?"
            return try Row.fetchOne(db, sql: sql, arguments: [campaignArn]).map(RolloutRecord.rollout)
        }
    }

    /// All rollouts, in the order of their campaigns' ARNs.
    public func rollouts() async throws -> [Rollout] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM personalizeRollout ORDER BY campaignArn").map(
                RolloutRecord.rollout
            )
        }
    }

    /// Records which version answered which users first; a user of a trial who is known stays as he is.
    public func record(_ exposures: [Exposure]) async throws {
        try await write { db in
            let statement = try db.cachedStatement(
                sql: """
                    INSERT INTO personalizeTrial (trial, user, version, exposedAt) VALUES (?, ?, ?, ?)
                    ON CONFLICT DO NOTHING
                    """
            )
            for exposure in exposures {
                try statement.execute(arguments: [
                    exposure.trial, Int64(bitPattern: exposure.user), exposure.version, exposure.time,
                ])
            }
        }
    }

    /// Records that users did what is wanted after an answer; the first time counts, and users without an answer do not.
    public func record(conversions: [Exposure]) async throws {
        try await write { db in
            let statement = try db.cachedStatement(
                sql: """
                    UPDATE personalizeTrial SET convertedAt = ?1
                    WHERE trial = ?2 AND user = ?3 AND version = ?4 AND ifnull(convertedAt > ?1, 1)
                    """
            )
            for conversion in conversions {
                try statement.execute(arguments: [
                    conversion.time, conversion.trial, Int64(bitPattern: conversion.user), conversion.version,
                ])
            }
        }
    }

    /// How many users each version of a trial has answered and how many of them did what is wanted.
    public func tallies(of trial: String, before: Int64, window: Int64) async throws -> [TrialTally] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT version, count(*) AS users, total(convertedAt - exposedAt <= ?) AS conversions
                    FROM personalizeTrial WHERE trial = ? AND exposedAt < ? GROUP BY version ORDER BY version
                    """,
                arguments: [window, trial, before]
            ).map { row in
                let conversions: Double = row["conversions"]
                return TrialTally(version: row["version"], users: row["users"], conversions: Int(conversions))
            }
        }
    }

    /// Adds to what a shadow has come to.
    public func add(_ tally: ShadowTally) async throws {
        try await write { db in
            try db.execute(
                sql: """
                    INSERT INTO personalizeShadow VALUES (?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET answers = answers + excluded.answers,
                    overlap = overlap + excluded.overlap, outcomes = outcomes + excluded.outcomes,
                    servedRank = servedRank + excluded.servedRank, shadowRank = shadowRank + excluded.shadowRank,
                    squares = squares + excluded.squares
                    """,
                arguments: [
                    tally.trial, tally.answers, tally.overlap, tally.outcomes, tally.servedRank, tally.shadowRank,
                    tally.squares,
                ]
            )
        }
    }

    /// What a shadow has come to.
    public func shadowTally(of trial: String) async throws -> ShadowTally {
        try await read { db in
            var tally = ShadowTally(trial: trial)
            let sql = "SELECT * FROM personalizeShadow WHERE trial = ?"
            guard let row = try Row.fetchOne(db, sql: sql, arguments: [trial]) else { return tally }
            tally.answers = row["answers"]
            tally.overlap = row["overlap"]
            tally.outcomes = row["outcomes"]
            tally.servedRank = row["servedRank"]
            tally.shadowRank = row["shadowRank"]
            tally.squares = row["squares"]
            return tally
        }
    }

    /// The trials of which anything is kept.
    public func trials() async throws -> Set<String> {
        try await read { db in
            Set(
                try String.fetchAll(
                    db,
                    sql: "SELECT trial FROM personalizeTrial UNION SELECT trial FROM personalizeShadow"
                )
            )
        }
    }

    /// Removes all that is kept of some trials.
    public func removeTrials(_ trials: Set<String>) async throws {
        try await write { db in
            for table in ["personalizeTrial", "personalizeShadow"] {
                for trial in trials {
                    try db.execute(sql: "DELETE FROM \(table) WHERE trial = ?", arguments: [trial])
                }
            }
        }
    }
}

/// The rows of rollouts.
enum RolloutRecord {
    static func save(_ rollout: Rollout, in db: Database) throws {
        if rollout.revision == 0 {
            try db.execute(
                sql: "INSERT INTO personalizeRollout VALUES (?, ?, 1) ON CONFLICT DO NOTHING",
                arguments: [rollout.campaignArn, rollout.body.text]
            )
        } else {
            try db.execute(
                sql: """
                    UPDATE personalizeRollout SET body = ?, revision = revision + 1
                    WHERE campaignArn = ? AND revision = ?
                    """,
                arguments: [rollout.body.text, rollout.campaignArn, rollout.revision]
            )
        }
        guard db.changesCount == 1 else { throw PersonalizeConflict.changed(arn: rollout.campaignArn) }
    }

    static func remove(_ campaignArn: String, in db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM personalizeRollout WHERE campaignArn = ?")
            .execute(arguments: [campaignArn])
    }

    static func rollout(_ row: Row) throws -> Rollout {
        let body: String = row["body"]
        return Rollout(campaignArn: row["campaignArn"], body: try JSON(parsing: body), revision: row["revision"])
    }
}

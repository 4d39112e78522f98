extension Notices {
    /// The kinds of notices, which a webhook has as `type` and templates of mails are named by.
    ///
    /// `notification` is what a definition publishes by itself, and what rules make of events.
    public static let kinds =
        ["succeeded", "failed", "timed_out", "aborted"].map { "execution.\($0)" }
        + [
            "promoted", "kept", "waiting", "rolled_back", "held", "released", "experiment_started",
            "experiment_ended", "bound_broken",
        ].map { "campaign.\($0)" } + ["schedule.overdue", "data.drifted", "digest", "notification", "test"]
}

extension Hyperparameter {
    static let recurrence = [
        Hyperparameter(
            name: "hidden_dimension",
            defaultValue: "\(RecurrentNetwork.Configuration().units)",
            values: .integer(32...256),
            isTunable: true,
            summary: "The number of units, and the length of items' vectors."
        ),
        Hyperparameter(
            name: "bptt",
            defaultValue: "\(RecurrentNetwork.Configuration().steps)",
            values: .integer(2...32),
            isTunable: true,
            summary: "Through how many events the error is propagated back."
        ),
        Hyperparameter(
            name: "recency_mask",
            defaultValue: "true",
            values: .boolean,
            isTunable: true,
            summary: "Whether newer events count more than older ones."
        ),
        Hyperparameter(
            name: "epochs",
            defaultValue: "\(RecurrentNetwork.Configuration().epochs)",
            values: .integer(1...1000),
            isTunable: false,
            summary: "How often all events are gone through."
        ),
    ]

    static let coldStart = [
        Hyperparameter(
            name: "cold_start_max_interactions",
            defaultValue: "\(RecurrentNetwork.ColdStart().maximumInteractions)",
            values: .integer(0...1_000_000),
            isTunable: false,
            summary: "The most events of a cold item, which is known by its features alone."
        ),
        Hyperparameter(
            name: "cold_start_max_duration",
            defaultValue: "\(RecurrentNetwork.ColdStart().maximumDays)",
            values: .continuous(0...100_000),
            isTunable: false,
            summary: "For how many days after its first event an item is cold."
        ),
        Hyperparameter(
            name: "cold_start_relative_from",
            defaultValue: "currentTime",
            values: .word(["currentTime", "latestItem"]),
            isTunable: false,
            summary: "Whether the days are counted back from the latest event or from the newest item's first event."
        ),
    ]
}

extension RecurrentNetwork.Configuration {
    /// The settings by the names of the hyperparameters.
    var hyperparameters: [String: String] {
        var values = [
            "hidden_dimension": "\(units)", "bptt": "\(steps)", "recency_mask": "\(favoursRecent)",
            "epochs": "\(epochs)",
        ]
        guard case .coldstart(let start) = features else { return values }
        values["cold_start_max_interactions"] = "\(start.maximumInteractions)"
        values["cold_start_max_duration"] = "\(start.maximumDays)"
        values["cold_start_relative_from"] = start.isRelativeToLatestItem ? "latestItem" : "currentTime"
        return values
    }
}

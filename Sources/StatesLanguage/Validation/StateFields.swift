/// Which fields the states of each type may have, and in which language.
enum StateFields {
    /// Those of every state.
    static let common = ["Type", "Comment", "QueryLanguage"]

    /// The fields of a type, those of all aside.
    static func of(_ type: StateType) -> [String] { byType[type] ?? [] }

    private static let byType: [StateType: [String]] = {
        let paths = ["InputPath", "OutputPath", "Output"]
        let flow = paths + ["Assign", "Next", "End"]
        let work = flow + ["Parameters", "ResultSelector", "ResultPath", "Retry", "Catch"]
        return [
            .task: work + [
                "Resource", "Arguments", "Credentials", "TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds",
                "HeartbeatSecondsPath",
            ],
            .pass: flow + ["Result", "Parameters", "ResultPath"],
            .choice: paths + ["Assign", "Choices", "Default"],
            .wait: flow + ["Seconds", "SecondsPath", "Timestamp", "TimestampPath"],
            .succeed: paths,
            .fail: ["Error", "ErrorPath", "Cause", "CausePath"],
            .parallel: work + ["Branches", "Arguments"],
            .map: work + [
                "ItemProcessor", "Iterator", "ItemsPath", "Items", "ItemSelector", "MaxConcurrency",
                "MaxConcurrencyPath",
            ] + distributed,
        ]
    }()

    /// Fields of a Map that only the distributed mode has.
    static let distributed = [
        "ItemReader", "ItemBatcher", "ResultWriter", "Label", "ToleratedFailureCount", "ToleratedFailureCountPath",
        "ToleratedFailurePercentage", "ToleratedFailurePercentagePath",
    ]

    /// The language that alone has a field, in states and in the objects within them.
    static let languages: [String: QueryLanguage] = {
        var languages: [String: QueryLanguage] = [:]
        for name in jsonPathOnly { languages[name] = .jsonPath }
        for name in ["Arguments", "Output", "Items", "Condition"] { languages[name] = .jsonata }
        return languages
    }()

    private static let jsonPathOnly = [
        "InputPath", "OutputPath", "ResultPath", "Parameters", "ResultSelector", "Result", "ItemsPath",
        "TimeoutSecondsPath", "HeartbeatSecondsPath", "SecondsPath", "TimestampPath", "MaxConcurrencyPath",
        "ToleratedFailurePercentagePath", "ToleratedFailureCountPath", "ErrorPath", "CausePath", "MaxItemsPath",
        "MaxItemsPerBatchPath", "MaxInputBytesPerBatchPath", "Variable",
    ]
}

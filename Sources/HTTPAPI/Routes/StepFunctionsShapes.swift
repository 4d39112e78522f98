internal import Shapes

/// What the inputs of Step Functions' operations must look like: all 37 of the public API model.
enum StepFunctionsShapes {
    /// The shape of an operation's input, by the operation's name.
    static let inputs: [String: Shape] = [stateMachines, versions, executions, mapRuns, tasks, tests]
        .reduce(into: [:]) { all, some in all.merge(some) { first, _ in first } }

    private static let stateMachines: [String: Shape] = [
        "CreateStateMachine": .structure([
            .required("name", name), .required("definition", definition), .required("roleArn", arn),
            .optional("type", type), .optional("loggingConfiguration", logging), .optional("tags", tags),
            .optional("tracingConfiguration", tracing), .optional("publish", .boolean),
            .optional("versionDescription", description), .optional("encryptionConfiguration", encryption),
        ]),
        "UpdateStateMachine": .structure([
            .required("stateMachineArn", arn), .optional("definition", definition), .optional("roleArn", arn),
            .optional("loggingConfiguration", logging), .optional("tracingConfiguration", tracing),
            .optional("publish", .boolean), .optional("versionDescription", description),
            .optional("encryptionConfiguration", encryption),
        ]),
        "DeleteStateMachine": .structure([.required("stateMachineArn", arn)]),
        "DescribeStateMachine": .structure([
            .required("stateMachineArn", arn), .optional("includedData", includedData),
        ]),
        "DescribeStateMachineForExecution": .structure([
            .required("executionArn", arn), .optional("includedData", includedData),
        ]),
        "ListStateMachines": page(),
        "ValidateStateMachineDefinition": .structure([
            .required("definition", definition), .optional("type", type),
            .optional("severity", .oneOf("ERROR", "WARNING")), .optional("maxResults", .integer(0...100)),
        ]),
        "TagResource": .structure([.required("resourceArn", arn), .required("tags", tags)]),
        "UntagResource": .structure([
            .required("resourceArn", arn), .required("tagKeys", .list(.text(1...128))),
        ]),
        "ListTagsForResource": .structure([.required("resourceArn", arn)]),
    ]

    private static let versions: [String: Shape] = [
        "PublishStateMachineVersion": .structure([
            .required("stateMachineArn", arn), .optional("revisionId", .text(0...Int.max)),
            .optional("description", description),
        ]),
        "ListStateMachineVersions": page(.required("stateMachineArn", arn)),
        "DeleteStateMachineVersion": .structure([.required("stateMachineVersionArn", longArn)]),
        "CreateStateMachineAlias": .structure([
            .optional("description", description), .required("name", .text(1...80, aliasName)),
            .required("routingConfiguration", routes),
        ]),
        "UpdateStateMachineAlias": .structure([
            .required("stateMachineAliasArn", arn), .optional("description", description),
            .optional("routingConfiguration", routes),
        ]),
        "DescribeStateMachineAlias": .structure([.required("stateMachineAliasArn", arn)]),
        "ListStateMachineAliases": page(.required("stateMachineArn", arn)),
        "DeleteStateMachineAlias": .structure([.required("stateMachineAliasArn", arn)]),
    ]

    private static let executions: [String: Shape] = [
        "StartExecution": .structure(start),
        "StartSyncExecution": .structure(start + [.optional("includedData", includedData)]),
        "StopExecution": .structure([
            .required("executionArn", arn), .optional("error", error), .optional("cause", cause),
        ]),
        "RedriveExecution": .structure([
            .required("executionArn", arn), .optional("clientToken", .text(1...64, visibleCharacters)),
        ]),
        "DescribeExecution": .structure([.required("executionArn", arn), .optional("includedData", includedData)]),
        "ListExecutions": .structure([
            .optional("stateMachineArn", arn), .optional("statusFilter", executionStatus),
            .optional("maxResults", .integer(0...1000)), .optional("nextToken", .text(1...3096)),
            .optional("mapRunArn", longArn), .optional("redriveFilter", .oneOf("REDRIVEN", "NOT_REDRIVEN")),
        ]),
        "GetExecutionHistory": page(
            .required("executionArn", arn),
            .optional("reverseOrder", .boolean),
            .optional("includeExecutionData", .boolean)
        ),
    ]

    private static let mapRuns: [String: Shape] = [
        "DescribeMapRun": .structure([.required("mapRunArn", longArn)]),
        "ListMapRuns": page(.required("executionArn", arn)),
        "UpdateMapRun": .structure([
            .required("mapRunArn", longArn), .optional("maxConcurrency", .integer(0...Int.max)),
            .optional("toleratedFailurePercentage", .double(0...100)),
            .optional("toleratedFailureCount", .integer(0...Int.max)),
        ]),
    ]

    private static let tasks: [String: Shape] = [
        "CreateActivity": .structure([
            .required("name", name), .optional("tags", tags), .optional("encryptionConfiguration", encryption),
        ]),
        "DeleteActivity": .structure([.required("activityArn", arn)]),
        "DescribeActivity": .structure([.required("activityArn", arn)]),
        "ListActivities": page(),
        "GetActivityTask": .structure([.required("activityArn", arn), .optional("workerName", name)]),
        "SendTaskSuccess": .structure([.required("taskToken", taskToken), .required("output", data)]),
        "SendTaskFailure": .structure([
            .required("taskToken", taskToken), .optional("error", error), .optional("cause", cause),
        ]),
        "SendTaskHeartbeat": .structure([.required("taskToken", taskToken)]),
    ]

    private static let tests: [String: Shape] = [
        "TestState": .structure([
            .required("definition", definition), .optional("roleArn", arn), .optional("input", data),
            .optional("inspectionLevel", .oneOf("INFO", "DEBUG", "TRACE")), .optional("revealSecrets", .boolean),
            .optional("variables", data), .optional("stateName", stateName),
            .optional(
                "mock",
                .structure([
                    .optional("result", data),
                    .optional("errorOutput", .structure([.optional("error", error), .optional("cause", cause)])),
                    .optional("fieldValidationMode", .oneOf("STRICT", "PRESENT", "NONE")),
                ])
            ),
            .optional("context", data),
            .optional(
                "stateConfiguration",
                .structure([
                    .optional("retrierRetryCount", .integer(0...Int.max)),
                    .optional("errorCausedByState", stateName),
                    .optional("mapIterationFailureCount", .integer(0...Int.max)),
                    .optional("mapItemReaderData", data),
                ])
            ),
        ])
    ]
}

// MARK: - What several operations share

extension StepFunctionsShapes {
    private static let arn = Shape.text(1...256)
    private static let longArn = Shape.text(1...2000)
    private static let name = Shape.text(1...80)
    private static let stateName = Shape.secret(1...80)
    private static let definition = Shape.secret(1...1_048_576)
    private static let data = Shape.secret(0...262_144)
    private static let error = Shape.secret(0...256)
    private static let cause = Shape.secret(0...32_768)
    private static let description = Shape.secret(0...256)
    private static let taskToken = Shape.text(1...2048)
    private static let type = Shape.oneOf("STANDARD", "EXPRESS")
    private static let includedData = Shape.oneOf("ALL_DATA", "METADATA_ONLY")
    private static let executionStatus = Shape.oneOf(
        "SUCCEEDED",
        "TIMED_OUT",
        "PENDING_REDRIVE",
        "ABORTED",
        "FAILED",
        "RUNNING"
    )

    private static let start: [Field] = [
        .required("stateMachineArn", arn), .optional("name", name), .optional("input", data),
        .optional("traceHeader", .text(0...256, ascii)),
    ]

    private static let tags = Shape.list(
        .structure([.optional("key", .text(1...128)), .optional("value", .text(0...256))], name: "Tag")
    )

    private static let routes = Shape.list(
        .structure(
            [.required("stateMachineVersionArn", arn), .required("weight", .integer(0...100))],
            name: "RoutingConfigurationListItem"
        ),
        minimum: 1,
        maximum: 2
    )

    private static let tracing = Shape.structure([.optional("enabled", .boolean)])

    private static let logging = Shape.structure([
        .optional("level", .oneOf("ALL", "ERROR", "FATAL", "OFF")), .optional("includeExecutionData", .boolean),
        .optional(
            "destinations",
            .list(
                .structure([.optional("cloudWatchLogsLogGroup", .structure([.optional("logGroupArn", arn)]))])
            )
        ),
    ])

    private static let encryption = Shape.structure([
        .optional("kmsKeyId", .text(1...2048)), .optional("kmsDataKeyReusePeriodSeconds", .integer(60...900)),
        .required("type", .oneOf("AWS_OWNED_KEY", "CUSTOMER_MANAGED_KMS_KEY")),
    ])

    private static func page(_ fields: Field...) -> Shape {
        .structure(
            fields + [.optional("maxResults", .integer(0...1000)), .optional("nextToken", .text(1...1024))]
        )
    }

    private static let aliasName = TextPattern(#"^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$"#) { text in
        let isDigit = { (byte: UInt8) in (48...57).contains(byte) }
        return text.utf8.contains { !isDigit($0) }
            && text.utf8.allSatisfy { isDigit($0) || $0.isASCIILetter || "_-.".utf8.contains($0) }
    }

    private static let ascii = TextPattern(#"\p{ASCII}*"#) { $0.utf8.allSatisfy { $0 < 128 } }

    private static let visibleCharacters = TextPattern("[!-~]+") { text in
        !text.isEmpty && text.utf8.allSatisfy { (33...126).contains($0) }
    }
}

extension UInt8 {
    fileprivate var isASCIILetter: Bool { (65...90).contains(self) || (97...122).contains(self) }
}

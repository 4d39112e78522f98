internal import Shapes

/// The shapes that many operations share.
extension Shape {
    static let name = Shape.text(1...63, .name)
    static let arn = Shape.text(0...256, .arn)
    static let roleArn = Shape.text(0...256, .roleArn)
    static let words = Shape.text(0...256)
    static let domain = Shape.oneOf("ECOMMERCE", "VIDEO_ON_DEMAND")
    static let parameters = Shape.map(key: .words, value: .text(0...1000), maximum: 100)
    static let tags = Shape.list(
        .structure([.required("tagKey", .text(1...128, .tag)), .required("tagValue", .text(0...256, .tag))]),
        maximum: 200
    )

    /// The input of a list: a parent to narrow it to, if it has one, and a page.
    static func page(_ more: [Field]) -> Shape {
        .structure(
            more + [.optional("nextToken", .text(0...1500, .ascii)), .optional("maxResults", .integer(1...100))]
        )
    }

    static let campaignConfig = Shape.structure([
        .optional("itemExplorationConfig", .parameters),
        .optional("enableMetadataWithRecommendations", .boolean),
        .optional("syncWithLatestSolutionVersion", .boolean),
        .optional(
            "rankingInfluence",
            .map(key: .oneOf("POPULARITY", "FRESHNESS"), value: .double(0...1), maximum: .max)
        ),
    ])

    static let solutionConfig = Shape.structure([
        .optional("eventValueThreshold", .words),
        .optional("hpoConfig", hpoConfig),
        .optional("algorithmHyperParameters", .parameters),
        .optional("featureTransformationParameters", .parameters),
        .optional(
            "autoMLConfig",
            .structure([.optional("metricName", .words), .optional("recipeList", .list(.arn, maximum: 100))])
        ),
        .optional("eventsConfig", eventsConfig),
        .optional(
            "optimizationObjective",
            .structure([
                .optional("itemAttribute", .text(1...150)),
                .optional("objectiveSensitivity", .oneOf("LOW", "MEDIUM", "HIGH", "OFF")),
            ])
        ),
        .optional("trainingDataConfig", trainingDataConfig),
        .optional("autoTrainingConfig", autoTrainingConfig),
    ])

    static let solutionUpdateConfig = Shape.structure([
        .optional("autoTrainingConfig", autoTrainingConfig), .optional("eventsConfig", eventsConfig),
    ])

    static let recommenderConfig = Shape.structure([
        .optional("itemExplorationConfig", .parameters),
        .optional("minRecommendationRequestsPerSecond", .integer(1...Int.max)),
        .optional("trainingDataConfig", trainingDataConfig),
        .optional("enableMetadataWithRecommendations", .boolean),
    ])

    private static let trainingDataConfig = Shape.structure([
        .optional("excludedDatasetColumns", columns), .optional("includedDatasetColumns", columns),
    ])

    static let autoTrainingConfig = Shape.structure([.optional("schedulingExpression", .text(1...16, .rate))])

    static let eventsConfig = Shape.structure([
        .optional(
            "eventParametersList",
            .list(
                .structure([
                    .optional("eventType", .words),
                    .optional("eventValueThreshold", .double(anyDouble)),
                    .optional("weight", .double(0...1)),
                ]),
                maximum: 10
            )
        )
    ])

    private static let columns = Shape.map(
        key: .text(0...256, .datasetType),
        value: .list(.text(0...150, .columnName), maximum: 50),
        maximum: 3
    )

    private static let anyDouble = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude

    private static let hpoConfig = Shape.structure([
        .optional(
            "hpoObjective",
            .structure([
                .optional("type", .words), .optional("metricName", .words), .optional("metricRegex", .words),
            ])
        ),
        .optional(
            "hpoResourceConfig",
            .structure([
                .optional("maxNumberOfTrainingJobs", .words), .optional("maxParallelTrainingJobs", .words),
            ])
        ),
        .optional("algorithmHyperParameterRanges", hyperParameterRanges),
    ])

    private static let hyperParameterRanges = Shape.structure([
        .optional(
            "integerHyperParameterRanges",
            ranges([
                .optional("minValue", .integer(-1_000_000...Int.max)),
                .optional("maxValue", .integer(Int.min...1_000_000)),
            ])
        ),
        .optional(
            "continuousHyperParameterRanges",
            ranges([
                .optional("minValue", .double(-1_000_000...Double.greatestFiniteMagnitude)),
                .optional("maxValue", .double(-1_000_000...Double.greatestFiniteMagnitude)),
            ])
        ),
        .optional(
            "categoricalHyperParameterRanges",
            ranges([.optional("values", .list(.text(0...1000), maximum: 100))])
        ),
    ])

    private static func ranges(_ fields: [Field]) -> Shape {
        .list(.structure([.optional("name", .words)] + fields), maximum: 100)
    }
}

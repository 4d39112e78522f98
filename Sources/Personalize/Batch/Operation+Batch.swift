internal import JSON
internal import Recommenders
internal import Shapes

extension Operation {
    static let createBatchInferenceJob = Operation.write(
        "CreateBatchInferenceJob",
        .structure(
            Shape.batchFields + [
                .optional("batchInferenceJobConfig", .batchInferenceJobConfig),
                .optional("batchInferenceJobMode", .oneOf("BATCH_INFERENCE", "THEME_GENERATION")),
                .optional("themeGenerationConfig", .themeGenerationConfig),
            ]
        )
    ) { service, input throws(PersonalizeError) in
        let kept = ["batchInferenceJobConfig", "themeGenerationConfig"]
        var draft = try Draft(.batchInferenceJob, input, keeping: Shape.batchMembers + kept)
        let mode = input["batchInferenceJobMode"]?.string ?? "BATCH_INFERENCE"
        guard mode == "BATCH_INFERENCE" else {
            throw PersonalizeError(
                .invalidInput,
                "batchInferenceJobMode \(mode) needs a language model and is not offered; use BATCH_INFERENCE"
            )
        }
        draft.body["batchInferenceJobMode"] = .string(mode)
        let version = try await service.prepareBatch(&draft, input, limit: 500)
        try version.entry.checkInference()
        try Exploration.check(input["batchInferenceJobConfig"], of: version.entry, at: "batchInferenceJobConfig")
        if let filter = version.filter { try version.entry.checkInference(filter, input) }
        return try await service.create(draft)
    }
}

extension Operation {
    static let createBatchSegmentJob = Operation.write("CreateBatchSegmentJob", .structure(Shape.batchFields)) {
        service,
        input throws(PersonalizeError) in
        var draft = try Draft(.batchSegmentJob, input, keeping: Shape.batchMembers)
        let version = try await service.prepareBatch(&draft, input, limit: 5_000_000)
        guard version.entry.recipe.kind == .userSegmentation else {
            throw PersonalizeError(
                .invalidInput,
                "SolutionVersion \"\(version.version.arn)\" of recipe \(version.entry.name) gives no segments; "
                    + "train one with aws-item-affinity or aws-item-attribute-affinity"
            )
        }
        if let filter = version.filter { try Self.checkSegments(filter) }
        return try await service.create(draft)
    }

    private static func checkSegments(_ filter: Resource) throws(PersonalizeError) {
        let expression = try FilterExpression(parsing: filter.body["filterExpression"]?.string ?? "")
        guard expression.subject == .user else {
            throw PersonalizeError(
                .invalidInput,
                "Filter \"\(filter.arn)\" is about \(expression.subject.rawValue), and users are asked for"
            )
        }
        guard !expression.needsUser else {
            throw PersonalizeError(
                .invalidInput,
                "Filter \"\(filter.arn)\" asks about Interactions or CurrentUser, which segments are not filtered by; "
                    + "use conditions on Users"
            )
        }
    }
}

extension Shape {
    /// The members that both kinds of batch jobs have.
    static let batchFields: [Field] = [
        .required("jobName", .name), .required("solutionVersionArn", .arn), .optional("filterArn", .arn),
        .optional("numResults", .integer(0...Int.max)),
        .required("jobInput", .structure([.required("s3DataSource", dataConfig)])),
        .required(
            "jobOutput",
            .structure([
                .required("s3DataDestination", dataConfig),
                // Ours: the answers as a database too.
                .optional("sqliteDataDestination", .structure([.required("path", .text(0...256, .location))])),
            ])
        ),
        .required("roleArn", .roleArn), .optional("tags", .tags),
    ]

    /// What a job keeps of them.
    static let batchMembers = ["solutionVersionArn", "filterArn", "jobInput", "jobOutput", "roleArn"]

    private static let dataConfig = Shape.structure([
        .required("path", .text(0...256, .location)), .optional("kmsKeyArn", .text(0...2048, .keyArn)),
    ])

    fileprivate static let batchInferenceJobConfig = Shape.structure([
        .optional("itemExplorationConfig", .parameters),
        .optional(
            "rankingInfluence",
            .map(key: .oneOf("POPULARITY", "FRESHNESS"), value: .double(0...1), maximum: .max)
        ),
    ])

    fileprivate static let themeGenerationConfig = Shape.structure([
        .required(
            "fieldsForThemeGeneration",
            .structure([.required("itemName", .text(0...150, .columnName))])
        )
    ])
}

/// What a batch job is made with.
struct BatchVersion {
    let version: Resource
    let entry: CatalogEntry
    let filter: Resource?
}

extension PersonalizeService {
    /// Checks what both kinds of batch jobs need and adds it to the draft.
    func prepareBatch(
        _ draft: inout Draft,
        _ input: JSON,
        limit: Int
    ) async throws(PersonalizeError) -> BatchVersion {
        let version = try await activeResource(.solutionVersion, try input.required("solutionVersionArn"))
        let filter = try await filter(input, of: version)
        let count = input["numResults"]?.int ?? 25
        guard (1...limit).contains(count) else {
            throw PersonalizeError(.invalidInput, "numResults \"\(count)\" must be from 1 to \(limit)")
        }
        let locations = BatchLocations(input)
        guard !locations.areSame else {
            throw PersonalizeError(
                .invalidInput,
                "Invalid S3 output path. It must not be the input path \(locations.input); use another folder"
            )
        }
        if locations.database != nil, answerDatabase == nil {
            throw PersonalizeError(.invalidInput, "jobOutput.sqliteDataDestination is not offered by this service")
        }
        draft.parentArn = version.arn
        draft.body["numResults"] = JSON(count)
        guard !version.isCustom else {
            throw PersonalizeError(
                .invalidInput,
                "SolutionVersion \"\(version.arn)\" is of a recipe of your own, for which there are no batch jobs; "
                    + "ask a campaign of it"
            )
        }
        guard let recipe = version.body["recipeArn"]?.string, let entry = CatalogEntry.byARN[recipe] else {
            throw PersonalizeError(.invalidInput, "SolutionVersion \"\(version.arn)\" has no recipe that is offered")
        }
        return BatchVersion(version: version, entry: entry, filter: filter)
    }

    private func filter(_ input: JSON, of version: Resource) async throws(PersonalizeError) -> Resource? {
        guard let arn = input["filterArn"]?.string else { return nil }
        let filter = try await activeResource(.filter, arn)
        guard filter.parentArn == version.body["datasetGroupArn"]?.string else {
            throw PersonalizeError(
                .invalidInput,
                "Filter \"\(arn)\" is not of the dataset group of solution version \"\(version.arn)\""
            )
        }
        return filter
    }
}

extension Resource {
    /// Refuses to serve a solution version that only gives segments.
    func refuseSegments() throws(PersonalizeError) {
        guard let recipe = body["recipeArn"]?.string, let entry = CatalogEntry.byARN[recipe],
            entry.recipe.kind == .userSegmentation
        else { return }
        throw entry.onlySegments
    }
}

extension CatalogEntry {
    /// Why a solution version of this recipe recommends no items.
    var onlySegments: PersonalizeError {
        PersonalizeError(
            .invalidInput,
            "Recipe \(name) gives segments of users and recommends no items; use CreateBatchSegmentJob"
        )
    }

    /// Refuses recipes from whose versions no batch of recommendations comes.
    fileprivate func checkInference() throws(PersonalizeError) {
        if recipe.kind == .userSegmentation { throw onlySegments }
        guard recipe != .trendingNow else {
            throw PersonalizeError(
                .invalidInput,
                "Recipe \(name) gives no batch recommendations, for what is trending has changed by then"
            )
        }
    }

    /// Refuses a filter that could not be used for any line.
    fileprivate func checkInference(_ filter: Resource, _ input: JSON) throws(PersonalizeError) {
        let expression = try FilterExpression(parsing: filter.body["filterExpression"]?.string ?? "")
        guard expression.subject == .item else {
            throw PersonalizeError(
                .invalidInput,
                "Filter \"\(filter.arn)\" is about \(expression.subject.rawValue), and items are asked for"
            )
        }
        guard !expression.needsItem || recipe.kind == .relatedItems else {
            throw PersonalizeError(
                .invalidInput,
                "Filter \"\(filter.arn)\" asks about CurrentItem, which only recipes for related items have, not \(name)"
            )
        }
    }
}

internal import FoundationEssentials
internal import JSON
internal import Recommenders
internal import Shapes

extension Operation {
    static let createSolution = Operation.write(
        "CreateSolution",
        .structure([
            .required("name", .name), .optional("performHPO", .boolean), .optional("performAutoML", .boolean),
            .optional("performAutoTraining", .boolean), .optional("performIncrementalUpdate", .boolean),
            .optional("recipeArn", .arn), .required("datasetGroupArn", .arn), .optional("eventType", .words),
            .optional("solutionConfig", .solutionConfig), .optional("tags", .tags),
        ])
    ) { service, input throws(PersonalizeError) in
        let kept = ["datasetGroupArn", "recipeArn", "eventType", "solutionConfig", "performIncrementalUpdate"]
        var draft = try Draft(.solution, input, keeping: kept)
        let group = try await service.activeResource(.datasetGroup, try input.required("datasetGroupArn"))
        try SolutionRules.check(input, try service.customRecipe(input["recipeArn"]?.string))
        try await service.checkColumns(of: input, group)
        draft.parentArn = group.arn
        draft.body["performHPO"] = input["performHPO"] ?? false
        draft.body["performAutoML"] = .bool(input["recipeArn"]?.string == nil)
        draft.body["performAutoTraining"] = input["performAutoTraining"] ?? true
        draft.body["autoTrainingSince"] = .seconds(of: service.now())
        return try await service.create(draft)
    }

    static let createSolutionVersion = Operation.write(
        "CreateSolutionVersion",
        .structure([
            .optional("name", .name), .required("solutionArn", .arn),
            .optional("trainingMode", .oneOf("FULL", "UPDATE", "AUTOTRAIN")), .optional("tags", .tags),
        ])
    ) { service, input throws(PersonalizeError) in
        let solution = try await service.activeResource(.solution, try input.required("solutionArn"))
        return try await service.newVersion(of: solution, input, type: "MANUAL")
    }

    static let stopSolutionVersionCreation = Operation.write(
        "StopSolutionVersionCreation",
        .structure([.required("solutionVersionArn", .arn)])
    ) { service, input throws(PersonalizeError) in
        var version = try await service.resource(.solutionVersion, try input.required("solutionVersionArn"))
        switch version.status {
        case .createPending: version.status = .createStopped
        case .createInProgress: version.status = .createStopping
        default:
            throw PersonalizeError(
                .invalidInput,
                "SolutionVersion \"\(version.arn)\" has status \(version.status.rawValue); "
                    + "only one that is CREATE PENDING or CREATE IN_PROGRESS can be stopped"
            )
        }
        var decision = Decision()
        decision.transition.updates = [version]
        return decision
    }
}

/// The rules of a solution's configuration.
enum SolutionRules {
    /// What a version takes over from its solution when it is made.
    static let snapshotMembers = [
        "performHPO", "performAutoML", "performIncrementalUpdate", "recipeArn", "eventType", "datasetGroupArn",
        "solutionConfig",
    ]

    /// Checks the recipe, its hyperparameters and the threshold of event values.
    ///
    /// - Parameters:
    ///   - input: The request.
    ///   - custom: The recipe that it names, where that is a program of the user's.
    /// - Throws: `PersonalizeError` with the first fault.
    static func check(_ input: JSON, _ custom: CustomRecipe? = nil) throws(PersonalizeError) {
        let config = input["solutionConfig"]
        if let threshold = config?["eventValueThreshold"]?.string, Double(threshold)?.isFinite != true {
            throw PersonalizeError(
                .invalidInput,
                "solutionConfig.eventValueThreshold \"\(threshold)\" must be a number"
            )
        }
        let candidates = (config?["autoMLConfig"]?["recipeList"]?.array ?? []).compactMap(\.string)
        for arn in candidates where CatalogEntry.byARN[arn] == nil { throw .missing("Recipe", arn) }
        if candidates.count > 1,
            let arn = candidates.first(where: { CatalogEntry.byARN[$0]?.recipe == .nextBestAction })
        {
            throw PersonalizeError(
                .invalidInput,
                "solutionConfig.autoMLConfig.recipeList: recipe \"\(arn)\" recommends actions and cannot be compared with "
                    + "others; leave it out, or give it as recipeArn"
            )
        }
        if candidates.count > 1,
            let arn = candidates.first(where: { CatalogEntry.byARN[$0]?.recipe.learnsRatings == true })
        {
            throw PersonalizeError(
                .invalidInput,
                "solutionConfig.autoMLConfig.recipeList: recipe \"\(arn)\" learns from ratings only and cannot be "
                    + "compared with others; leave it out, or give it as recipeArn"
            )
        }
        var entry: CatalogEntry?
        if let arn = input["recipeArn"]?.string {
            guard input["performAutoML"]?.bool != true else {
                throw PersonalizeError(
                    .invalidInput,
                    "recipeArn and performAutoML exclude each other; give one of them"
                )
            }
            if let custom {
                try custom.check(input)
                return try AutoTrainingRules.check(input)
            }
            guard let found = CatalogEntry.byARN[arn] else { throw .missing("Recipe", arn) }
            guard found.useCase == nil else {
                throw PersonalizeError(
                    .invalidInput,
                    "recipeArn \"\(arn)\" is a use case of a domain; make a recommender of it, with CreateRecommender"
                )
            }
            try found.check(config)
            entry = found
        }
        try TuningRules.check(input, entry)
        try AutoTrainingRules.check(input)
    }
}

extension PersonalizeService {
    /// Decides to make a version of a solution, which somebody has asked for or whose time has come.
    func newVersion(of solution: Resource, _ input: JSON, type: JSON) async throws(PersonalizeError) -> Decision {
        var draft = try Draft(.solutionVersion, input, keeping: ["trainingMode"])
        draft.parentArn = solution.arn
        draft.path = "\(solution.name)/\(try await freeVersionID(of: solution))"
        draft.body["solutionArn"] = .string(solution.arn)
        for member in SolutionRules.snapshotMembers { draft.body[member] = solution.body[member] }
        draft.body["trainingType"] = type
        if draft.body["trainingMode"] == nil { draft.body["trainingMode"] = "FULL" }
        if draft.body["trainingMode"] == "UPDATE" { try await checkUpdateTraining(of: solution) }
        return try await create(draft)
    }

    /// Eight hexadecimal digits that no other version of the solution has.
    private func freeVersionID(of solution: Resource) async throws(PersonalizeError) -> String {
        while true {
            let id = makeID().uuidString.prefix(8).lowercased()
            if try await found(arns.of(.solutionVersion, "\(solution.name)/\(id)")) == nil { return id }
        }
    }
}

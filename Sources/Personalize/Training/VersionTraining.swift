internal import Crypto
internal import DurableFiles
internal import JSON
internal import Recommenders

/// Trains one solution version, from snapshots to files; runs to its end on the thread that calls it.
struct VersionTraining: Sendable {
    let version: Resource
    let files: Files
    let configuration: PersonalizeService.Configuration
    let progress: @Sendable (JobProgress) -> Void
    let isCancelled: @Sendable () -> Bool

    /// What is recorded with a version that has been trained.
    struct Result: Sendable {
        let recipeArn: String
        let metrics: JSON
        let hyperparameters: JSON
        let modelHash: String
        let reason: String
        /// The hash of what a custom recipe was made of.
        var recipeHash: String?
    }

    /// Reads, learns, measures and writes the model.
    func run() throws -> Result {
        let (data, outcome) = try learn()
        let model = outcome.model.encoded()
        guard !isCancelled() else { throw CancellationError() }
        // A use case leaves out what its own filter says, and nothing else.
        let excludesMetItems = outcome.excludesMetItems && entry?.useCase == nil
        try ModelIndex.write(data, excludesMetItems: excludesMetItems, to: files.index(of: version.arn))
        if data.interactions.actions != nil { try actionData().write(to: files.actions(of: version.arn)) }
        try AtomicFile.write(model, to: files.model(of: version.arn))
        if let measured = outcome.measured, entry?.useCase == nil {
            try AtomicFile.write(measured.encoded(), to: files.measuredModel(of: version.arn))
        }
        return Result(
            recipeArn: (entry ?? CatalogEntry.of(outcome.recipe)).arn,
            metrics: .object(JSONObject(outcome.metrics.values.sorted { $0.key < $1.key }.map { ($0, .double($1)) })),
            hyperparameters: Self.strings(settings(of: outcome)),
            modelHash: Self.hash(model),
            reason: outcome.reason
        )
    }

    /// The chosen settings; of a recipe that was given, those that can be given with it.
    private func settings(of outcome: Trainer.Outcome) -> [String: String] {
        let all = outcome.configuration.hyperparameters
        guard let entry else { return all }
        let names = Set(entry.recipe.hyperparameters.map(\.name))
        return all.filter { names.contains($0.key) }
    }

    /// The hash of the model that the recorded data, configuration and seed give; nothing is written.
    func replay() throws -> String { Self.hash(try learn().outcome.model.encoded()) }

    /// The seed of all random numbers: the one that was recorded when the training began.
    var seed: UInt64 { version.body["trainingSeed"]?.string.flatMap(UInt64.init) ?? configuration.seed }

    private func learn() throws -> (data: TrainingData, outcome: Trainer.Outcome) {
        progress(JobProgress(stage: "READING"))
        var trainer = try Trainer(version.body, entry)
        let recipes = trainer.recipe.map { [$0] } ?? trainer.candidateRecipes
        var rules = EventRules(version.body)
        rules.areRatings = recipes.first?.learnsRatings ?? false
        let data = try data(rules, recipes)
        if recipes.contains(where: \.learnsFromEvents) { try data.check(configuration, rules) }
        guard !isCancelled() else { throw CancellationError() }
        trainer.userKeys = data.userKeys
        trainer.base = try base(data)
        return (data, try trainer.train(data.interactions, context: context))
    }

    /// What an update learns on from; nil for a training in full.
    private func base(_ data: TrainingData) throws -> Trainer.Base? {
        guard let arn = version.body["baseVersionArn"]?.string else { return nil }
        do {
            let items = try ModelIndex(path: files.index(of: arn)).items
            let codes = data.itemCodes
            return Trainer.Base(
                model: try TrainedModel(path: files.model(of: arn)),
                measured: try TrainedModel(path: files.measuredModel(of: arn)),
                itemCodes: (0..<UInt32(items.count)).map { codes[RecordID(items[$0])] ?? EventColumns.none }
            )
        } catch {
            throw TrainingRefusal("SolutionVersion \"\(arn)\" cannot be learnt on from: \(error); train in full.")
        }
    }

    private var entry: CatalogEntry? {
        // What the metrics chose is recorded as the recipe too, but was not given.
        if version.body["performAutoML"]?.bool != true, let arn = version.body["recipeArn"]?.string {
            return CatalogEntry.byARN[arn]
        }
        let list = version.body["solutionConfig"]?["autoMLConfig"]?["recipeList"]?.array ?? []
        return list.count == 1 ? list[0].string.flatMap { CatalogEntry.byARN[$0] } : nil
    }

    private var context: TrainingContext {
        TrainingContext(
            threads: configuration.trainingThreads,
            seed: seed,
            progress: { [progress] report in
                progress(
                    JobProgress(
                        stage: report.stage.uppercased(),
                        epoch: report.epoch,
                        epochs: report.epochs,
                        share: report.fraction,
                        trial: report.trial,
                        trials: report.trials
                    )
                )
            },
            isCancelled: isCancelled
        )
    }

    private func data(_ rules: EventRules, _ recipes: [Recipe]) throws -> TrainingData {
        let tables = try tables(isNeeded: recipes.contains(where: \.learnsFromEvents))
        if rules.areRatings, !tables.contains(where: \.hasRatings) {
            throw TrainingRefusal(
                "Recipe \(entry?.name ?? "") learns from ratings, and no interaction has an EVENT_VALUE above zero; "
                    + "import interactions that have."
            )
        }
        let uses = (
            features: recipes.contains(where: \.usesItemFeatures), texts: recipes.contains(where: \.usesItemTexts)
        )
        if recipes == [.nextBestAction] { return try actionData().trainingData(tables, rules) }
        let items = try items()
        if entry?.useCase?.needsItems == true, items == nil {
            throw TrainingRefusal(
                "Recipe \(entry?.name ?? "") compares what the items are like, and the dataset group has no items; "
                    + "import an Items dataset first."
            )
        }
        guard uses.features || uses.texts, let items else {
            return try TrainingData(tables, rules: rules)
        }
        let newItems = recipes.allSatisfy(\.recommendsNewItems) ? items.ids : []
        var data = try TrainingData(tables, rules: rules, newItems: newItems)
        if uses.features { data.describe(items, itemFields) }
        if uses.texts { data.addTexts(items, itemFields) }
        return data
    }

    /// The Items dataset as it was when the training began; nil when there was none.
    private func items() throws -> EntityTable? {
        let names = (version.body["itemSnapshots"]?.array ?? []).compactMap(\.string)
        guard !names.isEmpty else { return nil }
        return EntityTable(.items, try names.map { try Snapshot($0, in: files.data) })
    }

    /// The actions and what users did with them, as they were when the training began.
    private func actionData() throws -> ActionData {
        try ActionData(
            actions: (version.body["actionSnapshots"]?.array ?? []).compactMap(\.string),
            interactions: (version.body["actionInteractionSnapshots"]?.array ?? []).compactMap(\.string),
            in: files
        )
    }

    private var itemFields: [String: ItemField] {
        (version.body["itemFields"]?.object ?? [:]).reduce(into: [:]) { fields, entry in
            fields[entry.key] = entry.value.string.flatMap(ItemField.init(rawValue:))
        }
    }

    private func tables(isNeeded: Bool) throws -> [EventTable] {
        let names = (version.body["snapshots"]?.array ?? []).compactMap(\.string)
        guard !isNeeded || !names.isEmpty else {
            throw TrainingRefusal("The dataset group has no interactions; import an Interactions dataset first.")
        }
        return try names.map { try EventTable(snapshot: $0, in: files) }
    }

    private static func strings(_ values: [String: String]) -> JSON {
        .object(JSONObject(values.sorted { $0.key < $1.key }.map { ($0, .string($1)) }))
    }

    private static func hash(_ model: [UInt8]) -> String { SHA256.hash(data: model).hexadecimal }
}

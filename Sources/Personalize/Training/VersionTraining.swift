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
        let entry: CatalogEntry
        let metrics: JSON
        let hyperparameters: JSON
        let modelHash: String
        let reason: String
    }

    /// Reads, learns, measures and writes the model.
    func run() throws -> Result {
        progress(JobProgress(stage: "READING"))
        var rules = EventRules(version.body)
        rules.areRatings = entry?.recipe.learnsRatings ?? false
        let data = try data(rules)
        try data.check(configuration, rules)
        guard !isCancelled() else { throw CancellationError() }
        let outcome = try trainer(data).train(data.interactions, context: context)
        let model = outcome.model.encoded()
        guard !isCancelled() else { throw CancellationError() }
        try ModelIndex.write(data, excludesMetItems: outcome.excludesMetItems, to: files.index(of: version.arn))
        try AtomicFile.write(model, to: files.model(of: version.arn))
        return Result(
            entry: entry ?? CatalogEntry.of(outcome.recipe),
            metrics: .object(JSONObject(outcome.metrics.values.sorted { $0.key < $1.key }.map { ($0, .double($1)) })),
            hyperparameters: Self.strings(outcome.configuration.hyperparameters),
            modelHash: Self.hexadecimal(SHA256.hash(data: model)),
            reason: outcome.reason
        )
    }

    private var entry: CatalogEntry? {
        if let arn = version.body["recipeArn"]?.string { return CatalogEntry.byARN[arn] }
        let list = version.body["solutionConfig"]?["autoMLConfig"]?["recipeList"]?.array ?? []
        return list.count == 1 ? list[0].string.flatMap { CatalogEntry.byARN[$0] } : nil
    }

    private func trainer(_ data: TrainingData) -> Trainer {
        let given = version.body["solutionConfig"]?["algorithmHyperParameters"]?.object ?? [:]
        return Trainer(
            recipe: entry?.recipe,
            hyperparameters: entry?.effective(given) ?? [:],
            userKeys: data.userKeys
        )
    }

    private var context: TrainingContext {
        TrainingContext(
            threads: configuration.trainingThreads,
            seed: configuration.seed,
            progress: { [progress] report in
                progress(
                    JobProgress(
                        stage: report.stage.uppercased(),
                        epoch: report.epoch,
                        epochs: report.epochs,
                        share: report.fraction
                    )
                )
            },
            isCancelled: isCancelled
        )
    }

    private func data(_ rules: EventRules) throws -> TrainingData {
        let tables = try tables()
        if rules.areRatings, !tables.contains(where: \.hasRatings) {
            throw TrainingRefusal(
                "Recipe \(entry?.name ?? "") learns from ratings, and no interaction has an EVENT_VALUE above zero; "
                    + "import interactions that have."
            )
        }
        guard let recipe = entry?.recipe, recipe.usesItemFeatures, let items = try items() else {
            return try TrainingData(tables, rules: rules)
        }
        let newItems = recipe.recommendsNewItems ? items.ids : []
        var data = try TrainingData(tables, rules: rules, newItems: newItems)
        data.describe(items, itemFields)
        return data
    }

    /// The Items dataset as it was when the training began; nil when there was none.
    private func items() throws -> EntityTable? {
        let names = (version.body["itemSnapshots"]?.array ?? []).compactMap(\.string)
        guard !names.isEmpty else { return nil }
        return EntityTable(.items, try names.map { try Snapshot($0, in: files.data) })
    }

    private var itemFields: [String: ItemField] {
        (version.body["itemFields"]?.object ?? [:]).reduce(into: [:]) { fields, entry in
            fields[entry.key] = entry.value.string.flatMap(ItemField.init(rawValue:))
        }
    }

    private func tables() throws -> [EventTable] {
        let names = (version.body["snapshots"]?.array ?? []).compactMap(\.string)
        guard !names.isEmpty else {
            throw TrainingRefusal("The dataset group has no interactions; import an Interactions dataset first.")
        }
        return try names.map { try EventTable(snapshot: $0, in: files) }
    }

    private static func strings(_ values: [String: String]) -> JSON {
        .object(JSONObject(values.sorted { $0.key < $1.key }.map { ($0, .string($1)) }))
    }

    private static func hexadecimal(_ digest: SHA256Digest) -> String {
        let digits = Array("0123456789abcdef")
        return String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}

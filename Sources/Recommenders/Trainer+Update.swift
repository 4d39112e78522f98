extension Trainer {
    /// Models that an update learns on from.
    public struct Base: Sendable {
        /// The model that learnt from all data of its time.
        public var model: TrainedModel
        /// The model by which its metrics were measured: it knows nothing of the test users, and so they stay unknown.
        public var measured: TrainedModel
        /// The code that each of the models' items has in the new data, `EventColumns.none` where it is gone.
        public var itemCodes: [UInt32]

        /// Models that an update learns on from.
        ///
        /// - Parameters:
        ///   - model: The model that learnt from all data of its time.
        ///   - measured: The model by which its metrics were measured, on a split by the same seed and users' keys.
        ///   - itemCodes: The code that each of the models' items has in the new data.
        public init(model: TrainedModel, measured: TrainedModel, itemCodes: [UInt32]) {
            self.model = model
            self.measured = measured
            self.itemCodes = itemCodes
        }
    }

    /// Lets both models learn on, with the settings they have; measures the one that does not know the test users.
    func update(
        _ base: Base,
        _ recipe: Recipe,
        _ data: Interactions,
        _ evaluation: Evaluation,
        _ context: TrainingContext
    ) throws -> Outcome {
        guard recipe.canUpdate, let configuration = base.model.updateConfiguration else {
            throw RecommenderError(
                .invalidModel,
                "a model of recipe \"\(recipe.name)\" cannot learn on; train a new version in full"
            )
        }
        let measured = try base.measured.updated(
            with: evaluation.training,
            itemCodes: base.itemCodes,
            context: context.part(0...0.5, stage: "evaluating")
        )
        try context.checkCancellation()
        let metrics = evaluation.metrics(of: measured, for: recipe, threads: context.threads)
        let model = try base.model.updated(
            with: data,
            itemCodes: base.itemCodes,
            context: context.part(0.5...1, stage: "training")
        )
        return Outcome(
            recipe: recipe,
            configuration: configuration,
            model: model,
            measured: measured,
            metrics: metrics,
            candidates: [Candidate(recipe: recipe, configuration: configuration, metrics: metrics)],
            trials: [],
            reason: "\(recipe.name) was asked for, to learn on from an earlier version",
            excludesMetItems: evaluation.excludesMetItems
        )
    }
}

internal import JSON
internal import Recommenders

extension PersonalizeService {
    /// Judges a new version beside the one that serves, by one hold-out.
    ///
    /// The hold-out is of the data as it is now together with the data that the serving version was trained on, each
    /// event once: a drop that is spoilt must not be its own judge. As for `evaluate`, the users whose events are withheld
    /// are those from whom both measured models were kept, by the seed of their trainings; where a version has only a
    /// model that has seen some of them, the report says of how many events.
    func promotionReport(
        of candidate: Resource,
        beside serving: Resource,
        _ policy: PromotionPolicy
    ) async throws -> PromotionReport {
        let deleted = try await deletions(since: serving).flatMap(\.replaced)
        let files = files
        let known = (serving.body["snapshots"]?.array ?? []).compactMap(\.string)
        let snapshots = JSON.object(
            try await withTrainingData(of: candidate) { (data) async throws(PersonalizeError) in
                var data = data
                let now = (data["snapshots"]?.array ?? []).compactMap(\.string)
                let before = known.filter { !now.contains($0) && !deleted.contains($0) && files.hasData($0) }
                data["snapshots"] = .array((before + now).map(JSON.string))
                return data
            }
        )
        let rules = Self.commonRules(of: [serving, candidate])
        let seed = serving.trainingSeed ?? configuration.seed
        let threads = configuration.trainingThreads
        let paths = [self.files(serving), self.files(candidate)]
        return try await BackgroundThread.run(onCancel: {}) {
            let versions = try paths.map { try EvaluatedVersion($0) }
            let data = try EvaluationData(snapshots: snapshots, in: files, rules: rules)
            return PromotionReport(versions[0], versions[1], policy, on: data, seed: seed, threads: threads)
        }
    }
}

extension PromotionReport {
    fileprivate init(
        _ serving: EvaluatedVersion,
        _ candidate: EvaluatedVersion,
        _ policy: PromotionPolicy,
        on data: EvaluationData,
        seed: UInt64,
        threads: Int
    ) {
        // Whether people come back to items cannot be told from data of two drops, of which one may be spoilt.
        let evaluation = Evaluation(
            data.interactions,
            seed: seed,
            keys: data.userKeys,
            excludesMetItems: serving.excludesMetItems || candidate.excludesMetItems
        )
        let versions = [serving, candidate]
        let models = versions.models(evaluation, data)
        let judged = zip(versions, models).map { version, model in
            Judged(arn: version.arn, model: model, seenCount: version.seenCount(model, evaluation, data))
        }
        let contenders = zip(versions, models).map { version, model in
            Evaluation.Contender(version.model(model, for: data), recipe: version.recipe)
        }
        let measures = policy.measures
        let differences = evaluation.compare(
            contenders[0],
            with: contenders[1],
            by: measures.map(\.measure),
            threads: threads
        )
        self.init(
            serving: judged[0],
            candidate: judged[1],
            testUserCount: evaluation.tests.count,
            withheldCount: evaluation.tests.reduce(0) { $0 + $1.withheld.count },
            seed: seed,
            differences: zip(differences, measures).map { ($0, $1.tolerance) }
        )
    }
}

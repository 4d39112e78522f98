public import JSON
internal import Kernels
public import Recommenders

/// A trained solution version that is judged beside others: its models, and what they have learnt from.
///
/// There are two models: the one that is served, of all data, and the one by which the version's metrics were measured,
/// which knows nothing of the tenth of users whose events were kept from it.
public struct EvaluatedVersion: Sendable {
    /// The version's ARN.
    public let arn: String
    /// What it is used for.
    public let recipe: Recipe
    private let served: TrainedModel
    private let measured: TrainedModel?
    private let index: ModelIndex
    /// The seed of its training, by which the test users of its metrics were chosen.
    public let seed: UInt64

    /// Which of a version's models is judged.
    public enum Model: String, Sendable {
        /// The one that is served.
        case served
        /// The one by which its metrics were measured.
        case measured
    }

    /// Opens the files of a version.
    ///
    /// - Parameter files: What `PersonalizeService.evaluationFiles(of:)` says of it.
    /// - Throws: `EvaluationFault` when a file is missing or damaged, or the recipe recommends no items.
    public init(_ files: JSON) throws(EvaluationFault) {
        let arn = files["solutionVersionArn"]?.string ?? ""
        guard let entry = files["recipeArn"]?.string.flatMap({ CatalogEntry.byARN[$0] }) else {
            throw EvaluationFault("solution version \"\(arn)\" is of a recipe that cannot be compared")
        }
        do {
            served = try TrainedModel(path: files["model"]?.string ?? "")
            measured = try files["measuredModel"]?.string.map { try TrainedModel(path: $0) }
            index = try ModelIndex(path: files["index"]?.string ?? "")
        } catch {
            throw EvaluationFault(
                "solution version \"\(arn)\" cannot be read: \(error); "
                    + "compare versions on the machine that trained them, or train this one again"
            )
        }
        self.arn = arn
        recipe = entry.recipe
        seed = files["trainingSeed"]?.string.flatMap(UInt64.init) ?? 0
    }

    /// The name in tables: `solution/1a2b3c4d`.
    public var name: String { String(ARN.path(of: arn)) }

    /// Whether items a user has met are left out when the version is served.
    var excludesMetItems: Bool { index.excludesMetItems }

    /// A model with the codes of the data that it is asked about.
    func model(_ kind: Model, for data: EvaluationData) -> TranslatedModel {
        TranslatedModel(
            kind == .measured ? measured ?? served : served,
            userCodes: data.users.map { index.users.code(of: $0) ?? EventColumns.none },
            itemCodes: data.items.map { index.items.code(of: $0) ?? EventColumns.none },
            itemCount: index.items.count
        )
    }

    /// The model to be judged where not all have a served one that knows nothing of what is withheld.
    var blindest: Model { measured == nil ? .served : .measured }

    /// How many of the withheld events a model has learnt from.
    ///
    /// An event as old as the training counts when the user had met the item, whether then or at another time.
    func seenCount(_ kind: Model, _ evaluation: Evaluation, _ data: EvaluationData) -> Int {
        evaluation.tests.reduce(0) { count, test in
            let key = data.userKeys[Int(test.user)]
            guard let user = index.users.code(of: data.users[Int(test.user)]) else { return count }
            let history = index.history(user: user)
            // As the split by which the version was measured: of one event nothing could be withheld.
            if kind == .measured, history.count >= 2, Evaluation.withholdsUser(key: key, seed: seed) { return count }
            let met = Set(history)
            return count
                + test.withheld.count { event in
                    event.timestamp <= index.lastTimestamp
                        && index.items.code(of: data.items[Int(event.item)]).map(met.contains) ?? false
                }
        }
    }
}

extension [EvaluatedVersion] {
    /// Which models are judged: the served ones where none has learnt from what is withheld, else the others, so that
    /// what is compared has been told alike.
    func models(_ evaluation: Evaluation, _ data: EvaluationData) -> [EvaluatedVersion.Model] {
        let areBlind = allSatisfy { $0.seenCount(.served, evaluation, data) == 0 }
        return map { areBlind ? .served : $0.blindest }
    }
}

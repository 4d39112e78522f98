internal import Kernels

/// How well it is predicted which actions users take, in the words of `GetSolutionMetrics`.
///
/// Each is a mean over the actions for which it can be told. A choice counts as predicted to be taken when its chance is a
/// half or more.
public struct ActionMetrics: Sendable, Equatable {
    /// How often a choice that was taken has a greater chance than one that was not: the area under the curve.
    public var areaUnderCurve = 0.0
    /// The share of choices that were taken among those that were predicted to be.
    public var precision = 0.0
    /// The share of choices that were predicted to be taken among those that were.
    public var recall = 0.0

    /// No metrics: all zero.
    public init() {}

    /// The values by name.
    public var values: [String: Double] {
        ["area_under_the_curve": areaUnderCurve, "precision": precision, "recall": recall]
    }
}

extension ActionMetrics {
    /// Choices that were alike, with the chance that was predicted of them.
    struct Judged {
        let action: UInt32
        let chance: Double
        let count: Double
        let successes: Double
    }

    init(_ judged: [Judged]) {
        let byAction = Dictionary(grouping: judged, by: \.action).sorted { $0.key < $1.key }.map(\.value)
        areaUnderCurve = Self.mean(byAction.map(Self.area))
        precision = Self.mean(
            byAction.map { choices in
                let predicted = choices.filter { $0.chance >= 0.5 }
                return Self.share(predicted.reduce(0) { $0 + $1.successes }, of: predicted.reduce(0) { $0 + $1.count })
            }
        )
        recall = Self.mean(
            byAction.map { choices in
                let hits = choices.reduce(0) { $0 + ($1.chance >= 0.5 ? $1.successes : 0) }
                return Self.share(hits, of: choices.reduce(0) { $0 + $1.successes })
            }
        )
    }

    /// The share of pairs of a choice that was taken and one that was not in which the first has the greater chance; half
    /// of those in which both are alike.
    private static func area(_ choices: [Judged]) -> Double? {
        var (below, won) = (0.0, 0.0)
        let groups = Dictionary(grouping: choices, by: \.chance).sorted { $0.key < $1.key }.map(\.value)
        for group in groups {
            let taken = group.reduce(0) { $0 + $1.successes }
            let left = group.reduce(0) { $0 + $1.count - $1.successes }
            won += taken * (below + left / 2)
            below += left
        }
        return share(won, of: below * choices.reduce(0) { $0 + $1.successes })
    }

    private static func share(_ part: Double, of whole: Double) -> Double? { whole > 0 ? part / whole : nil }

    private static func mean(_ values: [Double?]) -> Double {
        let known = values.compactMap(\.self)
        return known.isEmpty ? 0 : known.reduce(0, +) / Double(known.count)
    }
}

extension Trainer {
    /// Measures next best actions on users who are not trained on, who are told by the items they met, and trains on all.
    func trainActions(_ setting: Setting, _ data: Interactions, _ context: TrainingContext) throws -> Outcome {
        guard case .nextBestAction(let configuration) = setting.configuration else {
            throw RecommenderError(.invalidHyperparameter, "recipe \(setting.recipe.name) does not recommend actions")
        }
        let draw = SplitDraw(seed: context.seed, keys: userKeys)
        let isTested = (0..<UInt32(data.userCount)).map { draw.tested.contains(draw.uniform(user: $0)) }
        var training = data.keepingUsers { !isTested[Int($0)] }
        training.actions = data.actions?.keepingUsers { Int($0) >= isTested.count || !isTested[Int($0)] }
        let measured = try NextBestAction.fit(
            training,
            configuration: configuration,
            context: context.part(0...0.5, stage: "evaluating")
        )
        var metrics = Metrics()
        let tested = data.actions?.keepingUsers { Int($0) < isTested.count && isTested[Int($0)] }
        metrics.actions = ActionMetrics(
            (tested?.trials(period: Int64(configuration.optimizationPeriod) * 86_400) ?? []).map { trial in
                let query = Query(history: Array(data.history(user: trial.user)))
                let chance = measured.chance(of: trial.action, for: query)
                let (count, successes) = (Double(trial.count), Double(trial.successes))
                return ActionMetrics.Judged(action: trial.action, chance: chance, count: count, successes: successes)
            }
        )
        let model = try NextBestAction.fit(data, configuration: configuration, context: context.part(0.5...1))
        return Outcome(
            recipe: setting.recipe,
            configuration: setting.configuration,
            model: .nextBestAction(model),
            measured: .nextBestAction(measured),
            metrics: metrics,
            candidates: [Candidate(recipe: setting.recipe, configuration: setting.configuration, metrics: metrics)],
            trials: [],
            reason: "\(setting.recipe.name) was asked for",
            excludesMetItems: false
        )
    }
}

internal import JSON
internal import Recommenders

/// The rules of `performHPO`, `solutionConfig.hpoConfig` and `solutionConfig.autoMLConfig`.
enum TuningRules {
    private static let path = "solutionConfig.hpoConfig"

    /// The most settings that may be tried, and the most at once.
    private static let limits = (trials: 1...40, parallel: 1...10)

    /// Refuses a search that cannot be made.
    static func check(_ solution: JSON, _ entry: CatalogEntry?) throws(PersonalizeError) {
        let config = solution["solutionConfig"]
        let ranges = config?["hpoConfig"]?["algorithmHyperParameterRanges"]
        if entry == nil, let list = ranges?.object?.first(where: { $0.value.array?.isEmpty == false }) {
            throw PersonalizeError(
                .invalidInput,
                "\(path).algorithmHyperParameterRanges.\(list.key) needs a recipeArn; without one the metrics choose "
                    + "recipe and settings"
            )
        }
        _ = try objective(of: config)
        let tuning = try tuning(config?["hpoConfig"] ?? [:], entry)
        guard let entry else { return }
        do throws(RecommenderError) {
            try tuning.validate(for: entry.recipe)
        } catch {
            throw PersonalizeError(.invalidInput, "\(path): \(error.message)")
        }
    }

    /// The search that a configuration asks for.
    static func tuning(_ config: JSON, _ entry: CatalogEntry?) throws(PersonalizeError) -> Tuning {
        let resources = config["hpoResourceConfig"]
        var tuning = Tuning()
        tuning.maximumTrials = try count(resources, "maxNumberOfTrainingJobs", limits.trials) ?? tuning.maximumTrials
        tuning.maximumParallelTrials =
            try count(resources, "maxParallelTrainingJobs", limits.parallel) ?? tuning.maximumParallelTrials
        let ignored = entry?.ignored ?? []
        tuning.ranges = try ranges(config["algorithmHyperParameterRanges"] ?? [:]).filter { !ignored.contains($0.name) }
        return tuning
    }

    private static func count(
        _ config: JSON?,
        _ member: String,
        _ allowed: ClosedRange<Int>
    ) throws(PersonalizeError) -> Int? {
        guard let text = config?[member]?.string else { return nil }
        guard let count = Int(text), allowed.contains(count) else {
            let wanted = "a whole number from \(allowed.lowerBound) to \(allowed.upperBound)"
            throw PersonalizeError(.invalidInput, "\(path).hpoResourceConfig.\(member) \"\(text)\" must be \(wanted)")
        }
        return count
    }

    private static func ranges(_ lists: JSON) throws(PersonalizeError) -> [Tuning.Range] {
        var ranges: [Tuning.Range] = []
        for (kind, list) in lists.object ?? [:] {
            for (index, range) in (list.array ?? []).enumerated() {
                let place = "\(path).algorithmHyperParameterRanges.\(kind)[\(index)]"
                ranges.append(try Self.range(range, kind, place))
            }
        }
        return ranges
    }

    private static func range(_ range: JSON, _ kind: String, _ place: String) throws(PersonalizeError) -> Tuning.Range {
        func member<Value>(_ name: String, _ value: (JSON) -> Value?) throws(PersonalizeError) -> Value {
            guard let found = range[name].flatMap(value) else {
                throw PersonalizeError(.invalidInput, "\(place).\(name) must be given")
            }
            return found
        }
        let name = try member("name", \.string)
        switch kind {
        case "integerHyperParameterRanges":
            return .init(name, .integer(try member("minValue", \.int), try member("maxValue", \.int)))
        case "continuousHyperParameterRanges":
            return .init(name, .continuous(try member("minValue", \.double), try member("maxValue", \.double)))
        default:
            return .init(name, .categorical(try member("values", \.array).compactMap(\.string)))
        }
    }

    /// The metric that decides, if the configuration names one.
    static func objective(of config: JSON?) throws(PersonalizeError) -> String? {
        let objective = config?["hpoConfig"]?["hpoObjective"]
        if let type = objective?["type"]?.string, type.lowercased() != "maximize" {
            throw PersonalizeError(
                .invalidInput,
                "\(path).hpoObjective.type \"\(type)\" must be \"Maximize\"; every metric here is better when greater"
            )
        }
        let names = [
            ("\(path).hpoObjective", objective?["metricName"]),
            ("solutionConfig.autoMLConfig", config?["autoMLConfig"]?["metricName"]),
        ]
        for (place, name) in names {
            guard let name = name?.string, !name.isEmpty else { continue }
            let known = Metrics().values.keys.sorted()
            guard known.contains(name) else {
                let hint = NearestName.find(name, among: known).map { "did you mean \"\($0)\"?" }
                let list = "there are \(known.joined(separator: ", "))"
                throw PersonalizeError(
                    .invalidInput,
                    "\(place).metricName \"\(name)\" is not measured; \(hint ?? list)"
                )
            }
            return name
        }
        return nil
    }
}

extension Trainer {
    /// The training that a solution, or a version that has taken its configuration over, asks for.
    init(_ solution: JSON, _ entry: CatalogEntry?) throws(PersonalizeError) {
        let config = solution["solutionConfig"]
        self.init(recipe: entry?.recipe, hyperparameters: entry?.effective(config) ?? [:])
        if entry == nil {
            let list = config?["autoMLConfig"]?["recipeList"]?.array ?? []
            candidateRecipes = list.compactMap { $0.string.flatMap { CatalogEntry.byARN[$0]?.recipe } }
        }
        if solution["performHPO"]?.bool == true, entry != nil {
            tuning = try TuningRules.tuning(config?["hpoConfig"] ?? [:], entry)
        }
        if let metric = try TuningRules.objective(of: config) { objective = metric }
    }
}

internal import JSON
internal import Recommenders

extension CustomRecipe {
    /// The answer of `DescribeRecipe`, without the member around it.
    var description: JSON {
        var description = summaryAnswer
        description["algorithmArn"] = .string(algorithmArn)
        description["description"] = .string(summary)
        description["recipeType"] = .string(kind.rawValue)
        return description
    }

    /// The answer of `ListRecipes` for this recipe.
    var summaryAnswer: JSON {
        [
            "name": .string(name), "recipeArn": .string(arn), "status": "ACTIVE",
            "creationDateTime": .double(CatalogEntry.published),
            "lastUpdatedDateTime": .double(CatalogEntry.published),
        ]
    }

    var algorithmArn: String { "arn:aws:personalize:::algorithm/\(name)" }

    /// The answer of `DescribeAlgorithm`, without the member around it.
    var algorithmDescription: JSON {
        [
            "name": .string(name), "algorithmArn": .string(algorithmArn),
            "defaultHyperParameters": .object(
                JSONObject(hyperparameters.map { ($0.name, .string($0.defaultValue)) })
            ),
            "defaultHyperParameterRanges": Hyperparameter.ranges(hyperparameters, name: \.name),
            "trainingInputMode": "File", "creationDateTime": .double(CatalogEntry.published),
            "lastUpdatedDateTime": .double(CatalogEntry.published),
        ]
    }

    /// The settings that a `solutionConfig` gives.
    func given(_ config: JSON?) -> [String: String] {
        (config?["algorithmHyperParameters"]?.object ?? [:]).reduce(into: [:]) { given, entry in
            given[entry.key] = entry.value.string
        }
    }

    /// All settings, those that are not given with their defaults.
    func completed(_ given: [String: String]) -> [String: String] {
        Dictionary(hyperparameters.map { ($0.name, $0.defaultValue) }) { first, _ in first }
            .merging(given) { _, given in given }
    }

    /// Refuses a solution that the recipe cannot be trained for.
    func check(_ solution: JSON) throws(PersonalizeError) {
        let config = solution["solutionConfig"]
        for (name, value) in given(config).sorted(by: { $0.key < $1.key }) {
            do throws(RecommenderError) {
                guard let known = hyperparameters.first(where: { $0.name == name }) else {
                    throw Hyperparameter.unknown(name, among: hyperparameters, of: self.name)
                }
                try known.validate(value, of: self.name)
            } catch {
                throw PersonalizeError(
                    .invalidInput,
                    "solutionConfig.algorithmHyperParameters: \(error.message)"
                )
            }
        }
        guard solution["performIncrementalUpdate"]?.bool != true else {
            throw PersonalizeError(
                .invalidInput,
                "performIncrementalUpdate is not for recipe \(name), which is your own"
            )
        }
        guard solution["performHPO"]?.bool == true || config?["hpoConfig"] != nil else { return }
        _ = try settings(of: solution, seed: 0)
        _ = try objective(of: config)
    }

    /// The settings to be tried for a solution, or the one that is given.
    func settings(of solution: JSON, seed: UInt64) throws(PersonalizeError) -> [[String: String]] {
        let config = solution["solutionConfig"]
        let given = given(config)
        guard solution["performHPO"]?.bool == true else { return [given] }
        let tuning = try tuning(of: solution)
        do throws(RecommenderError) {
            return try tuning.settings(for: name, hyperparameters, fixed: given, seed: seed)
        } catch {
            throw PersonalizeError(.invalidInput, "solutionConfig.hpoConfig: \(error.message)")
        }
    }

    /// The search that a solution asks for.
    func tuning(of solution: JSON) throws(PersonalizeError) -> Tuning {
        try TuningRules.tuning(solution["solutionConfig"]?["hpoConfig"] ?? [:], nil)
    }

    /// The metric that decides between settings: the one a solution names, or the recipe's own.
    func objective(of config: JSON?) throws(PersonalizeError) -> Objective {
        let path = "solutionConfig.hpoConfig.hpoObjective"
        let given = config?["hpoConfig"]?["hpoObjective"]
        let isMaximized: Bool?
        switch given?["type"]?.string?.lowercased() {
        case nil: isMaximized = nil
        case "maximize": isMaximized = true
        case "minimize": isMaximized = false
        default:
            throw PersonalizeError(
                .invalidInput,
                "\(path).type \"\(given?["type"]?.string ?? "")\" must be \"Maximize\" or \"Minimize\""
            )
        }
        guard let metric = given?["metricName"]?.string, !metric.isEmpty else {
            guard let objective else {
                throw PersonalizeError(
                    .invalidInput,
                    "\(path).metricName must be given: recipe \(name) has no objective of its own"
                )
            }
            return Objective(metric: objective.metric, isMaximized: isMaximized ?? objective.isMaximized)
        }
        guard metrics.contains(metric) else {
            let hint = NearestName.find(metric, among: metrics).map { "did you mean \"\($0)\"?" }
            throw PersonalizeError(
                .invalidInput,
                "\(path).metricName \"\(metric)\" is no metric of recipe \(name); "
                    + (hint ?? "there are \(metrics.joined(separator: ", "))")
            )
        }
        let own = objective?.metric == metric ? objective?.isMaximized : nil
        return Objective(metric: metric, isMaximized: isMaximized ?? own ?? true)
    }
}

extension Resource {
    /// Whether this solution, version or campaign is of a recipe that is a program of the user's.
    var isCustom: Bool { customRecipeArn != nil }

    /// The ARN of that recipe; `nil` for one of ours, and where the metrics choose.
    var customRecipeArn: String? {
        if kind == .campaign { return body["customRecipeArn"]?.string }
        guard let arn = body["recipeArn"]?.string, CatalogEntry.byARN[arn] == nil else { return nil }
        return arn
    }
}

extension PersonalizeService {
    /// The custom recipe of an ARN; `nil` when the ARN is of none.
    ///
    /// - Throws: `PersonalizeError` with `invalidInput` and all faults when its description cannot be used.
    func customRecipe(_ arn: String?) throws(PersonalizeError) -> CustomRecipe? {
        guard let programs, let arn, CustomRecipe.mayName(arn) else { return nil }
        return try programs.recipe(String(arn.dropFirst(ARN.recipePrefix.count)))
    }

    /// The custom recipe of a version; it must still be there.
    func customRecipe(of version: Resource) throws(PersonalizeError) -> (recipe: CustomRecipe, any RecipePrograms) {
        guard let programs, let recipe = try customRecipe(version.body["recipeArn"]?.string) else {
            throw PersonalizeError(
                .invalidInput,
                "recipe \"\(version.body["recipeArn"]?.string ?? "")\" does not exist any more; "
                    + "put its directory back, or make a solution with another"
            )
        }
        return (recipe, programs)
    }
}

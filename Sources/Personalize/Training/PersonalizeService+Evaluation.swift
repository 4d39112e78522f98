public import JSON
internal import Kernels
public import Recommenders

extension PersonalizeService {
    /// Judges solution versions, and recipes beside them, by one hold-out of their dataset group's present data.
    ///
    /// Metrics of versions that were trained on different data must not be compared; these figures may be: all are asked
    /// for the same users by the same events and judged by the same that are withheld. The split is by the seed by which
    /// the versions were measured, so that those models know nothing of the test users, whatever has come since.
    ///
    /// - Parameters:
    ///   - arns: The solution versions, which must be ACTIVE and of one dataset group.
    ///   - recipes: Recipes that are trained on what is not withheld and judged alike.
    ///   - holdOut: Which events are withheld.
    ///   - seed: What the split derives from; that of the first version's training when nil.
    /// - Returns: The figures of all.
    /// - Throws: `PersonalizeError` with `resourceNotFound`, `resourceInUse` when a version is not ACTIVE, or
    ///   `invalidInput` when versions are of several groups or cannot be compared; `CancellationError`.
    public func evaluate(
        _ arns: [String],
        beside recipes: [Recipe] = [],
        holdOut: HoldOut = .personalize,
        seed: UInt64? = nil
    ) async throws -> ComparisonReport {
        var versions: [Resource] = []
        for arn in arns { versions.append(try await trainedVersion(arn)) }
        guard let first = versions.first else {
            throw PersonalizeError(.invalidInput, "solutionVersionArns is empty; give one version or more")
        }
        let group = first.body["datasetGroupArn"]?.string ?? ""
        if let other = versions.first(where: { $0.body["datasetGroupArn"]?.string != group }) {
            throw PersonalizeError(
                .invalidInput,
                "SolutionVersion \"\(other.arn)\" is not of DatasetGroup \"\(group)\" as the first is; "
                    + "compare versions of one group, or on files by millrace evaluate"
            )
        }
        let snapshots = JSON.object(
            try await withTrainingData(of: first) { (data) async throws(PersonalizeError) in data }
        )
        let rules = Self.commonRules(of: versions)
        var comparison = RecipeComparison(
            recipes: recipes,
            holdOut: holdOut,
            seed: seed ?? first.trainingSeed ?? configuration.seed,
            threads: configuration.trainingThreads
        )
        do {
            comparison.versions = try versions.map { try EvaluatedVersion(files($0)) }
            return try await run(comparison, snapshots, rules)
        } catch let fault as EvaluationFault {
            throw PersonalizeError(.invalidInput, fault.description)
        } catch let error as RecommenderError {
            throw PersonalizeError(.invalidInput, error.message)
        }
    }

    /// Where the files of a solution version are, for an evaluation on this machine.
    ///
    /// - Parameter arn: The version, which must be ACTIVE.
    /// - Returns: `solutionVersionArn`, `recipeArn`, `trainingSeed`, and the paths `model`, `index` and, where there is
    ///   one, `measuredModel`.
    /// - Throws: `PersonalizeError` with `resourceNotFound`, or `resourceInUse` when the version is not ACTIVE.
    public func evaluationFiles(of arn: String) async throws(PersonalizeError) -> JSON {
        files(try await trainedVersion(arn))
    }

    private func trainedVersion(_ arn: String) async throws(PersonalizeError) -> Resource {
        let version = try await resource(.solutionVersion, arn)
        guard version.status == .active else {
            throw PersonalizeError.inUse(version, "only one that is ACTIVE can be evaluated")
        }
        return version
    }

    func files(_ version: Resource) -> JSON {
        var json: JSON = [
            "solutionVersionArn": .string(version.arn), "recipeArn": version.body["recipeArn"] ?? .null,
            "trainingSeed": .string("\(version.trainingSeed ?? configuration.seed)"),
            "model": .string(files.model(of: version.arn)), "index": .string(files.index(of: version.arn)),
        ]
        let measured = files.measuredModel(of: version.arn)
        if Files.exists(measured) { json["measuredModel"] = .string(measured) }
        return json
    }

    /// The rules by which events count for all versions; all events where versions differ.
    static func commonRules(of versions: [Resource]) -> EventRules {
        let everything = EventRules(byType: nil, minimumValue: nil)
        guard let first = versions.first else { return everything }
        let areAlike = versions.allSatisfy { EventRules($0.body) == EventRules(first.body) }
        return areAlike ? EventRules(first.body) : everything
    }

    private func run(
        _ comparison: RecipeComparison,
        _ snapshots: JSON,
        _ rules: EventRules
    ) async throws -> ComparisonReport {
        let flag = RunningJobs.Flag()
        let files = files
        return try await BackgroundThread.run(onCancel: { flag.stop() }) {
            let data = try EvaluationData(snapshots: snapshots, in: files, rules: rules)
            return try comparison.run(on: data, seconds: { 0 }, isCancelled: { flag.isStopped })
        }
    }
}

extension EvaluationData {
    /// The data that a training would learn from, by the names of its snapshots.
    init(snapshots: JSON, in files: Files, rules: EventRules) throws {
        let names = { (key: String) in (snapshots[key]?.array ?? []).compactMap(\.string) }
        let tables = try names("snapshots").map { try EventTable(snapshot: $0, in: files) }
        var data = try TrainingData(tables, rules: rules)
        let items = try names("itemSnapshots").map { try Snapshot($0, in: files.data) }
        if !items.isEmpty, let table = EntityTable(.items, items) {
            let fields = (snapshots["itemFields"]?.object ?? [:]).reduce(into: [:]) { fields, entry in
                fields[entry.key] = entry.value.string.flatMap(ItemField.init(rawValue:))
            }
            data.describe(table, fields)
            data.addTexts(table, fields)
        }
        try self.init(data, ratings: data.rated(tables, rules: rules))
    }
}

extension Resource {
    var trainingSeed: UInt64? { body["trainingSeed"]?.string.flatMap(UInt64.init) }
}

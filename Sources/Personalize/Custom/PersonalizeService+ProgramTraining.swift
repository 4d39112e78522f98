internal import FoundationEssentials
internal import JSON

/// Training versions of custom recipes.
extension PersonalizeService {
    /// How many trainings of custom recipes go on at one time; each may itself try several settings at once.
    static let programTrainingLimit = 2

    /// Trains a version whose data is fixed by the program of its recipe.
    ///
    /// - Returns: What changes the version into the trained one.
    func runProgram(_ version: Resource, _ flag: RunningJobs.Flag) async throws -> TrainedVersion {
        let began = now()
        let (recipe, programs) = try customRecipe(of: version)
        var schemas: [DatasetType: Schema] = [:]
        for type in [DatasetType.interactions, .items] {
            if let dataset = try await dataset(type, group: version.body["datasetGroupArn"]?.string) {
                schemas[type] = try await schema(of: dataset)
            }
        }
        let progress = progress
        let run = ProgramTrainingRun(
            version: version,
            recipe: recipe,
            programs: programs,
            files: files,
            schemas: schemas,
            seed: version.body["trainingSeed"]?.string.flatMap(UInt64.init) ?? configuration.seed,
            progress: { progress[version.arn] = $0 },
            isCancelled: { flag.isStopped }
        )
        defer { progress[version.arn] = nil }
        let task = Task { try await run.run() }
        flag.whenStopped { task.cancel() }
        let result = try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            flag.stop()
        }
        return TrainedVersion(result: result, hours: now().timeIntervalSince(began) / 3600)
    }
}

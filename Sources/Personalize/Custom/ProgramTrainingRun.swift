internal import Crypto
internal import DurableFiles
internal import Glibc
internal import JSON
internal import Recommenders

/// Trains one solution version of a custom recipe: writes its channels, runs its program once or once for each setting to be
/// tried, and moves the best model into place.
struct ProgramTrainingRun: Sendable {
    let version: Resource
    let recipe: CustomRecipe
    let programs: any RecipePrograms
    let files: Files
    let schemas: [DatasetType: Schema]
    let seed: UInt64
    let progress: @Sendable (JobProgress) -> Void
    let isCancelled: @Sendable () -> Bool

    private struct Trial: Sendable {
        let root: String
        let settings: [String: String]
        let metrics: [String: Double]
    }

    /// Does all of it; what an earlier attempt has left is removed first, what this one leaves afterwards.
    func run() async throws -> VersionTraining.Result {
        let root = files.training(of: version.arn)
        try FileTree.remove(root)
        defer { try? FileTree.remove(root) }
        let settings = try recipe.settings(of: version.body, seed: seed)
        let objective = settings.count > 1 ? try recipe.objective(of: version.body["solutionConfig"]) : nil
        try await BackgroundThread.run(onCancel: {}) { try writeChannels(in: "\(root)/channels") }
        let trials = try await train(settings, root)
        let best = try best(of: trials, by: objective)
        progress(JobProgress(stage: "WRITING", share: 1))
        let hash = try await BackgroundThread.run(onCancel: {}) { try publish("\(best.root)/model") }
        return VersionTraining.Result(
            recipeArn: recipe.arn,
            metrics: .object(JSONObject(best.metrics.sorted { $0.key < $1.key }.map { ($0, .double($1)) })),
            hyperparameters: .object(
                JSONObject(recipe.completed(best.settings).sorted { $0.key < $1.key }.map { ($0, .string($1)) })
            ),
            modelHash: hash,
            reason: reason(trials, objective),
            recipeHash: recipe.fingerprint
        )
    }

    // MARK: Trials

    private func train(_ settings: [[String: String]], _ root: String) async throws -> [Trial] {
        let parallel = min(settings.count, try recipe.tuning(of: version.body).maximumParallelTrials)
        return try await withThrowingTaskGroup(of: (Int, Trial).self) { group in
            var trials: [(Int, Trial)] = []
            for (index, values) in settings.enumerated() {
                if index >= parallel, let done = try await group.next() { trials.append(done) }
                note(trials.count, of: settings.count)
                group.addTask {
                    (index, try await train(values, "\(root)/\(index + 1)", settings.count > 1 ? index : nil))
                }
            }
            for try await done in group {
                trials.append(done)
                note(trials.count, of: settings.count)
            }
            return trials.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func note(_ done: Int, of count: Int) {
        progress(
            count > 1
                ? JobProgress(
                    stage: "TUNING",
                    share: Double(done) / Double(count),
                    trial: min(done + 1, count),
                    trials: count
                )
                : JobProgress(stage: "TRAINING")
        )
    }

    private func train(_ settings: [String: String], _ root: String, _ trial: Int?) async throws -> Trial {
        try linkChannels(to: root)
        let label = Files.stem(version.arn) + (trial.map { "-trial-\($0 + 1)" } ?? "")
        let training = ProgramTraining(
            recipe: recipe.name,
            root: root,
            hyperparameters: recipe.completed(settings),
            label: label
        )
        let metrics = try await programs.train(training)
        try FileTree.checkIsPlain("\(root)/model")
        guard try !FileTree.files(in: "\(root)/model").isEmpty else {
            throw TrainingRefusal(
                "train of recipe \"\(recipe.name)\" has ended well and left no model; "
                    + "it must write one into the directory that SM_MODEL_DIR names"
            )
        }
        return Trial(root: root, settings: settings, metrics: metrics)
    }

    private func best(of trials: [Trial], by objective: CustomRecipe.Objective?) throws -> Trial {
        guard let objective else { return trials[0] }
        let measured = trials.compactMap { trial in trial.metrics[objective.metric].map { (trial, $0) } }
            .filter { $0.1.isFinite }
        let best = measured.enumerated().min { left, right in
            guard left.element.1 != right.element.1 else { return left.offset < right.offset }
            return (left.element.1 < right.element.1) != objective.isMaximized
        }
        guard let best else {
            throw TrainingRefusal(
                "no training of recipe \"\(recipe.name)\" has told the metric \"\(objective.metric)\"; "
                    + "print a line that its regular expression matches"
            )
        }
        return best.element.0
    }

    private func reason(_ trials: [Trial], _ objective: CustomRecipe.Objective?) -> String {
        guard let objective else { return "recipe \(recipe.name) was given" }
        return "\(trials.count) settings of recipe \(recipe.name) were tried, and the one with the "
            + "\(objective.isMaximized ? "greatest" : "least") \(objective.metric) was taken"
    }

    // MARK: Files

    /// Writes `train/interactions.csv` and, where there are items, `items/items.csv`.
    private func writeChannels(in directory: String) throws {
        progress(JobProgress(stage: "READING"))
        let rules = EventRules(version.body)
        for (member, type, path) in [
            ("snapshots", DatasetType.interactions, "train/interactions.csv"),
            ("itemSnapshots", .items, "items/items.csv"),
        ] {
            let names = (version.body[member]?.array ?? []).compactMap(\.string)
            guard let schema = schemas[type], !names.isEmpty else { continue }
            try DirectoryListing.create("\(directory)/\(path.prefix { $0 != "/" })")
            var export = DatasetExport(
                schema: schema,
                snapshots: [],
                mode: .all,
                directory: files.data,
                progress: { _ in },
                isCancelled: isCancelled
            )
            if type == .interactions { export.weights = { try rules.weights(of: EventTable($0)) } }
            let rows = try export.write(
                names.map { try Snapshot($0, in: files.data) },
                to: "\(directory)/\(path)"
            )
            if type == .interactions, rows == 0 {
                throw TrainingRefusal("The dataset group has no interactions that count; import some first.")
            }
        }
        guard Files.exists("\(directory)/train/interactions.csv") else {
            throw TrainingRefusal("The dataset group has no interactions; import an Interactions dataset first.")
        }
    }

    /// Gives a training the channels under its own root, as further names of the same files.
    private func linkChannels(to root: String) throws {
        let channels = "\(files.training(of: version.arn))/channels"
        for file in try FileTree.files(in: channels).map(\.path) {
            let target = "\(root)/input/data/\(file)"
            try DirectoryListing.create(String(target[..<(target.lastIndex(of: "/") ?? target.endIndex)]))
            guard unsafe link("\(channels)/\(file)", target) == 0 else {
                throw FileError("link", target, code: errno)
            }
        }
    }

    /// Moves a model into place.
    ///
    /// - Returns: The hash of its files, by their names and content.
    private func publish(_ model: String) throws -> String {
        var digest = SHA256()
        for file in try FileTree.files(in: model).map(\.path) {
            digest.update(data: Array("\(file)\n".utf8))
            digest.update(data: Array("\(try ProgramTrainingRun.digest(of: "\(model)/\(file)"))\n".utf8))
        }
        guard !isCancelled() else { throw CancellationError() }
        try FileTree.publish(model, as: files.programModel(of: version.arn))
        return digest.finalize().hexadecimal
    }
}

extension ProgramTrainingRun {
    /// The SHA-256 of a file in hexadecimal.
    fileprivate static func digest(of path: String) throws(FileError) -> String {
        var digest = SHA256()
        var reader = try FileReader(path)
        var block: [UInt8] = []
        repeat {
            block.removeAll(keepingCapacity: true)
            _ = try reader.read(appendingTo: &block, count: 1 << 20)
            digest.update(data: block)
        } while !block.isEmpty
        return digest.finalize().hexadecimal
    }
}

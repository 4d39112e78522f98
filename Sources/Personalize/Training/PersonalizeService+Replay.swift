internal import Crypto
internal import FoundationEssentials
public import JSON
internal import Kernels

extension PersonalizeService {
    /// Trains a solution version again from its recorded data, configuration and seed, and compares the models.
    ///
    /// The version and its files stay as they are.
    ///
    /// - Parameter arn: The solution version, which must be ACTIVE.
    /// - Returns: `solutionVersionArn`; `recordedHash`, `replayedHash` and `fileHash`, the SHA-256 of the model that was
    ///   trained then, now, and of the file that is served; `isIdentical` when all three are the same; `seed`.
    /// - Throws: `PersonalizeError` with `resourceNotFound`, with `resourceInUse` when the version is not ACTIVE, or with
    ///   `invalidInput` when its data or its model can no longer be read; `CancellationError`.
    public func replay(_ arn: String) async throws -> JSON {
        let version = try await resource(.solutionVersion, arn)
        guard version.status == .active, let recorded = version.body["modelHash"]?.string else {
            throw PersonalizeError.inUse(version, "only one that is ACTIVE can be trained again")
        }
        guard !version.isCustom else {
            throw PersonalizeError(
                .invalidInput,
                "SolutionVersion \"\(arn)\" is of a recipe of your own, which need not give the same model twice; "
                    + "train a new version and compare them"
            )
        }
        try await checkLineage(of: version)
        let progress = progress
        let flag = RunningJobs.Flag()
        let training = VersionTraining(
            version: version,
            files: files,
            configuration: configuration,
            progress: { progress[arn] = $0 },
            isCancelled: { flag.isStopped }
        )
        defer { progress[arn] = nil }
        let model = files.model(of: arn)
        do {
            let hashes = try await BackgroundThread.run(onCancel: { flag.stop() }) {
                (replayed: try training.replay(), file: try Self.hash(ofFile: model))
            }
            return [
                "solutionVersionArn": .string(arn), "recordedHash": .string(recorded),
                "replayedHash": .string(hashes.replayed), "fileHash": .string(hashes.file),
                "isIdentical": .bool(hashes.replayed == recorded && hashes.file == recorded),
                "seed": .string("\(training.seed)"),
            ]
        } catch let error as CancellationError {
            throw error
        } catch {
            throw PersonalizeError(.invalidInput, "SolutionVersion \"\(arn)\" cannot be trained again: \(error)")
        }
    }

    /// Refuses a version that has learnt from users who were deleted since: what it was trained on is gone with them.
    private func checkLineage(of version: Resource) async throws(PersonalizeError) {
        let lineage = Set(version.lineage)
        guard
            let deletion = try await deletions(since: version).first(where: { !lineage.isDisjoint(with: $0.replaced) })
        else { return }
        throw PersonalizeError(
            .invalidInput,
            "SolutionVersion \"\(version.arn)\" cannot be trained again: DataDeletionJob \"\(deletion.jobArn)\" has "
                + "deleted users from the data it was trained on; train a new version"
        )
    }

    private static func hash(ofFile path: String) throws -> String {
        let file = try MappedFile(path: path)
        var digest = SHA256()
        unsafe file.withUnsafeBytes { unsafe digest.update(bufferPointer: $0) }
        return digest.finalize().hexadecimal
    }
}

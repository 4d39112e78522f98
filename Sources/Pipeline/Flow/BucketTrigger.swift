public import Bucket

/// Turns drops into runs of the pipeline: one execution a drop, whatever happens in between.
///
/// A drop that waits for a run of its dataset group to end is left out when the same file has been dropped again
/// meanwhile: the newest content is what is wanted, and a file that is written a hundred times in a second is not
/// deployed a hundred times.
public struct BucketTrigger: Sendable {
    private let launcher: PipelineLauncher
    private let pending: @Sendable (_ bucket: String) async throws -> [Drop]

    /// A trigger that starts runs through a launcher.
    ///
    /// - Parameters:
    ///   - launcher: Starts them.
    ///   - pending: The drops of a bucket that wait to be handled.
    public init(
        launcher: PipelineLauncher,
        pending: @escaping @Sendable (_ bucket: String) async throws -> [Drop] = { _ in [] }
    ) {
        self.launcher = launcher
        self.pending = pending
    }

    /// Starts the run of a drop.
    ///
    /// - Parameter drop: The drop; coming again with the same id, it finds the execution of the first time.
    /// - Throws: `DropPostponed` while a run of the same dataset group goes on; anything else when the run could not be
    ///   started. The drop then comes again.
    public func handle(_ drop: Drop) async throws {
        switch try await launch(drop) {
        case .started: return
        case .busy(let execution):
            let isOutdated = try await pending(drop.bucket).contains { $0.key == drop.key && $0.id > drop.id }
            if !isOutdated { throw DropPostponed("\(execution) still runs") }
        }
    }

    private func launch(_ drop: Drop) async throws -> PipelineLauncher.Launch {
        guard case .batch(let group, let solution) = ConfigurationFile.purpose(of: drop.key) else {
            return try await launcher.launch(run(drop, key: drop.key, mode: .full), content: drop.content)
        }
        guard let file = try launcher.configuration(of: group, in: drop.bucket) else {
            return try await launcher.refuseBatch(run(drop, key: drop.key, mode: .batch, solution), group: group)
        }
        return try await launcher.launch(run(drop, key: file.key, mode: .batch, solution), content: file.content)
    }

    private func run(
        _ drop: Drop,
        key: String,
        mode: PipelineRun.Mode,
        _ solution: String? = nil
    ) -> PipelineRun {
        PipelineRun(
            bucket: drop.bucket,
            key: key,
            date: drop.detectedAt,
            suffix: "\(drop.id)",
            mode: mode,
            solution: solution
        )
    }
}

public import Bucket

/// Turns drops into runs of the pipeline: one execution a drop, whatever happens in between.
public struct BucketTrigger: Sendable {
    private let launcher: PipelineLauncher

    /// A trigger that starts runs through a launcher.
    public init(launcher: PipelineLauncher) {
        self.launcher = launcher
    }

    /// Starts the run of a drop.
    ///
    /// - Parameter drop: The drop; coming again with the same id, it finds the execution of the first time.
    /// - Throws: `DropPostponed` while a run of the same dataset group goes on; anything else when the run could not be
    ///   started. The drop then comes again.
    public func handle(_ drop: Drop) async throws {
        let run = PipelineRun(
            bucket: drop.bucket,
            key: drop.key,
            date: drop.detectedAt,
            suffix: "\(drop.id)",
            mode: .full
        )
        switch try await launcher.launch(run, content: drop.content) {
        case .started: return
        case .busy(let execution): throw DropPostponed("\(execution) still runs")
        }
    }
}

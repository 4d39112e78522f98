internal import Bucket
internal import JSON
public import Scheduler

/// Turns the firings of schedules into runs of the pipeline, with what is in the bucket then.
public struct Retraining: Sendable {
    private let launcher: PipelineLauncher
    private let buckets: BucketDirectory

    /// Runs through a launcher.
    public init(launcher: PipelineLauncher, buckets: BucketDirectory) {
        self.launcher = launcher
        self.buckets = buckets
    }

    /// Starts the run of a firing.
    ///
    /// A firing that is due while a run of the same dataset group goes on joins that run; one that makes up for the
    /// past waits for its end, since each time is to have a run of its own.
    ///
    /// - Parameters:
    ///   - firing: The firing; coming again with the same id, it finds the execution of the first time.
    ///   - schedule: Its schedule.
    /// - Returns: The execution's ARN.
    /// - Throws: `SchedulerError` when the target is no pipeline, `FiringDeferral` when it is to wait, `BucketError`
    ///   when the file is gone, or what kept the run from starting.
    public func fire(_ firing: Firing, _ schedule: Schedule) async throws -> String {
        let target = schedule.definition.target
        guard target.kind == ScheduleDefinition.Target.pipelineKind, let bucket = target.input["bucket"]?.string,
            let key = target.input["key"]?.string
        else {
            throw SchedulerError(
                .validation,
                "schedule \"\(schedule.key)\": target must be of kind \"pipeline\" with \"bucket\" and \"key\""
            )
        }
        let mode = target.input["mode"]?.string.flatMap(PipelineRun.Mode.init) ?? .full
        let content = try buckets.bucket(named: bucket).read(key)
        let run = PipelineRun(
            bucket: bucket,
            key: key,
            date: firing.scheduledTime,
            suffix: "\(mode.rawValue)_\(Fingerprint.hexadecimal(of: firing.id))",
            mode: mode,
            scheduledTime: firing.scheduledTime,
            solution: target.input["solution"]?.string,
            cause: .schedule
        )
        switch try await launcher.launch(run, content: content) {
        case .started(let executionARN): return executionARN
        case .busy(let executionARN):
            guard firing.trigger != .backfill else { throw FiringDeferral("execution \(executionARN) still runs") }
            return executionARN
        }
    }
}

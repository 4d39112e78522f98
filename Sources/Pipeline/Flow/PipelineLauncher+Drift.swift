internal import Bucket
internal import Personalize

extension PipelineLauncher {
    /// Keeps what a configuration says about drift, and which file a retraining is to take.
    func arrangeDrift(of parsed: PipelineConfiguration, run: PipelineRun, _ input: PipelineInput) async throws {
        let policy = DriftPolicyKey.policy(of: parsed, run: run)
        try await personalize.putDriftPolicy(policy, of: input.arn("dataset-group/\(parsed.name)"))
    }

    /// Starts the run that trains anew because of drift.
    ///
    /// What was imported since the last training is learnt from, as by `apply`. Asking again for the same finding finds the
    /// execution of the first time.
    func retrain(_ source: DriftPolicy.Source, because finding: DriftFinding) async throws -> Launch {
        let content = try buckets.bucket(named: source.bucket).read(source.key)
        let run = PipelineRun(
            bucket: source.bucket,
            key: source.key,
            date: finding.date,
            suffix: "drift_\(Fingerprint.hexadecimal(of: finding.importJobArn))",
            mode: .full,
            cause: .apply
        )
        return try await launch(run, content: content)
    }

    /// Whether what kept a run from starting will keep it again: its file is gone.
    static func isForGood(_ error: any Error) -> Bool { error is BucketError }
}

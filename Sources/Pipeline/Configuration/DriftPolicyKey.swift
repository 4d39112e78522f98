internal import JSON
internal import Personalize

/// What is done about drift: a key of ours, `drift`, in the configuration of a dataset group.
enum DriftPolicyKey {
    static let name = "drift"

    /// The policy of a checked configuration, with the file that a retraining takes.
    static func policy(of configuration: PipelineConfiguration, run: PipelineRun) -> DriftPolicy? {
        var policy = configuration.drift.flatMap { DriftPolicy.read($0).policy }
        policy?.source = DriftPolicy.Source(bucket: run.bucket, key: run.key)
        return policy
    }

    /// The policy at a path, if there is one; every fault is collected.
    static func policy(_ policy: JSON?, at path: String, _ check: inout ConfigurationReader) -> JSON? {
        guard let policy, !policy.isNull else { return nil }
        for fault in DriftPolicy.read(policy).faults {
            check.refuse(fault.path.isEmpty ? path : ConfigurationReader.join(path, fault.path), fault.message)
        }
        return policy
    }
}

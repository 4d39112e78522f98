public import FoundationEssentials
public import JSON

/// What is done about drift, and what was found and is still to be told; every function is one transaction.
///
/// Findings are added by `commit`, with the import that they are about.
public protocol DriftStore: Sendable {
    /// What is done about drift in a dataset group.
    func driftPolicy(of datasetGroupArn: String) async throws -> DriftPolicy?

    /// Says what is done about drift in a dataset group, which need not exist yet; nothing when there is no policy.
    func put(_ policy: DriftPolicy?, of datasetGroupArn: String) async throws

    /// The findings that were not removed yet, the oldest first.
    func driftFindings() async throws -> [DriftFinding]

    /// Removes a finding, which was told and acted upon; it is no fault when there is none.
    func removeDriftFinding(of importJobArn: String) async throws
}

/// An import whose data has drifted beyond the bound of its dataset group's policy.
public struct DriftFinding: Sendable, Equatable {
    /// The import.
    public let importJobArn: String
    /// The dataset group.
    public let datasetGroupArn: String
    /// What differs: `datasetType`, `score`, and a report a serving version in `reports`.
    public let report: JSON
    /// What was to be done when it was found.
    public let policy: DriftPolicy
    /// When it was found.
    public let date: Date

    /// A finding of known parts.
    public init(importJobArn: String, datasetGroupArn: String, report: JSON, policy: DriftPolicy, date: Date) {
        self.importJobArn = importJobArn
        self.datasetGroupArn = datasetGroupArn
        self.report = report
        self.policy = policy
        self.date = date
    }
}

@testable import Personalize

extension PersonalizeService {
    /// Seals a dataset at once, as a training would.
    func sealNow(_ datasetArn: String) async throws { try await seal(datasetArn) }

    /// Merges a dataset's snapshots at once, as happens in the background.
    func compactNow(_ datasetArn: String) async throws { try await compact(datasetArn) }

    /// Keeps an import from going on, as if it were slow.
    func holdImport(_ arn: String) { _ = jobs.begin(arn) }

    /// Lets an import go on.
    func releaseImport(_ arn: String) {
        jobs.end(arn)
        work.add(arn, to: .imports)
    }
}

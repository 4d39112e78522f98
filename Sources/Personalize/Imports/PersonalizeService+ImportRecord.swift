public import FoundationEssentials
internal import JSON

/// What the last import into a dataset read.
public struct ImportRecord: Sendable, Hashable {
    /// A file as it was read.
    public struct File: Sendable, Hashable {
        /// The SHA-256 of its bytes in hexadecimal.
        public let hash: String
        /// How many bytes it had.
        public let byteCount: Int
    }

    /// The import job.
    public let jobArn: String
    /// The files, in the order in which they were read.
    public let files: [File]
    /// When the import began.
    public let beganAt: Date
    /// When its rows belonged to the dataset.
    public let endedAt: Date
}

extension PersonalizeService {
    /// What the last import into a dataset that came to its end read; `nil` when there was none.
    ///
    /// - Parameter datasetArn: The dataset; it need not exist.
    /// - Returns: The files by content, and when it was.
    /// - Throws: `PersonalizeError` with `internalFailure` when the store cannot be read.
    public func lastImport(into datasetArn: String) async throws(PersonalizeError) -> ImportRecord? {
        var query = ResourceQuery(.datasetImportJob, parentArn: datasetArn, statuses: [.active], limit: 1)
        query.isNewestFirst = true
        guard let job = try await resources(query).first else { return nil }
        let files = (job.body["files"]?.array ?? []).map { file in
            ImportRecord.File(hash: file["sha256"]?.string ?? "", byteCount: file["byteCount"]?.int ?? 0)
        }
        return ImportRecord(jobArn: job.arn, files: files, beganAt: job.createdAt, endedAt: job.updatedAt)
    }

    /// Why a solution cannot learn on from its last version now: its recipe cannot, or no data came since.
    ///
    /// Records that were put meanwhile are looked at too, and become part of their dataset by that.
    ///
    /// - Parameter solutionArn: The solution.
    /// - Returns: The reason; `nil` when it can.
    public func updateFault(of solutionArn: String) async -> String? {
        do throws(PersonalizeError) {
            try await checkUpdateTraining(of: try await activeResource(.solution, solutionArn))
            return nil
        } catch {
            return error.message
        }
    }
}

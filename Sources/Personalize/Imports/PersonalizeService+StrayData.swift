internal import DurableFiles
internal import JSON
internal import Logging

extension PersonalizeService {
    /// Removes snapshots that belong to no dataset and from which no version was trained.
    ///
    /// Only at the start, when no import is going on whose file is not recorded yet.
    func removeStrayData() async throws(PersonalizeError) {
        var needed: Set<String> = []
        for version in try await resources(ResourceQuery(.solutionVersion)) {
            for member in Self.snapshotMembers {
                needed.formUnion((version.body[member]?.array ?? []).compactMap(\.string))
            }
        }
        for dataset in try await resources(ResourceQuery(.dataset)) {
            needed.formUnion(try await snapshots(of: dataset.arn).map(\.name))
        }
        do throws(FileError) {
            for name in try DirectoryListing.names(in: files.data) where !needed.contains(name) {
                try Files.remove("\(files.data)/\(name)")
            }
        } catch {
            logger.warning("stray data not removed", metadata: ["error": "\(error)"])
        }
    }
}

internal import DurableFiles
internal import JSON
internal import Logging

extension PersonalizeService {
    /// Removes snapshots that belong to no dataset and from which no version and no recommender was trained.
    ///
    /// Only at the start, when no import is going on whose file is not recorded yet.
    func removeStrayData() async throws(PersonalizeError) {
        let needed = try await neededData()
        do throws(FileError) {
            for name in try DirectoryListing.names(in: files.data) where !needed.contains(name) {
                try Files.remove("\(files.data)/\(name)")
            }
        } catch {
            logger.warning("stray data not removed", metadata: ["error": "\(error)"])
        }
        removeStrayModels(besides: try await trainings())
    }

    /// Removes snapshots with rows of deleted users, as far as no training reads them; only while nothing is sealed.
    func removeReplacedData() async {
        do {
            let deletions = try await resources(ResourceQuery(.datasetGroup)).flatMap(\.dataDeletions)
            guard !deletions.isEmpty else { return }
            let needed = try await neededData()
            for name in Set(deletions.flatMap { $0.replaced + [$0.users] }) where !needed.contains(name) {
                try Files.remove("\(files.data)/\(name)")
            }
        } catch {
            logger.warning("deleted data not removed", metadata: ["error": "\(error)"])
        }
    }

    /// All that was trained or is being trained: solution versions and the trainings of recommenders.
    func trainings() async throws(PersonalizeError) -> [Resource] {
        try await resources(ResourceQuery(.solutionVersion)) + recommenderTrainings()
    }

    /// What recommenders serve and what they are being trained to serve.
    private func recommenderTrainings() async throws(PersonalizeError) -> [Resource] {
        try await resources(ResourceQuery(.recommender)).flatMap { recommender in
            var next = recommender.nextTraining
            next?.status = .createInProgress
            return [recommender.servedTraining, next].compactMap(\.self)
        }
    }

    /// The snapshots that datasets have, those that trainings read or can be repeated with, and the lists of users who
    /// must stay hidden.
    ///
    /// - Parameter gone: Versions that do not count.
    /// - Returns: The names of their files.
    /// - Throws: `PersonalizeError` when the store cannot be read.
    func neededData(besides gone: Set<String> = []) async throws(PersonalizeError) -> Set<String> {
        var needed: Set<String> = []
        let groups = try await resources(ResourceQuery(.datasetGroup)).map { ($0.arn, $0) }
        let groupsByARN = Dictionary(uniqueKeysWithValues: groups)
        for version in try await trainings() where !gone.contains(version.arn) {
            let group = version.body["datasetGroupArn"]?.string.flatMap { groupsByARN[$0] }
            let deletions = group?.deletions(since: version) ?? []
            needed.formUnion(deletions.map(\.users))
            // What users were deleted from is kept only for a training that has begun with it.
            let replaced = version.status.isBeingCreated ? [] : Set(deletions.flatMap(\.replaced))
            needed.formUnion(Set(version.lineage).subtracting(replaced))
        }
        var groupsOfDatasets: [String: Resource] = [:]
        for dataset in try await resources(ResourceQuery(.dataset)) {
            groupsOfDatasets[dataset.arn] = dataset.parentArn.flatMap { groupsByARN[$0] }
            needed.formUnion(try await snapshots(of: dataset.arn).map(\.name))
        }
        let unfinished = ResourceStatus.allCases.filter(\.isBeingCreated)
        for job in try await resources(ResourceQuery(.datasetImportJob, statuses: unfinished)) {
            let group = job.parentArn.flatMap { groupsOfDatasets[$0] }
            needed.formUnion((group?.deletions(since: job) ?? []).map(\.users))
        }
        return needed
    }
}

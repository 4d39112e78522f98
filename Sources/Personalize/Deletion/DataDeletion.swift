internal import JSON

/// What a data deletion job that has been applied leaves in its dataset group.
struct DataDeletion: Sendable {
    /// The snapshot that lists the users.
    let users: String
    /// Snapshots with rows of these users; nothing reads them any more but a training that had begun.
    let replaced: [String]
    let jobArn: String

    var json: JSON {
        [
            "users": .string(users), "replaced": .array(replaced.map(JSON.string)),
            "dataDeletionJobArn": .string(jobArn),
        ]
    }

    init(users: String, replaced: [String], jobArn: String) {
        self.users = users
        self.replaced = replaced
        self.jobArn = jobArn
    }

    init?(_ json: JSON) {
        guard let users = json["users"]?.string, let jobArn = json["dataDeletionJobArn"]?.string else { return nil }
        self.init(users: users, replaced: (json["replaced"]?.array ?? []).compactMap(\.string), jobArn: jobArn)
    }
}

extension Resource {
    /// What was deleted from a dataset group, the oldest first.
    var dataDeletions: [DataDeletion] { (body["dataDeletions"]?.array ?? []).compactMap(DataDeletion.init) }

    /// How many deletions the group had seen when a version's data was fixed, or when an import began to read.
    var dataDeletionCount: Int { body["dataDeletionCount"]?.int ?? 0 }

    /// What was deleted from a group after a version's data was fixed, or after an import began to read.
    func deletions(since other: Resource) -> ArraySlice<DataDeletion> {
        dataDeletions.dropFirst(other.dataDeletionCount)
    }

    /// The snapshots a version was trained on.
    var lineage: [String] {
        (body.object ?? [:]).filter { $0.key.lowercased().hasSuffix("snapshots") }
            .flatMap { $0.value.array ?? [] }.compactMap(\.string)
    }
}

extension PersonalizeService {
    /// What was deleted from a version's group since its data was fixed.
    func deletions(since version: Resource) async throws(PersonalizeError) -> ArraySlice<DataDeletion> {
        guard let arn = version.body["datasetGroupArn"]?.string, let group = try await found(arn) else { return [] }
        return group.deletions(since: version)
    }

    /// The lists of users whom a version has learnt from and who have been deleted since: it must not know them.
    func hiddenUsers(of version: Resource) async throws(PersonalizeError) -> [String] {
        try await deletions(since: version).map(\.users)
    }
}

/// The data that a campaign serves beside its model.
struct ServingSources: Sendable {
    /// The snapshots of a dataset whose records have a key, and what their columns are.
    struct Records: Sendable {
        let snapshots: [String]
        let live: LiveEntities
        let schema: Schema
    }

    /// The rows of a snapshot that a training did not learn from.
    struct Fresh: Sendable {
        let snapshot: DatasetSnapshot
        let rows: [Range<Int>]

        /// What is in none of the snapshots that the training read; `nil` when all is.
        init?(_ snapshot: DatasetSnapshot, trained: Set<String>) {
            self.snapshot = snapshot
            rows = snapshot.rows(notIn: trained)
            if rows.isEmpty { return nil }
        }
    }

    let groupArn: String
    /// All interactions.
    let interactions: [String]
    /// Interactions that came after the training.
    let fresh: [Fresh]
    /// The lists of users who were deleted since the training.
    let hidden: [String]
    /// Interactions that are in no snapshot yet; `nil` when there is no Interactions dataset.
    let live: LiveEvents?
    /// `nil` when there is no Items dataset.
    let items: Records?
    /// `nil` when there is no Users dataset.
    let users: Records?

    /// What filters are evaluated on; snapshots whose events are in order already are taken as they are.
    func filterCatalog(
        _ served: ServedModel,
        _ metadata: ItemMetadata?,
        _ known: [UserEvents],
        in files: Files
    ) throws -> FilterCatalog {
        let events = try interactions.compactMap { name in
            try known.first { $0.name == name } ?? UserEvents(Snapshot(name, in: files.data))
        }
        let users = try users.flatMap { users in
            let snapshots = try users.snapshots.map { try Snapshot($0, in: files.data) }
            let table = EntityTable(.users, snapshots, live: users.live)
            return table.map { FilterCatalog.Dataset(table: $0, schema: users.schema) }
        }
        return FilterCatalog(
            ids: .table(served.index.items),
            items: metadata.flatMap { metadata in
                items.map { FilterCatalog.Dataset(table: metadata.table, schema: $0.schema) }
            },
            users: users,
            events: events,
            live: live
        )
    }
}

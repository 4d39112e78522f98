internal import FoundationEssentials
internal import GRDB
internal import JSON
public import Personalize

extension SQLiteStore: PersonalizeStore {
    /// Saves everything a decision changes in one transaction.
    public func commit(_ transition: ResourceTransition) async throws {
        try await write { db in
            if let request = transition.request { try RequestRecord(request).insertNew(db) }
            let watch = try StateWatch(transition, in: db)
            for resource in transition.inserts {
                try ResourceRecord(resource).insertNew(db)
                try watch?.note(nil, resource, in: db)
            }
            for resource in transition.updates {
                let old = try watch.flatMap { _ in try ResourceRecord.find(resource.arn, in: db) }
                try ResourceRecord(resource).update(db, from: resource.revision)
                try watch?.note(old, resource, in: db)
            }
            for (arn, snapshots) in transition.snapshots { try SnapshotRecord.replace(arn, by: snapshots, in: db) }
            for (arn, sequence) in transition.sealed { try LiveBatchRecord.remove(arn, through: sequence, in: db) }
            for window in transition.metrics { try MetricRecord.add(window, in: db) }
            for rollout in transition.rollouts { try RolloutRecord.save(rollout, in: db) }
            for finding in transition.driftFindings { try DriftRecord.save(finding, in: db) }
            for arn in transition.deletes {
                let old = try watch.flatMap { _ in try ResourceRecord.find(arn, in: db) }
                try ResourceRecord.remove(arn, in: db)
                try watch?.note(old, nil, in: db)
                try RolloutRecord.remove(arn, in: db)
                try DriftRecord.remove(ofGroup: arn, in: db)
            }
        }
    }

    /// One resource.
    public func resource(_ arn: String) async throws -> Resource? {
        // A text is bound up to its first null character only: it would be the name of another.
        guard !arn.utf8.contains(0) else { return nil }
        return try await read { db in try ResourceRecord.find(arn, in: db) }
    }

    /// The resources that match a query, in its order.
    public func resources(_ query: ResourceQuery) async throws -> [Resource] {
        try await read { db in
            var request = ResourceRecord.matching(query)
            if query.after > 0 { request = request.filter(Column("sequence") > query.after) }
            request = request.order(query.isNewestFirst ? Column("sequence").desc : Column("sequence").asc)
            if let limit = query.limit { request = request.limit(limit) }
            return try request.fetchAll(db).map { try $0.resource() }
        }
    }

    /// How many resources match a query, whatever its limit and place.
    public func count(_ query: ResourceQuery) async throws -> Int {
        try await read { db in try ResourceRecord.matching(query).fetchCount(db) }
    }

    /// The snapshots that make up a dataset now, oldest first.
    public func snapshots(of datasetArn: String) async throws -> [DatasetSnapshot] {
        try await read { db in
            try SnapshotRecord.filter(Column("datasetArn") == datasetArn).order(Column("position"))
                .fetchAll(db).map { try $0.snapshot() }
        }
    }

    /// What an earlier request with the same client token was answered.
    public func answeredRequest(_ clientToken: String) async throws -> AnsweredRequest? {
        try await read { db in try RequestRecord.fetchOne(db, key: clientToken)?.request() }
    }
}

// MARK: - Records

private struct ResourceRecord: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "personalizeResource"

    var sequence: Int64?
    var arn: String
    var kind: String
    var name: String
    var parentArn: String?
    var status: String
    var body: String
    var createdAt: Double
    var updatedAt: Double
    var revision: Int

    init(_ resource: Resource) {
        sequence = resource.sequence == 0 ? nil : resource.sequence
        arn = resource.arn
        kind = resource.kind.rawValue
        name = resource.name
        parentArn = resource.parentArn
        status = resource.status.rawValue
        body = resource.body.text
        createdAt = resource.createdAt.timeIntervalSince1970
        updatedAt = resource.updatedAt.timeIntervalSince1970
        revision = resource.revision
    }

    func resource() throws -> Resource {
        guard let kind = ResourceKind(rawValue: kind), let status = ResourceStatus(rawValue: status) else {
            throw StoreError(.corrupt, "personalizeResource \"\(arn)\" has kind \"\(kind)\", status \"\(status)\"")
        }
        return Resource(
            arn: arn,
            kind: kind,
            name: name,
            parentArn: parentArn,
            status: status,
            body: try JSON(parsing: body),
            createdAt: Date(timeIntervalSince1970: createdAt),
            updatedAt: Date(timeIntervalSince1970: updatedAt),
            revision: revision,
            sequence: sequence ?? 0
        )
    }

    static func find(_ arn: String, in db: Database) throws -> Resource? {
        try filter(Column("arn") == arn).fetchOne(db)?.resource()
    }

    static func matching(_ query: ResourceQuery) -> QueryInterfaceRequest<ResourceRecord> {
        var request = all()
        if !query.kinds.isEmpty { request = request.filter(query.kinds.map(\.rawValue).contains(Column("kind"))) }
        if let parent = query.parentArn {
            request = parent.utf8.contains(0) ? request.none() : request.filter(Column("parentArn") == parent)
        }
        if !query.statuses.isEmpty {
            request = request.filter(query.statuses.map(\.rawValue).contains(Column("status")))
        }
        return request
    }

    func insertNew(_ db: Database) throws {
        do {
            try insert(db)
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE {
            throw PersonalizeConflict.exists(arn: arn)
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY {
            throw PersonalizeConflict.parentMissing(arn: parentArn ?? "")
        }
    }

    func update(_ db: Database, from revision: Int) throws {
        let changed =
            try Self
            .filter(Column("arn") == arn && Column("revision") == revision)
            .updateAll(
                db,
                Column("status").set(to: status),
                Column("body").set(to: body),
                Column("updatedAt").set(to: updatedAt),
                Column("revision").set(to: revision + 1)
            )
        guard changed == 1 else { throw PersonalizeConflict.changed(arn: arn) }
    }

    static func remove(_ arn: String, in db: Database) throws {
        do {
            guard try filter(Column("arn") == arn).deleteAll(db) == 1 else {
                throw PersonalizeConflict.changed(arn: arn)
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            throw PersonalizeConflict.inUse(arn: arn)
        }
    }
}

private struct SnapshotRecord: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "personalizeSnapshot"

    var datasetArn: String
    var position: Int
    var name: String
    var rowCount: Int
    var source: String
    var importJobArn: String?
    var parts: String?

    func snapshot() throws -> DatasetSnapshot {
        guard let source = DatasetSnapshot.Source(rawValue: source) else {
            throw StoreError(.corrupt, "personalizeSnapshot \"\(name)\" has source \"\(source)\"")
        }
        return DatasetSnapshot(
            name: name,
            rowCount: rowCount,
            source: source,
            importJobArn: importJobArn,
            parts: try (parts.map { try JSON(parsing: $0).array ?? [] } ?? []).map(Self.part)
        )
    }

    private static func part(_ json: JSON) throws -> DatasetSnapshot.Part {
        guard let names = json["names"]?.array?.compactMap(\.string), let rowCount = json["rows"]?.int else {
            throw StoreError(.corrupt, "personalizeSnapshot has a part \(json.text)")
        }
        return DatasetSnapshot.Part(names: names, rowCount: rowCount)
    }

    private static func text(_ parts: [DatasetSnapshot.Part]) -> String? {
        guard !parts.isEmpty else { return nil }
        return JSON.array(
            parts.map { ["names": .array($0.names.map(JSON.string)), "rows": JSON($0.rowCount)] }
        ).text
    }

    static func replace(_ datasetArn: String, by snapshots: [DatasetSnapshot], in db: Database) throws {
        _ = try filter(Column("datasetArn") == datasetArn).deleteAll(db)
        do {
            for (position, snapshot) in snapshots.enumerated() {
                try SnapshotRecord(
                    datasetArn: datasetArn,
                    position: position,
                    name: snapshot.name,
                    rowCount: snapshot.rowCount,
                    source: snapshot.source.rawValue,
                    importJobArn: snapshot.importJobArn,
                    parts: text(snapshot.parts)
                ).insert(db)
            }
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY {
            throw PersonalizeConflict.parentMissing(arn: datasetArn)
        }
    }
}

private struct RequestRecord: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "personalizeRequest"

    var clientToken: String
    var operation: String
    var response: String
    var answeredAt: Double

    init(_ request: AnsweredRequest) {
        clientToken = request.clientToken
        operation = request.operation
        response = request.response.text
        answeredAt = request.answeredAt.timeIntervalSince1970
    }

    func request() throws -> AnsweredRequest {
        AnsweredRequest(
            clientToken: clientToken,
            operation: operation,
            response: try JSON(parsing: response),
            answeredAt: Date(timeIntervalSince1970: answeredAt)
        )
    }

    func insertNew(_ db: Database) throws {
        do {
            try insert(db)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            throw PersonalizeConflict.answered(clientToken: clientToken)
        }
    }
}

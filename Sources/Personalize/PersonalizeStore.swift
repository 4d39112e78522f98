public import FoundationEssentials
public import JSON

/// Where the service keeps what it knows.
///
/// Every function is one transaction.
public protocol PersonalizeStore: LiveDataStore, MetricStore, RolloutStore, DriftStore {
    /// Saves everything a decision changes, or nothing.
    ///
    /// - Parameter transition: What to save.
    /// - Throws: `PersonalizeConflict` when the decision does not hold any more; any other error when saving failed.
    func commit(_ transition: ResourceTransition) async throws

    /// One resource.
    ///
    /// - Parameter arn: Its ARN.
    /// - Returns: The resource, or `nil` when there is none.
    /// - Throws: When reading failed.
    func resource(_ arn: String) async throws -> Resource?

    /// The resources that match a query, in its order.
    ///
    /// - Parameter query: Which ones.
    /// - Returns: The resources.
    /// - Throws: When reading failed.
    func resources(_ query: ResourceQuery) async throws -> [Resource]

    /// How many resources match a query, whatever its limit and place.
    ///
    /// - Parameter query: Which ones.
    /// - Returns: The number.
    /// - Throws: When reading failed.
    func count(_ query: ResourceQuery) async throws -> Int

    /// The snapshots that make up a dataset now, oldest first.
    ///
    /// - Parameter datasetArn: The dataset.
    /// - Returns: The snapshots.
    /// - Throws: When reading failed.
    func snapshots(of datasetArn: String) async throws -> [DatasetSnapshot]

    /// What an earlier request with the same client token was answered.
    ///
    /// - Parameter clientToken: The token.
    /// - Returns: The request, or `nil` when the token is new.
    /// - Throws: When reading failed.
    func answeredRequest(_ clientToken: String) async throws -> AnsweredRequest?

    /// The changes of states that were not removed yet, the oldest first.
    ///
    /// A commit adds what it changes, as long as any rule looks at events.
    ///
    /// - Parameter limit: How many at most.
    /// - Returns: The changes.
    /// - Throws: When reading failed.
    func stateChanges(limit: Int) async throws -> [StateChange]

    /// Removes the changes up to a number, which were told.
    func removeStateChanges(through number: Int64) async throws
}

/// Which resources are meant.
public struct ResourceQuery: Sendable {
    /// Only these kinds; all when empty.
    public var kinds: [ResourceKind]
    /// Only those that belong to this one.
    public var parentArn: String?
    /// Only those in one of these states; all when empty.
    public var statuses: [ResourceStatus]
    /// Only those made after this place in the order of creation.
    public var after: Int64
    /// At most so many.
    public var limit: Int?
    /// Whether the newest come first; then `after` must be zero.
    public var isNewestFirst: Bool

    /// A query for kinds of resources.
    public init(
        _ kinds: ResourceKind...,
        parentArn: String? = nil,
        statuses: [ResourceStatus] = [],
        after: Int64 = 0,
        limit: Int? = nil,
        isNewestFirst: Bool = false
    ) {
        self.kinds = kinds
        self.parentArn = parentArn
        self.statuses = statuses
        self.after = after
        self.limit = limit
        self.isNewestFirst = isNewestFirst
    }
}

/// All that one decision changes.
public struct ResourceTransition: Sendable {
    /// New resources; their parents must exist.
    public var inserts: [Resource] = []
    /// Changed resources, each with the revision that was read; the store saves it one higher.
    public var updates: [Resource] = []
    /// ARNs of resources to remove; nothing may belong to them any more.
    public var deletes: [String] = []
    /// Datasets whose snapshots are replaced by these.
    public var snapshots: [String: [DatasetSnapshot]] = [:]
    /// Datasets whose batches up to a sequence are removed, because a snapshot holds them now.
    public var sealed: [String: Int64] = [:]
    /// What is added to the windows of metric attributions, which must exist.
    public var metrics: [MetricWindow] = []
    /// Updated resources whose date of change stays, since only what nobody is shown of them has changed.
    public var undated: Set<String> = []
    /// Rollouts, each with the revision that was read, 0 for a new one; the store saves it one higher.
    ///
    /// That of a campaign that is removed goes with it.
    public var rollouts: [Rollout] = []
    /// Findings of drift that are to be told.
    public var driftFindings: [DriftFinding] = []
    /// When it is saved; `nil` stands for when each resource has last changed.
    public var savedAt: Date?
    /// The request that is answered by this, when its caller gave a client token.
    public var request: AnsweredRequest?

    /// A transition that changes nothing yet.
    public init() {}
}

/// An answer kept so that a repeated request gets it again and does nothing twice.
public struct AnsweredRequest: Sendable, Equatable {
    /// What the caller named the request; unique.
    public var clientToken: String
    /// The operation it asked for.
    public var operation: String
    /// What it was answered.
    public var response: JSON
    /// When.
    public var answeredAt: Date

    /// An answered request.
    public init(clientToken: String, operation: String, response: JSON, answeredAt: Date) {
        self.clientToken = clientToken
        self.operation = operation
        self.response = response
        self.answeredAt = answeredAt
    }
}

/// One immutable file of rows that belongs to a dataset.
public struct DatasetSnapshot: Sendable, Equatable {
    /// How its rows came to us.
    public enum Source: String, Sendable {
        /// By an import job; the next full import replaces it.
        case bulk = "BULK"
        /// By events and puts; stays until the dataset is deleted.
        case put = "PUT"
    }

    /// The name of the file: the hash of its content.
    public var name: String
    /// How many rows it holds.
    public var rowCount: Int
    /// How they came to us.
    public var source: Source
    /// The import job that wrote it, if one did.
    public var importJobArn: String?

    /// Where its rows were before, in their order, when it was written from other snapshots; else empty.
    public var parts: [Part]

    /// A snapshot.
    public init(name: String, rowCount: Int, source: Source, importJobArn: String?, parts: [Part] = []) {
        self.name = name
        self.rowCount = rowCount
        self.source = source
        self.importJobArn = importJobArn
        self.parts = parts
    }
}

/// Why a transition does not hold any more.
public enum PersonalizeConflict: Error, Sendable, Equatable {
    /// A resource with this ARN exists.
    case exists(arn: String)
    /// The parent of this new resource does not exist.
    case parentMissing(arn: String)
    /// The resource has changed or is gone since it was read.
    case changed(arn: String)
    /// Something still belongs to the resource that was to be removed.
    case inUse(arn: String)
    /// A request with this client token was answered in the meantime.
    case answered(clientToken: String)
}

/// What is remembered of state machines: revisions, versions, aliases and tags.
///
/// Every function is one transaction. An `ExecutionError` says what stands against a request; any other error means
/// that nothing was changed and that the same call may succeed later.
public protocol StateMachineStore: Sendable {
    // MARK: State machines

    /// Saves a new state machine with its tags and, if wanted, its first version.
    ///
    /// One of its ARN that exists is returned as it is, with the version of its current revision.
    func insert(
        _ machine: StateMachine,
        tags: [Tag],
        publishing: VersionRequest?
    ) async throws -> StoredStateMachine
    /// Saves a definition as a revision that is not the state machine's own; returns which it is.
    ///
    /// It goes with the next change of the state machine unless an execution runs it.
    func insertRevision(_ machine: StateMachine) async throws -> Int64
    /// Saves a new revision if the revision's id has changed, and publishes the current one if wanted.
    ///
    /// Returns `nil` when there is no such state machine.
    func update(_ machine: StateMachine, publishing: VersionRequest?) async throws -> StoredStateMachine?
    /// Removes a state machine with its versions, aliases and tags once no execution of it runs.
    ///
    /// Until then it is there, being deleted. Its executions stay and go on.
    func deleteStateMachine(_ arn: String) async throws
    /// Finds a state machine in its newest revision.
    func stateMachine(_ arn: String) async throws -> StateMachine?
    /// Finds a state machine as it was in a revision, even if it was deleted since.
    func stateMachine(revision: Int64) async throws -> StateMachine?
    /// Lists state machines by name. Throws `ExecutionError` `InvalidToken` for a token it did not make.
    func stateMachines(_ page: PageRequest) async throws -> Page<StateMachine>

    // MARK: Versions

    /// Publishes the current revision, or finds the version it was published as.
    ///
    /// Throws `StateMachineDoesNotExist`, `StateMachineDeleting`, `ServiceQuotaExceededException`, and
    /// `ConflictException` when another revision is meant.
    func publish(_ request: VersionRequest, of arn: String) async throws -> StateMachineVersion
    /// Finds a version.
    func version(_ arn: String) async throws -> StateMachineVersion?
    /// Lists the versions of a state machine, newest first.
    func versions(of arn: String, _ page: PageRequest) async throws -> Page<StateMachineVersion>
    /// Removes a version. Throws `ConflictException` when an alias refers to it.
    func deleteVersion(_ arn: String) async throws

    // MARK: Aliases

    /// Saves a new alias, unless one of its ARN exists; returns the one that is stored then.
    ///
    /// Throws `ResourceNotFound` when a version it refers to does not exist, `ServiceQuotaExceededException`.
    func insert(_ alias: StateMachineAlias) async throws -> StateMachineAlias
    /// Saves the description and the routes of an alias. Throws `ResourceNotFound` as `insert` does.
    func update(_ alias: StateMachineAlias) async throws
    /// Finds an alias.
    func alias(_ arn: String) async throws -> StateMachineAlias?
    /// Lists the aliases of a state machine, oldest first; of one version only, if one is given.
    func aliases(of arn: String, version: String?, _ page: PageRequest) async throws -> Page<StateMachineAlias>
    /// Removes an alias.
    func deleteAlias(_ arn: String) async throws

    // MARK: Tags

    /// The tags of a state machine or an activity; `nil` when there is none of the ARN.
    func tags(of arn: String) async throws -> [Tag]?
    /// Adds or replaces tags. Throws `ResourceNotFound`, `TooManyTags`.
    func add(_ tags: [Tag], to arn: String) async throws
    /// Removes tags by their keys. Throws `ResourceNotFound`.
    func removeTags(_ keys: [String], from arn: String) async throws
}

/// A state machine with the version that its current revision was published as.
public struct StoredStateMachine: Sendable, Equatable {
    /// The state machine.
    public var machine: StateMachine
    /// The version of its current revision, if it was published.
    public var version: StateMachineVersion?

    /// A state machine with its version.
    public init(_ machine: StateMachine, version: StateMachineVersion? = nil) {
        self.machine = machine
        self.version = version
    }
}

extension StateMachineStore {
    /// Saves a new state machine without tags and versions.
    public func insert(_ machine: StateMachine) async throws -> StateMachine {
        try await insert(machine, tags: [], publishing: nil).machine
    }

    /// Saves a new revision.
    public func update(_ machine: StateMachine) async throws -> StateMachine? {
        try await update(machine, publishing: nil)?.machine
    }
}

public import FoundationEssentials
internal import JSON

/// A change of the state of one resource, as the world is told of it.
public struct StateChange: Sendable, Equatable {
    /// What a resource has come to; the first three are the words of AWS's own pipeline, the others go beyond it.
    public enum Status: String, Sendable, CaseIterable {
        case creating = "CREATING"
        case updating = "UPDATING"
        case active = "ACTIVE"
        case createFailed = "CREATE FAILED"
        /// The last update failed; the resource is as it was before.
        case updateFailed = "UPDATE FAILED"
        case createStopped = "CREATE STOPPED"
        case stopping = "STOPPING"
        case inactive = "INACTIVE"
        case starting = "STARTING"
        case deleting = "DELETING"
        case deleted = "DELETED"
    }

    /// Its place among all changes; the store numbers it, and never gives a number twice.
    public var number: Int64
    /// The resource.
    public let arn: String
    /// What it is.
    public let kind: ResourceKind
    /// What it has come to.
    public let status: Status
    /// How many whole seconds the creation or the update took; `nil` where nothing has ended, or it is not known.
    public let duration: Int?
    /// Why it failed, where it did.
    public let failureReason: String?
    /// When.
    public let date: Date

    /// A change of known parts.
    public init(
        number: Int64 = 0,
        arn: String,
        kind: ResourceKind,
        status: Status,
        duration: Int? = nil,
        failureReason: String? = nil,
        date: Date
    ) {
        self.number = number
        self.arn = arn
        self.kind = kind
        self.status = status
        self.duration = duration
        self.failureReason = failureReason
        self.date = date
    }

    /// The change between two looks at a resource.
    ///
    /// - Parameters:
    ///   - old: The resource before; `nil` when it is new.
    ///   - new: The resource now; `nil` when it is gone.
    ///   - date: When it became so.
    /// - Returns: The change; `nil` when its state is the same.
    public static func between(_ old: Resource?, _ new: Resource?, at date: Date) -> StateChange? {
        guard let resource = new ?? old else { return nil }
        let status = new?.changeStatus ?? .deleted
        guard status != old?.changeStatus else { return nil }
        let began = [.active, .createFailed, .updateFailed].contains(status) ? resource.workBegan(before: old) : nil
        return StateChange(
            arn: resource.arn,
            kind: resource.kind,
            status: status,
            duration: began.map { max(0, Int(date.timeIntervalSince($0))) },
            failureReason: new?.reasonOfFailure(status),
            date: date
        )
    }
}

extension ResourceKind {
    /// Its name in words: `Solution Version`.
    public var words: String {
        title.reduce(into: "") { words, letter in
            if letter.isUppercase, !words.isEmpty { words.append(" ") }
            words.append(letter)
        }
    }
}

extension Resource {
    fileprivate var latestUpdate: JSON? { kind.updateMember.flatMap { body[$0] } }

    fileprivate var changeStatus: StateChange.Status {
        switch status {
        case .createPending, .createInProgress, .createStopping: .creating
        case .createFailed: .createFailed
        case .createStopped: .createStopped
        case .stopPending, .stopInProgress: .stopping
        case .inactive: .inactive
        case .startPending, .startInProgress: .starting
        case .deletePending, .deleteInProgress: .deleting
        case .active where isUpdating: .updating
        case .active:
            latestUpdate?["status"]?.string == ResourceStatus.createFailed.rawValue ? .updateFailed : .active
        }
    }

    /// When the work began that has ended now.
    fileprivate func workBegan(before old: Resource?) -> Date? {
        guard old?.changeStatus == .updating else { return createdAt }
        return latestUpdate?["creationDateTime"]?.double.map(Date.init(timeIntervalSince1970:))
    }

    fileprivate func reasonOfFailure(_ status: StateChange.Status) -> String? {
        switch status {
        case .createFailed: body["failureReason"]?.string
        case .updateFailed: latestUpdate?["failureReason"]?.string
        default: nil
        }
    }
}

extension PersonalizeService {
    /// What is told when the state of any resource may have changed.
    static let stateTopic = "states"

    /// One element whenever the state of a resource has changed since the last; never ends by itself, and begins with one.
    public func stateChangeSignals() -> AsyncStream<Void> { signals(Self.stateTopic) }

    /// The changes of states that nobody was told yet, the oldest first.
    ///
    /// - Parameter limit: How many at most.
    /// - Returns: The changes; none of those that came while no rule looked at events.
    /// - Throws: `PersonalizeError` when the store cannot be read.
    public func untoldStateChanges(limit: Int) async throws(PersonalizeError) -> [StateChange] {
        try await reading { try await $0.stateChanges(limit: limit) }
    }

    /// Records that changes were told.
    ///
    /// - Parameter number: The number of the last of them.
    /// - Throws: `PersonalizeError` when the store fails.
    public func acknowledgeStateChanges(through number: Int64) async throws(PersonalizeError) {
        try await reading { try await $0.removeStateChanges(through: number) }
    }

    /// The signals of a topic, beginning with one.
    func signals(_ topic: String) -> AsyncStream<Void> {
        let changes = changes.of(topic)
        self.changes.tell([topic])
        return changes
    }
}

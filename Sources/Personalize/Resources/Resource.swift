public import FoundationEssentials
public import JSON

/// One thing the service keeps: a dataset group, a solution version, a campaign.
public struct Resource: Sendable, Equatable {
    /// Its ARN, unique among all kinds.
    public var arn: String
    /// What it is.
    public var kind: ResourceKind
    /// Its name, unique among those of its kind.
    public var name: String
    /// What it belongs to, if anything: the group of a dataset, the solution of a version or campaign.
    public var parentArn: String?
    /// Where it is in its life.
    public var status: ResourceStatus
    /// The other members, in the words of the API, and what only we need (`metrics`, `snapshots`, `model`).
    public var body: JSON
    /// When it was made.
    public var createdAt: Date
    /// When it last changed.
    public var updatedAt: Date
    /// Counts its changes: a store refuses to save over a newer one.
    public var revision: Int
    /// Its place in the order of creation; the store numbers it.
    public var sequence: Int64

    /// A resource as a store reads it.
    public init(
        arn: String,
        kind: ResourceKind,
        name: String,
        parentArn: String?,
        status: ResourceStatus,
        body: JSON,
        createdAt: Date,
        updatedAt: Date,
        revision: Int = 0,
        sequence: Int64 = 0
    ) {
        self.arn = arn
        self.kind = kind
        self.name = name
        self.parentArn = parentArn
        self.status = status
        self.body = body
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.revision = revision
        self.sequence = sequence
    }

    /// The answer of `Describe…`, without the member around it.
    var description: JSON { select(kind.describedMembers) }

    /// The answer of `List…` for this resource.
    var summary: JSON { select(kind.summaryMembers) }

    private func select(_ members: [String]) -> JSON {
        var answer = JSONObject()
        for member in members { answer[member] = value(of: member) }
        return .object(answer)
    }

    private func value(of member: String) -> JSON? {
        switch member {
        case kind.nameMember: name.isEmpty ? nil : .string(name)
        case kind.arnMember: .string(arn)
        case "status": .string(statusText)
        case "creationDateTime": .seconds(of: createdAt)
        case "lastUpdatedDateTime": .seconds(of: updatedAt)
        case kind.updateMember: shownUpdate(body[member])
        default: body[member]
        }
    }

    /// An update without what only we need.
    private func shownUpdate(_ update: JSON?) -> JSON? {
        var update = update
        update?["servedVersionArn"] = nil
        update?["rollsBack"] = nil
        return update
    }
}

extension JSON {
    /// Epoch seconds with milliseconds, as the JSON protocol writes a timestamp.
    static func seconds(of date: Date) -> JSON {
        .double((date.timeIntervalSince1970 * 1000).rounded() / 1000)
    }
}

public import FoundationEssentials
public import JSON

/// A revision of a state machine under a number that never changes and never comes again.
public struct StateMachineVersion: Sendable, Equatable {
    /// Its ARN: the state machine's with the number behind it.
    public var arn: String
    /// The state machine's ARN.
    public var stateMachineArn: String
    /// The number, from 1.
    public var number: Int
    /// Which stored definition it is.
    public var revision: Int64
    /// What its publisher said about it.
    public var description: String?
    /// When it was published.
    public var creationDate: Date

    /// A version of all its parts.
    public init(
        stateMachineArn: String,
        number: Int,
        revision: Int64,
        description: String?,
        creationDate: Date
    ) {
        arn = "\(stateMachineArn):\(number)"
        self.stateMachineArn = stateMachineArn
        self.number = number
        self.revision = revision
        self.description = description
        self.creationDate = creationDate
    }

    /// The element of `ListStateMachineVersions`.
    public var summaryJSON: JSON {
        ["stateMachineVersionArn": .string(arn), "creationDate": creationDate.json]
    }
}

/// A wish to publish the current revision as a version.
public struct VersionRequest: Sendable, Equatable {
    /// The revision that is meant; `INITIAL` for one without id, `nil` for the current one whichever it is.
    public var revisionId: String?
    /// What the publisher says about it.
    public var description: String?
    /// When.
    public var date: Date

    /// A request of all its parts.
    public init(revisionId: String? = nil, description: String? = nil, date: Date) {
        self.revisionId = revisionId
        self.description = description
        self.date = date
    }
}

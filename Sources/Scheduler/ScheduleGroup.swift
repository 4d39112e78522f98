public import Foundation

/// A group of schedules: for example those of a dataset group.
public struct ScheduleGroup: Sendable, Equatable {
    /// A word with a value that someone has put on a group.
    public struct Tag: Sendable, Equatable {
        /// The word; a group has it once.
        public var key: String
        /// The value; may be empty.
        public var value: String

        /// A tag of both its parts.
        public init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    /// The most groups there may be, as on AWS.
    public static let limit = 500
    /// The most tags a group may have, as on AWS.
    public static let tagLimit = 50

    /// Its name.
    public var name: String
    /// When it was made.
    public var createdAt: Date
    /// When it was last changed.
    public var modifiedAt: Date
    /// Its tags, in the order in which they came.
    public var tags: [Tag]

    /// A group of known parts.
    public init(name: String, createdAt: Date, modifiedAt: Date, tags: [Tag] = []) {
        self.name = name
        self.createdAt = createdAt
        self.modifiedAt = modifiedAt
        self.tags = tags
    }

    /// Adds tags; a key it has gets the new value.
    mutating func add(_ added: [Tag]) throws(SchedulerError) {
        for tag in added {
            if let index = tags.firstIndex(where: { $0.key == tag.key }) {
                tags[index].value = tag.value
            } else {
                tags.append(tag)
            }
        }
        guard tags.count <= Self.tagLimit else {
            throw SchedulerError(
                .validation,
                "schedule group \"\(name)\" would have \(tags.count) tags and may have \(Self.tagLimit), remove some"
            )
        }
    }
}

/// Which schedules are listed.
public struct ScheduleQuery: Sendable, Equatable {
    /// Those of a group; `nil` for all.
    public var groupName: String?
    /// Those whose names begin so.
    public var namePrefix: String
    /// Those in a state; `nil` for both.
    public var state: Schedule.State?

    /// A query; all schedules unless said otherwise.
    public init(groupName: String? = nil, namePrefix: String = "", state: Schedule.State? = nil) {
        self.groupName = groupName
        self.namePrefix = namePrefix
        self.state = state
    }
}

/// A change that came through the EventBridge Scheduler API.
///
/// What comes through it is kept to AWS's terms: a schedule's group must exist, a rate without a start date fires at
/// once, and a repeated request with the same token does nothing more.
public struct ClientRequest: Sendable, Equatable {
    /// How long a token is remembered: a day.
    public static let memory: TimeInterval = 86_400

    /// The token by which the client marks one wish; `nil` when it gave none.
    public let token: String?
    /// The whole request as text: the same token must come with the same text.
    public let text: String
    /// When it came.
    public let date: Date

    /// A request.
    public init(token: String?, text: String, date: Date) {
        self.token = token
        self.text = text
        self.date = date
    }
}

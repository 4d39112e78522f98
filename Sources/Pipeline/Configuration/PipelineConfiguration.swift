public import JSON
public import Scheduler

/// What a configuration file asks for, checked: one dataset group with its data, solutions, campaigns and upkeep.
///
/// It is read from any of three shapes, which differ in how they are written and in little of what they can say: see
/// `ConfigurationShape`.
public struct PipelineConfiguration: Sendable, Equatable {
    /// A dataset: its type, name and Avro schema.
    public struct Dataset: Sendable, Equatable {
        /// `Interactions`, `Users` or `Items`.
        public let type: String
        /// The name it is given.
        public let name: String
        /// The Avro record.
        public let schema: JSON
        /// The name of the schema, where the file gives one.
        public var schemaName: String?
        /// The domain of the schema, where the file gives one; otherwise the dataset group's.
        public var schemaDomain: String?
        /// The dataset's tags, a list of objects.
        public var tags: JSON?
    }

    /// How data is imported.
    public struct Imports: Sendable, Equatable {
        /// `FULL` or `INCREMENTAL`.
        public var mode = "FULL"
        /// Whether the metrics of an incremental import are reported to the bucket.
        public var publishesMetrics: Bool?
        /// The tags of import jobs, a list of objects.
        public var tags: JSON?
        /// How old an import may become before the data is imported again although it is the same.
        public var maximumAge: TimeSpan?

        /// Full imports of what has changed.
        public init() {}
    }

    /// A campaign of a solution.
    public struct Campaign: Sendable, Equatable {
        /// Where it stands in the file: `campaign`, `campaigns.simsCampaign` or `solutions[0].campaigns[1]`.
        public let path: String
        /// The request that creates it, in the words of the API, without the version.
        public let request: JSON
        /// When it is moved to a new version, as `PromotionPolicy` is written; `nil` when the file does not say.
        public var promotionPolicy: JSON?

        /// Its name.
        public var name: String { request["name"]?.string ?? "" }
    }

    /// Answers for many users or items at once, written into the bucket.
    public struct BatchJob: Sendable, Equatable {
        /// What is asked.
        public enum Kind: String, Sendable, CaseIterable {
            /// Items for users, or items like items.
            case inference
            /// Users for items.
            case segment
        }

        /// What is asked.
        public let kind: Kind
        /// Where it stands in the file.
        public let path: String
        /// The members of the request that the file gives.
        public let request: JSON
        /// When it is done, beside each new version.
        public let schedule: String?
        /// How old its answers may become.
        public let maximumAge: TimeSpan?
    }

    /// A solution, the campaigns that serve it and the batch jobs that ask it.
    public struct Solution: Sendable, Equatable {
        /// Where it stands in the file: `solution`, `solutions.sims` or `solutions[0]`.
        public let path: String
        /// The request that creates it, in the words of the API, without the dataset group.
        public let request: JSON
        /// What the file says of its versions: `name`, `trainingMode`, `tags`.
        public var version: JSON = [:]
        /// The campaigns that serve its newest version.
        public var campaigns: [Campaign] = []
        /// When it is trained from nothing, where it has a schedule of its own.
        public var fullSchedule: String?
        /// When it learns on from its last version.
        public var updateSchedule: String?
        /// What it is asked in bulk.
        public var batchJobs: [BatchJob] = []

        /// Its name.
        public var name: String { request["name"]?.string ?? "" }
    }

    /// A recommender of a domain's use case.
    public struct Recommender: Sendable, Equatable {
        /// Where it stands in the file.
        public let path: String
        /// The request that creates it, in the words of the API, without the dataset group.
        public let request: JSON

        /// Its name.
        public var name: String { request["name"]?.string ?? "" }
    }

    /// When to do all of it again.
    public struct Schedules: Sendable, Equatable {
        /// When to import, train and deploy again.
        public let full: String?
        /// When to import again without training.
        public let imports: String?
        /// The IANA time zone of both.
        public let timeZone: String
        /// What happens while the last run goes on.
        public var overlap = ScheduleDefinition.Overlap.skip
        /// What happens with times that were missed.
        public var catchUp = ScheduleDefinition.CatchUp.once
        /// Within how long after its time a run starts, in whole minutes.
        public var jitter: TimeSpan?
        /// How late a run may be before it is told that it did not happen.
        public var grace: TimeSpan?

        /// Schedules that leave out a time while the last run goes on.
        public init(full: String?, imports: String?, timeZone: String) {
            self.full = full
            self.imports = imports
            self.timeZone = timeZone
        }
    }

    /// Who hears of the outcome.
    public struct Notification: Sendable, Equatable {
        /// How somebody is reached.
        public enum Target: Sendable, Equatable {
            /// A URL that gets a signed JSON `POST`.
            case webhook(String)
            /// An address that gets a message in the mail spool.
            case mail(String)
        }

        /// How he is reached.
        public let target: Target
        /// How long notices are gathered into one; `nil` sends each by itself.
        public var digest: TimeSpan?

        /// Somebody who is told of each notice by itself.
        public init(_ target: Target) { self.target = target }

        /// A URL that gets a signed JSON `POST` a notice.
        public static func webhook(_ url: String) -> Notification { Notification(.webhook(url)) }
        /// An address that gets a mail a notice.
        public static func mail(_ address: String) -> Notification { Notification(.mail(address)) }
    }

    /// How the file is written.
    public let shape: ConfigurationShape
    /// The request that creates the dataset group.
    public let datasetGroup: JSON
    /// The datasets, `Interactions` first.
    public let datasets: [Dataset]
    /// How data is imported.
    public var imports = Imports()
    /// The solutions, in the order of the file.
    public let solutions: [Solution]
    /// The recommenders, in the order of the file.
    public var recommenders: [Recommender] = []
    /// The request that creates the event tracker, without the dataset group, if one is wanted.
    public let eventTracker: JSON?
    /// The requests that create the filters, without the dataset group.
    public let filters: [JSON]
    /// When to do all of it again, if at all.
    public let schedules: Schedules?
    /// Who hears of the outcome, beside the mail spool; `nil` when the shape cannot say it, so that listeners stay.
    public let notifications: [Notification]?
    /// What is done when imported data has drifted, as `DriftPolicy` is written; `nil` when the file does not say.
    public var drift: JSON?

    /// The name of the dataset group.
    public var name: String { datasetGroup["name"]?.string ?? "" }
}

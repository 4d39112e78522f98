public import JSON

/// What a `params.json` asks for, checked: one dataset group with its data, solutions, campaigns and upkeep.
///
/// It is read from either shape of the AWS sample (`solution` and `campaign`, or `solutions`, `campaigns`,
/// `eventTracker` and `filters`), with two additions of ours, both optional: `schedules` and `notifications`.
public struct PipelineConfiguration: Sendable, Equatable {
    /// A dataset: its type, name and Avro schema.
    public struct Dataset: Sendable, Equatable {
        /// `Interactions`, `Users` or `Items`; also the name of the folder with its CSV files.
        public let type: String
        /// The name it is given.
        public let name: String
        /// The Avro record.
        public let schema: JSON
    }

    /// A solution and the campaign that serves it.
    public struct Solution: Sendable, Equatable {
        /// Where it stands in the file: `solution` or `solutions.sims`.
        public let path: String
        /// The request that creates it, in the words of the API, without the dataset group.
        public let request: JSON
        /// The request that creates its campaign, without the version; `nil` when it is only trained.
        public let campaign: JSON?
        /// When the campaign is moved to a new version, as `PromotionPolicy` is written; `nil` when the file does not say.
        public var promotionPolicy: JSON?

        /// Its name.
        public var name: String { request["name"]?.string ?? "" }
        /// The name of its campaign.
        public var campaignName: String? { campaign?["name"]?.string }
        /// Where its campaign stands in the file: `campaign` or `campaigns.simsCampaign`.
        var campaignPath: String {
            path == "solution" ? "campaign" : path.replacing("solutions.", with: "campaigns.") + "Campaign"
        }
    }

    /// When to train again.
    public struct Schedules: Sendable, Equatable {
        /// When to import, train and deploy again.
        public let full: String?
        /// When to import again without training.
        public let imports: String?
        /// The IANA time zone of both.
        public let timeZone: String
    }

    /// Who hears of the outcome.
    public enum Notification: Sendable, Equatable {
        /// A URL that gets a signed JSON `POST`.
        case webhook(String)
        /// An address that gets a message in the mail spool.
        case mail(String)
    }

    /// The request that creates the dataset group.
    public let datasetGroup: JSON
    /// The datasets, `Interactions` first.
    public let datasets: [Dataset]
    /// The solutions, in the order of the file.
    public let solutions: [Solution]
    /// The name of the event tracker, if one is wanted.
    public let eventTracker: String?
    /// The requests that create the filters, without the dataset group.
    public let filters: [JSON]
    /// When to train again, if at all.
    public let schedules: Schedules?
    /// Who hears of the outcome, beside the mail spool.
    public let notifications: [Notification]

    /// The name of the dataset group.
    public var name: String { datasetGroup["name"]?.string ?? "" }
}

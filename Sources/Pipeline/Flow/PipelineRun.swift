public import FoundationEssentials
internal import Bucket
internal import JSON

/// One run of the pipeline that is about to start: which file asked for it, when, and what it is to do.
public struct PipelineRun: Sendable {
    /// How much of the pipeline a run walks.
    public enum Mode: String, Sendable, CaseIterable {
        /// Import, train, deploy.
        case full
        /// Import only.
        case imports = "import"
    }

    /// The bucket's name.
    public let bucket: String
    /// The key of the `params.json`.
    public let key: String
    /// When it was asked for.
    public let date: Date
    /// What sets it apart from another run of the same second: a drop's number, a firing's hash.
    public let suffix: String
    /// How much it does.
    public let mode: Mode
    /// For which time a schedule started it; `nil` for a drop.
    public let scheduledTime: Date?

    /// A run of known parts.
    public init(
        bucket: String,
        key: String,
        date: Date,
        suffix: String,
        mode: Mode,
        scheduledTime: Date? = nil
    ) {
        self.bucket = bucket
        self.key = key
        self.date = date
        self.suffix = suffix
        self.mode = mode
        self.scheduledTime = scheduledTime
    }

    /// The folder of the file, with a slash at its end; empty at the bucket's root.
    var folder: String {
        key.lastIndex(of: "/").map { String(key[...$0]) } ?? ""
    }

    /// The moment as the names of jobs and executions carry it: `2026_11_21_04_00_00`, in UTC.
    var currentDate: String { Self.moment(date) }

    /// A moment as names carry it.
    static func moment(_ date: Date) -> String {
        date.formatted(.iso8601.year().month().day().time(includingFractionalSeconds: false))
            .replacing("-", with: "_").replacing(":", with: "_").replacing("T", with: "_").replacing("Z", with: "")
    }

    /// The name of the execution, the same each time the run is asked for.
    var executionName: String { "\(currentDate)_\(suffix)" }

    /// Where the files of a dataset type lie.
    func dataLocation(of type: String) -> String { "s3://\(bucket)/\(folder)\(type)/" }
}

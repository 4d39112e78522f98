public import FoundationEssentials
internal import JSON

/// One run of the pipeline that is about to start: which file asked for it, when, and what it is to do.
public struct PipelineRun: Sendable {
    /// How much of the pipeline a run walks.
    public enum Mode: String, Sendable, CaseIterable {
        /// Import, train, deploy.
        case full
        /// Import only.
        case imports = "import"
        /// Train solutions on from their last version and deploy.
        case update
        /// Ask for answers in bulk, of any kind.
        case batch
        /// Ask for recommendations in bulk.
        case batchInference = "batch-inference"
        /// Ask for segments of users.
        case batchSegment = "batch-segment"

        /// Whether it only asks for answers in bulk.
        var isBatch: Bool { [.batch, .batchInference, .batchSegment].contains(self) }
    }

    /// Who wants the run, which says what is done although nothing calls for it.
    public enum Cause: String, Sendable {
        /// A file that was dropped: the sample's shapes train anew at each drop.
        case drop
        /// A wish to bring into being what a file says, and no more.
        case apply
        /// A schedule whose time has come: what it names is done.
        case schedule
    }

    /// The bucket's name.
    public let bucket: String
    /// The key of the configuration.
    public let key: String
    /// When it was asked for.
    public let date: Date
    /// What sets it apart from another run of the same second: a drop's number, a firing's hash.
    public let suffix: String
    /// How much it does.
    public let mode: Mode
    /// For which time a schedule started it; `nil` for a drop.
    public let scheduledTime: Date?
    /// The only solution it is about; `nil` for all.
    public let solution: String?
    /// Who wants it.
    public let cause: Cause

    /// A run of known parts.
    public init(
        bucket: String,
        key: String,
        date: Date,
        suffix: String,
        mode: Mode,
        scheduledTime: Date? = nil,
        solution: String? = nil,
        cause: Cause = .drop
    ) {
        self.bucket = bucket
        self.key = key
        self.date = date
        self.suffix = suffix
        self.mode = mode
        self.scheduledTime = scheduledTime
        self.solution = solution
        self.cause = cause
    }

    /// The folder of the file, with a slash at its end; empty at the bucket's root.
    var folder: String {
        key.lastIndex(of: "/").map { String(key[...$0]) } ?? ""
    }

    /// The name of the file.
    var fileName: String { key.split(separator: "/").last.map(String.init) ?? key }

    /// The moment as the names of jobs and executions carry it: `2026_11_21_04_00_00`, in UTC.
    var currentDate: String { Self.moment(date) }

    /// A moment as names carry it.
    static func moment(_ date: Date) -> String {
        date.formatted(.iso8601.year().month().day().time(includingFractionalSeconds: false))
            .replacing("-", with: "_").replacing(":", with: "_").replacing("T", with: "_").replacing("Z", with: "")
    }

    /// The name of the execution, the same each time the run is asked for.
    var executionName: String { "\(currentDate)_\(suffix)" }

    /// What only one run at a time is started for.
    func scope(in group: String) -> String {
        let scope = solution.map { "\(group)/\($0)" } ?? group
        return mode.isBatch ? "\(scope)/\(mode.rawValue)" : scope
    }

    /// Whether another run of its dataset group, with this input, must end first.
    ///
    /// Solutions are trained beside one another and beside an import; who asks in bulk asks the version there is.
    func mustWait(for other: JSON) -> Bool {
        let otherMode = other["mode"]?.string.flatMap(Mode.init) ?? .full
        let otherSolution = other["solution"]?.string
        if mode.isBatch || otherMode.isBatch { return mode == otherMode && solution == otherSolution }
        return switch (solution, otherSolution) {
        case (let own?, let other?): own == other
        case (_?, nil): otherMode != .imports
        case (nil, _?): mode != .imports
        case (nil, nil): true
        }
    }

    /// Whether it imports data and looks after what is not a solution's.
    var isOfGroup: Bool { solution == nil && (mode == .full || mode == .imports) }

    /// Whether it trains and deploys.
    var trains: Bool { mode == .full || mode == .update }
}

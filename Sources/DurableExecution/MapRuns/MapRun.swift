public import FoundationEssentials
public import JSON

/// One run of a distributed Map state: what is known of its children together.
public struct MapRun: Sendable, Equatable {
    /// Where a Map Run stands.
    public enum Status: String, Sendable, CaseIterable {
        case running = "RUNNING"
        case succeeded = "SUCCEEDED"
        case failed = "FAILED"
        case aborted = "ABORTED"
    }

    /// Its ARN: `arn:aws:states:REGION:ACCOUNT:mapRun:MACHINE/LABEL:UUID`.
    public var arn: String
    /// The execution whose Map state it is.
    public var executionArn: String
    /// That execution's state machine.
    public var stateMachineArn: String
    /// Which stored definition that execution runs.
    public var revision: Int64
    /// Its id in that execution.
    public var requestID: Int
    /// The Map state.
    public var stateName: String
    /// The state's label, or the id that stands for it.
    public var label: String
    /// Whether the children are Express executions.
    public var isExpress: Bool
    /// Where it stands.
    public var status = Status.running
    /// How many children may run at once; 0 for as many as there may be.
    public var maxConcurrency: Int
    /// How many items may fail; `nil` unless given.
    public var toleratedFailureCount: Int?
    /// How many percent of the items may fail; `nil` unless given.
    public var toleratedFailurePercentage: Double?
    /// How far the items have been read.
    public var progress = Progress()
    /// The children.
    public var executionCounts = MapRunCounts()
    /// The items in the children.
    public var itemCounts = MapRunCounts()
    /// How many times it was redriven.
    public var redriveCount = 0
    /// When it was last redriven.
    public var redriveDate: Date?
    /// When it was started.
    public var startDate: Date
    /// When it ended.
    public var stopDate: Date?

    /// How far the items of a Map Run have been read.
    public struct Progress: Sendable, Equatable {
        /// Where the source goes on; `nil` at its beginning.
        public var cursor: String?
        /// How many items are in children.
        public var itemCount = 0
        /// How many children were started; the number of the next.
        public var childCount = 0
        /// Whether all items are in children.
        public var isComplete = false
        /// How many items there are, once that is known.
        public var itemTotal: Int?

        /// Nothing has been read.
        public init() {}
    }

    /// A Map Run that begins.
    public init(
        arn: String,
        executionArn: String,
        stateMachineArn: String,
        revision: Int64,
        requestID: Int,
        stateName: String,
        label: String,
        isExpress: Bool,
        maxConcurrency: Int,
        toleratedFailureCount: Int?,
        toleratedFailurePercentage: Double?,
        startDate: Date
    ) {
        self.arn = arn
        self.executionArn = executionArn
        self.stateMachineArn = stateMachineArn
        self.revision = revision
        self.requestID = requestID
        self.stateName = stateName
        self.label = label
        self.isExpress = isExpress
        self.maxConcurrency = maxConcurrency
        self.toleratedFailureCount = toleratedFailureCount
        self.toleratedFailurePercentage = toleratedFailurePercentage
        self.startDate = startDate
    }
}

// MARK: - Changes

extension MapRun {
    /// Takes in what a child's step did to the counts.
    mutating func apply(_ step: MapRunMembership.Step, of child: MapRunMembership) {
        let isPending = child.redriveCount < redriveCount
        executionCounts.apply(step, times: 1, isPendingRedrive: isPending)
        itemCounts.apply(step, times: child.itemCount, isPendingRedrive: isPending)
    }

    /// Begins anew: what did not succeed is to run again.
    mutating func redrive(at date: Date) {
        guard status != .running else { return }
        status = .running
        stopDate = nil
        redriveCount += 1
        redriveDate = date
        executionCounts.redrive()
        itemCounts.redrive()
    }

    /// Ends, unless it has.
    mutating func end(_ status: Status, at date: Date) {
        guard self.status == .running else { return }
        self.status = status
        stopDate = date
    }
}

// MARK: - As the service shows it

extension MapRun {
    /// The answer of `DescribeMapRun`.
    public var json: JSON {
        var json: JSON = [
            "mapRunArn": .string(arn), "executionArn": .string(executionArn), "status": .string(status.rawValue),
            "startDate": startDate.json,
        ]
        if let stopDate { json["stopDate"] = stopDate.json }
        json["maxConcurrency"] = JSON(maxConcurrency)
        json["toleratedFailurePercentage"] = .double(toleratedFailurePercentage ?? 0)
        json["toleratedFailureCount"] = JSON(toleratedFailureCount ?? 0)
        json["itemCounts"] = itemCounts.json(pending: pendingItemCount)
        json["executionCounts"] = executionCounts.json(pending: pendingExecutionCount)
        json["redriveCount"] = JSON(redriveCount)
        if let redriveDate { json["redriveDate"] = redriveDate.json }
        return json
    }

    /// The element of `ListMapRuns`.
    public var summaryJSON: JSON {
        var json: JSON = [
            "executionArn": .string(executionArn), "mapRunArn": .string(arn),
            "stateMachineArn": .string(stateMachineArn), "startDate": startDate.json,
        ]
        if let stopDate { json["stopDate"] = stopDate.json }
        return json
    }

    /// The items that are known of and in no child yet.
    private var pendingItemCount: Int { max(0, (progress.itemTotal ?? 0) - progress.itemCount) }

    /// The children to come, where that is known: when each item has its own.
    private var pendingExecutionCount: Int {
        progress.itemCount == progress.childCount ? pendingItemCount : 0
    }
}

public import FoundationEssentials
public import JSON
internal import StatesLanguage

/// One run of a state machine.
public struct Execution: Sendable, Equatable {
    /// Where an execution stands.
    public enum Status: String, Sendable, CaseIterable, Codable {
        case running = "RUNNING"
        case succeeded = "SUCCEEDED"
        case timedOut = "TIMED_OUT"
        case pendingRedrive = "PENDING_REDRIVE"
        case aborted = "ABORTED"
        case failed = "FAILED"

        /// Whether it has ended without success, so that it may be redriven.
        public var isRedrivable: Bool { self == .failed || self == .aborted || self == .timedOut }
    }

    /// Its ARN.
    public var arn: String
    /// The state machine it was started from.
    public var stateMachineArn: String
    /// Its name, unique within the state machine.
    public var name: String
    /// Which stored definition it runs.
    public var revision: Int64
    /// Where it stands.
    public var status: Status
    /// The input, as JSON text.
    public var input: String
    /// The output, as JSON text, once it has succeeded.
    public var output: String?
    /// The error's name, if it ended with one.
    public var error: String?
    /// The error's cause.
    public var cause: String?
    /// When it was started.
    public var startDate: Date
    /// The version it runs, if it was started by one or by an alias.
    public var stateMachineVersionArn: String?
    /// The alias it was started by.
    public var stateMachineAliasArn: String?
    /// When it ended.
    public var stopDate: Date?
    /// How many times it was redriven.
    public var redriveCount: Int
    /// When it was last redriven.
    public var redriveDate: Date?
    /// The client token of the last redrive.
    public var redriveToken: String?
    /// The X-Ray header it was started with; kept, never used.
    public var traceHeader: String?
    /// The task of another execution that waits for its end, if one does: `states:startExecution.sync`.
    public var parentTask: TaskKey?
    /// How many executions wait for it, one for another.
    public var depth = 0
    /// What it is in a Map Run; `nil` for one that somebody started.
    public var mapRun: MapRunMembership?

    /// An execution that begins.
    public init(
        arn: String,
        stateMachineArn: String,
        name: String,
        revision: Int64,
        input: String,
        startDate: Date,
        traceHeader: String? = nil
    ) {
        self.arn = arn
        self.stateMachineArn = stateMachineArn
        self.name = name
        self.revision = revision
        self.input = input
        self.startDate = startDate
        self.traceHeader = traceHeader
        status = .running
        redriveCount = 0
    }
}

extension Execution {
    /// Notes how it has ended.
    mutating func end(_ outcome: Outcome, at now: Date) {
        stopDate = now
        switch outcome {
        case .succeeded(let value): (status, output) = (.succeeded, value.text)
        case .failed(let failure):
            (status, error, cause) = (.failed, failure.name.isEmpty ? nil : failure.name, failure.cause)
        case .timedOut(let failure): (status, error, cause) = (.timedOut, failure.name, failure.cause)
        case .aborted(let name, let text): (status, error, cause) = (.aborted, name, text)
        }
    }
}

extension Execution {
    /// The answer of `DescribeExecution`.
    public var json: JSON {
        var json = summaryJSON
        json["input"] = .string(input)
        json["inputDetails"] = ["included": true]
        json["itemCount"] = nil
        if let output {
            json["output"] = .string(output)
            json["outputDetails"] = ["included": true]
        }
        // As on AWS, one that has run out of time tells that by its status alone.
        if let error, status != .timedOut { json["error"] = .string(error) }
        if let cause, status != .timedOut { json["cause"] = .string(cause) }
        if let traceHeader { json["traceHeader"] = .string(traceHeader) }
        json["redriveStatus"] = .string(redriveStatus)
        if let redriveStatusReason { json["redriveStatusReason"] = .string(redriveStatusReason) }
        return json
    }

    /// The answer of `DescribeExecution` with `includedData: METADATA_ONLY`.
    public var metadataJSON: JSON {
        var json = json
        for key in ["input", "inputDetails", "output", "outputDetails", "error", "cause"] { json[key] = nil }
        return json
    }

    /// The answer of `StartSyncExecution`.
    ///
    /// The time billed is the time it took in started tenths of a second; the memory is AWS's smallest amount.
    ///
    /// - Parameter isComplete: Whether input, output, error and cause are in it.
    /// - Returns: The answer.
    public func syncJSON(includingData isComplete: Bool) -> JSON {
        var json = isComplete ? json : metadataJSON
        for key in [
            "redriveCount", "redriveStatus", "redriveStatusReason", "stateMachineVersionArn", "stateMachineAliasArn",
        ] { json[key] = nil }
        if isComplete, let error { json["error"] = .string(error) }
        let milliseconds = (stopDate ?? startDate).timeIntervalSince(startDate) * 1000
        json["billingDetails"] = [
            "billedMemoryUsedInMB": 64,
            "billedDurationInMilliseconds": JSON(max(1, Int((milliseconds / 100).rounded(.up))) * 100),
        ]
        return json
    }

    /// The element of `ListExecutions`.
    public var summaryJSON: JSON {
        var json: JSON = [
            "executionArn": .string(arn), "stateMachineArn": .string(stateMachineArn), "name": .string(name),
            "status": .string(status.rawValue), "startDate": startDate.json,
        ]
        if let stopDate { json["stopDate"] = stopDate.json }
        if let stateMachineVersionArn { json["stateMachineVersionArn"] = .string(stateMachineVersionArn) }
        if let stateMachineAliasArn { json["stateMachineAliasArn"] = .string(stateMachineAliasArn) }
        if let mapRun {
            json["mapRunArn"] = .string(mapRun.mapRunArn)
            json["itemCount"] = JSON(mapRun.itemCount)
        }
        json["redriveCount"] = JSON(redriveCount)
        if let redriveDate { json["redriveDate"] = redriveDate.json }
        return json
    }

    /// Whether it can be redriven, and by whom.
    public var redriveStatus: String {
        guard status.isRedrivable else { return "NOT_REDRIVABLE" }
        return mapRun == nil ? "REDRIVABLE" : "REDRIVABLE_BY_MAP_RUN"
    }

    /// Why it cannot be redriven now; `nil` when it can.
    public var redriveStatusReason: String? {
        status.isRedrivable ? nil : "Execution is \(status.rawValue) and cannot be redriven"
    }
}

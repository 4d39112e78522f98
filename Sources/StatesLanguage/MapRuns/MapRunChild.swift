public import FoundationEssentials
public import JSON

/// What the results of a Map Run say of a child.
public struct MapRunChild: Sendable, Equatable {
    /// Its ARN.
    public var arn: String
    /// Its name.
    public var name: String
    /// The ARN of the machine that the run's children run.
    public var stateMachineArn: String
    /// Where it stands.
    public var status: ExecutionState.Status
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
    /// When it ended.
    public var stopDate: Date?
    /// How many times it was redriven.
    public var redriveCount = 0
    /// When it was last redriven.
    public var redriveDate: Date?

    /// A child that has not ended.
    public init(
        arn: String,
        name: String,
        stateMachineArn: String,
        status: ExecutionState.Status,
        input: String,
        startDate: Date
    ) {
        self.arn = arn
        self.name = name
        self.stateMachineArn = stateMachineArn
        self.status = status
        self.input = input
        self.startDate = startDate
    }
}

extension MapRunChild {
    /// The child with its input, output and dates, as the service writes it.
    public var json: JSON {
        var json = JSONObject()
        if let cause { json["Cause"] = .string(cause) }
        if let error { json["Error"] = .string(error) }
        json["ExecutionArn"] = .string(arn)
        json["Input"] = .string(input)
        json["InputDetails"] = ["Included": true]
        json["Name"] = .string(name)
        if let output {
            json["Output"] = .string(output)
            json["OutputDetails"] = ["Included": true]
        }
        json["RedriveCount"] = JSON(redriveCount)
        if let redriveDate { json["RedriveDate"] = .string(Self.text(redriveDate)) }
        json["RedriveStatus"] = .string(isRedrivable ? "REDRIVABLE_BY_MAP_RUN" : "NOT_REDRIVABLE")
        if !isRedrivable {
            json["RedriveStatusReason"] = .string("Execution is \(status.rawValue) and cannot be redriven")
        }
        json["StartDate"] = .string(Self.text(startDate))
        json["StateMachineArn"] = .string(stateMachineArn)
        json["Status"] = .string(status.rawValue)
        if let stopDate { json["StopDate"] = .string(Self.text(stopDate)) }
        return .object(json)
    }

    private var isRedrivable: Bool {
        switch status {
        case .failed, .timedOut, .aborted: true
        case .running, .succeeded: false
        }
    }

    private static func text(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}

public import FoundationEssentials
public import JSON

/// A name that workers poll for tasks; a Task state asks for it by its ARN.
public struct Activity: Sendable, Equatable {
    /// Its ARN.
    public var arn: String
    /// Its name, unique in the account.
    public var name: String
    /// When it was created.
    public var creationDate: Date
    /// `encryptionConfiguration` as it was given; kept and shown.
    public var options: JSON

    /// An activity of all its parts.
    public init(arn: String, name: String, creationDate: Date, options: JSON = .object(JSONObject())) {
        self.arn = arn
        self.name = name
        self.creationDate = creationDate
        self.options = options
    }
}

extension Activity {
    /// The answer of `DescribeActivity`.
    public var json: JSON {
        var json = summaryJSON
        json["encryptionConfiguration"] = ["type": "AWS_OWNED_KEY"]
        for (key, value) in options.object ?? [:] { json[key] = value }
        return json
    }

    /// The element of `ListActivities`.
    public var summaryJSON: JSON {
        ["activityArn": .string(arn), "name": .string(name), "creationDate": creationDate.json]
    }
}

/// A task as the worker gets it that polled for it.
public struct ActivityTask: Sendable, Equatable {
    /// By which the worker ends the task or says that it is alive.
    public var token: String
    /// The input, as JSON text.
    public var input: String
}

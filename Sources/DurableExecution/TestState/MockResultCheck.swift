import JSON

/// Compares a mocked result with what an integration answers.
///
/// Only the integrations that this service has are known; the results of others are taken as they are.
struct MockResultCheck {
    /// What a member of an answer must be.
    private indirect enum Shape: Sendable {
        case string
        case number
        case boolean
        case list(Shape)
        case structure([String: Shape], required: [String] = [])
    }

    private let shape: Shape
    private let isStrict: Bool

    /// The check for a resource in a mode; `nil` when there is nothing to compare with.
    init?(resource: String, mode: String) {
        guard mode != "NONE", let shape = Self.shapes[Self.action(resource)] else { return nil }
        self.shape = shape
        isStrict = mode == "STRICT"
    }

    /// Refuses a result that the integration would not answer.
    func check(_ result: JSON) throws(ExecutionError) {
        guard case .object = result else { throw ExecutionError(.validation, "Mocked result must be a JSON object.") }
        try check(result, shape, field: "")
    }

    private func check(_ value: JSON, _ shape: Shape, field: String) throws(ExecutionError) {
        switch (shape, value) {
        case (.string, .string), (.boolean, .bool): return
        case (.number, _) where value.double != nil: return
        case (.list(let element), .array(let values)):
            for value in values { try check(value, element, field: field) }
        case (.structure(let members, let required), .object(let object)):
            for name in required where isStrict && object[name] == nil {
                throw Self.fault("Required field '\(name)' is missing")
            }
            for (name, value) in object {
                if let member = members[name] { try check(value, member, field: name) }
            }
        default: throw Self.fault("Field '\(field)' must be \(Self.noun(shape))")
        }
    }

    private static func noun(_ shape: Shape) -> String {
        switch shape {
        case .string: "a string"
        case .number: "a number"
        case .boolean: "a boolean"
        case .list: "an array"
        case .structure: "an object"
        }
    }

    private static func fault(_ text: String) -> ExecutionError {
        ExecutionError(.validation, "Mock result schema validation error: \(text)")
    }

    /// `service:action` of a resource, without the pattern it is called by.
    private static func action(_ resource: String) -> String {
        var name = resource.replacing("arn:aws:states:::", with: "").replacing("aws-sdk:", with: "")
        for pattern in [".sync:2", ".sync", ".waitForTaskToken"] where name.hasSuffix(pattern) {
            name.removeLast(pattern.count)
            if pattern == ".sync:2" || pattern == ".sync" { name += ".sync" }
            break
        }
        return name
    }

    private static let started = Shape.structure(
        ["ExecutionArn": .string, "StartDate": .number],
        required: ["ExecutionArn", "StartDate"]
    )

    private static let object: [String: Shape] = [
        "ContentLength": .number, "ContentType": .string, "ETag": .string, "LastModified": .string,
        "StorageClass": .string, "VersionId": .string, "DeleteMarker": .boolean,
    ]

    private static let shapes: [String: Shape] = [
        "sns:publish": .structure(["MessageId": .string, "SequenceNumber": .string]),
        "events:putEvents": .structure([
            "FailedEntryCount": .number,
            "Entries": .list(.structure(["EventId": .string, "ErrorCode": .string, "ErrorMessage": .string])),
        ]),
        "eventbridge:putEvents": .structure([
            "FailedEntryCount": .number,
            "Entries": .list(.structure(["EventId": .string, "ErrorCode": .string, "ErrorMessage": .string])),
        ]),
        "lambda:invoke": .structure([
            "StatusCode": .number, "FunctionError": .string, "LogResult": .string, "ExecutedVersion": .string,
        ]),
        "http:invoke": .structure(["StatusCode": .number, "StatusText": .string]),
        "states:startExecution": started,
        "sfn:startExecution": started,
        "states:startExecution.sync": .structure(
            [
                "ExecutionArn": .string, "StateMachineArn": .string, "Name": .string, "Status": .string,
                "StartDate": .number, "StopDate": .number, "Input": .string,
            ],
            required: ["ExecutionArn", "StateMachineArn", "StartDate", "Status"]
        ),
        "s3:getObject": .structure(object),
        "s3:headObject": .structure(object),
        "s3:putObject": .structure(["ETag": .string, "VersionId": .string]),
        "s3:deleteObject": .structure(["DeleteMarker": .boolean, "VersionId": .string]),
        "s3:copyObject": .structure(["CopyObjectResult": .structure(["ETag": .string, "LastModified": .string])]),
        "s3:listObjectsV2": .structure([
            "IsTruncated": .boolean, "KeyCount": .number, "MaxKeys": .number, "Name": .string, "Prefix": .string,
            "Contents": .list(
                .structure(["Key": .string, "Size": .number, "ETag": .string, "StorageClass": .string])
            ),
            "CommonPrefixes": .list(.structure(["Prefix": .string])),
        ]),
    ]
}

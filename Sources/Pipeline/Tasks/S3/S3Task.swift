internal import Bucket
public import DurableExecution
internal import FoundationEssentials
internal import JSON
public import StatesLanguage

/// Runs `arn:aws:states:::aws-sdk:s3:…` tasks on the buckets of this machine.
///
/// Writing is atomic, so that a task that runs twice leaves one object. An object that is a drop (`params.json`) starts
/// the pipeline as one that a person drops.
public struct S3Task: TaskHandler {
    /// What these tasks can ask.
    public static let integration = Integration("aws-sdk:s3", actions: actions)
    /// The same under the name of the item readers and result writers of Map states.
    public static let shortIntegration = Integration("s3", actions: actions)

    private static let actions = [
        "copyObject", "deleteObject", "getObject", "headObject", "listObjectsV2", "putObject",
    ]

    private let buckets: BucketDirectory
    private let makeID: @Sendable () -> String

    /// A handler for some buckets; the function makes the ids of requests that fail.
    public init(buckets: BucketDirectory, makeID: @escaping @Sendable () -> String) {
        self.buckets = buckets
        self.makeID = makeID
    }

    /// Does what the resource names.
    public func run(_ task: TaskInvocation) async throws -> TaskResult {
        do {
            return .succeeded(try result(of: task))
        } catch let error as S3Error {
            throw error.statesError(requestID: makeID())
        } catch let error as BucketError {
            throw S3Error(error).statesError(requestID: makeID())
        }
    }

    private func result(of task: TaskInvocation) throws -> JSON {
        switch task.action {
        case "getObject": try get(task, includesBody: true)
        case "headObject": try get(task, includesBody: false)
        case "putObject": try put(task)
        case "copyObject": try copy(task)
        case "deleteObject": try delete(task)
        case "listObjectsV2": try list(task)
        default: preconditionFailure("\"\(task.action)\" is not in the catalogue")
        }
    }

    func bucket(_ parameters: TaskParameters) throws -> Bucket {
        try buckets.bucket(named: parameters.string("Bucket"))
    }

    /// A key that an object may have: it stays in the bucket and is not one that the bucket passes over.
    func writableKey(_ parameters: TaskParameters) throws -> String {
        let key = try parameters.string("Key")
        try Bucket.validateKey(key)
        guard !ObjectName.isIgnored(inKey: key) else {
            throw S3Error("The key \"\(key)\" names a hidden or temporary file; use another", status: 400)
        }
        return key
    }

    func describe(_ key: String, in bucket: Bucket) throws -> ObjectDescription {
        try Bucket.validateKey(key)
        guard !ObjectName.isIgnored(inKey: key) else { throw S3Error.noSuchKey }
        return try bucket.describe(key)
    }

    static func quoted(_ tag: String) -> JSON { .string("\"\(tag)\"") }

    static func moment(_ date: Date) -> JSON { .string(date.formatted(.iso8601)) }

    // MARK: Writing

    private func put(_ task: TaskInvocation) throws -> JSON {
        let parameters = try TaskParameters(task, names: S3Fields.put)
        let bucket = try bucket(parameters)
        let key = try writableKey(parameters)
        try checkConditions(parameters, try? describe(key, in: bucket))
        let body = parameters["Body"].map { $0.string ?? $0.text } ?? ""
        try bucket.put(Array(body.utf8), at: key, attributes: S3Fields.attributes(parameters))
        return ["ETag": Self.quoted(try bucket.describe(key).entityTag), "ServerSideEncryption": "AES256"]
    }

    /// `IfNoneMatch: *` writes only what is not there, `IfMatch` only over a known content.
    private func checkConditions(_ parameters: TaskParameters, _ existing: ObjectDescription?) throws {
        if try parameters.optionalString("IfNoneMatch") == "*", existing != nil { throw S3Error.preconditionFailed }
        if let tag = try parameters.optionalString("IfMatch") {
            guard let existing else { throw S3Error.noSuchKey }
            guard existing.matches(tag) else { throw S3Error.preconditionFailed }
        }
    }

    private func copy(_ task: TaskInvocation) throws -> JSON {
        let parameters = try TaskParameters(task, names: S3Fields.copy)
        let bucket = try bucket(parameters)
        let key = try writableKey(parameters)
        let source = try S3Fields.source(parameters)
        let original = try buckets.bucket(named: source.bucket)
        _ = try describe(source.key, in: original)
        let isReplaced = try parameters.optionalString("MetadataDirective") == "REPLACE"
        guard isReplaced || original != bucket || source.key != key else {
            throw S3Error(
                "This copy request is illegal because it is trying to copy an object to itself without changing the "
                    + "object's metadata, storage class, website redirect location or encryption attributes.",
                status: 400
            )
        }
        let attributes = isReplaced ? try S3Fields.attributes(parameters) : nil
        try original.copy(source.key, to: bucket, at: key, attributes: attributes)
        let copy = try bucket.describe(key)
        return [
            "CopyObjectResult": [
                "ETag": Self.quoted(copy.entityTag), "LastModified": Self.moment(copy.object.modifiedAt),
            ],
            "ServerSideEncryption": "AES256",
        ]
    }

    private func delete(_ task: TaskInvocation) throws -> JSON {
        let parameters = try TaskParameters(task, names: S3Fields.object)
        let bucket = try bucket(parameters)
        let key = try writableKey(parameters)
        // A folder is no object, and one that is not there is no fault.
        if try bucket.object(key) != nil { try bucket.delete(key) }
        return [:]
    }
}

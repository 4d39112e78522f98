internal import Bucket
internal import DurableExecution
internal import JSON
internal import StatesLanguage

extension S3Task {
    private static let dataLimit = 262_144

    /// `getObject` and, without the body, `headObject`.
    func get(_ task: TaskInvocation, includesBody: Bool) throws -> JSON {
        let parameters = try TaskParameters(task, names: S3Fields.get)
        let key = try parameters.string("Key")
        let bucket: Bucket
        let description: ObjectDescription
        do {
            bucket = try self.bucket(parameters)
            description = try describe(key, in: bucket)
        } catch  where !includesBody && isMissing(error) {
            // The answer to HEAD has no body that could tell a missing bucket from a missing key.
            throw S3Error(exception: "NoSuchKeyException", message: "null", status: 404)
        }
        try checkConditions(parameters, description)
        let size = description.object.size
        let range = try parameters.optionalString("Range").flatMap { try ByteRange(parsing: $0, size: size) }
        var result = head(description, count: range?.bounds.count ?? size)
        if let range { result["ContentRange"] = .string(range.header) }
        if includesBody {
            let bounds = range?.bounds ?? 0..<size
            guard bounds.count <= Self.dataLimit else { throw tooLarge(task) }
            result["Body"] = .string(String(decoding: try bucket.read(key, in: bounds), as: UTF8.self))
        }
        return result
    }

    private func isMissing(_ error: any Error) -> Bool {
        if let error = error as? BucketError { return error.code == .noSuchBucket || error.code == .noSuchKey }
        return (error as? S3Error)?.status == 404
    }

    private func checkConditions(_ parameters: TaskParameters, _ description: ObjectDescription) throws {
        if let tag = try parameters.optionalString("IfMatch"), !description.matches(tag) {
            throw S3Error.preconditionFailed
        }
        if let tag = try parameters.optionalString("IfNoneMatch"), description.matches(tag) {
            throw S3Error.notModified
        }
    }

    private func head(_ description: ObjectDescription, count: Int) -> JSON {
        var result: JSON = [
            "AcceptRanges": "bytes", "ContentLength": JSON(count), "ContentType": "binary/octet-stream",
            "ETag": Self.quoted(description.entityTag), "LastModified": Self.moment(description.object.modifiedAt),
            "Metadata": [:], "ServerSideEncryption": "AES256",
        ]
        if let type = ObjectAttributes.usualType(of: description.object.key) { result["ContentType"] = .string(type) }
        S3Fields.add(description.attributes, to: &result)
        return result
    }

    private func tooLarge(_ task: TaskInvocation) -> StatesError {
        let service = task.resource.split(separator: ":").dropFirst(3).dropLast().joined(separator: ":")
        return StatesError(
            name: StatesError.dataLimitExceeded,
            cause: "The state/task '\(service)' returned a result with a size exceeding the maximum number of bytes "
                + "service limit."
        )
    }
}

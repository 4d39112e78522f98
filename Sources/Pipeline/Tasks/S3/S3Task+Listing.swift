internal import Bucket
internal import DurableExecution
internal import JSON
internal import StatesLanguage

extension S3Task {
    /// `listObjectsV2`: the objects in the order of their keys, those of one folder as one where a delimiter is given.
    func list(_ task: TaskInvocation) throws -> JSON {
        let parameters = try TaskParameters(task, names: S3Fields.list)
        let bucket = try bucket(parameters)
        let query = try query(parameters)
        let page = try query.page(of: bucket)
        var result: JSON = [
            "IsTruncated": .bool(page.next != nil), "KeyCount": JSON(page.entries.count),
            "MaxKeys": JSON(query.limit), "Name": .string(bucket.name), "Prefix": .string(query.prefix),
        ]
        let contents = try page.entries.compactMap(\.object).map { object in try content(object, in: bucket) }
        if !contents.isEmpty { result["Contents"] = .array(contents) }
        let prefixes = page.entries.filter { $0.object == nil }
        if !prefixes.isEmpty { result["CommonPrefixes"] = .array(prefixes.map { ["Prefix": .string($0.name)] }) }
        for name in ["Delimiter", "StartAfter", "ContinuationToken", "EncodingType"] {
            if let value = parameters[name] { result[name] = value }
        }
        if let next = page.next { result["NextContinuationToken"] = .string(ListingQuery.token(after: next)) }
        return result
    }

    private func content(_ object: BucketObject, in bucket: Bucket) throws -> JSON {
        // One that was deleted meanwhile is told as it was.
        let tag = try? bucket.describe(object.key).entityTag
        var content: JSON = [
            "Key": .string(object.key), "LastModified": Self.moment(object.modifiedAt),
            "Size": JSON(object.size), "StorageClass": "STANDARD",
        ]
        if let tag { content["ETag"] = Self.quoted(tag) }
        return content
    }

    private func query(_ parameters: TaskParameters) throws -> ListingQuery {
        let asked = try parameters.optionalInt("MaxKeys") ?? 1000
        guard asked >= 0 else {
            throw S3Error("Argument maxKeys must be an integer between 0 and 2147483647", status: 400)
        }
        let token = try parameters.optionalString("ContinuationToken")
        return ListingQuery(
            prefix: try parameters.optionalString("Prefix") ?? "",
            delimiter: try parameters.optionalString("Delimiter"),
            limit: min(asked, 1000),
            start: try token.map(ListingQuery.name) ?? parameters.optionalString("StartAfter")
        )
    }
}

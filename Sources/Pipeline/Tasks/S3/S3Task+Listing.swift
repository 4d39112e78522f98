internal import Bucket
internal import DurableExecution
internal import FoundationEssentials
internal import JSON
internal import StatesLanguage

extension S3Task {
    /// `listObjectsV2`: the objects in the order of their keys, those of one folder as one where a delimiter is given.
    func list(_ task: TaskInvocation) throws -> JSON {
        let parameters = try TaskParameters(task, names: S3Fields.list)
        let bucket = try bucket(parameters)
        let query = try Query(parameters)
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
        if let next = page.next { result["NextContinuationToken"] = .string(Query.token(after: next)) }
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

    private struct Query {
        let prefix: String
        let delimiter: String?
        let limit: Int
        /// The name after which the page begins.
        let start: String?

        init(_ parameters: TaskParameters) throws {
            prefix = try parameters.optionalString("Prefix") ?? ""
            delimiter = try parameters.optionalString("Delimiter").flatMap { $0.isEmpty ? nil : $0 }
            let asked = try parameters.optionalInt("MaxKeys") ?? 1000
            guard asked >= 0 else {
                throw S3Error("Argument maxKeys must be an integer between 0 and 2147483647", status: 400)
            }
            limit = min(asked, 1000)
            let token = try parameters.optionalString("ContinuationToken")
            start = try token.map(Self.read) ?? parameters.optionalString("StartAfter")
        }

        /// An object, or the folder that stands for many.
        struct Entry {
            let name: String
            var object: BucketObject?
        }

        func page(of bucket: Bucket) throws -> (entries: [Entry], next: String?) {
            var entries: [Entry] = []
            for object in try objects(of: bucket) {
                let entry = entry(of: object)
                if let start, !start.utf8.lexicographicallyPrecedes(entry.name.utf8) { continue }
                if entry.name == entries.last?.name { continue }
                guard entries.count < limit else { return (entries, limit > 0 ? entries.last?.name : nil) }
                entries.append(entry)
            }
            return (entries, nil)
        }

        private func objects(of bucket: Bucket) throws -> [BucketObject] {
            // The start of a key need be no key that a bucket can hold; then no object has it.
            if (try? Bucket.validateKey(prefix)) == nil { return [] }
            return try bucket.list(prefix: prefix).objects
                .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        }

        private func entry(of object: BucketObject) -> Entry {
            let rest = object.key.dropFirst(prefix.count)
            guard let delimiter, let end = rest.firstRange(of: delimiter)?.upperBound else {
                return Entry(name: object.key, object: object)
            }
            return Entry(name: String(object.key[..<end]))
        }

        static func token(after name: String) -> String { Data(name.utf8).base64EncodedString() }

        private static func read(_ token: String) throws(S3Error) -> String {
            guard let data = Data(base64Encoded: token), let name = String(validating: data, as: UTF8.self) else {
                throw S3Error("The continuation token provided is incorrect", status: 400)
            }
            return name
        }
    }
}

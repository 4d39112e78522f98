internal import Bucket
public import DurableExecution
public import JSON
internal import StatesLanguage

/// Reads the items of distributed Map states from the buckets of this machine.
///
/// Objects are streamed: a CSV, JSON or JSON Lines object of any size is read in bounded memory.
public struct BucketItemReader: ItemReader {
    private let buckets: BucketDirectory
    private let makeID: @Sendable () -> String

    /// A reader of some buckets; the function makes the ids of requests that fail.
    public init(buckets: BucketDirectory, makeID: @escaping @Sendable () -> String) {
        self.buckets = buckets
        self.makeID = makeID
    }

    /// Opens what an `ItemReader` names.
    public func open(resource: String, arguments: JSON, config: JSONObject) async throws -> any ItemSource {
        try refusing {
            let bucket = try bucket(arguments["Bucket"])
            if resource.hasSuffix(":listObjectsV2") { return try list(bucket, arguments, config) }
            guard let key = arguments["Key"]?.string else { throw StatesError.itemReader("The Key must be a string.") }
            if config["InputType"]?.string == "MANIFEST" || config["ManifestType"] != nil {
                return try manifest(bucket, key, config)
            }
            return try Self.items(of: bucket, key, config)
        }
    }

    /// Opens a source; what the bucket refuses fails the run as the object store would.
    private func refusing(_ open: () throws -> any ItemSource) throws -> any ItemSource {
        do {
            return try open()
        } catch let error as S3Error {
            throw error.statesError(requestID: makeID())
        } catch let error as BucketError {
            throw S3Error(error).statesError(requestID: makeID())
        }
    }

    private func bucket(_ name: JSON?) throws -> Bucket {
        guard let name = name?.string else { throw StatesError.itemReader("The Bucket must be a string.") }
        return try buckets.bucket(named: name)
    }

    private static func items(of bucket: Bucket, _ key: String, _ config: JSONObject) throws -> any ItemSource {
        guard !ObjectName.isIgnored(inKey: key) else { throw S3Error.noSuchKey }
        let reader = try bucket.reader(of: key)
        return LocatedItems(items: try items(of: reader, config), location: "S3://\(bucket.name)/\(key)")
    }

    private static func items(of reader: ObjectReader, _ config: JSONObject) throws -> any ItemSource {
        switch config["InputType"]?.string {
        case "CSV": return try CSVItems(reader, config: config)
        case "JSONL": return LineItems(reader)
        case nil, "JSON": return try JSONItems(reader, pointer: config["ItemsPointer"]?.string)
        case let type?:
            throw StatesError.itemReader("The InputType \"\(type)\" cannot be read here; use CSV, JSON or JSONL.")
        }
    }

    // MARK: Several objects

    private func list(_ bucket: Bucket, _ arguments: JSON, _ config: JSONObject) throws -> any ItemSource {
        let listed = try ListedItems(bucket, prefix: arguments["Prefix"]?.string ?? "")
        guard config["Transformation"]?.string == "LOAD_AND_FLATTEN" else {
            return LocatedItems(items: listed, location: "S3://\(bucket.name)")
        }
        let keys = listed.objects.map(\.key)
        return ChainedItems(count: keys.count) { part in
            try refusing { try Self.items(of: bucket, keys[part], config) }
        }
    }

    private func manifest(_ bucket: Bucket, _ key: String, _ config: JSONObject) throws -> any ItemSource {
        if config["ManifestType"]?.string == "ATHENA_DATA" { return try athena(bucket, key, config) }
        let text = try bucket.read(key)
        guard let json = try? JSON(parsing: text), let files = json["files"]?.array else {
            throw StatesError.itemReader("The object \"\(key)\" is not the manifest.json of an S3 inventory.")
        }
        guard json["fileFormat"]?.string == "CSV" else {
            throw StatesError.itemReader("The inventory \"\(key)\" must be of the format CSV.")
        }
        let name = json["destinationBucket"]?.string.map { $0.replacing("arn:aws:s3:::", with: "") }
        let data = try name.map(buckets.bucket(named:)) ?? bucket
        let keys = files.compactMap { $0["key"]?.string }
        if let packed = keys.first(where: { $0.hasSuffix(".gz") }) {
            throw StatesError.itemReader("The inventory file \"\(packed)\" is compressed; unpack it and name it so.")
        }
        let columns = (json["fileSchema"]?.string ?? "Bucket, Key").split(separator: ",")
            .map { JSON.string(String($0.drop { $0 == " " })) }
        let format: JSONObject = ["CSVHeaderLocation": "GIVEN", "CSVHeaders": .array(columns)]
        let chain = ChainedItems(count: keys.count) { part in
            try refusing { try CSVItems(data.reader(of: keys[part]), config: format) }
        }
        return LocatedItems(items: chain, location: "S3://\(bucket.name)/\(key)")
    }

    /// The objects that an Athena query has unloaded, which its manifest lists a line each.
    private func athena(_ bucket: Bucket, _ key: String, _ config: JSONObject) throws -> any ItemSource {
        let lines = String(decoding: try bucket.read(key), as: UTF8.self).split(whereSeparator: \.isNewline)
        let locations = try lines.map { line in
            try ObjectLocation(parsing: line.filter { $0 != "\"" })
        }
        let parts = try locations.map { (try buckets.bucket(named: $0.bucket), $0.key) }
        return ChainedItems(count: parts.count) { part in
            try refusing { try Self.items(of: parts[part].0, parts[part].1, config) }
        }
    }
}

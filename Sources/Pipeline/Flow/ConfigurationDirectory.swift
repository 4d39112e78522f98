internal import Bucket
internal import JSON

/// Finds the configurations that lie in a bucket, by the dataset group they are about.
struct ConfigurationDirectory: Sendable {
    let bucket: Bucket

    /// A configuration is smaller than this, in bytes.
    static let maximumSize = 1 << 20

    /// The keys of the files about a dataset group, in order.
    func keys(of group: String) throws(BucketError) -> [String] {
        try bucket.list().objects
            .filter { ConfigurationFile.purpose(of: $0.key) == .configuration && $0.size <= Self.maximumSize }
            .map(\.key).filter { key in
                guard let text = try? bucket.read(key) else { return false }
                return Self.groupName(in: text) == group
            }
    }

    /// The name of the dataset group of a file that may have faults elsewhere.
    static func groupName(in content: [UInt8]) -> String? {
        let group = (try? JSON(parsing: content))?["datasetGroup"]
        return (group?["serviceConfig"]?["name"] ?? group?["name"])?.string
    }
}

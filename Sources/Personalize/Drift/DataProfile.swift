internal import DurableFiles
internal import JSON

/// What a version was trained on, dataset by dataset: the file beside its model that later imports are compared with.
struct DataProfile: Sendable, Equatable {
    /// By dataset type.
    var datasets: [DatasetType: DatasetProfile] = [:]

    /// The types whose data is looked at.
    static let types: [DatasetType] = [.interactions, .items, .users]

    private static let version = 1

    init() {}

    func write(to path: String) throws(FileError) {
        let members = datasets.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key.rawValue, $0.value.json) }
        let json: JSON = ["version": JSON(Self.version), "datasets": .object(JSONObject(members))]
        try AtomicFile.write(json.utf8, to: path)
    }

    /// Reads a file; `nil` when there is none, or none that this program understands.
    init?(at path: String) {
        guard let bytes = try? Self.contents(of: path), let json = try? JSON(parsing: bytes),
            json["version"]?.int == Self.version, let members = json["datasets"]?.object
        else { return nil }
        for (name, value) in members {
            guard let type = DatasetType(rawValue: name), let profile = DatasetProfile(value) else { return nil }
            datasets[type] = profile
        }
    }

    private static func contents(of path: String) throws(FileError) -> [UInt8] {
        var reader = try FileReader(path)
        var bytes: [UInt8] = []
        while try reader.read(appendingTo: &bytes, count: 1 << 16) > 0 {}
        return bytes
    }
}

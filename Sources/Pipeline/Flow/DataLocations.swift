internal import Bucket

/// Finds the CSV files of a dataset near the file that asks for them.
struct DataLocations: Sendable {
    let buckets: BucketDirectory
    let run: PipelineRun
    let configuration: PipelineConfiguration

    /// What lies at a location: the files, by key, or why there are none.
    struct Found: Sendable {
        let location: String
        var objects: [BucketObject] = []
        var fault: String?
    }

    /// The first location of a dataset type that has files; the one where they are to be put when none has.
    func data(of type: String) -> Found {
        let places = places(of: type)
        var first: Found?
        for place in places {
            let found = look(at: place)
            if !found.objects.isEmpty { return found }
            first = first ?? found
        }
        return first ?? Found(location: "")
    }

    /// Where data may lie, the best first.
    ///
    /// The sample has one folder a type beside its file. The successor has one folder, or else one file, beside its file
    /// or in the folder of the dataset group; the sample's folders are taken there too, for files that were converted.
    private func places(of type: String) -> [String] {
        guard configuration.shape == .mpe else { return ["\(run.folder)\(type)/"] }
        var folders: [String] = []
        for folder in [run.folder, "\(run.folder)\(configuration.name)/", "train/\(configuration.name)/"]
        where !folders.contains(folder) { folders.append(folder) }
        let name = type.lowercased()
        return folders.flatMap { ["\($0)\(name)/", "\($0)\(name).csv"] } + ["\(run.folder)\(type)/"]
    }

    private func look(at key: String) -> Found {
        var found = Found(location: "s3://\(run.bucket)/\(key)")
        do {
            let listing = try buckets.bucket(named: run.bucket).list(prefix: key)
            if let refusal = listing.refusals.first { throw refusal }
            found.objects = listing.objects.filter { object in
                key.hasSuffix("/")
                    ? object.key.lowercased().hasSuffix(".csv") && !object.key.dropFirst(key.count).contains("/")
                    : object.key == key
            }
        } catch {
            found.fault = "\(error)"
        }
        return found
    }
}

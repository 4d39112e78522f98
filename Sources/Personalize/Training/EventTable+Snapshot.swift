internal import Kernels

extension EventTable {
    /// The interactions of a snapshot, read in place.
    init(snapshot name: String, in files: Files) throws { try self.init(Snapshot(name, in: files.data)) }

    /// The interactions of a snapshot, read in place.
    init(_ snapshot: Snapshot) throws {
        guard case .strings(let users, let userIDs) = snapshot.column("USER_ID"),
            case .strings(let items, let itemIDs) = snapshot.column("ITEM_ID"),
            case .integers(let timestamps) = snapshot.column("TIMESTAMP")
        else { throw TrainingRefusal("Snapshot \"\(snapshot.name)\" holds no interactions; import the dataset again.") }
        var types: (codes: MappedArray<UInt32>, names: [String])?
        if case .strings(let codes, let dictionary) = snapshot.column("EVENT_TYPE") {
            types = (codes, dictionary.strings)
        }
        self.init(
            users: users,
            items: items,
            timestamps: timestamps,
            types: types?.codes,
            values: Self.values(snapshot.column("EVENT_VALUE")),
            userIDs: userIDs.strings,
            itemIDs: itemIDs.strings,
            typeNames: types?.names ?? []
        )
    }

    private static func values(_ column: SnapshotColumn?) -> MappedArray<Float>? {
        switch column {
        case .floats(let values): values
        case .doubles(let values): MappedArray(values.map(Float.init))
        default: nil
        }
    }
}

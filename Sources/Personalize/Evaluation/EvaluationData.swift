internal import JSON
public import Recommenders

/// The data that recipes are compared on.
public struct EvaluationData: Sendable {
    /// All events.
    public let interactions: Interactions
    /// The same with ratings as weights, where events have values.
    public let ratings: Interactions?
    /// A number a user that depends on his id only.
    public let userKeys: [UInt64]
    /// The ids of users and of items; positions are codes.
    let users: [String]
    let items: [String]
    /// The columns by which users are told apart beside their activity.
    public let segmentations: [Segmentation]
    /// What was odd about the files but did no harm.
    public let warnings: [String]

    /// Reads a folder as a drop has it (`params.json`, `Interactions/`, `Items/`, `Users/`), a folder with a CSV file of
    /// interactions, or such a file.
    ///
    /// - Parameters:
    ///   - path: The folder or file.
    ///   - directory: An empty directory for files that are needed while this runs.
    ///   - minimumValue: Events of a lower value are left out; all count when nil.
    ///   - threads: How many threads parse.
    ///   - isCancelled: Asked now and then.
    /// - Throws: `EvaluationFault` when there is no data or no schema; `ImportError` with every fault of the files, by
    ///   file and line; `CancellationError`.
    public init(
        path: String,
        scratch directory: String,
        minimumValue: Double? = nil,
        threads: Int = 2,
        isCancelled: () -> Bool = { false }
    ) throws {
        let folder = try EvaluationFolder(path)
        guard
            let read = try folder.read(.interactions, into: directory, threads: threads, isCancelled: isCancelled)
        else { throw EvaluationFault("\"\(path)\" has no interactions; put them into \(path)/Interactions/") }
        let table = try EventTable(read.snapshot)
        let rules = EventRules(byType: nil, minimumValue: minimumValue)
        var data = try TrainingData([table], rules: rules)
        guard data.interactions.count > 0 else {
            let remedy = minimumValue.map { ", none with a value of \($0) or more" } ?? ""
            throw EvaluationFault(
                "\"\(path)\" has \(table.count) interactions\(remedy); there is nothing to learn from"
            )
        }
        let items = try folder.read(.items, into: directory, threads: threads, isCancelled: isCancelled)
        if let items, let table = EntityTable(.items, [items.snapshot]) {
            data.describe(table, ItemField.all(of: items.schema))
            data.addTexts(table, ItemField.all(of: items.schema))
        }
        let users = try folder.read(.users, into: directory, threads: threads, isCancelled: isCancelled)
        try self.init(
            data,
            ratings: data.rated([table], rules: rules),
            segmentations: users.map { try UserColumns($0.snapshot, $0.schema).segmentations(of: data.users) } ?? [],
            warnings: read.warnings + (items?.warnings ?? []) + (users?.warnings ?? [])
        )
    }

    init(
        _ data: TrainingData,
        ratings: Interactions?,
        segmentations: [Segmentation] = [],
        warnings: [String] = []
    ) {
        interactions = data.interactions
        self.ratings = ratings
        userKeys = data.userKeys
        users = data.users
        items = data.items
        self.segmentations = segmentations
        self.warnings = warnings
    }

    /// When the first and the last event happened, in seconds since 1970.
    var period: ClosedRange<Int64> {
        (interactions.timestamps.min() ?? 0)...(interactions.timestamps.max() ?? 0)
    }

    /// The number of users with events, and of items.
    var counts: (users: Int, items: Int) {
        (interactions.userCount(withAtLeast: 1), Set(interactions.items).count)
    }
}

/// The columns of the Users dataset by which users can be told apart: few values, each of many users.
private struct UserColumns {
    private let table: EntityTable
    private let columns: [String]

    /// At most so many columns, of so many values.
    private static let limits = (columns: 3, values: 2...8)

    init(_ snapshot: Snapshot, _ schema: Schema) throws {
        guard let table = EntityTable(.users, [snapshot]) else {
            throw EvaluationFault("the Users files have no column USER_ID; add it")
        }
        self.table = table
        columns = schema.columns.filter { $0.type == .string && $0.isCategorical }.map(\.name)
    }

    func segmentations(of users: [String]) -> [Segmentation] {
        let all = columns.lazy.compactMap { segmentation(by: $0, users) }
        return Array(all.prefix(Self.limits.columns))
    }

    private func segmentation(by column: String, _ users: [String]) -> Segmentation? {
        var names: [UInt32: String] = [:]
        for (code, user) in users.enumerated() {
            guard let row = table.row(of: user), let value = table.value(column, at: row).string else { continue }
            names[UInt32(code)] = value
        }
        let values = Set(names.values)
        guard Self.limits.values.contains(values.count) else { return nil }
        return Segmentation(dimension: column, names: values.sorted(), nameByUser: names)
    }
}

internal import Kernels

extension NearestUsers {
    /// Makes users' vectors and their graph.
    ///
    /// - Parameters:
    ///   - data: What to learn from; with `itemFeatures` they make the items' vectors.
    ///   - configuration: The settings.
    ///   - context: Threads, seed, progress and cancellation.
    /// - Returns: The model.
    /// - Throws: `CancellationError` when it is cancelled, `RecommenderError` with `insufficientData` without events or
    ///   without any that counts as liked.
    public static func fit(
        _ data: Interactions,
        configuration: Configuration,
        context: TrainingContext
    ) throws -> NearestUsers {
        try context.checkCancellation()
        try data.requireEvents()
        context.progress(TrainingProgress(stage: "indexing", fraction: 0))
        let likes = data.likes(threshold: Float(configuration.likedThreshold))
        let known = data.itemFeatures ?? .identity(itemCount: data.itemCount)
        let features = FeatureRows(known.vectors(columns: configuration.columns))
        let users = features.users(of: likes)
        guard !users.isEmpty else {
            throw RecommenderError(
                .insufficientData,
                "no event weighs liked_threshold \(configuration.likedThreshold) or more; lower it"
            )
        }
        let vectors = features.vectors(of: users, likes, threads: context.threads)
        try context.checkCancellation()
        let graph = try NeighbourGraph(
            vectors,
            configuration: NeighbourGraph.Configuration(recall: configuration.recall),
            random: CounterRandom(seed: context.seed, stream: 6),
            threads: context.threads
        ) { fraction in
            try context.checkCancellation()
            context.progress(TrainingProgress(stage: "indexing", fraction: 0.1 + 0.9 * fraction))
        }
        context.progress(TrainingProgress(stage: "indexing", fraction: 1))
        return NearestUsers(
            configuration: configuration,
            likes: likes,
            features: features,
            users: MappedArray(users),
            graph: graph,
            popularity: Popularity(usersByItem: data.usersByItem())
        )
    }
}

extension Interactions {
    /// The different items each user liked, ascending.
    fileprivate func likes(threshold: Float) -> NearestUsers.Lists {
        var offsets = [0]
        var codes: [UInt32] = []
        offsets.reserveCapacity(userCount + 1)
        codes.reserveCapacity(count)
        for user in 0..<UInt32(userCount) {
            let liked = range(user: user).lazy.filter { weight(at: $0) >= threshold }.map { items[$0] }.sorted()
            for item in liked where codes.count == offsets[offsets.count - 1] || codes[codes.count - 1] != item {
                codes.append(item)
            }
            offsets.append(codes.count)
        }
        return NearestUsers.Lists(offsets: MappedArray(offsets), codes: MappedArray(codes))
    }
}

/// The vectors of items as a model keeps them: sparse rows.
struct FeatureRows: Sendable, Equatable {
    let columnCount: Int
    let offsets: MappedArray<Int>
    let columns: MappedArray<UInt32>
    let values: MappedArray<Float>

    init(_ rows: SparseMatrix) {
        columnCount = rows.columnCount
        offsets = MappedArray(rows.offsets)
        columns = MappedArray(rows.columns)
        values = MappedArray(rows.values)
    }

    init(columnCount: Int, offsets: MappedArray<Int>, columns: MappedArray<UInt32>, values: MappedArray<Float>) {
        self.columnCount = columnCount
        self.offsets = offsets
        self.columns = columns
        self.values = values
    }

    /// The direction of the sum of some items' vectors, or nil when nothing is known of them.
    func vector(of items: some Sequence<UInt32>) -> UnitVectors? {
        var sum = Matrix(rows: 1, columns: columnCount)
        add(items) { sum[0, $0] += $1 }
        return sum.isZero(row: 0) ? nil : UnitVectors(sum)
    }

    /// The users whose vector is not zero.
    func users(of likes: NearestUsers.Lists) -> [UInt32] {
        (0..<UInt32(likes.offsets.count - 1)).filter { user in
            likes.row(user).contains { offsets.count - 1 > Int($0) && offsets[Int($0)] < offsets[Int($0) + 1] }
        }
    }

    /// The directions of users.
    func vectors(of users: [UInt32], _ likes: NearestUsers.Lists, threads: Int) -> UnitVectors {
        UnitVectors(count: users.count, columns: columnCount, threads: threads) { row, sum in
            add(likes.row(users[row])) { sum[$0] += $1 }
        }
    }

    @inline(__always)
    private func add(_ items: some Sequence<UInt32>, to sum: (Int, Float) -> Void) {
        for item in items where Int(item) < offsets.count - 1 {
            for position in offsets[Int(item)]..<offsets[Int(item) + 1] {
                sum(Int(columns[position]), values[position])
            }
        }
    }
}

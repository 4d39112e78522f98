public import Kernels

extension NearestUsers {
    /// The bytes of a model file.
    public func encoded() -> [UInt8] {
        let sizes = [
            configuration.neighbours, configuration.columns, features.columnCount, graph.vectors.count, graph.degree,
            graph.width, graph.entry,
        ]
        return ModelFile.encode(
            kind: ModelKind.nearestUsers.rawValue,
            sections: popularity.sections + [
                ModelFile.bytes(sizes),
                ModelFile.bytes([configuration.likedThreshold, configuration.recall]),
                likes.offsets.bytes, likes.codes.bytes,
                features.offsets.bytes, features.columns.bytes, features.values.bytes,
                users.bytes, graph.vectors.values.bytes,
                graph.base.bytes, graph.upper.bytes, graph.upperStarts.bytes,
            ]
        )
    }

    /// Opens a model file; the graph and the vectors stay in it.
    ///
    /// - Parameter file: The mapped file.
    /// - Throws: `RecommenderError` with `invalidModel` when it is damaged, cut short or of another kind.
    public init(mapped file: MappedFile) throws {
        let reader = try ModelReader(file)
        try reader.expect(kind: .nearestUsers)
        popularity = try Popularity(reader, firstSection: 0)
        let sizes = try reader.section(2, of: Int.self)
        let settings = try reader.section(3, of: Double.self)
        guard sizes.count == 7, settings.count == 2 else { throw reader.invalid("contradicts itself in its sizes") }
        configuration = Configuration(
            neighbours: sizes[0],
            likedThreshold: settings[0],
            columns: sizes[1],
            recall: settings[1]
        )
        likes = Lists(offsets: try reader.section(4, of: Int.self), codes: try reader.section(5, of: UInt32.self))
        features = FeatureRows(
            columnCount: sizes[2],
            offsets: try reader.section(6, of: Int.self),
            columns: try reader.section(7, of: UInt32.self),
            values: try reader.section(8, of: Float.self)
        )
        users = try reader.section(9, of: UInt32.self)
        do {
            graph = try NeighbourGraph(
                mapped: UnitVectors(count: sizes[3], columns: sizes[2], values: reader.section(10, of: Int16.self)),
                degree: sizes[4],
                width: sizes[5],
                entry: sizes[6],
                base: reader.section(11, of: UInt32.self),
                upper: reader.section(12, of: UInt32.self),
                upperStarts: reader.section(13, of: UInt32.self)
            )
        } catch let error as KernelError {
            throw reader.invalid("contradicts itself: \(error.message)")
        }
        guard isConsistent else { throw reader.invalid("contradicts itself in its lists") }
    }

    private var isConsistent: Bool {
        let itemCount = popularity.counts.count
        return (1...0xFFFF).contains(configuration.neighbours) && graph.vectors.count > 0
            && Self.isTable(likes.offsets, likes.codes, below: itemCount)
            && Self.isTable(features.offsets, features.columns, below: features.columnCount)
            && features.values.count == features.columns.count && features.offsets.count == itemCount + 1
            && users.count == graph.vectors.count && users.allSatisfy { Int($0) < likes.offsets.count - 1 }
    }

    private static func isTable(_ offsets: MappedArray<Int>, _ codes: MappedArray<UInt32>, below limit: Int) -> Bool {
        offsets.first == 0 && offsets.last == codes.count && zip(offsets, offsets.dropFirst()).allSatisfy { $0 <= $1 }
            && codes.allSatisfy { Int($0) < limit }
    }
}

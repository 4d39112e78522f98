public import Kernels

extension AlternatingLeastSquares {
    /// The bytes of a model file.
    public func encoded() -> [UInt8] {
        ModelFile.encode(kind: ModelKind.alternatingLeastSquares.rawValue, sections: sections)
    }

    var sections: [[UInt8]] {
        let sizes = [userFactors.rows, itemFactors.rows, itemFactors.columns].map(UInt64.init)
        let settings = [
            configuration.regularization, configuration.unobservedWeight, configuration.frequencyExponent,
            configuration.recency.halfLife, configuration.recency.floor,
        ]
        let steps: UInt64
        switch configuration.solver {
        case .cholesky: steps = 0
        case .conjugateGradient(let count): steps = UInt64(max(count, 1))
        }
        return popularity.sections + [
            ModelFile.bytes(sizes + [UInt64(configuration.epochs), steps]),
            ModelFile.bytes(settings),
            gram.values.bytes,
            userFactors.values.bytes,
            itemFactors.values.bytes,
        ]
    }

    /// Opens a model file.
    ///
    /// - Parameter file: The mapped file.
    /// - Throws: `RecommenderError` with `invalidModel` when it is damaged, cut short or of another kind.
    public init(mapped file: MappedFile) throws {
        let reader = try ModelReader(file)
        try reader.expect(kind: .alternatingLeastSquares)
        try self.init(reader, firstSection: 0)
    }

    init(_ reader: ModelReader, firstSection: Int) throws {
        let popularity = try Popularity(reader, firstSection: firstSection)
        let sizes = try reader.section(firstSection + 2, of: UInt64.self).map { Int(clamping: $0) }
        let settings = try reader.section(firstSection + 3, of: Double.self)
        guard sizes.count == 5, settings.count == 5, sizes[1] == popularity.counts.count else {
            throw reader.invalid("contradicts itself in its sizes")
        }
        let matrix = { (section: Int, rows: Int) throws in
            do {
                let values = try reader.section(firstSection + section, of: Float.self)
                return try Matrix(rows: rows, columns: sizes[2], values: values)
            } catch let error as KernelError {
                throw reader.invalid("contradicts itself: \(error.message)")
            }
        }
        self.init(
            configuration: Configuration(
                factors: sizes[2],
                epochs: sizes[3],
                regularization: settings[0],
                unobservedWeight: settings[1],
                frequencyExponent: settings[2],
                recency: Recency(halfLife: settings[3], floor: settings[4]),
                solver: sizes[4] == 0 ? .cholesky : .conjugateGradient(steps: sizes[4])
            ),
            userFactors: try matrix(5, sizes[0]),
            itemFactors: try matrix(6, sizes[1]),
            gram: try matrix(4, sizes[2]),
            popularity: popularity
        )
    }
}

public import Kernels

extension BiasedFactorization {
    /// The bytes of a model file.
    public func encoded() -> [UInt8] {
        let given = configuration.scale.map { [1, Double($0.lowerBound), Double($0.upperBound)] as [Double] }
        let settings: [Double] = [
            configuration.learningRate, configuration.regularization, configuration.initialMean,
            configuration.initialDeviation, mean, Double(scale.lowerBound), Double(scale.upperBound),
        ]
        return ModelFile.encode(
            kind: ModelKind.biasedFactorization.rawValue,
            sections: popularity.sections + [
                ModelFile.bytes([factors.users.rows, factors.items.rows, configuration.factors, configuration.epochs]),
                ModelFile.bytes(settings + (given ?? [0, 0, 0])),
                factors.users.values.bytes,
                factors.items.values.bytes,
            ]
        )
    }

    /// Opens a model file.
    ///
    /// - Parameter file: The mapped file.
    /// - Throws: `RecommenderError` with `invalidModel` when it is damaged, cut short or of another kind.
    public init(mapped file: MappedFile) throws {
        let reader = try ModelReader(file)
        try reader.expect(kind: .biasedFactorization)
        let popularity = try Popularity(reader, firstSection: 0)
        let sizes = try reader.section(2, of: Int.self)
        let settings = try reader.section(3, of: Double.self)
        guard sizes.count == 4, settings.count == 10, sizes[1] == popularity.counts.count,
            (1...0xFFFF).contains(sizes[2]), settings[5] <= settings[6], settings[8] <= settings[9]
        else { throw reader.invalid("contradicts itself in its sizes") }
        let columns = RatingFactors.columns(factors: sizes[2])
        let matrix = { (section: Int, rows: Int) throws in
            do {
                return try Matrix(rows: rows, columns: columns, values: reader.section(section, of: Float.self))
            } catch let error as KernelError {
                throw reader.invalid("contradicts itself: \(error.message)")
            }
        }
        self.init(
            configuration: Configuration(
                factors: sizes[2],
                epochs: sizes[3],
                learningRate: settings[0],
                regularization: settings[1],
                initialMean: settings[2],
                initialDeviation: settings[3],
                scale: settings[7] > 0 ? Float(settings[8])...Float(settings[9]) : nil
            ),
            factors: RatingFactors(users: try matrix(4, sizes[0]), items: try matrix(5, sizes[1])),
            mean: settings[4],
            scale: Float(settings[5])...Float(settings[6]),
            popularity: popularity
        )
    }
}

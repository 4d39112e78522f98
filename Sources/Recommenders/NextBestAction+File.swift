public import Kernels

extension NextBestAction {
    /// The bytes of a model file.
    public func encoded() -> [UInt8] {
        let sizes = [actions.rows, actions.columns, configuration.optimizationPeriod, configuration.factors]
        return ModelFile.encode(
            kind: ModelKind.nextBestAction.rawValue,
            sections: [
                ModelFile.bytes(sizes + [tastes == nil ? 0 : 1]), ModelFile.bytes([configuration.regularization]),
                values.bytes, actions.values.bytes, users.bytes,
            ] + (tastes?.sections ?? [])
        )
    }

    /// Opens a model file.
    ///
    /// - Parameter file: The mapped file.
    /// - Throws: `RecommenderError` with `invalidModel` when it is damaged, cut short or of another kind.
    public init(mapped file: MappedFile) throws {
        let reader = try ModelReader(file)
        try reader.expect(kind: .nextBestAction)
        let sizes = try reader.section(0, of: Int.self)
        let settings = try reader.section(1, of: Double.self)
        guard sizes.count == 5, settings.count == 1 else { throw reader.invalid("contradicts itself in its sizes") }
        configuration = Configuration(optimizationPeriod: sizes[2], factors: sizes[3], regularization: settings[0])
        values = try reader.section(2, of: Double.self)
        do {
            actions = try Matrix(rows: sizes[0], columns: sizes[1], values: reader.section(3, of: Float.self))
        } catch let error as KernelError {
            throw reader.invalid("contradicts itself: \(error.message)")
        }
        users = try reader.section(4, of: Float.self)
        tastes = sizes[4] == 0 ? nil : try AlternatingLeastSquares(reader, firstSection: 5)
        guard values.count == actions.rows, actions.columns == 1 + (tastes?.itemFactors.columns ?? 0) else {
            throw reader.invalid("contradicts itself in its actions")
        }
    }
}

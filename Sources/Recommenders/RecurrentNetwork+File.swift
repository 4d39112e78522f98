public import Kernels

extension RecurrentNetwork {
    /// The bytes of a model file.
    public func encoded() -> [UInt8] {
        let sizes = [unit.units, items.rows, users.rows].map(UInt64.init)
        return ModelFile.encode(
            kind: ModelKind.recurrentNetwork.rawValue,
            sections: popularity.sections + [
                ModelFile.bytes(sizes),
                ModelFile.bytes(configuration.numbers),
                unit.input.values.bytes,
                unit.recurrent.values.bytes,
                items.values.bytes,
                users.values.bytes,
                ModelFile.bytes(scored.words),
            ]
        )
    }

    /// Opens a model file.
    ///
    /// - Parameter file: The mapped file.
    /// - Throws: `RecommenderError` with `invalidModel` when it is damaged, cut short or of another kind.
    public init(mapped file: MappedFile) throws {
        let reader = try ModelReader(file)
        try reader.expect(kind: .recurrentNetwork)
        let popularity = try Popularity(reader, firstSection: 0)
        let sizes = try reader.section(2, of: UInt64.self).map { Int(clamping: $0) }
        let numbers = Array(try reader.section(3, of: Double.self))
        guard let configuration = Configuration(numbers: numbers), sizes.count == 3, (1..<1 << 20).contains(sizes[0]),
            sizes[1] == popularity.counts.count
        else { throw reader.invalid("contradicts itself in its sizes") }
        let scored = ItemSet(words: Array(try reader.section(8, of: UInt64.self)))
        guard scored.complement(below: sizes[1]).count + scored.count == sizes[1] else {
            throw reader.invalid("names items beyond its last")
        }
        let (units, width) = (sizes[0], 3 * GatedRecurrentUnit.stride(units: sizes[0]))
        do {
            self.init(
                configuration: configuration,
                unit: try GatedRecurrentUnit(
                    units: units,
                    input: Matrix(rows: units, columns: width, values: reader.section(4, of: Float.self)),
                    recurrent: Matrix(rows: units + 1, columns: width, values: reader.section(5, of: Float.self))
                ),
                items: try Matrix(rows: sizes[1], columns: units + 1, values: reader.section(6, of: Float.self)),
                users: try Matrix(rows: sizes[2], columns: units + 1, values: reader.section(7, of: Float.self)),
                scored: scored,
                popularity: popularity
            )
        } catch let error as KernelError {
            throw reader.invalid("contradicts itself: \(error.message)")
        }
    }
}

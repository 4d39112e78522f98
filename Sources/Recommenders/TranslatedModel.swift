/// A model that was trained on other data than it is asked about: it has other codes for the same users and items.
///
/// Questions and answers are in the codes of the data that is asked about. What one side does not know gets a code
/// beyond those of the other, as models take for what they do not know.
public struct TranslatedModel: Sendable {
    /// The model.
    public let model: TrainedModel
    private let userCodes: [UInt32]
    private let fromData: Translation
    private let toData: Translation

    /// A model and the codes of its users and items.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - userCodes: The model's code of each user of the data; `EventColumns.none` where it has none.
    ///   - itemCodes: The model's code of each item of the data; `EventColumns.none` where it has none.
    ///   - itemCount: How many items the model has.
    public init(_ model: TrainedModel, userCodes: [UInt32], itemCodes: [UInt32], itemCount: Int) {
        self.model = model
        self.userCodes = userCodes
        fromData = Translation(codes: itemCodes, targetCount: itemCount)
        var back = [UInt32](repeating: EventColumns.none, count: itemCount)
        for (code, other) in itemCodes.enumerated() where Int(other) < itemCount { back[Int(other)] = UInt32(code) }
        toData = Translation(codes: back, targetCount: itemCodes.count)
    }

    /// Answers questions on several threads.
    ///
    /// - Parameters:
    ///   - queries: The questions, in the codes of the data.
    ///   - threads: The most threads to work at once.
    /// - Returns: An answer a question, in their order, in the codes of the data.
    public func recommend(_ queries: [Query], threads: Int) -> [[ScoredItem]] {
        model.recommend(queries.map(translated), threads: threads)
            .map { $0.map { ScoredItem(item: toData[$0.item], score: $0.score) } }
    }

    private func translated(_ query: Query) -> Query {
        var query = query
        query.user = query.user.flatMap { userCodes[Int($0)] == EventColumns.none ? nil : userCodes[Int($0)] }
        query.history = query.history?.map { fromData[$0] }
        query.item = query.item.map { fromData[$0] }
        query.candidates = query.candidates?.map { fromData[$0] }
        query.excluded = ItemSet(query.excluded.codes.compactMap { fromData.known($0) })
        return query
    }
}

/// The codes of items in other data.
private struct Translation: Sendable {
    let codes: [UInt32]
    /// How many codes the other data has.
    let targetCount: Int

    func known(_ code: UInt32) -> UInt32? {
        guard Int(code) < codes.count, codes[Int(code)] != EventColumns.none else { return nil }
        return codes[Int(code)]
    }

    /// The other code, or one beyond those of the other data that comes back as the same.
    subscript(code: UInt32) -> UInt32 {
        if let known = known(code) { return known }
        // A code that was put beyond these was one of the other's.
        guard Int(code) < codes.count else { return code - UInt32(codes.count) }
        return UInt32(targetCount) + code
    }
}

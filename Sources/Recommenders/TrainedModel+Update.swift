internal import Kernels

extension Recipe {
    /// Whether a model of it can learn on from where it stands.
    public var canUpdate: Bool {
        switch self {
        case .userPersonalization, .hrnnColdstart: true
        default: false
        }
    }
}

extension TrainedModel {
    /// Learns on from where this model stands, at a small part of the cost of a whole training.
    ///
    /// - Parameters:
    ///   - data: All events.
    ///   - itemCodes: The code that each of this model's items has in the data, `EventColumns.none` where it is gone; nil
    ///     when their codes are as they were and new ones follow.
    ///   - context: Threads, seed, progress and cancellation.
    /// - Returns: The model that knows the new events, with the settings of this one.
    /// - Throws: `CancellationError` when it is cancelled; `RecommenderError` with `insufficientData` without events, with
    ///   `invalidData` where the codes are not those of the data, with `invalidModel` when such a model cannot learn on.
    public func updated(
        with data: Interactions,
        itemCodes: [UInt32]? = nil,
        context: TrainingContext
    ) throws -> TrainedModel {
        switch self {
        case .alternatingLeastSquares(let model):
            .alternatingLeastSquares(try model.updated(with: data, itemCodes: itemCodes, context: context))
        case .recurrentNetwork(let model):
            .recurrentNetwork(try model.updated(with: data, itemCodes: itemCodes, context: context))
        default:
            throw RecommenderError(.invalidModel, "a model of this kind cannot learn on; train a new version in full")
        }
    }

    /// The settings of a model that can learn on.
    var updateConfiguration: ModelConfiguration? {
        switch self {
        case .alternatingLeastSquares(let model): .alternatingLeastSquares(model.configuration)
        case .recurrentNetwork(let model): .recurrentNetwork(model.configuration)
        default: nil
        }
    }
}

extension Matrix {
    /// Items' rows under the codes of new data; those of items that are new are zero.
    func moved(to codes: [UInt32]?, of data: Interactions) throws(RecommenderError) -> Matrix {
        guard let codes else {
            guard data.itemCount >= rows else {
                throw RecommenderError(
                    .invalidData,
                    "the data has \(data.itemCount) items, the model \(rows); train a new version in full"
                )
            }
            return data.itemCount == rows ? self : appending(Matrix(rows: data.itemCount - rows, columns: columns))
        }
        guard codes.count == rows, codes.allSatisfy({ Int($0) < data.itemCount || $0 == EventColumns.none }) else {
            throw RecommenderError(
                .invalidData,
                "the codes of \(rows) items are not those of the data; train a new version in full"
            )
        }
        var former = [Int?](repeating: nil, count: data.itemCount)
        for (item, code) in codes.enumerated() where code != EventColumns.none { former[Int(code)] = item }
        var moved = Matrix(rows: data.itemCount, columns: columns)
        moved.setRows(former.lazy.map { $0.map { row($0) } })
        return moved
    }
}

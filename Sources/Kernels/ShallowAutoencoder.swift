internal import CKernels

/// The linear item–item model that reconstructs users' rows best without an item explaining itself (EASE).
///
/// The weights B minimise ‖X − X B‖² + Σ dᵢ ‖Bᵢ‖² with a zero diagonal: with P = (XᵀX + D)⁻¹, Bᵢⱼ = −Pᵢⱼ / Pⱼⱼ. Where
/// users are few, P comes from the inverse of a users' matrix instead: D⁻¹ − D⁻¹Xᵀ(I + X D⁻¹Xᵀ)⁻¹X D⁻¹.
/// [Steck: "Embarrassingly shallow autoencoders for sparse data", 2019; Steck: "Autoencoders that don't overfit towards
/// the identity", 2020, for a D that grows with the items' own weight]
public struct ShallowAutoencoder: Sendable {
    private let itemsByUser: SparseMatrix
    private let usersByItem: SparseMatrix
    private let regularization: [Float]
    private let neighbours: Int

    /// A model of users' rows.
    ///
    /// - Parameters:
    ///   - itemsByUser: X, a row a user.
    ///   - usersByItem: Its transpose.
    ///   - regularization: dᵢ of each item, more than zero.
    ///   - neighbours: The most weights kept of an item's row, those of the greatest magnitude.
    public init(itemsByUser: SparseMatrix, usersByItem: SparseMatrix, regularization: [Float], neighbours: Int) {
        precondition(regularization.count == usersByItem.rowCount, "an item has no regularisation")
        self.itemsByUser = itemsByUser
        self.usersByItem = usersByItem
        self.regularization = regularization
        self.neighbours = neighbours
    }

    /// How many rows and columns the dense matrix has that must be inverted.
    public var size: Int { isSolvedByUsers ? itemsByUser.rowCount : usersByItem.rowCount }

    /// How long it takes, about, in products of the inverse's innermost loop.
    public var work: Double { min(workByUsers, workByItems) }

    private var isSolvedByUsers: Bool { workByUsers < workByItems }

    private var workByItems: Double { Power.of(Double(usersByItem.rowCount), 3) }

    /// The products with sparse rows, for each item all of them, cost some fifty times as much each.
    private var workByUsers: Double {
        let (users, items) = (Double(itemsByUser.rowCount), Double(usersByItem.rowCount))
        return Power.of(users, 3) + 50 * items * (items + Double(itemsByUser.count))
    }

    /// The weights: a row an item that is given, a column an item that is predicted, the strongest of each row first.
    ///
    /// - Parameters:
    ///   - threads: The most threads to work at once; the result is the same for any number.
    ///   - checkpoint: Called on any thread again and again; what it throws ends the work.
    /// - Returns: The weights, or nil where the matrix has no inverse to the precision of 32 bits.
    /// - Throws: What `checkpoint` throws.
    public func weights(
        threads: Int,
        checkpoint: @escaping @Sendable () throws -> Void = {}
    ) throws -> SparseMatrix? {
        isSolvedByUsers
            ? try weightsByUsers(threads: threads, checkpoint: checkpoint)
            : try weightsByItems(threads: threads, checkpoint: checkpoint)
    }

    private func weightsByItems(
        threads: Int,
        checkpoint: @escaping @Sendable () throws -> Void
    ) throws -> SparseMatrix? {
        var inverse = try usersByItem.gram(
            transposed: itemsByUser,
            weights: [Float](repeating: 1, count: itemsByUser.rowCount),
            threads: threads,
            checkpoint: checkpoint
        )
        for item in regularization.indices { inverse[item, item] += regularization[item] }
        guard try SymmetricInverse.invert(&inverse, threads: threads, checkpoint: checkpoint) else { return nil }
        let factors = regularization.indices.map { -1 / inverse[$0, $0] }
        return try unsafe strongest(threads: threads, checkpoint: checkpoint) { [inverse] item, row in
            unsafe inverse.withUnsafeNumbers { values in
                let values = unsafe values + item * inverse.stride
                for other in factors.indices { unsafe row[other] = values[other] * factors[other] }
            }
        }
    }

    private func weightsByUsers(
        threads: Int,
        checkpoint: @escaping @Sendable () throws -> Void
    ) throws -> SparseMatrix? {
        let scales = regularization.map { 1 / $0 }
        var inverse = try itemsByUser.gram(
            transposed: usersByItem,
            weights: scales,
            threads: threads,
            checkpoint: checkpoint
        )
        for user in 0..<inverse.rows { inverse[user, user] += 1 }
        guard try SymmetricInverse.invert(&inverse, threads: threads, checkpoint: checkpoint) else { return nil }
        let factors = diagonal(usersInverse: inverse, scales: scales).map { -1 / $0 }
        return try unsafe strongest(threads: threads, checkpoint: checkpoint) { [inverse] item, row in
            unsafe row.update(repeating: 0, count: factors.count)
            let users = image(of: item, usersInverse: inverse)
            for user in users.indices where users[user] != 0 {
                unsafe itemsByUser.add(row: user, times: users[user], to: row)
            }
            for other in factors.indices { unsafe row[other] *= -scales[item] * scales[other] * factors[other] }
        }
    }

    /// (I + X D⁻¹Xᵀ)⁻¹ times an item's column of X.
    private func image(of item: Int, usersInverse inverse: Matrix) -> [Float] {
        var image = [Float](repeating: 0, count: inverse.rows)
        unsafe inverse.withUnsafeNumbers { values in
            for position in usersByItem.range(row: item) {
                let row = unsafe values + Int(usersByItem.columns[position]) * inverse.stride
                let value = usersByItem.values[position]
                for user in image.indices { unsafe image[user] += row[user] * value }
            }
        }
        return image
    }

    /// The diagonal of P.
    private func diagonal(usersInverse inverse: Matrix, scales: [Float]) -> [Float] {
        scales.indices.map { item in
            let image = image(of: item, usersInverse: inverse)
            let product = usersByItem.range(row: item).reduce(Float(0)) {
                $0 + image[Int(usersByItem.columns[$1])] * usersByItem.values[$1]
            }
            return scales[item] - scales[item] * scales[item] * product
        }
    }

    /// The strongest weights of each row; items without users have none and are in none.
    private func strongest(
        threads: Int,
        checkpoint: @escaping @Sendable () throws -> Void,
        fill: @escaping @Sendable (Int, UnsafeMutablePointer<Float>) -> Void
    ) throws -> SparseMatrix {
        let count = usersByItem.rowCount
        let parts = try Parallel.mapBlocks(count: count, blockSize: count / 256 + 1, threads: threads) { block in
            try checkpoint()
            var part = SparseMatrix.Part()
            var row = [Float](repeating: 0, count: (count + 15) / 16 * 16)
            var found = Candidates()
            for item in block {
                guard !usersByItem.range(row: item).isEmpty else {
                    part.append([], factor: 1)
                    continue
                }
                unsafe row.withUnsafeMutableBufferPointer { row in
                    if let base = row.baseAddress { unsafe fill(item, base) }
                }
                row[item] = 0
                part.append(found.strongest(neighbours, of: row), factor: 1)
            }
            return part
        }
        return SparseMatrix(joining: parts, columnCount: count)
    }
}

/// Memory for the search of one thread.
private struct Candidates {
    private static let blockSize = 512
    private var magnitudes = [Float](repeating: 0, count: blockSize)
    private var positions = [UInt32](repeating: 0, count: blockSize)

    /// The numbers of the greatest magnitude, zeros and what is not a number left out.
    mutating func strongest(_ limit: Int, of row: [Float]) -> [TopK.Entry] {
        var best = TopK(capacity: limit)
        for start in stride(from: 0, to: row.count, by: Self.blockSize) {
            let count = min(Self.blockSize, row.count - start)
            unsafe magnitudes.withUnsafeMutableBufferPointer { magnitudes in
                unsafe positions.withUnsafeMutableBufferPointer { positions in
                    guard let first = magnitudes.baseAddress, let found = positions.baseAddress else { return }
                    for index in 0..<count { unsafe magnitudes[index] = row[start + index].magnitude }
                    let end = unsafe millrace_candidates(first, count, max(best.threshold, 0), found)
                    for index in 0..<end {
                        let position = unsafe Int(found[index])
                        unsafe best.insert(UInt32(start + position), score: magnitudes[position])
                    }
                }
            }
        }
        return best.sorted().map { TopK.Entry(item: $0.item, score: row[Int($0.item)]) }
    }
}

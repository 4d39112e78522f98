extension NeighbourGraph {
    /// Finds about the nearest rows of each query.
    ///
    /// - Parameters:
    ///   - queries: Rows with as many columns.
    ///   - count: The most rows wanted of each.
    ///   - width: How many nodes are kept in view: more take longer and find more; the graph's own width when nil.
    ///   - threads: The most threads to work at once.
    /// - Returns: The found rows of each query, the nearest first, of equally near ones the first; the same for any number
    ///   of threads.
    public func nearest(
        to queries: UnitVectors,
        count: Int,
        width: Int? = nil,
        threads: Int = 1
    ) -> [[Neighbour]] {
        precondition(queries.columns == vectors.columns, "the queries differ in length from the rows")
        guard vectors.count > 0, count > 0 else { return [[Neighbour]](repeating: [], count: queries.count) }
        let width = max(width ?? self.width, count)
        // The blocks cannot fail.
        let blocks = try? Parallel.mapBlocks(count: queries.count, blockSize: 16, threads: threads) { block in
            let view = SearchView(nodes: self.vectors.count, capacity: width, places: 2 * self.degree)
            return unsafe self.withUnsafeWalk { walk in
                unsafe queries.withUnsafeLanes { rows in
                    block.map { query in
                        unsafe walk.search(rows + query * walk.lanes, from: entry, to: 0, width: width, in: view)
                        return view.neighbours(count)
                    }
                }
            }
        }
        return blocks?.flatMap { $0 } ?? []
    }

    func withUnsafeWalk<Result>(_ body: (GraphWalk) throws -> Result) rethrows -> Result {
        try unsafe vectors.withUnsafeLanes { rows in
            try unsafe base.withUnsafeBufferPointer { base in
                try unsafe upper.withUnsafeBufferPointer { upper in
                    try unsafe upperStarts.withUnsafeBufferPointer { starts in
                        guard let base = base.baseAddress, let upper = upper.baseAddress,
                            let starts = starts.baseAddress
                        else { preconditionFailure("a graph has memory") }
                        return try unsafe body(
                            GraphWalk(
                                rows: rows,
                                base: base,
                                upper: upper,
                                upperStarts: starts,
                                lanes: vectors.lanes,
                                degree: degree
                            )
                        )
                    }
                }
            }
        }
    }
}

extension SearchView {
    /// The nearest nodes as rows and cosines.
    func neighbours(_ wanted: Int) -> [NeighbourGraph.Neighbour] {
        (0..<min(wanted, count)).map { rank in
            let (node, distance) = self[rank]
            let cosine = 1 - Float(distance) / Float(UnitVectors.square)
            return NeighbourGraph.Neighbour(row: node, cosine: cosine)
        }
    }
}

extension UnitVectors {
    /// Finds the nearest rows of each query by comparing it with all.
    ///
    /// - Parameters:
    ///   - queries: Rows with as many columns.
    ///   - count: The most rows wanted of each.
    ///   - excluded: Rows left out, a bit each, 64 to a word; what is beyond its end is not left out.
    ///   - threads: The most threads to work at once.
    /// - Returns: The rows of each query, the nearest first, of equally near ones the first.
    public func nearest(
        to queries: UnitVectors,
        count: Int,
        excluded: [UInt64] = [],
        threads: Int = 1
    ) -> [[NeighbourGraph.Neighbour]] {
        precondition(queries.columns == columns, "the queries differ in length from the rows")
        guard count > 0 else { return [[NeighbourGraph.Neighbour]](repeating: [], count: queries.count) }
        // The blocks cannot fail.
        let blocks = try? Parallel.mapBlocks(count: queries.count, blockSize: 8, threads: threads) { block in
            let views = block.map { _ in SearchView(nodes: 0, capacity: count, places: 0) }
            for view in views { view.begin(width: count) }
            self.compare(with: queries, block, excluded: excluded, in: views)
            return views.map { $0.neighbours(count) }
        }
        return blocks?.flatMap { $0 } ?? []
    }

    private func compare(with queries: UnitVectors, _ block: Range<Int>, excluded: [UInt64], in views: [SearchView]) {
        let lanes = lanes
        unsafe withUnsafeLanes { rows in
            unsafe queries.withUnsafeLanes { queries in
                for row in 0..<count {
                    if row >> 6 < excluded.count, excluded[row >> 6] >> UInt64(row & 63) & 1 == 1 { continue }
                    let others = unsafe queries + block.lowerBound * lanes
                    unsafe (rows + row * lanes).forEachProduct(with: others, lanes: lanes, count: block.count) {
                        let distance = unsafe GraphWalk.distance($1)
                        views[$0].insert(node: UInt32(truncatingIfNeeded: row), distance: distance)
                    }
                }
            }
        }
    }
}

/// The links between the rows of one leaf: all pairs are compared, and each row keeps links to near ones in different
/// directions.
struct LeafLinks {
    /// How many of a leaf's nearest are looked at for each row.
    private static let candidates = 24

    private let members: [UInt32]
    private let distances: MappedArray<UInt32>

    init(_ members: [UInt32], of vectors: UnitVectors) {
        self.members = members
        let count = members.count
        var distances = MappedArray<UInt32>(unsafeUninitializedCount: count * count)
        let leaf = vectors.rows(members)
        unsafe distances.withUnsafeMutableBufferPointer { distances in
            unsafe leaf.withUnsafeLanes { rows in
                guard let base = distances.baseAddress else { return }
                unsafe Self.compare(rows, lanes: leaf.lanes, count: count, into: base)
            }
        }
        self.distances = distances
    }

    /// Fills a square of distances; eight rows and four others at a time stay in the nearest cache.
    private static func compare(
        _ rows: UnsafePointer<Lanes>,
        lanes: Int,
        count: Int,
        into distances: UnsafeMutablePointer<UInt32>
    ) {
        for start in stride(from: 0, to: count, by: 8) {
            let block = start..<min(start + 8, count)
            for other in stride(from: start, to: count, by: 4) {
                let others = unsafe rows + other &* lanes
                for row in block {
                    let left = unsafe rows + row &* lanes
                    unsafe left.forEachProduct(with: others, lanes: lanes, count: min(4, count &- other)) {
                        let distance = unsafe GraphWalk.distance($1)
                        unsafe distances[row &* count &+ other &+ $0] = distance
                        unsafe distances[(other &+ $0) &* count &+ row] = distance
                    }
                }
            }
        }
    }

    /// The links, each at both of its ends.
    ///
    /// - Parameters:
    ///   - limit: The most that begin at a row.
    ///   - slack: The slack of the selection.
    /// - Returns: The links, some perhaps twice.
    func links(limit: Int, slack: Float) -> [NodeLink] {
        let count = members.count
        var links: [NodeLink] = []
        links.reserveCapacity(2 * count * limit)
        var keys = SortedKeys(capacity: count)
        unsafe distances.withUnsafeBufferPointer { distances in
            for row in 0..<count {
                let line = unsafe UnsafeBufferPointer(rebasing: distances[row * count..<(row + 1) * count])
                let candidates = unsafe Self.nearest(in: line, to: row, &keys)
                let chosen = candidates.select(limit) { left, right in
                    unsafe Float(distances[Int(left) &* count &+ Int(right)]) * slack
                }
                for link in chosen {
                    let link = NodeLink(node: members[row], end: members[Int(link.end)], distance: link.distance)
                    links.append(link)
                    links.append(link.reversed)
                }
            }
        }
        return links
    }

    /// The nearest of a row's others, the nearest first.
    private static func nearest(
        in line: UnsafeBufferPointer<UInt32>,
        to row: Int,
        _ keys: inout SortedKeys
    ) -> [NodeLink] {
        unsafe keys.take(from: line, upTo: bound(of: line), except: row)
        if keys.count < candidates { unsafe keys.take(from: line, upTo: wideBound(of: line), except: row) }
        if keys.count < candidates { unsafe keys.take(from: line, upTo: .max, except: row) }
        return keys.sorted().prefix(candidates).map {
            NodeLink(node: 0, end: UInt32(truncatingIfNeeded: $0), distance: UInt32(truncatingIfNeeded: $0 >> 32))
        }
    }

    /// A distance that nearly always enough others fall short of: the tenth of the same.
    private static func wideBound(of line: UnsafeBufferPointer<UInt32>) -> UInt32 {
        let step = line.count / 32
        guard step > 3 else { return .max }
        return (0..<32).map { unsafe line[$0 * step] }.sorted()[9]
    }

    /// A distance that probably few but enough others fall short of: the fourth of 32 taken at even steps, in a long line.
    private static func bound(of line: UnsafeBufferPointer<UInt32>) -> UInt32 {
        let step = line.count / 32
        guard step > 3 else { return .max }
        var least = SIMD4<UInt32>(repeating: .max)
        for index in 0..<32 {
            var value = unsafe line[index &* step]
            for rank in 0..<4 {
                let lower = min(value, least[rank])
                value = max(value, least[rank])
                least[rank] = lower
            }
        }
        return least[3]
    }
}

extension SearchView {
    /// The nearest nodes as links of a node.
    func links(of node: UInt32) -> [NodeLink] {
        (0..<count).map { NodeLink(node: node, end: self[$0].node, distance: self[$0].distance) }
    }
}

/// A link between two nodes and half the square of its length, in fixed point.
struct NodeLink: Sendable, Equatable, BitwiseCopyable {
    /// The node that has the link, or the row of a table it is to be kept in.
    let node: UInt32
    /// The node at its end.
    let end: UInt32
    let distance: UInt32

    /// The same link seen from its end.
    var reversed: NodeLink { NodeLink(node: end, end: node, distance: distance) }

    /// The same link in a row of a table.
    func moved(to row: UInt32) -> NodeLink { NodeLink(node: row, end: end, distance: distance) }

    /// The distance above the end: what comes first is less.
    var key: UInt64 { UInt64(distance) << 32 | UInt64(end) }
}

extension [NodeLink] {
    /// Chooses links that lead in different directions (algorithm 4 of the paper): from the shortest on, each that is
    /// shorter than the way from its end to any end chosen before.
    ///
    /// - Parameters:
    ///   - limit: The most to choose.
    ///   - way: The length of the way between two nodes, times the slack.
    /// - Returns: The chosen, the shortest first.
    @inline(__always)
    func select(_ limit: Int, way: (UInt32, UInt32) -> Float) -> [NodeLink] {
        var chosen: [NodeLink] = []
        chosen.reserveCapacity(limit)
        for candidate in self {
            guard chosen.count < limit else { break }
            let length = Float(candidate.distance)
            if chosen.allSatisfy({ way(candidate.end, $0.end) >= length }) { chosen.append(candidate) }
        }
        return chosen
    }
}

/// The links of nodes while a graph grows: a fixed number of places a row, unused ones last.
struct LinkTable: Sendable {
    /// The number of places of a row.
    let places: Int
    /// The nodes linked to.
    private(set) var nodes: MappedArray<UInt32>
    /// Half the square of each link's length, in fixed point.
    private var distances: MappedArray<UInt32>

    /// Rows without a link.
    init(rows: Int, places: Int) {
        self.places = places
        nodes = MappedArray([UInt32](repeating: NeighbourGraph.none, count: rows * places))
        distances = MappedArray(unsafeUninitializedCount: rows * places)
    }

    /// The nodes that a row links to, the nearest first.
    func row(_ number: Int) -> Slice<MappedArray<UInt32>> {
        nodes[number * places..<(number + 1) * places].prefix { $0 != NeighbourGraph.none }
    }

    /// Adds links, those of a row in any order and some perhaps twice; a row that has no place for all keeps the shortest.
    ///
    /// - Parameters:
    ///   - links: The links; their nodes are rows of the table.
    ///   - threads: The most threads to work at once.
    mutating func add(_ links: [NodeLink], threads: Int) {
        guard !links.isEmpty else { return }
        let sort = CountingSort(keys: links.lazy.map(\.node), count: nodes.count / places)
        let places = places
        unsafe nodes.withUnsafeMutableBufferPointer { nodes in
            unsafe distances.withUnsafeMutableBufferPointer { distances in
                guard let nodes = nodes.baseAddress, let distances = distances.baseAddress else { return }
                nonisolated(unsafe) let (ends, lengths) = unsafe (nodes, distances)
                // The blocks cannot fail. No two of them share a row.
                try? Parallel.forEachBlock(count: sort.offsets.count - 1, blockSize: 256, threads: threads) { rows in
                    var row = SortedKeys(capacity: 248)
                    for number in rows where sort.offsets[number] < sort.offsets[number + 1] {
                        row.removeAll()
                        for position in sort.offsets[number]..<sort.offsets[number + 1] {
                            row.append(links[Int(sort.order[position])].key)
                        }
                        unsafe Self.merge(&row, ends + number * places, lengths + number * places, places)
                    }
                }
            }
        }
    }

    private static func merge(
        _ links: inout SortedKeys,
        _ ends: UnsafeMutablePointer<UInt32>,
        _ distances: UnsafeMutablePointer<UInt32>,
        _ places: Int
    ) {
        for place in 0..<places {
            guard unsafe ends[place] != NeighbourGraph.none else { break }
            unsafe links.append(NodeLink(node: 0, end: ends[place], distance: distances[place]).key)
        }
        for (place, key) in links.sorted().prefix(places).enumerated() {
            unsafe ends[place] = UInt32(truncatingIfNeeded: key)
            unsafe distances[place] = UInt32(truncatingIfNeeded: key >> 32)
        }
    }
}

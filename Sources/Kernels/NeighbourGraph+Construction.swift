extension NeighbourGraph {
    /// Builds a graph of rows.
    ///
    /// A layer's nodes are not inserted one by one: they are dealt into overlapping leaves of near ones, and the links come
    /// from comparing all pairs of a leaf, on any number of threads; so the graph depends on the rows, the settings and the
    /// seed alone. In layer 0 each node also has two links to nodes drawn at random, so that a search leaves a group of
    /// rows that no row of another group is near. A few rows are first used as queries, to find how wide a search must
    /// be, and then inserted as the paper does.
    ///
    /// - Parameters:
    ///   - vectors: The rows; fewer than 2³¹.
    ///   - configuration: The settings.
    ///   - random: Where the nodes' layers and leaves come from.
    ///   - threads: The most threads to work at once.
    ///   - checkpoint: Called with the share that is done, from 0 to 1, now and then; what it throws ends the work.
    /// - Throws: What `checkpoint` throws.
    public init(
        _ vectors: UnitVectors,
        configuration: Configuration = Configuration(),
        random: CounterRandom,
        threads: Int,
        checkpoint: (Double) throws -> Void = { _ in }
    ) throws {
        precondition(vectors.count < Int(Int32.max), "more rows than 31 bits count")
        var construction = GraphConstruction(vectors, configuration, random: random, threads: threads)
        try construction.run(checkpoint)
        self = construction.graph
    }
}

/// A graph while it grows.
private struct GraphConstruction {
    /// The most rows that are used as queries before they are inserted.
    private static let queryCount = 100
    /// How many links of a node lead anywhere.
    private static let randomCount = 2

    private let vectors: UnitVectors
    private let configuration: NeighbourGraph.Configuration
    private let random: CounterRandom
    private let threads: Int
    private let starts: MappedArray<UInt32>
    private let entry: Int
    private var base: LinkTable
    private var upper: LinkTable
    private var width = 64

    init(
        _ vectors: UnitVectors,
        _ configuration: NeighbourGraph.Configuration,
        random: CounterRandom,
        threads: Int
    ) {
        self.vectors = vectors
        self.configuration = configuration
        self.random = random
        self.threads = threads
        let degree = max(2, configuration.links)
        // h upper layers or more for one node in `degree` to the power of h.
        let scale = 1 / Logarithm.of(Double(degree))
        let heights = (0..<vectors.count).map {
            UInt32(min(30, -Logarithm.of(1 - random.uniform(at: UInt64($0))) * scale))
        }
        entry = heights.indices.max { (heights[$0], $1) < (heights[$1], $0) } ?? 0
        var starts: [UInt32] = [0]
        starts.reserveCapacity(heights.count + 1)
        for height in heights { starts.append(starts[starts.count - 1] + height) }
        self.starts = MappedArray(starts)
        base = LinkTable(rows: heights.count, places: 2 * degree - Self.randomCount)
        upper = LinkTable(rows: Int(starts[heights.count]), places: degree)
    }

    /// The graph as it is.
    var graph: NeighbourGraph {
        NeighbourGraph(
            vectors: vectors,
            degree: upper.places,
            width: width,
            entry: entry,
            base: baseLinks,
            upper: upper.nodes,
            upperStarts: starts
        )
    }

    /// The links of layer 0: those of the table, then some to random nodes.
    private var baseLinks: MappedArray<UInt32> {
        let random = CounterRandom(seed: random.bits(at: UInt64.max), stream: 0)
        var links: [UInt32] = []
        links.reserveCapacity(vectors.count * (base.places + Self.randomCount))
        for node in 0..<vectors.count {
            let near = base.row(node)
            links += near
            for draw in 0..<Self.randomCount where !near.isEmpty {
                let other = Int(random.bits(at: UInt64(node * Self.randomCount + draw)) % UInt64(vectors.count))
                let isNew =
                    other != node && !base.row(other).isEmpty
                    && !links.suffix(near.count + draw).contains(UInt32(other))
                if isNew { links.append(UInt32(other)) }
            }
            let places = (node + 1) * (base.places + Self.randomCount)
            links += [UInt32](repeating: NeighbourGraph.none, count: places - links.count)
        }
        return MappedArray(links)
    }

    /// Links all nodes: the upper layers' first, then those of layer 0, at last the queries.
    mutating func run(_ checkpoint: (Double) throws -> Void) throws {
        guard vectors.count > 0 else { return }
        for layer in (1...31).prefix(while: { $0 <= height(of: entry) }) {
            try link(nodes.filter { height(of: Int($0)) >= layer }, layer: layer) { _ in try checkpoint(0) }
        }
        let queries = queries
        let isQuery = Set(queries)
        try link(nodes.filter { !isQuery.contains($0) }, layer: 0, checkpoint)
        guard !queries.isEmpty else { return }
        width = graph.width(finding: configuration.recall, of: queries, threads: threads)
        insert(queries)
    }

    private var nodes: Range<UInt32> { 0..<UInt32(vectors.count) }

    private func height(of node: Int) -> Int { Int(starts[node + 1] - starts[node]) }

    /// Nodes of layer 0 alone, drawn at random, a tenth of all at most; never the entry, which must have links.
    private var queries: [UInt32] {
        var drawn: Set<UInt32> = []
        for draw in 0..<min(Self.queryCount, vectors.count / 10) {
            let position = UInt64(vectors.count + draw)
            drawn.insert(UInt32(random.bits(at: position) % UInt64(vectors.count)))
        }
        return drawn.filter { height(of: Int($0)) == 0 && Int($0) != entry }.sorted()
    }

    /// Links the nodes of a layer by comparing those of each leaf with one another.
    private mutating func link(_ nodes: [UInt32], layer: Int, _ checkpoint: (Double) throws -> Void) throws {
        let leaves = NeighbourPartition(
            vectors,
            members: nodes,
            random: CounterRandom(seed: random.bits(at: UInt64.max), stream: UInt64(layer)),
            threads: threads
        )
        .leaves
        let (vectors, slack, limit) = (vectors, configuration.slack, max(2, upper.places * 5 / 8))
        var links: [[NodeLink]] = []
        for start in stride(from: 0, to: leaves.count, by: 64) {
            try checkpoint(Double(start) / Double(leaves.count))
            let chunk = Array(leaves[start..<min(start + 64, leaves.count)])
            links += try Parallel.mapBlocks(count: chunk.count, blockSize: 1, threads: threads) { block in
                LeafLinks(chunk[block.lowerBound], of: vectors).links(limit: limit, slack: slack)
            }
        }
        if layer == 0 {
            base.add(Array(links.joined()), threads: threads)
        } else {
            let starts = starts
            upper.add(links.joined().map { $0.moved(to: starts[Int($0.node)] + UInt32(layer) - 1) }, threads: threads)
        }
    }

    /// Inserts nodes that are in layer 0 alone into the graph as it is.
    private mutating func insert(_ nodes: [UInt32]) {
        let found = graph.links(of: nodes, configuration, threads: threads)
        base.add(found.joined().flatMap { [$0, $0.reversed] }, threads: threads)
    }
}

extension NeighbourGraph {
    /// The links that new nodes of layer 0 should have.
    fileprivate func links(of nodes: [UInt32], _ configuration: Configuration, threads: Int) -> [[NodeLink]] {
        let width = max(configuration.constructionWidth, degree)
        // The blocks cannot fail.
        let blocks = try? Parallel.mapBlocks(count: nodes.count, blockSize: 16, threads: threads) { block in
            let view = SearchView(nodes: vectors.count, capacity: width, places: 2 * degree)
            return unsafe self.withUnsafeWalk { walk in
                block.map { index in
                    let query = unsafe walk.rows + Int(nodes[index]) * walk.lanes
                    unsafe walk.search(query, from: entry, to: 0, width: width, in: view)
                    return view.links(of: nodes[index]).select(degree) {
                        unsafe Float(walk.distance(walk.rows + Int($0) * walk.lanes, Int($1))) * configuration.slack
                    }
                }
            }
        }
        return blocks?.flatMap { $0 } ?? []
    }

    /// How wide a search must be to find a share of the ten nearest of nodes that are not linked yet.
    fileprivate func width(finding share: Double, of nodes: [UInt32], threads: Int) -> Int {
        let queries = vectors.rows(nodes)
        var excluded = [UInt64](repeating: 0, count: vectors.count / 64 + 1)
        for node in nodes { excluded[Int(node >> 6)] |= 1 << UInt64(node & 63) }
        let truth = vectors.nearest(to: queries, count: 10, excluded: excluded, threads: threads)
        let wanted = share * Double(truth.reduce(0) { $0 + $1.count })
        let widths = [16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512]
        var range = 0..<widths.count - 1
        while !range.isEmpty {
            let middle = (range.lowerBound + range.upperBound) / 2
            let found = nearest(to: queries, count: 10, width: widths[middle], threads: threads)
            let hits = zip(truth, found).reduce(0) { sum, pair in
                let farthest = pair.0.last?.cosine ?? 1
                return sum + pair.1.count { $0.cosine >= farthest }
            }
            range = Double(hits) >= wanted ? range.lowerBound..<middle : middle + 1..<range.upperBound
        }
        return widths[range.lowerBound]
    }
}

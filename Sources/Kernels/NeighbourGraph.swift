/// An approximate index of nearest neighbours by angle: a hierarchical navigable small world (HNSW).
///
/// Each row is a node. Layer 0 links all nodes to near ones, each higher layer about one in M of the layer below; a search
/// walks greedily from the top down, then widely through layer 0.
/// [Malkov, Yashunin: "Efficient and robust approximate nearest neighbor search using hierarchical navigable small world
/// graphs", 2018]
public struct NeighbourGraph: Sendable, Equatable {
    /// How a graph is built.
    public struct Configuration: Sendable, Equatable {
        /// M, the most links of a node in the upper layers, 16 by default; in layer 0 it has twice as many.
        public var links: Int
        /// How many nodes are kept in view while a node's neighbours are looked for (efConstruction), 80 by default.
        public var constructionWidth: Int
        /// How much nearer than the node itself a neighbour must be to stand for another, 1.1 by default.
        ///
        /// 1 prunes as the paper does, a greater number keeps more links.
        /// [α in Subramanya, Devvrit, Kadekodi, Krishnaswamy, Simhadri: "DiskANN: fast accurate billion-point nearest
        /// neighbor search on a single node", 2019]
        public var slack: Float
        /// The share of the ten nearest that the default search is to find of rows it has not seen, 0.97 by default.
        public var recall: Double

        /// Settings of a graph.
        ///
        /// - Parameters:
        ///   - links: M, from 2 on.
        ///   - constructionWidth: How many nodes are kept in view while neighbours are looked for.
        ///   - slack: How much nearer a neighbour must be to stand for another.
        ///   - recall: The share of the ten nearest that the default search is to find.
        public init(links: Int = 16, constructionWidth: Int = 80, slack: Float = 1.1, recall: Double = 0.97) {
            self.links = links
            self.constructionWidth = constructionWidth
            self.slack = slack
            self.recall = recall
        }
    }

    /// A row that was found.
    public struct Neighbour: Sendable, Equatable {
        /// Its number.
        public let row: UInt32
        /// The cosine of the angle between it and the query.
        public let cosine: Float
    }

    /// A place without a link.
    static let none = UInt32.max

    /// The rows.
    public let vectors: UnitVectors
    /// M.
    public let degree: Int
    /// How many nodes a search keeps in view unless it is told (ef): as many as the wanted recall took.
    public let width: Int
    /// Where searches begin: a node of the highest layer.
    public let entry: Int
    /// The links of layer 0: 2 M places a node; unused ones come last.
    public let base: MappedArray<UInt32>
    /// The links of the upper layers: M places for each node and layer, node after node.
    public let upper: MappedArray<UInt32>
    /// Where each node's upper layers begin, in layers, and after the last node where they end.
    public let upperStarts: MappedArray<UInt32>

    init(
        vectors: UnitVectors,
        degree: Int,
        width: Int,
        entry: Int,
        base: MappedArray<UInt32>,
        upper: MappedArray<UInt32>,
        upperStarts: MappedArray<UInt32>
    ) {
        self.vectors = vectors
        self.degree = degree
        self.width = width
        self.entry = entry
        self.base = base
        self.upper = upper
        self.upperStarts = upperStarts
    }

    /// A graph from its parts, for example in a mapped file; they are checked, so that no search leaves them.
    ///
    /// - Parameters:
    ///   - vectors: The rows.
    ///   - degree: M.
    ///   - width: How many nodes a search keeps in view.
    ///   - entry: Where searches begin.
    ///   - base: The links of layer 0.
    ///   - upper: The links of the upper layers.
    ///   - upperStarts: Where each node's upper layers begin.
    /// - Throws: `KernelError` with `invalidColumns` when the parts contradict one another.
    public init(
        mapped vectors: UnitVectors,
        degree: Int,
        width: Int,
        entry: Int,
        base: MappedArray<UInt32>,
        upper: MappedArray<UInt32>,
        upperStarts: MappedArray<UInt32>
    ) throws(KernelError) {
        self.init(
            vectors: vectors,
            degree: degree,
            width: width,
            entry: entry,
            base: base,
            upper: upper,
            upperStarts: upperStarts
        )
        if let fact = contradiction { throw KernelError(.invalidColumns, "a graph of neighbours \(fact)") }
    }

    /// What is wrong with the parts, or nil.
    private var contradiction: String? {
        let count = vectors.count
        guard (1...0xFFFF).contains(degree), (1...0xFFFF).contains(width) else { return "has no sensible settings" }
        guard base.count == count * 2 * degree, upperStarts.count == count + 1, upperStarts.first == 0,
            zip(upperStarts, upperStarts.dropFirst()).allSatisfy({ $0 <= $1 }),
            Int(upperStarts[count]) * degree == upper.count, count == 0 ? entry == 0 : (0..<count).contains(entry)
        else { return "has parts of sizes that differ" }
        guard base.allSatisfy({ $0 == Self.none || Int($0) < count }) else { return "links nodes beyond its last" }
        for node in 0..<count {
            for layer in 0..<height(of: node) {
                let places = upperPlaces(of: node, layer: layer + 1)
                let isRight = upper[places].allSatisfy {
                    $0 == Self.none || (Int($0) < count && height(of: Int($0)) > layer)
                }
                guard isRight else { return "links nodes that its upper layers do not have" }
            }
        }
        return nil
    }

    /// The number of upper layers of a node.
    func height(of node: Int) -> Int { Int(upperStarts[node + 1] - upperStarts[node]) }

    private func upperPlaces(of node: Int, layer: Int) -> Range<Int> {
        let start = (Int(upperStarts[node]) + layer - 1) * degree
        return start..<start + degree
    }
}

/// Rows dealt into overlapping leaves of near ones, so that comparing all pairs of each leaf finds most near pairs.
///
/// Rows go to the nearest of leaders drawn at random; leaves that are too large are split again. At the top each row goes to
/// several leaders, so that near rows on two sides of a border meet in some leaf.
/// [Wang, Wang, Zeng, Tu, Gan, Li: "Scalable k-NN graph construction for visual descriptors", 2012; Munoz, Gonçalves, Dias,
/// Torres: "Hierarchical clustering-based graphs for large scale approximate nearest neighbor search", 2019]
struct NeighbourPartition {
    /// The most rows of a leaf.
    static let leafSize = 512
    /// To how many leaves a row goes.
    static let overlap = 3

    private let vectors: UnitVectors
    private let random: CounterRandom
    private let threads: Int
    private(set) var leaves: [[UInt32]] = []
    private var draws: UInt64 = 0

    init(_ vectors: UnitVectors, members: [UInt32], random: CounterRandom, threads: Int) {
        self.vectors = vectors
        self.random = random
        self.threads = threads
        split(members, overlap: Self.overlap)
    }

    private mutating func split(_ members: [UInt32], overlap: Int) {
        guard members.count > Self.leafSize else {
            if members.count > 1 { leaves.append(members) }
            return
        }
        let wanted = overlap * members.count / (Self.leafSize / 2)
        let leaders = draw(min(256, max(2, wanted)), of: members)
        for part in deal(members, to: leaders, overlap: min(overlap, leaders.count)) {
            if part.count < members.count {
                split(part, overlap: 1)
            } else {
                // All alike, as far as the leaders can tell: any split is as good as another.
                for start in stride(from: 0, to: part.count, by: Self.leafSize) {
                    leaves.append(Array(part[start..<min(start + Self.leafSize, part.count)]))
                }
            }
        }
    }

    private mutating func draw(_ count: Int, of members: [UInt32]) -> [UInt32] {
        var drawn: Set<UInt32> = []
        for _ in 0..<count {
            drawn.insert(members[Int(random.bits(at: draws) % UInt64(members.count))])
            draws += 1
        }
        return drawn.sorted()
    }

    /// The members that go to each leader.
    private func deal(_ members: [UInt32], to leaders: [UInt32], overlap: Int) -> [[UInt32]] {
        let centres = vectors.rows(leaders)
        // The blocks cannot fail.
        let blocks = try? Parallel.mapBlocks(count: members.count, blockSize: 256, threads: threads) { block in
            vectors.leaders(of: members[block], among: centres, count: overlap)
        }
        var parts = [[UInt32]](repeating: [], count: leaders.count)
        var position = 0
        for leader in (blocks ?? []).joined() {
            parts[Int(leader)].append(members[position / overlap])
            position += 1
        }
        return parts
    }
}

extension UnitVectors {
    /// The nearest centres of some rows: `count` a row, row after row.
    fileprivate func leaders(of members: ArraySlice<UInt32>, among centres: UnitVectors, count: Int) -> [UInt32] {
        var result: [UInt32] = []
        result.reserveCapacity(members.count * count)
        let view = SearchView(nodes: 0, capacity: count, places: 0)
        let lanes = lanes
        unsafe withUnsafeLanes { rows in
            unsafe centres.withUnsafeLanes { centreRows in
                for member in members {
                    view.begin(width: count)
                    let row = unsafe rows + Int(member) &* lanes
                    unsafe row.forEachProduct(with: centreRows, lanes: lanes, count: centres.count) { centre, product in
                        view.insert(
                            node: UInt32(truncatingIfNeeded: centre),
                            distance: unsafe GraphWalk.distance(product)
                        )
                    }
                    for rank in 0..<count { result.append(view[rank].node) }
                }
            }
        }
        return result
    }
}

extension UnsafePointer<Lanes> {
    /// Calls a closure with the inner products of a row with rows that lie together.
    @inline(__always)
    func forEachProduct(with rows: UnsafePointer<Lanes>, lanes: Int, count: Int, _ body: (Int, Int32) -> Void) {
        var index = 0
        while index < count {
            let taken = Swift.min(4, count &- index)
            let first = unsafe rows + index &* lanes
            let four = unsafe products(
                self,
                (
                    first, taken > 1 ? first + lanes : first, taken > 2 ? first + 2 &* lanes : first,
                    taken > 3 ? first + 3 &* lanes : first
                ),
                lanes
            )
            for lane in 0..<taken { body(index &+ lane, four[lane]) }
            index &+= 4
        }
    }
}

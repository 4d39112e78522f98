/// A graph's memory, for walks through it.
@unsafe
struct GraphWalk: Sendable {
    nonisolated(unsafe) let rows: UnsafePointer<Lanes>
    nonisolated(unsafe) let base: UnsafePointer<UInt32>
    nonisolated(unsafe) let upper: UnsafePointer<UInt32>
    nonisolated(unsafe) let upperStarts: UnsafePointer<UInt32>
    let lanes: Int
    let degree: Int

    /// The layers of a node above layer 0.
    @inline(__always)
    func height(of node: Int) -> Int { unsafe Int(upperStarts[node &+ 1] &- upperStarts[node]) }

    /// The links of a node in a layer and how many places there are.
    @inline(__always)
    func places(of node: Int, layer: Int) -> (start: UnsafePointer<UInt32>, count: Int) {
        if layer == 0 { return unsafe (base + node &* 2 &* degree, 2 &* degree) }
        return unsafe (upper + (Int(upperStarts[node]) &+ layer &- 1) &* degree, degree)
    }

    /// Walks from the entry down to a layer, then finds the nearest nodes of that layer.
    ///
    /// They lie in the view afterwards.
    func search(_ query: UnsafePointer<Lanes>, from entry: Int, to layer: Int, width: Int, in view: SearchView) {
        view.begin(width: 1)
        view.markSeen(entry)
        unsafe view.insert(node: UInt32(truncatingIfNeeded: entry), distance: distance(query, entry))
        var current = unsafe height(of: entry)
        while current > layer {
            unsafe expand(query, layer: current, in: view)
            view.restart(width: 1)
            current -= 1
        }
        view.restart(width: width)
        unsafe expand(query, layer: layer, in: view)
    }

    /// Looks at the links of the nearest node not yet looked at, until all in view have been.
    func expand(_ query: UnsafePointer<Lanes>, layer: Int, in view: SearchView) {
        while let node = view.next() {
            let (start, count) = unsafe places(of: node, layer: layer)
            let fresh = unsafe view.gather(start, count)
            var index = 0
            while index < fresh {
                let taken = min(4, fresh &- index)
                let nodes = unsafe view.fresh + index
                let first = unsafe rows + Int(nodes[0]) &* lanes
                let products = unsafe products(
                    query,
                    (
                        first, taken > 1 ? rows + Int(nodes[1]) &* lanes : first,
                        taken > 2 ? rows + Int(nodes[2]) &* lanes : first,
                        taken > 3 ? rows + Int(nodes[3]) &* lanes : first
                    ),
                    lanes
                )
                for lane in 0..<taken { unsafe view.insert(node: nodes[lane], distance: Self.distance(products[lane])) }
                index &+= 4
            }
        }
    }

    @inline(__always)
    func distance(_ query: UnsafePointer<Lanes>, _ node: Int) -> UInt32 {
        unsafe Self.distance(product(query, rows + node &* lanes, lanes))
    }

    /// Half the square of the distance, in fixed point: 0 for equal directions.
    @inline(__always)
    static func distance(_ product: Int32) -> UInt32 {
        UInt32(bitPattern: max(0, UnitVectors.square &- product))
    }
}

/// The nearest nodes of a search so far, and which ones it has seen.
///
/// A node in view is one number: its distance, then its number, then whether its links have been looked at; so the nearest
/// is the least, and of equally near ones the first.
@safe
final class SearchView {
    private let storage: AlignedStorage
    private let marks: UnsafeMutablePointer<UInt16>
    private let nearest: UnsafeMutablePointer<UInt64>
    let fresh: UnsafeMutablePointer<UInt32>
    private let nodes: Int
    private let capacity: Int
    private var mark: UInt16 = 0
    private var width = 0
    private var cursor = 0
    private(set) var count = 0

    /// A view for searches of a graph with so many nodes.
    ///
    /// - Parameters:
    ///   - nodes: The number of nodes.
    ///   - capacity: The greatest width of a search.
    ///   - places: The most links of a node.
    init(nodes: Int, capacity: Int, places: Int) {
        self.nodes = nodes
        self.capacity = capacity
        let longs = capacity + 1
        let words = places + 4
        storage = AlignedStorage(byteCount: longs * 8 + words * 4 + nodes * 2)
        unsafe nearest = storage.base.bindMemory(to: UInt64.self, capacity: longs)
        unsafe fresh = (storage.base + longs * 8).bindMemory(to: UInt32.self, capacity: words)
        unsafe marks = (storage.base + longs * 8 + words * 4).bindMemory(to: UInt16.self, capacity: nodes)
    }

    /// Forgets all.
    func begin(width: Int) {
        precondition(width <= capacity, "the search is wider than its view")
        self.width = width
        count = 0
        cursor = 0
        if mark == .max {
            unsafe marks.update(repeating: 0, count: nodes)
            mark = 0
        }
        mark += 1
    }

    /// Keeps the nearest nodes as the beginning of another search.
    func restart(width: Int) {
        let kept = count
        begin(width: width)
        count = min(kept, width)
        for index in 0..<count {
            unsafe nearest[index] &= ~1
            unsafe marks[Int(UInt32(truncatingIfNeeded: nearest[index]) >> 1)] = mark
        }
    }

    /// The node at a rank and its distance.
    @inline(__always)
    subscript(rank: Int) -> (node: UInt32, distance: UInt32) {
        let key = unsafe nearest[rank]
        return (UInt32(truncatingIfNeeded: key) >> 1, UInt32(truncatingIfNeeded: key >> 32))
    }

    /// The nearest node whose links have not been looked at; they are taken to be now.
    @inline(__always)
    func next() -> Int? {
        while cursor < count {
            let key = unsafe nearest[cursor]
            if key & 1 == 0 {
                unsafe nearest[cursor] = key | 1
                return Int(UInt32(truncatingIfNeeded: key) >> 1)
            }
            cursor &+= 1
        }
        return nil
    }

    /// Lists the nodes that are linked and have not been seen.
    @inline(__always)
    func gather(_ links: UnsafePointer<UInt32>, _ places: Int) -> Int {
        var count = 0
        for place in 0..<places {
            let node = unsafe links[place]
            guard node != NeighbourGraph.none else { break }
            guard unsafe marks[Int(node)] != mark else { continue }
            unsafe marks[Int(node)] = mark
            unsafe fresh[count] = node
            count &+= 1
        }
        return count
    }

    /// Takes a node into view if it is near enough.
    @inline(__always)
    func insert(node: UInt32, distance: UInt32) {
        let key = UInt64(distance) << 32 | UInt64(node) << 1
        if count == width {
            guard unsafe key < nearest[count &- 1] else { return }
            count &-= 1
        }
        var (low, high) = (0, count)
        while low < high {
            let middle = (low &+ high) >> 1
            if unsafe nearest[middle] < key { low = middle &+ 1 } else { high = middle }
        }
        let place = unsafe nearest + low
        unsafe (place + 1).update(from: place, count: count &- low)
        unsafe nearest[low] = key
        count &+= 1
        cursor = min(cursor, low)
    }

    /// Marks a node as seen.
    func markSeen(_ node: Int) { unsafe marks[node] = mark }
}

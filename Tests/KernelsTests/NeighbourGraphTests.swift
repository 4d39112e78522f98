import Kernels
import Testing

@Suite struct NeighbourGraphTests {
    /// Vectors as recommenders have them, and the hard case.
    enum Kind: String, CaseIterable { case lowRank, clustered, factors, random }

    private static func matrix(_ kind: Kind, _ rows: Int, _ columns: Int, stream: UInt64 = 0) -> Matrix {
        let random = CounterRandom(seed: 31, stream: stream)
        var matrix = Matrix.random(rows, columns, stream: 100 + stream)
        let basis = Matrix.random(40, columns, stream: 7)
        for row in 0..<rows {
            switch kind {
            case .random: continue
            case .factors:
                for column in 0..<columns {
                    matrix[row, column] = (matrix[row, column] + 0.3) / Float(1 + column).squareRoot()
                }
            case .clustered:
                let centre = Int(random.bits(at: UInt64(row)) % 40)
                for column in 0..<columns {
                    matrix[row, column] = basis[centre, column] + 0.5 * matrix[row, column]
                }
            case .lowRank:
                for column in 0..<columns {
                    matrix[row, column] *= 0.3
                    for direction in 0..<12 {
                        let share = random.normal(at: UInt64(row * 12 + direction))
                        matrix[row, column] += share * basis[direction, column]
                    }
                }
            }
        }
        return matrix
    }

    private func graph(
        _ vectors: UnitVectors,
        recall: Double = 0.97,
        seed: UInt64 = 1,
        threads: Int = 2
    ) throws -> NeighbourGraph {
        try NeighbourGraph(
            vectors,
            configuration: .init(recall: recall),
            random: CounterRandom(seed: seed, stream: 0),
            threads: threads
        )
    }

    private func recall(_ graph: NeighbourGraph, _ queries: UnitVectors, width: Int? = nil) -> Double {
        let truth = graph.vectors.nearest(to: queries, count: 10)
        let found = graph.nearest(to: queries, count: 10, width: width)
        let hits = zip(truth, found).reduce(0) { sum, pair in
            sum + Set(pair.0.map(\.row)).intersection(pair.1.map(\.row)).count
        }
        return Double(hits) / Double(truth.reduce(0) { $0 + $1.count })
    }

    @Test(arguments: [(Kind.lowRank, 96), (.clustered, 96), (.factors, 64)])
    func `the default search finds 95 of 100 nearest`(kind: Kind, columns: Int) throws {
        let graph = try graph(UnitVectors(Self.matrix(kind, 4000, columns)))
        let queries = UnitVectors(Self.matrix(kind, 200, columns, stream: 1))
        #expect(recall(graph, queries) >= 0.95)
        #expect(graph.width <= 256)
    }

    @Test func `random vectors are hard: what is found grows with the width`() throws {
        let graph = try graph(UnitVectors(Self.matrix(.random, 4000, 96)))
        let queries = UnitVectors(Self.matrix(.random, 100, 96, stream: 1))
        let recalls = [16, 64, 256].map { recall(graph, queries, width: $0) }
        #expect(recalls == recalls.sorted())
        #expect(recalls[2] > 0.7)
        #expect(recall(graph, queries, width: 4000) > 0.999)
    }

    @Test func `a lower aim is met by a narrower search`() throws {
        let vectors = UnitVectors(Self.matrix(.factors, 3000, 32))
        let (low, high) = (try graph(vectors, recall: 0.5), try graph(vectors, recall: 0.999))
        #expect(low.width < high.width)
        #expect(low.base == high.base)
    }

    @Test(arguments: Kind.allCases)
    func `the graph is the same for any number of threads, and another for another seed`(kind: Kind) throws {
        let vectors = UnitVectors(Self.matrix(kind, 1500, 24))
        let one = try graph(vectors, threads: 1)
        #expect(one == (try graph(vectors, threads: 2)))
        #expect(one == (try graph(vectors, threads: 5)))
        #expect(one != (try graph(vectors, seed: 2)))
        let queries = UnitVectors(Self.matrix(kind, 50, 24, stream: 1))
        #expect(one.nearest(to: queries, count: 7, threads: 1) == one.nearest(to: queries, count: 7, threads: 3))
    }

    @Test(arguments: [0, 1, 2, 3, 9, 10, 11, 40, 511, 512, 513])
    func `graphs of few rows find all there is`(rows: Int) throws {
        let vectors = UnitVectors(Self.matrix(.factors, rows, 12))
        let queries = UnitVectors(Self.matrix(.factors, 5, 12, stream: 1))
        let all = vectors.nearest(to: queries, count: rows + 3)
        #expect(all.allSatisfy { $0.count == rows })
        for seed in 0..<10 as Range<UInt64> {
            let graph = try graph(vectors, seed: seed)
            #expect(graph.nearest(to: queries, count: rows + 3) == all)
            #expect(graph.nearest(to: queries, count: 0).allSatisfy { $0.isEmpty })
        }
    }

    @Test(arguments: [Float(0), 1])
    func `rows that are all alike make a graph`(value: Float) throws {
        var matrix = Matrix(rows: 3000, columns: 5)
        for row in 0..<3000 { matrix[row, 2] = value }
        let graph = try graph(UnitVectors(matrix))
        var query = Matrix(rows: 1, columns: 5)
        query[0, 2] = 3
        let found = try #require(graph.nearest(to: UnitVectors(query), count: 10).first)
        #expect(found.count == 10)
        #expect(found.allSatisfy { $0.cosine == value })
    }

    @Test func `groups of rows at right angles are all found`() throws {
        // 30 groups of 40 rows each; no row of one group is nearer to any other group than to its own.
        var matrix = Matrix.random(1200, 300)
        for row in 0..<1200 {
            for column in 0..<300 where column / 10 != row % 30 { matrix[row, column] = 0 }
        }
        for seed in 0..<5 as Range<UInt64> {
            let graph = try graph(UnitVectors(matrix), seed: seed)
            #expect(recall(graph, graph.vectors) > 0.95)
        }
    }

    @Test func `a node links to others, each once, the nearest first, two at random`() throws {
        let graph = try graph(UnitVectors(Self.matrix(.lowRank, 2000, 40)))
        for node in 0..<2000 {
            let links = graph.base[node * 32..<node * 32 + 32].prefix { $0 != .max }
            #expect(!links.isEmpty && Set(links).count == links.count && !links.contains(UInt32(node)))
            #expect(graph.base[node * 32 + links.count..<node * 32 + 32].allSatisfy { $0 == .max })
            let cosines = links.map { graph.vectors.cosine(node, graph.vectors, Int($0)) }
            #expect(cosines.dropLast(2) == cosines.dropLast(2).sorted(by: >)[...])
        }
    }

    @Test func `parts that contradict one another are refused`() throws {
        let graph = try graph(UnitVectors(Self.matrix(.factors, 600, 8)))
        func remade(
            degree: Int = 16,
            entry: Int? = nil,
            base: MappedArray<UInt32>? = nil,
            upper: MappedArray<UInt32>? = nil,
            starts: MappedArray<UInt32>? = nil
        ) throws -> NeighbourGraph {
            try NeighbourGraph(
                mapped: graph.vectors,
                degree: degree,
                width: graph.width,
                entry: entry ?? graph.entry,
                base: base ?? graph.base,
                upper: upper ?? graph.upper,
                upperStarts: starts ?? graph.upperStarts
            )
        }
        #expect(try remade() == graph)
        let floor = try #require((0..<600).first { graph.upperStarts[$0] == graph.upperStarts[$0 + 1] })
        let replaced = { (array: MappedArray<UInt32>, value: UInt32) in MappedArray([value] + array.dropFirst()) }
        #expect(throws: KernelError.self) { try remade(degree: 15) }
        #expect(throws: KernelError.self) { try remade(entry: 600) }
        #expect(throws: KernelError.self) { try remade(base: replaced(graph.base, 600)) }
        #expect(throws: KernelError.self) { try remade(upper: replaced(graph.upper, UInt32(floor))) }
        #expect(throws: KernelError.self) { try remade(upper: MappedArray(graph.upper.dropLast())) }
        #expect(throws: KernelError.self) { try remade(starts: replaced(graph.upperStarts, 1)) }
    }

    @Test func `a graph that is not wanted any more is given up`() throws {
        let vectors = UnitVectors(Self.matrix(.factors, 600, 8))
        #expect(throws: CancellationError.self) {
            try NeighbourGraph(vectors, random: CounterRandom(seed: 1, stream: 0), threads: 2) { _ in
                throw CancellationError()
            }
        }
    }
}

import Kernels
import Testing

@Suite struct DotProductRankingTests {
    @Test(arguments: [(1, 1), (5, 3), (127, 9), (128, 16), (300, 33), (1001, 64)])
    func `the best items are those of a full sort`(items: Int, columns: Int) {
        let matrix = Matrix.random(items, columns)
        let queries = Matrix.random(11, columns, stream: 5)
        let excluded: [UInt64] = [0b1010_0110, 1 << 63]
        let unscored: [UInt64] = [0b1_0000_0001]
        let ranking = DotProductRanking(items: matrix, unscored: unscored, scale: 0.1)
        let requests = (0..<11).map {
            DotProductRanking.Request(vector: queries.row($0), excluded: excluded, count: $0 * 3)
        }
        let answers = ranking.answers(requests, threads: 2)
        #expect(answers == ranking.answers(requests, threads: 1))
        for (row, answer) in answers.enumerated() {
            let all = (0..<items).map { item in
                (0..<columns).reduce(0.0) { $0 + Double(matrix[item, $1]) * Double(queries[row, $1]) }
            }
            let scored = (0..<items).filter { !isSet($0, in: unscored) }
            let sum = scored.reduce(0.0) { $0 + Exponential.of(Float(all[$1] * 0.1)) }
            #expect(abs(answer.exponentialSum - sum) <= 1e-5 * sum)
            let expected = scored.filter { !isSet($0, in: excluded) }.map { all[$0] }.sorted(by: >).prefix(row * 3)
            #expect(answer.entries.count == expected.count)
            for (entry, score) in zip(answer.entries, expected) {
                #expect(abs(Double(entry.score) - score) < 1e-3)
                #expect(!isSet(Int(entry.item), in: excluded) && !isSet(Int(entry.item), in: unscored))
            }
        }
    }

    @Test(arguments: [(1, 1), (129, 9), (3000, 33), (4001, 6), (20_000, 64), (1500, 520)])
    func `what is passed over would change no answer, and a request alone has the same to the last bit`(
        items: Int,
        columns: Int
    ) {
        // A few long items among many short ones, as factorisations have them.
        var matrix = Matrix.random(items, columns)
        for item in 0..<items {
            for column in 0..<columns { matrix[item, column] /= Float(1 + item % 97) }
        }
        let queries = Matrix.random(9, columns, stream: 7)
        let ranking = DotProductRanking(items: matrix, unscored: [0b100], scale: 0.1)
        func requests(isSummed: Bool) -> [DotProductRanking.Request] {
            (0..<9).map {
                DotProductRanking.Request(vector: queries.row($0), excluded: [1 << 7], count: 25, isSummed: isSummed)
            }
        }
        for set in InstructionSet.allCases {
            set.run {
                let whole = ranking.answers(requests(isSummed: true), threads: 1)
                #expect(whole == requests(isSummed: true).flatMap { ranking.answers([$0], threads: 1) })
                let short = ranking.answers(requests(isSummed: false), threads: 1)
                #expect(short.map(\.entries) == whole.map(\.entries))
                #expect(short == requests(isSummed: false).flatMap { ranking.answers([$0], threads: 1) })
            }
        }
    }

    @Test(arguments: [Float.infinity, -.infinity, .nan, 3e38])
    func `items and queries that are hardly numbers change nothing about the others`(value: Float) {
        var matrix = Matrix.random(900, 12)
        let queries = Matrix.random(3, 12, stream: 9)
        matrix[450, 3] = value
        var odd = queries.row(0)
        odd[5] = value
        let ranking = DotProductRanking(items: matrix, scale: 0.1)
        for vector in [queries.row(1), queries.row(2), odd] {
            func entries(isSummed: Bool) -> [TopK.Entry]? {
                let request = DotProductRanking.Request(vector: vector, count: 10, isSummed: isSummed)
                return ranking.answers([request], threads: 1).first?.entries
            }
            #expect(entries(isSummed: false) == entries(isSummed: true))
        }
    }

    @Test func `equal scores come in the order of the items`() throws {
        let matrix = try Matrix(rows: 600, columns: 1, values: MappedArray((0..<9600).map { $0 % 16 == 0 ? 1 : 0 }))
        let request = DotProductRanking.Request(vector: [2], count: 300)
        let answer = try #require(DotProductRanking(items: matrix, scale: 1).answers([request], threads: 1).first)
        #expect(answer.entries.map(\.item) == Array(0..<300))
    }

    @Test func `a selection keeps the best of any order`() {
        let random = CounterRandom(seed: 3, stream: 0)
        let entries = (0..<500).map { TopK.Entry(item: UInt32($0), score: Float(random.bits(at: UInt64($0)) % 50)) }
        for capacity in [0, 1, 7, 499, 500, 600] {
            var best = TopK(capacity: capacity)
            for entry in entries.reversed() { best.insert(entry.item, score: entry.score) }
            best.insert(1000, score: -.infinity)
            best.insert(1001, score: .nan)
            let expected = entries.sorted { ($0.score, Int($1.item)) > ($1.score, Int($0.item)) }.prefix(capacity)
            #expect(best.sorted() == Array(expected))
        }
    }

    @Test func `powers of e are right to six digits`() {
        for value in stride(from: Float(-79), to: 79, by: 0.37) {
            let exact = Power.of(2.718_281_828_459_045, Double(value))
            #expect(abs(Exponential.of(value) - exact) < 3e-6 * exact)
        }
        #expect(Exponential.of(1000) == Exponential.of(80))
        #expect(Exponential.of(-.infinity) == Exponential.of(-80))
    }

    private func isSet(_ item: Int, in words: [UInt64]) -> Bool {
        item / 64 < words.count && words[item / 64] >> UInt64(item % 64) & 1 == 1
    }
}

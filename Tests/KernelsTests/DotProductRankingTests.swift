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

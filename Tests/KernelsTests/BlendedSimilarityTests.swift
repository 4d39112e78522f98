import Kernels
import Testing

@Suite struct BlendedSimilarityTests {
    /// Of 30 items each is like many others, of 900 like few, so that only those are looked at.
    private func similarity(items: Int, users: Int = 50) -> (BlendedSimilarity, SparseMatrix, SparseMatrix, [Float]) {
        let share = items > 100 ? 0.01 : 0.2
        let met = SparseMatrix.random(rows: items, columns: users, share: share)
        let contents = SparseMatrix.random(rows: items, columns: 40, stream: 2, share: share)
        let roots = (0..<items).map { Float(met.range(row: $0).count).squareRoot() }
        var similarity = BlendedSimilarity(
            usersByItem: met,
            userWeights: (0..<users).map { 1 / Float(1 + $0 % 3) },
            roots: roots,
            contents: contents
        )
        similarity.strength = 2.5
        similarity.expectation = 0.3
        similarity.neighbours = 7
        return (similarity, met, contents, roots)
    }

    private func common(_ rows: SparseMatrix, _ left: Int, _ right: Int) -> [(Int, Double, Double)] {
        let values = Dictionary(uniqueKeysWithValues: rows.range(row: left).map { (rows.columns[$0], rows.values[$0]) })
        return rows.range(row: right).compactMap { position in
            values[rows.columns[position]].map {
                (Int(rows.columns[position]), Double($0), Double(rows.values[position]))
            }
        }
    }

    @Test(arguments: [1, 2, 30, 900])
    func `the nearness is the mean of the chance that who met one met the other`(items: Int) throws {
        let (similarity, met, contents, roots) = similarity(items: items)
        let nearest = try similarity.nearest(threads: 2)
        #expect(nearest == (try similarity.nearest(threads: 1)))
        for item in 0..<items {
            let expected = (0..<items).filter { $0 != item }.map { other -> Double in
                let users = common(met, item, other).reduce(0) { $0 + 1 / Double(1 + $1.0 % 3) }
                let cosine = common(contents, item, other).reduce(0) { $0 + $1.1 * $1.2 }
                return (users + 2.5 * 0.3 * cosine) / (Double(roots[item] * roots[other]) + 2.5)
            }
            .filter { $0 > 0 }.sorted(by: >).prefix(7)
            let found = nearest.values[nearest.range(row: item)]
            #expect(found.count == expected.count)
            for (left, right) in zip(found, expected) { #expect(abs(Double(left) - right) < 1e-5 * right) }
            #expect(!nearest.columns[nearest.range(row: item)].contains(UInt32(item)))
        }
    }

    @Test func `the expectation is the slope of users in common over contents in common`() throws {
        let (similarity, met, contents, roots) = similarity(items: 30)
        var (hits, trials) = (0.0, 0.0)
        for item in 0..<30 {
            for other in 0..<30 where other != item {
                let cosine = common(contents, item, other).reduce(0) { $0 + $1.1 * $1.2 }
                hits += cosine * common(met, item, other).reduce(0) { $0 + 1 / Double(1 + $1.0 % 3) }
                trials += cosine * cosine * Double(roots[item] * roots[other])
            }
        }
        let fitted = try #require(similarity.fittedExpectation(of: 0..<30))
        #expect(abs(Double(fitted) - hits / trials) < 1e-5)
        #expect(self.similarity(items: 1).0.fittedExpectation(of: 0..<1) == nil)
    }

    @Test func `a cancelled search throws what its checkpoint throws`() {
        let (similarity, _, _, _) = similarity(items: 30)
        #expect(throws: CancellationError.self) {
            try similarity.nearest(threads: 2) { _ in throw CancellationError() }
        }
    }
}

import Foundation
import JSON
import Testing

@testable import Personalize

/// How far two samples of one column are from each other.
@Suite struct ColumnProfileTests {
    private func numbers(_ values: [Double], in bins: ColumnProfile.Bins? = nil) -> ColumnProfile {
        var profile = ColumnProfile(bins ?? .numbers(of: values))
        for value in values { profile.count(value) }
        return profile
    }

    /// Numbers that are spread evenly over a range, but by chance.
    private func sample(_ range: Range<Double>, _ count: Int, seed: UInt64) -> [Double] {
        var draws = SequentialTestTests.Draws(state: seed)
        return (0..<count).map { _ in Double.random(in: range, using: &draws) }
    }

    @Test func `the index is that of the textbook, but for what chance makes of it`() {
        var old = ColumnProfile(.categories(["a", "b"]))
        old.counts = [700_000, 300_000, 0]
        var new = old
        new.counts = [500_000, 500_000, 0]
        let expected = (0.5 - 0.7) * log(0.5 / 0.7) + (0.5 - 0.3) * log(0.5 / 0.3)
        #expect(abs(old.stability(of: new) - expected) < 1e-4)
        #expect(old.stability(of: old) == 0)
    }

    @Test(arguments: [100, 1000, 20_000]) func `two samples of one distribution do not differ`(count: Int) {
        var worst = 0.0
        for seed in 1...20 as ClosedRange<UInt64> {
            let old = numbers(sample(0..<10, count, seed: seed))
            let new = numbers(sample(0..<10, count, seed: seed + 100), in: old.bins)
            worst = max(worst, old.stability(of: new))
        }
        // By the usual reading below a tenth little has changed.
        #expect(worst < (count == 100 ? 0.4 : 0.1), "\(worst)")
    }

    @Test func `a shift, one beyond what was ever seen too, and values that go missing are found`() {
        let old = numbers(sample(0..<10, 5000, seed: 1))
        #expect(old.stability(of: numbers(sample(3..<13, 5000, seed: 2), in: old.bins)) > 0.25)
        #expect(old.stability(of: numbers(sample(20..<30, 5000, seed: 3), in: old.bins)) > 1)
        #expect(old.stability(of: numbers(sample(-30..<(-20), 5000, seed: 4), in: old.bins)) > 1)
        var sparse = numbers(sample(0..<10, 2500, seed: 5), in: old.bins)
        sparse.nulls = 2500
        #expect(old.stability(of: sparse) > 0.25)
        // A column of one value has bins to either side of it.
        let constant = numbers([Double](repeating: 4, count: 1000))
        #expect(constant.stability(of: numbers([Double](repeating: 3, count: 1000), in: constant.bins)) > 1)
        #expect(constant.stability(of: numbers([Double](repeating: 4, count: 500), in: constant.bins)) == 0)
    }

    @Test func `categories beyond the most frequent count as one`() {
        let counts = Dictionary(uniqueKeysWithValues: (0..<200).map { ("c\($0)", 1000 - $0) })
        guard case .categories(let names) = ColumnProfile.Bins.categories(of: counts) else {
            Issue.record("no categories")
            return
        }
        #expect(names == (0..<50).map { "c\($0)" })
    }

    @Test func `a profile is read as it was written`() throws {
        var numbers = numbers(sample(0..<10, 100, seed: 1))
        numbers.nulls = 3
        var categories = ColumnProfile(.categories(["a", "b|c"]))
        categories.counts = [1, 2, 3]
        var presence = ColumnProfile(.presence)
        presence.counts = [9]
        for profile in [numbers, categories, presence] {
            #expect(ColumnProfile(try JSON(parsing: profile.json.text)) == profile)
        }
        #expect(ColumnProfile(["categories": ["a"], "counts": [1], "nulls": 0]) == nil)
    }

    @Test func `the overlap of sets is exact for few ids and close for many`() throws {
        func sketch(_ range: Range<Int>) -> IdentitySketch {
            IdentitySketch(
                range.map { number in
                    var text = "item-\(number)"
                    return text.withUTF8 { unsafe IdentitySketch.hash($0.span) }
                }
            )
        }
        let few = sketch(0..<1000).churn(to: sketch(100..<1300))
        #expect(few.gone == 100.0 / 1300 && few.new == 300.0 / 1300)
        let many = sketch(0..<100_000).churn(to: sketch(20_000..<130_000))
        #expect(abs(many.gone - 20.0 / 130) < 0.02 && abs(many.new - 30.0 / 130) < 0.02, "\(many)")
        #expect(sketch(0..<50_000).churn(to: sketch(0..<50_000)) == (0, 0))
        #expect(sketch(0..<0).churn(to: sketch(0..<10)) == (0, 1))
        let written = sketch(0..<5000)
        #expect(IdentitySketch(try JSON(parsing: written.json.text)) == written)
    }
}

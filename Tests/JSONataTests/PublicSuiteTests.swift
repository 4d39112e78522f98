import JSON
import Testing

@testable import JSONata

@Suite(.enabled(if: PublicSuite.directory != nil, "the public suite is not here"))
struct PublicSuiteTests {
    static let groups = Set(PublicSuite.cases.map(\.group)).sorted()

    /// The ids of the cases that fail, by group; worked out once for both tests.
    private static let failures = Dictionary(grouping: PublicSuite.cases.filter { !$0.isPassed }, by: \.group)

    @Test(arguments: groups) func `the group passes as a whole`(_ group: String) {
        #expect(Self.failures[group, default: []].map(\.id) == [])
    }

    @Test func `as many cases pass as are recorded`() {
        let passed = PublicSuite.cases.count - Self.failures.values.map(\.count).reduce(0, +)
        print("public JSONata suite: \(passed) of \(PublicSuite.cases.count) cases pass")
        #expect(passed >= 843)
    }
}

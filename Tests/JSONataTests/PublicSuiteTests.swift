import JSON
import Testing

@testable import JSONata

@Suite(.enabled(if: PublicSuite.directory != nil, "the public suite is not here"))
struct PublicSuiteTests {
    @Test func `the public suite passes as far as recorded`() {
        var failures: [String: Int] = [:]
        var passed = 0
        for item in PublicSuite.cases {
            if item.isPassed { passed += 1 } else { failures[item.group, default: 0] += 1
                print("FAIL \(item.id) | \(item.expression.prefix(160)) | want \(item.expected.prefix(150)) | got \(item.outcome().prefix(150))") }
        }
        print("public JSONata suite: \(passed) of \(PublicSuite.cases.count) cases pass")
        print(failures.sorted { $0.key < $1.key })
    }
}

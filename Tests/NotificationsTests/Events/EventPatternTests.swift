import Foundation
import JSON
import Testing

@testable import Notifications

@Suite struct EventPatternTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let pattern: JSON
        let event: JSON
        let isMatch: Bool
        let error: String?

        var testDescription: String { "\(pattern.text) on \(event.text)" }

        static let all: [Case] = {
            let url = Bundle.module.url(forResource: "patterns", withExtension: "json", subdirectory: "Conformance")!
            let cases = try! JSON(parsing: Array(Data(contentsOf: url))).array!
            precondition(!cases.isEmpty)
            return cases.map { fields in
                Case(
                    pattern: fields["pattern"]!,
                    event: fields["event"] ?? .null,
                    isMatch: fields["matches"] == true,
                    error: fields["error"]?.string
                )
            }
        }()
    }

    @Test(arguments: Case.all.filter { $0.error == nil })
    func `a pattern matches or it does not`(_ test: Case) throws {
        #expect(try EventPattern(parsing: test.pattern.text).matches(test.event) == test.isMatch)
    }

    @Test(arguments: Case.all.filter { $0.error != nil })
    func `what is no pattern is refused with its place`(_ test: Case) throws {
        let error = try #require(throws: NotificationError.self) { try EventPattern(parsing: test.pattern.text) }
        #expect(error.code == .invalidEventPattern)
        #expect(error.message.hasPrefix("Event pattern is not valid. Reason: "))
        #expect(error.message.contains(try #require(test.error)), "\(error.message)")
    }

    @Test func `text that is no JSON, or too long, is refused`() {
        for text in ["{", "", #"{"a": ["\#(String(repeating: "x", count: 5000))"]}"#] {
            #expect(throws: NotificationError.self) { try EventPattern(parsing: text) }
        }
    }
}

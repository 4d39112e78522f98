import Foundation
import Testing

@testable import millrace

/// The README holds the operations as they are.
@Suite struct OperationsTableTests {
    @Test func `the README's table is that of the operations`() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../README.md").path
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let renewed = try #require(OperationsTable.renewed(text), "the README has marks for the table")
        #expect(renewed == text, "run `make readme`")
    }
}

import Foundation
import TestSupport
import Testing

@testable import DurableFiles

@Suite struct AppendedFileTests {
    @Test func `bytes are added to what is there`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("log")
        try AppendedFile.append(Array("a\n".utf8), to: path)
        try AppendedFile.append(Array("b\n".utf8), to: path)
        #expect(FileManager.default.contents(atPath: path) == Data("a\nb\n".utf8))
    }

    @Test func `a folder that is not there is named`() throws {
        let directory = try TemporaryDirectory()
        let error = #expect(throws: FileError.self) {
            try AppendedFile.append([1], to: directory.file("missing/log"))
        }
        #expect(error?.isMissing == true)
        #expect(error?.path == directory.file("missing/log"))
    }
}

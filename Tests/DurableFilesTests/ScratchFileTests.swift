import DurableFiles
import TestSupport
import Testing

@Suite struct ScratchFileTests {
    @Test func `what was appended is read back, and the file has no name`() throws {
        let directory = try TemporaryDirectory()
        var file = try ScratchFile(in: directory.path)
        let (small, large): ([UInt8], [UInt8]) = ([1, 2, 3], [UInt8](repeating: 7, count: 100_000))
        let start = try file.append(unsafe small.span.bytes)
        let next = try file.append(unsafe large.span.bytes)
        let count = file.count
        #expect([start, next, count] == [0, 3, 100_003])
        #expect(try DirectoryListing.names(in: directory.path) == [])
        var buffer: [UInt8] = [9]
        try file.read(1..<5, into: &buffer)
        #expect(buffer == [2, 3, 7, 7])
        try file.read(3..<100_003, into: &buffer)
        #expect(buffer == large)
        try file.read(2..<2, into: &buffer)
        #expect(buffer == [])
    }

    @Test func `a directory that is missing is named`() throws {
        let directory = try TemporaryDirectory()
        let error = #expect(throws: FileError.self) { _ = try ScratchFile(in: directory.file("none")) }
        #expect(error?.isMissing == true)
    }
}

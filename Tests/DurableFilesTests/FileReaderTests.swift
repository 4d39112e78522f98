import DurableFiles
import TestSupport
import Testing

@Suite struct FileReaderTests {
    @Test(arguments: [1, 3, 10, 11, 4096])
    func `a file is read to its end in blocks of any size`(size: Int) throws {
        let directory = try TemporaryDirectory()
        var reader = try FileReader(directory.write("0123456789", to: "a"))
        #expect(reader.length == 10)
        var bytes: [UInt8] = []
        var counts: [Int] = []
        repeat { counts.append(try reader.read(appendingTo: &bytes, count: size)) } while counts.last == size
        #expect(String(decoding: bytes, as: UTF8.self) == "0123456789")
        #expect(counts.reduce(0, +) == 10)
        #expect(try reader.read(appendingTo: &bytes, count: size) == 0)
        #expect(bytes.count == 10)
    }

    @Test(arguments: [0, 4, 10, 11])
    func `a file is read from any byte on`(offset: Int) throws {
        let directory = try TemporaryDirectory()
        var reader = try FileReader(directory.write("0123456789", to: "a"), offset: offset)
        #expect(reader.length == 10)
        var bytes: [UInt8] = []
        _ = try reader.read(appendingTo: &bytes, count: 100)
        #expect(String(decoding: bytes, as: UTF8.self) == "0123456789".dropFirst(offset))
    }

    @Test func `a file that is missing and a directory are refused`() throws {
        let directory = try TemporaryDirectory()
        let missing = #expect(throws: FileError.self) { _ = try FileReader(directory.file("none")) }
        #expect(missing?.isMissing == true)
        let wrong = #expect(throws: FileError.self) { _ = try FileReader(directory.path) }
        #expect(wrong?.description == "cannot read \"\(directory.path)\": Is a directory")
    }
}

import FoundationEssentials
import Glibc
import TestSupport
import Testing

@testable import DurableFiles

@Suite struct AtomicFileTests {
    private func names(_ directory: TemporaryDirectory) throws -> [String] {
        try DirectoryListing.names(in: directory.path).sorted()
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test func `a file appears when it is committed, and whole`() throws {
        let directory = try TemporaryDirectory()
        var file = try AtomicFile(at: directory.file("a"))
        try file.write("one ")
        try file.write(Array("two".utf8))
        #expect(try names(directory).allSatisfy { $0.hasPrefix(".millrace-a.") })
        try file.commit()
        #expect(try names(directory) == ["a"])
        #expect(try text(directory.file("a")) == "one two")
    }

    @Test func `a file that is not committed leaves nothing, and the old one alone`() throws {
        let directory = try TemporaryDirectory()
        try AtomicFile.write(Array("old".utf8), to: directory.file("a"))
        do {
            var file = try AtomicFile(at: directory.file("a"))
            try file.write("new")
        }
        #expect(try names(directory) == ["a"])
        #expect(try text(directory.file("a")) == "old")
    }

    @Test func `a later file replaces an earlier one`() throws {
        let directory = try TemporaryDirectory()
        try AtomicFile.write(Array("old".utf8), to: directory.file("a"))
        try AtomicFile.write(Array("new".utf8), to: directory.file("a"))
        #expect(try text(directory.file("a")) == "new")
    }

    @Test func `a file can get its name at the end`() throws {
        let directory = try TemporaryDirectory()
        var file = try AtomicFile(at: directory.file("draft"))
        try file.write("bytes")
        try file.commit(as: "digest")
        #expect(try names(directory) == ["digest"])
        #expect(try text(directory.file("digest")) == "bytes")
    }

    @Test func `a file that cannot be put into place leaves nothing`() throws {
        let directory = try TemporaryDirectory()
        try DirectoryListing.create(directory.file("taken/inside"))
        let error = #expect(throws: FileError.self) { try AtomicFile.write([1], to: directory.file("taken")) }
        #expect(error?.operation == "rename")
        #expect(error?.path == directory.file("taken"))
        #expect(try names(directory) == ["taken"])
    }

    @Test func `a directory that is missing is named`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("none/a")
        let error = #expect(throws: FileError.self) { try AtomicFile.write([1], to: path) }
        #expect(error?.isMissing == true)
        #expect(error?.description == "cannot create \"\(path)\": No such file or directory")
    }

    @Test func `leftovers of a crash are cleared and other files kept`() throws {
        let directory = try TemporaryDirectory()
        for name in [".millrace-a.12.34", ".hidden", "a"] { try directory.write("x", to: name) }
        try AtomicFile.removeLeftovers(in: directory.path)
        #expect(try names(directory) == [".hidden", "a"])
    }

    @Test func `leftovers of one file are cleared, and those of files whose names begin alike are kept`() throws {
        let directory = try TemporaryDirectory()
        let others = [".millrace-a.out.12.34", ".millrace-b.12.34", ".millrace-a.12", ".millrace-a.x.34", "a"]
        for name in others + [".millrace-a.12.34", ".millrace-a.7.4294967295"] { try directory.write("x", to: name) }
        try AtomicFile.removeLeftovers(of: directory.file("a"))
        #expect(try names(directory) == others.sorted())
    }

    @Test func `writing to a full disk fails with an error that says so`() throws {
        let descriptor = unsafe open("/dev/full", O_WRONLY)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let bytes: [UInt8] = [1, 2, 3]
        let error = #expect(throws: FileError.self) {
            try FileBytes.write(unsafe bytes.span.bytes, to: descriptor, path: "/data/a")
        }
        #expect(error == FileError("write", "/data/a", code: ENOSPC))
        #expect(error?.isDiskFull == true)
    }

    @Test func `an error of a full disk says so`() {
        let full = FileError("write", "/data/a", code: ENOSPC)
        #expect(full.isDiskFull)
        #expect(!full.isMissing)
        #expect(
            full.description
                == "cannot write \"/data/a\": No space left on device; free some space and try again"
        )
        #expect(FileError("write", "/data/a", code: EDQUOT).isDiskFull)
        #expect(!FileError("write", "/data/a", code: EACCES).isDiskFull)
    }
}

import DurableFiles
import FoundationEssentials
import Glibc
import TestSupport
import Testing

@Suite struct DirectoryTests {
    @Test func `directories are made with those above them, and again without harm`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("a/b/c")
        try DirectoryListing.create(path)
        try DirectoryListing.create(path)
        #expect(try DirectoryListing.names(in: directory.file("a")) == ["b"])
        #expect(try DirectoryListing.names(in: path) == [])
    }

    @Test func `a file in the way of a directory is named`() throws {
        let directory = try TemporaryDirectory()
        try directory.write("x", to: "a")
        let error = #expect(throws: FileError.self) { try DirectoryListing.create(directory.file("a/b")) }
        #expect(error?.description == "cannot create directory \"\(directory.file("a"))\": File exists")
    }

    @Test func `a path that is a file itself is no directory`() throws {
        let directory = try TemporaryDirectory()
        try directory.write("x", to: "a")
        #expect(throws: FileError.self) { try DirectoryListing.create(directory.file("a")) }
    }

    @Test func `a directory that is missing cannot be listed`() throws {
        let directory = try TemporaryDirectory()
        let error = #expect(throws: FileError.self) { try DirectoryListing.names(in: directory.file("none")) }
        #expect(error?.isMissing == true)
    }

    @Test func `a directory is locked until the lock is dropped`() throws {
        let directory = try TemporaryDirectory()
        do {
            let lock = try DirectoryLock(directory.path)
            let own = Int(ProcessInfo.processInfo.processIdentifier)
            #expect(throws: DirectoryLock.Failure.heldByProcess(own)) { try DirectoryLock(directory.path) }
            #expect(try String(contentsOfFile: directory.file("lock"), encoding: .utf8) == "\(own)\n")
            withExtendedLifetime(lock) {}
        }
        _ = try DirectoryLock(directory.path)
    }

    @Test func `a directory that is missing cannot be locked`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("none")
        #expect(throws: DirectoryLock.Failure.file(FileError("open", "\(path)/lock", code: ENOENT))) {
            try DirectoryLock(path)
        }
    }
}

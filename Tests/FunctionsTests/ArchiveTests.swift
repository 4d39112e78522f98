import Foundation
import JSON
import TestSupport
import Testing

@testable import Functions

/// Archives made by Python's own `zipfile`, good and bad.
struct ArchiveTests {
    /// Runs a script that writes to `archive`, and answers the archive's bytes.
    private func archive(_ script: String) throws -> [UInt8] {
        let directory = try TemporaryDirectory()
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        let head = "import sys, zipfile, stat\narchive = zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED)\n"
        process.arguments = ["python3", "-c", head + script + "\narchive.close()", directory.file("a.zip")]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return try Array(Data(contentsOf: URL(filePath: directory.file("a.zip"))))
    }

    private func refusal(_ bytes: [UInt8], limits: CodeArchive.Limits = .init()) throws -> String? {
        let directory = try TemporaryDirectory()
        let inner = directory.file("inner")
        try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
        do throws(ArchiveError) {
            try CodeArchive(limits: limits).unpack(bytes, into: inner)
            return nil
        } catch {
            // Whatever was wrong, nothing stands outside of the folder.
            let names = try? FileManager.default.contentsOfDirectory(atPath: directory.path)
            #expect(names == ["inner"])
            return error.description
        }
    }

    @Test func `files, folders and the right to be run come out`() async throws {
        let bytes = try archive(
            """
            archive.writestr("main.py", "print(1)")
            archive.writestr("deep/er/data.txt", "x" * 100000)
            run = zipfile.ZipInfo("bootstrap"); run.external_attr = 0o755 << 16
            archive.writestr(run, "#!/bin/sh")
            """
        )
        let directory = try TemporaryDirectory()
        try CodeArchive().unpack(bytes, into: directory.path)
        #expect(try String(contentsOfFile: directory.file("main.py"), encoding: .utf8) == "print(1)")
        #expect(try Data(contentsOf: URL(filePath: directory.file("deep/er/data.txt"))).count == 100_000)
        #expect(FileManager.default.isExecutableFile(atPath: directory.file("bootstrap")))
        #expect(FileManager.default.isReadableFile(atPath: directory.file("main.py")))
    }

    @Test(arguments: ["../out.py", "a/../../out.py", "/etc/out.py", "a\\\\..\\\\out.py", "./a/./b", "a\\x01b"])
    func `a path that leads out of the folder is refused`(name: String) throws {
        let bytes = try archive("archive.writestr('\(name)', 'x')")
        let text = try #require(try refusal(bytes))
        #expect(text.hasSuffix("must not lead out of its folder") || text.contains("must be a relative path"))
    }

    @Test func `a symbolic link is refused`() throws {
        let bytes = try archive(
            """
            link = zipfile.ZipInfo("link"); link.create_system = 3; link.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, "/etc")
            archive.writestr("link/passwd", "x")
            """
        )
        #expect(try refusal(bytes) == "\"link\" in the archive is a symbolic link; only files and folders may be")
    }

    @Test func `a bomb is refused by what it says and by what it is`() throws {
        let bytes = try archive("archive.writestr('zeros', bytes(64 << 20))")
        #expect(bytes.count < 1 << 20)
        let limits = CodeArchive.Limits(unzippedBytes: 16 << 20)
        #expect(try refusal(bytes, limits: limits)?.hasPrefix("Unzipped size must be smaller than") == true)
        // The size that the archive tells is a lie of 100 bytes, at both places where it stands.
        let truth: [UInt8] = [0, 0, 0, 4]
        let lie: [UInt8] = [100, 0, 0, 0]
        var lying = bytes
        for index in 0..<(lying.count - 4) where Array(lying[index..<index + 4]) == truth {
            lying.replaceSubrange(index..<index + 4, with: lie)
        }
        #expect(lying != bytes)
        #expect(try refusal(lying, limits: limits) != nil)
    }

    @Test func `more entries, more bytes and twice the same are refused`() throws {
        let many = try archive("for n in range(50): archive.writestr(str(n), '')")
        #expect(try refusal(many, limits: .init(entries: 49)) == "the archive has 50 entries, at most 49 may be")
        #expect(try refusal(many, limits: .init(zippedBytes: 100))?.hasSuffix("at most 100 may be") == true)
        let twice = try archive(
            "import warnings; warnings.simplefilter('ignore')\narchive.writestr('a', '1'); archive.writestr('a', '2')"
        )
        #expect(try refusal(twice) == "\"a\" in the archive is there twice")
    }

    @Test func `what is no archive, or a cut one, is refused`() throws {
        let whole = try archive("archive.writestr('a', 'x' * 10000)")
        #expect(try refusal([]) == "the archive is empty")
        for bytes in [Array("hello".utf8), Array(whole.prefix(whole.count / 2))] {
            #expect(try refusal(bytes)?.hasPrefix("this is not a zip archive") == true)
        }
        var damaged = whole
        damaged[45] ^= 0xff
        #expect(try refusal(damaged) == "\"a\" in the archive is damaged")
    }
}

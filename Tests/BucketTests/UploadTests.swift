import Foundation
import TestSupport
import Testing

@testable import Bucket

/// Objects that come piece by piece, as a whole or in parts.
@Suite struct UploadTests {
    let directory: TemporaryDirectory
    let bucket: Bucket

    init() throws {
        directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: directory.file("root"), withIntermediateDirectories: true)
        bucket = try Bucket(name: "my-bucket", root: directory.file("root"))
    }

    private func files() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: bucket.root).sorted()
    }

    private func upload(_ id: String = "u-1", key: String = "a/b", at seconds: Int = 1000) throws -> MultipartUpload {
        let upload = MultipartUpload(
            id: id,
            key: key,
            initiatedSeconds: seconds,
            attributes: ObjectAttributes(["ContentType": "text/x", "x-amz-meta-n": "v"]),
            algorithm: "CRC32",
            isChecksumOfWhole: true
        )
        try bucket.create(upload)
        return upload
    }

    private func put(_ number: Int, _ text: String, tag: Character, of upload: MultipartUpload) throws {
        var part = try bucket.beginPart(number, of: upload)
        try part.write(Array(text.utf8))
        try part.commit(entityTag: String(repeating: tag, count: 32), checksum: "")
    }

    // MARK: Whole objects

    @Test func `an object that is not finished is not there, and leaves nothing`() throws {
        do {
            var object = try bucket.begin("a.txt")
            try object.write([1, 2, 3])
            #expect(try bucket.list().objects.isEmpty)
        }
        #expect(try files().isEmpty)
    }

    @Test func `a mark counts until somebody else writes to the file`() throws {
        var object = try bucket.begin("a.txt")
        try object.write(Array("hello".utf8))
        let checksum = ContentChecksum(algorithm: "CRC32", value: "NhCmhg==")
        try object.commit(ContentMark(entityTag: "tag-2", checksum: checksum, uploadID: "u"))
        let described = try bucket.describe("a.txt")
        #expect(described.entityTag == "tag-2")
        #expect(described.checksum == checksum)
        #expect(described.uploadID == "u")

        let file = try #require(FileHandle(forWritingAtPath: "\(bucket.root)/a.txt"))
        try file.seekToEnd()
        try file.write(contentsOf: Data("!".utf8))
        try file.close()
        let changed = try bucket.describe("a.txt")
        #expect(changed.entityTag == "5a8dd3ad0756a93ded72b823b19dd877")
        #expect(changed.checksum == nil)
        #expect(changed.uploadID == nil)
    }

    @Test func `the tag of a file that a person put is found out once`() throws {
        try directory.write("hello", to: "root/a.txt")
        #expect(try bucket.describe("a.txt").entityTag == "5d41402abc4b2a76b9719d911017c592")
        let reader = try bucket.reader(of: "a.txt")
        #expect(reader.file.mark?.entityTag == "5d41402abc4b2a76b9719d911017c592")
    }

    @Test func `a name may have 255 bytes and no more`() throws {
        let name = String(repeating: "é", count: 127) + "x"
        try bucket.put([1], at: name)
        #expect(try bucket.list().objects.map(\.key) == [name])
        let error = #expect(throws: BucketError.self) { try bucket.put([1], at: name + "x") }
        #expect(error?.code == .keyTooLong)
        #expect(try files() == [name])
    }

    @Test(arguments: [("a", "a/b"), ("a/b", "a")])
    func `a name is a file or a folder, and the second of the two is refused`(first: String, second: String) throws {
        try bucket.put([1], at: first)
        let error = #expect(throws: BucketError.self) { try bucket.put([2], at: second) }
        #expect(error?.code == .invalidLocation)
        #expect(try bucket.list().objects.map(\.key) == [first])
        #expect(try bucket.read(first) == [1])
    }

    @Test func `an object goes with the folders that it leaves empty`() throws {
        try bucket.put([1], at: "a/b/c/d")
        try bucket.put([1], at: "a/x")
        try bucket.deleteWithFolders("a/b/c/d")
        #expect(try files() == ["a", "a/x"])
        try bucket.deleteWithFolders("a/b/c/d")
        try bucket.deleteWithFolders("a")
        #expect(try files() == ["a", "a/x"])
    }

    // MARK: Parts

    @Test func `parts become the object in their order, whatever the order they came in`() async throws {
        let upload = try upload()
        try put(10, "ten", tag: "c", of: upload)
        try put(2, "two", tag: "b", of: upload)
        try put(1, "old", tag: "0", of: upload)
        try put(1, "one", tag: "a", of: upload)
        let parts = try bucket.parts(of: upload)
        #expect(parts.map(\.number) == [1, 2, 10])
        #expect(parts.map(\.entityTag.first) == ["a", "b", "c"])
        #expect(try bucket.list().objects.isEmpty)

        try await bucket.complete(upload, with: parts, mark: ContentMark(entityTag: "t-3", uploadID: upload.id))
        #expect(String(decoding: try bucket.read("a/b"), as: UTF8.self) == "onetwoten")
        let described = try bucket.describe("a/b")
        #expect(described.attributes == upload.attributes)
        #expect(described.entityTag == "t-3")
        #expect(described.uploadID == "u-1")
        #expect(try files() == ["a", "a/b"])
    }

    @Test func `an upload is there until it ends, also in another process`() throws {
        let upload = try upload()
        let other = try Bucket(name: "my-bucket", root: bucket.root)
        #expect(try other.uploads() == [upload])
        #expect(try other.upload("u-1", for: "a/b") == upload)
        try other.abort(upload)
        #expect(try bucket.uploads().isEmpty)
        #expect(try files() == ["a"])
    }

    @Test(arguments: ["", "u-2", "../u-1", "u-1/..", ".", "..", String(repeating: "x", count: 300), "u\0"])
    func `another id is no upload`(id: String) throws {
        _ = try upload()
        let error = #expect(throws: BucketError.self) { try bucket.upload(id, for: "a/b") }
        #expect(error?.code == .noSuchUpload)
    }

    @Test func `an upload is of one key`() throws {
        _ = try upload()
        #expect(throws: BucketError.self) { try bucket.upload("u-1", for: "a/c") }
    }

    @Test func `what a crash left is removed, and what goes on stays`() throws {
        let old = try upload("old", key: "x", at: 10)
        let young = try upload("young", key: "y", at: 1000)
        try put(1, "one", tag: "a", of: young)
        try directory.write("half", to: "root/a/.millrace-b.1.2")
        try directory.write("half", to: "root/.multipart-uploads/young/.millrace-2.1.2")
        try directory.write("part", to: "root/.multipart-uploads/ended/1-\(String(repeating: "a", count: 32))-")
        try directory.write("kept", to: "root/a/.profile")
        try bucket.removeLeftovers(uploadsBefore: 500)
        #expect(try bucket.uploads() == [young])
        #expect(throws: BucketError.self) { try bucket.upload(old.id, for: "x") }
        #expect(
            try files() == [
                ".multipart-uploads", ".multipart-uploads/young",
                ".multipart-uploads/young/1-\(String(repeating: "a", count: 32))-",
                ".multipart-uploads/young/upload", "a", "a/.profile",
            ]
        )
    }

    // MARK: Buckets

    @Test func `a bucket that is made is there at the next start, until it is deleted`() throws {
        let home = directory.file("buckets")
        let buckets = try Buckets([bucket], newIn: home)
        try buckets.create("second")
        #expect(throws: BucketError.self) { try buckets.create("second") }
        #expect(throws: BucketError.self) { try buckets.create("my-bucket") }
        #expect(throws: BucketError.self) { try buckets.create("../third") }
        #expect(try Buckets([bucket], newIn: home).all.map(\.name) == ["my-bucket", "second"])

        let second = try buckets.bucket(named: "second")
        try second.put([1], at: "a/b")
        #expect(#expect(throws: BucketError.self) { try buckets.delete("second") }?.code == .bucketNotEmpty)
        try second.delete("a/b")
        try buckets.delete("second")
        #expect(#expect(throws: BucketError.self) { try buckets.delete("second") }?.code == .noSuchBucket)
        #expect(#expect(throws: BucketError.self) { try buckets.delete("my-bucket") }?.code == .bucketIsConfigured)
        #expect(try Buckets([bucket], newIn: home).all.map(\.name) == ["my-bucket"])
        #expect(!FileManager.default.fileExists(atPath: "\(home)/second"))
    }

    @Test func `whoever listens hears of the buckets there are and of each change`() async throws {
        let buckets = try Buckets([bucket], newIn: directory.file("buckets"))
        var changes = buckets.changes().makeAsyncIterator()
        try buckets.create("second")
        try buckets.delete("second")
        var heard: [String] = []
        for _ in 0..<3 {
            switch await changes.next() {
            case .added(let bucket): heard.append("+\(bucket.name)")
            case .removed(let bucket): heard.append("-\(bucket.name)")
            case nil: heard.append("end")
            }
        }
        #expect(heard == ["+my-bucket", "+second", "-second"])
    }
}

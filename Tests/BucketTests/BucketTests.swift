import Foundation
import TestSupport
import Testing

@testable import Bucket

@Suite("Bucket") struct BucketTests {
    let directory: TemporaryDirectory
    let bucket: Bucket

    init() throws {
        directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: directory.file("root"), withIntermediateDirectories: true)
        bucket = try Bucket(name: "my-bucket", root: directory.file("root"))
    }

    @Test(arguments: ["abc", "a.b-c", "0ab", String(repeating: "a", count: 63)])
    func `a name of S3 is a name`(name: String) throws {
        #expect(try Bucket(name: name, root: "/x").name == name)
    }

    @Test(arguments: ["", "ab", "Abc", "a_b", "-abc", "abc.", "a b", "ä-bc", String(repeating: "a", count: 64)])
    func `another name is refused`(name: String) {
        let error = #expect(throws: BucketError.self) { try Bucket(name: name, root: "/x") }
        #expect(error?.code == .invalidBucketName)
        #expect(error?.description.contains("\"\(name)\"") == true)
    }

    @Test func `a location has a bucket and a key`() throws {
        let location = try ObjectLocation(parsing: "s3://my-bucket/team/Users/")
        #expect(location.bucket == "my-bucket")
        #expect(location.key == "team/Users/")
        #expect(location.description == "s3://my-bucket/team/Users/")
        #expect(try ObjectLocation(parsing: "s3://my-bucket").key == "")
    }

    @Test(arguments: [
        "my-bucket/a", "http://my-bucket/a", "s3://", "s3:///a", "s3://my-bucket/../a", "s3://my-bucket/a//b",
        "s3://my-bucket//a", "s3://my-bucket/a/./b", "s3://my-bucket/a/..",
        "s3://my-bucket/\(String(repeating: "x", count: 1025))",
        "s3://my-bucket/a\0b",
    ])
    func `another location is refused`(text: String) {
        #expect(throws: BucketError.self) { try ObjectLocation(parsing: text) }
    }

    @Test func `what is put can be read, listed, hashed and deleted`() throws {
        try bucket.put(Array("hello".utf8), at: "a/b/c.txt")
        #expect(try bucket.read("a/b/c.txt") == Array("hello".utf8))
        #expect(
            try bucket.contentHash(of: "a/b/c.txt")
                == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
        )
        let object = try #require(try bucket.list().objects.first)
        #expect(object.key == "a/b/c.txt")
        #expect(object.size == 5)
        #expect(abs(object.modifiedAt.timeIntervalSinceNow) < 60)
        #expect(try bucket.object("a/b/c.txt") == object)
        try bucket.put(Array("again".utf8), at: "a/b/c.txt")
        #expect(try bucket.read("a/b/c.txt") == Array("again".utf8))
        try bucket.delete("a/b/c.txt")
        try bucket.delete("a/b/c.txt")
        #expect(try bucket.object("a/b/c.txt") == nil)
        #expect(throws: BucketError(.noSuchKey, "s3://my-bucket/a/b/c.txt does not exist")) {
            try bucket.read("a/b/c.txt")
        }
    }

    @Test func `a listing has the keys of a prefix in order, without what is no object`() throws {
        for name in ["b.csv", "a/2.csv", "a/1.csv", "ab.csv", "a/.hidden", "a/x.tmp", ".git/config", "a~/c.csv"] {
            try directory.write("x", to: "root/\(name)")
        }
        #expect(try bucket.list().objects.map(\.key) == ["a/1.csv", "a/2.csv", "ab.csv", "b.csv"])
        #expect(try bucket.list(prefix: "a/").objects.map(\.key) == ["a/1.csv", "a/2.csv"])
        #expect(try bucket.list(prefix: "a").objects.map(\.key) == ["a/1.csv", "a/2.csv", "ab.csv"])
        #expect(try bucket.list(prefix: "a/2").objects.map(\.key) == ["a/2.csv"])
        #expect(try bucket.list(prefix: "none/").objects.isEmpty)
        #expect(throws: BucketError.self) { try bucket.list(prefix: "../") }
    }

    @Test func `links are followed inside the bucket and refused out of it`() throws {
        try directory.write("secret", to: "outside/file.txt")
        try directory.write("inside", to: "root/real.txt")
        let links = [
            "out.txt": directory.file("outside/file.txt"), "up.txt": "../outside/file.txt",
            "folder": directory.file("outside"), "in.txt": "real.txt", "loop": ".", "dangling": "nothing",
        ]
        for (name, target) in links {
            try FileManager.default.createSymbolicLink(
                atPath: directory.file("root/\(name)"),
                withDestinationPath: target
            )
        }
        let listing = try bucket.list()
        #expect(listing.objects.map(\.key) == ["in.txt", "real.txt"])
        #expect(listing.refusals.count == 4)
        #expect(listing.refusals.allSatisfy { $0.code == .symbolicLinkRefused })
        #expect(try bucket.read("in.txt") == Array("inside".utf8))
        for key in ["out.txt", "up.txt", "folder/file.txt"] {
            let error = #expect(throws: BucketError.self) { try bucket.read(key) }
            #expect(error?.code == .symbolicLinkRefused)
        }
        let error = #expect(throws: BucketError.self) { try bucket.put([1], at: "folder/sub/new.txt") }
        #expect(error?.code == .symbolicLinkRefused)
        #expect(!FileManager.default.fileExists(atPath: directory.file("outside/sub")))
    }

    @Test func `a bucket whose name starts another's is not inside it`() throws {
        try directory.write("x", to: "root-other/file.txt")
        let link = directory.file("root/link.txt")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "../root-other/file.txt")
        #expect(throws: BucketError.self) { try bucket.path(of: "link.txt") }
    }

    @Test func `a bucket without its directory says so`() throws {
        let bucket = try Bucket(name: "gone", root: directory.file("nowhere"))
        let error = #expect(throws: BucketError.self) { try bucket.list() }
        #expect(error?.code == .noSuchBucket)
        #expect(throws: BucketError.self) { try bucket.put([1], at: "a") }
        #expect(throws: BucketError.self) { try bucket.read("a") }
    }
}

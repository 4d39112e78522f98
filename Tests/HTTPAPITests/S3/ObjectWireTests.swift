import Bucket
import Foundation
import Integrity
import TestSupport
import Testing

@testable import HTTPAPI

/// The object store as bytes on a connection: what a well-behaved client does not send.
@Suite struct ObjectWireTests {
    private let server: ObjectServer

    init() throws { server = try ObjectServer() }

    private func code(_ answer: RawAnswer) throws -> String {
        try XMLReader.root(of: Array(answer.body.utf8))["Code"]?.text ?? ""
    }

    @Test func `an object is put, told and read, by path and by host`() async throws {
        try await server.run { port in
            let put = try await send(request("PUT", "/films/a/b.txt", "hello"), to: port)
            #expect(put.status == 200)
            #expect(put.headers["etag"] == "\"5d41402abc4b2a76b9719d911017c592\"")
            #expect(try server.files == ["a/b.txt"])
            let read = try await send(request("GET", "/a/b.txt", host: "films.localhost:\(port)"), to: port)
            #expect(read.status == 200)
            #expect(read.body == "hello")
            #expect(read.headers["content-type"] == "text/plain")
            let head = try await send(request("HEAD", "/a/b.txt", host: "films.s3.localhost"), to: port)
            #expect(head.status == 200)
            #expect(head.body == "")
            #expect(head.headers["content-length"] == "5")
        }
    }

    @Test(arguments: [
        ("bytes=0-1", 206, "he"), ("bytes=-2", 206, "lo"), ("bytes=4-", 206, "o"), ("bytes=0-99", 206, "hello"),
        ("bytes=2-1", 200, "hello"), ("bytes=x", 200, "hello"), ("lines=1-2", 200, "hello"),
        ("bytes=0-1,3-4", 200, "hello"),
    ])
    func `a range is a part`(range: String, status: Int, body: String) async throws {
        try server.bucket.put(Array("hello".utf8), at: "a.txt")
        try await server.run { port in
            let answer = try await send(request("GET", "/films/a.txt", [("range", range)]), to: port)
            #expect(answer.status == status)
            #expect(answer.body == body)
        }
    }

    @Test(arguments: ["bytes=5-", "bytes=9-10", "bytes=-0"])
    func `a range behind the end is refused`(range: String) async throws {
        try server.bucket.put(Array("hello".utf8), at: "a.txt")
        try await server.run { port in
            let answer = try await send(request("GET", "/films/a.txt", [("range", range)]), to: port)
            #expect(answer.status == 416)
            #expect(try code(answer) == "InvalidRange")
        }
    }

    @Test(arguments: [
        ("if-match", "\"5d41402abc4b2a76b9719d911017c592\"", 200), ("if-match", "\"x\"", 412), ("if-match", "*", 200),
        ("if-none-match", "\"x\"", 200), ("if-none-match", "5d41402abc4b2a76b9719d911017c592", 304),
        ("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT", 200),
        ("if-modified-since", "Fri, 31 Dec 9999 23:59:59 GMT", 304),
        ("if-unmodified-since", "Sun, 06 Nov 1994 08:49:37 GMT", 412),
        ("if-modified-since", "no date", 200),
    ])
    func `a reading may have a condition`(header: String, value: String, status: Int) async throws {
        try server.bucket.put(Array("hello".utf8), at: "a.txt")
        try await server.run { port in
            let answer = try await send(request("GET", "/films/a.txt", [(header, value)]), to: port)
            #expect(answer.status == status)
            if status == 304 { #expect(answer.body == "") }
        }
    }

    // MARK: Keys

    @Test(arguments: [
        ("/films/../secret", "InvalidArgument"), ("/films/a/../../secret", "InvalidArgument"),
        ("/films/%2e%2e/secret", "InvalidArgument"), ("/films/..%2fsecret", "InvalidArgument"),
        ("/films/a%2f..%2f..%2fsecret", "InvalidArgument"), ("/films/a//b", "InvalidArgument"),
        ("/films//a", "InvalidArgument"), ("/films/./a", "InvalidArgument"), ("/films/a%00b", "InvalidArgument"),
        ("/films/folder/", "InvalidArgument"), ("/films/.hidden", "InvalidArgument"),
        ("/films/.multipart-uploads/x/upload", "InvalidArgument"), ("/films/a.tmp", "InvalidArgument"),
        ("/films/%FF", "InvalidURI"), ("/films/\(String(repeating: "k", count: 1025))", "KeyTooLongError"),
        ("/films/\(String(repeating: "k", count: 256))", "KeyTooLongError"),
        ("/films/a.txt/below", "InvalidArgument"),
    ])
    func `a key never leads out of the bucket, nor to what is no object`(path: String, expected: String) async throws {
        try server.directory.write("what is outside", to: "secret")
        try server.bucket.put(Array("hello".utf8), at: "a.txt")
        try await server.run { port in
            let put = try await send(request("PUT", path, "evil"), to: port)
            #expect(try code(put) == expected)
            #expect(put.status == 400)
            let read = try await send(request("GET", path), to: port)
            #expect((400..<500).contains(read.status))
            #expect(!read.body.contains("what is outside"))
            let deleted = try await send(request("DELETE", path), to: port)
            #expect(deleted.status == 204 || deleted.status == 400)
        }
        #expect(try server.files == ["a.txt"])
        #expect(try String(contentsOfFile: server.directory.file("secret"), encoding: .utf8) == "what is outside")
    }

    @Test func `a symbolic link out of the bucket is not followed, to read or to write`() async throws {
        try server.directory.write("secret", to: "outside/secret")
        let link = "\(server.bucket.root)/out"
        let outside = server.directory.file("outside")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: outside)
        try await server.run { (port: Int) async throws -> Void in
            #expect(try await send(request("GET", "/films/out/secret"), to: port).status == 400)
            #expect(try await send(request("PUT", "/films/out/new", "evil"), to: port).status == 400)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: outside) == ["secret"])
    }

    // MARK: Uploads that go wrong

    @Test func `an upload that is cut off leaves nothing, and what was there stays`() async throws {
        try server.bucket.put(Array("before".utf8), at: "a.txt")
        try await server.run { port in
            do {
                let raw = try RawConnection(port: port)
                try raw.send("PUT /films/a.txt HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n")
                try raw.send(String(repeating: "x", count: 50_000))
                raw.finishSending()
                _ = try await raw.untilClosed()
            }
            #expect(try await send(request("GET", "/films/a.txt"), to: port).body == "before")
        }
        #expect(try server.files == ["a.txt"])
    }

    @Test(arguments: [
        ("content-md5", "XUFAKrxLKna5cZ2REBfFkg==", ""), ("content-md5", "XrY7u+Ae7tCTyyK7j1rNww==", "BadDigest"),
        ("content-md5", "short", "InvalidDigest"), ("x-amz-checksum-crc32", "NhCmhg==", ""),
        ("x-amz-checksum-crc32", "NhCmhw==", "BadDigest"), ("x-amz-checksum-crc32", "NhCm", "InvalidRequest"),
        ("x-amz-checksum-crc32c", "mnG7TA==", ""), ("x-amz-checksum-sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00=", ""),
        ("x-amz-checksum-sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=", ""),
        ("x-amz-checksum-sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCU=", "BadDigest"),
        ("x-amz-content-sha256", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", ""),
        (
            "x-amz-content-sha256", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9825",
            "XAmzContentSHA256Mismatch"
        ), ("x-amz-sdk-checksum-algorithm", "CRC31", "InvalidRequest"),
    ])
    func `a content that is not what was announced is refused`(name: String, value: String, expected: String)
        async throws
    {
        try await server.run { port in
            let answer = try await send(request("PUT", "/films/a.txt", "hello", [(name, value)]), to: port)
            #expect(answer.status == (expected.isEmpty ? 200 : 400))
            #expect(try answer.body.isEmpty ? expected.isEmpty : code(answer) == expected)
            #expect(try server.files == (expected.isEmpty ? ["a.txt"] : []))
        }
    }

    @Test func `a body in chunks is taken with the checksum behind it, and refused with a wrong one`() async throws {
        @Sendable func put(_ checksum: String) -> String {
            request(
                "PUT",
                "/films/a.txt",
                "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:\(checksum)\r\n\r\n",
                [
                    ("content-encoding", "gzip,aws-chunked"), ("x-amz-decoded-content-length", "5"),
                    ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
                    ("x-amz-trailer", "x-amz-checksum-crc32"),
                ]
            )
        }
        try await server.run { (port: Int) async throws -> Void in
            #expect(try await send(put("NhCmhw=="), to: port).status == 400)
            #expect(try server.files == [])
            #expect(try await send(put("NhCmhg=="), to: port).status == 200)
            let read = try await send(request("GET", "/films/a.txt", [("x-amz-checksum-mode", "ENABLED")]), to: port)
            #expect(read.body == "hello")
            #expect(read.headers["content-encoding"] == "gzip")
            #expect(read.headers["x-amz-checksum-crc32"] == "NhCmhg==")
        }
    }

    @Test func `an upload without a length is refused`() async throws {
        try await server.run { port in
            let answer = try await send("PUT /films/a.txt HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", to: port)
            #expect(answer.status == 411)
            #expect(try code(answer) == "MissingContentLength")
        }
    }

    @Test func `of two that write only what is not there one succeeds`() async throws {
        try await server.run { port in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<8 {
                    group.addTask {
                        let put = request("PUT", "/films/a.txt", "\(index)", [("if-none-match", "*")])
                        return try await send(put, to: port).status
                    }
                }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(statuses.filter { $0 == 200 }.count == 1)
            #expect(statuses.filter { $0 == 412 }.count == 7)
        }
    }

    @Test func `a large body is refused to the client that reads no answer before it has sent all`() async throws {
        try await server.run { port in
            let body = String(repeating: "x", count: 20 << 20)
            let answer = try await send(request("PUT", "/films/../a.txt", body), to: port)
            #expect(answer.status == 400)
        }
    }

    @Test func `requests that are sent ahead are answered in their order, objects among them`() async throws {
        try server.bucket.put([UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20), at: "big")
        try await server.run { port in
            let raw = try RawConnection(port: port)
            let get = "GET /films/big HTTP/1.1\r\nhost: x\r\n\r\n"
            let put = "PUT /films/small HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc"
            let ask = "POST /recommendations HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}"
            try raw.send(get + put + ask + get + request("GET", "/films/small"))
            let text = try await raw.untilClosed()
            #expect(text.utf8.count { $0 == UInt8(ascii: "x") } >= 2 << 20)
            #expect(text.split(separator: "HTTP/1.1 200 OK").count == 5)
            #expect(text.hasSuffix("abc"))
        }
    }

    // MARK: Beside the other operations

    @Test func `a path that is an operation's stays that, and one that is nothing is told as before`() async throws {
        try await server.run { port in
            let answer = try await send(request("POST", "/recommendations", "{}"), to: port)
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "application/json")
            let unknown = try await send(request("GET", "/recommendation"), to: port)
            #expect(unknown.status == 404)
            #expect(unknown.body.contains("did you mean \\\"/recommendations\\\"?"))
        }
    }

    @Test func `a web page reaches no object`() async throws {
        try server.bucket.put(Array("hello".utf8), at: "a.txt")
        try await server.run { port in
            let answer = try await send(request("GET", "/films/a.txt", [("origin", "http://evil")]), to: port)
            #expect(answer.status == 403)
            #expect(!answer.body.contains("hello"))
        }
    }

    @Test func `what was kept beside an object cannot end a line of the answer`() async throws {
        try server.bucket.put([1], at: "a.txt", attributes: .init(["ContentType": "x\r\nset-cookie: a=b"]))
        try await server.run { port in
            let answer = try await send(request("HEAD", "/films/a.txt"), to: port)
            #expect(answer.status == 200)
            #expect(answer.headers["set-cookie"] == nil)
        }
    }
}

import FoundationEssentials
import Testing

@testable import Integrity

/// The example of AWS's guide "Signature Calculations for the Authorization Header: Transferring Payload in Multiple
/// Chunks": 66,560 letters in chunks of 65,536.
@Suite struct ChunkedBodyTests {
    private static let body = { () -> [UInt8] in
        var text = "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n"
        text += String(repeating: "a", count: 65_536) + "\r\n"
        text += "400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n"
        text += String(repeating: "a", count: 1024) + "\r\n"
        text += "0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n"
        return Array(text.utf8)
    }()

    private func signing() throws -> ChunkedBody.Signing {
        let key = try AccessKey(id: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        let hash = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
        let names =
            "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;"
            + "x-amz-storage-class"
        let request = RequestHead(
            method: "PUT",
            path: "/examplebucket/chunkObject.txt",
            query: "",
            headers: [
                ("Host", "s3.amazonaws.com"), ("x-amz-date", "20130524T000000Z"), ("x-amz-content-sha256", hash),
                ("x-amz-storage-class", "REDUCED_REDUNDANCY"), ("Content-Encoding", "aws-chunked"),
                ("x-amz-decoded-content-length", "66560"), ("Content-Length", "66824"),
                (
                    "Authorization",
                    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                        + "SignedHeaders=\(names),"
                        + "Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
                ),
            ]
        )
        let date = Date(timeIntervalSince1970: 1_369_353_600)
        return .init(try SignatureVerifier([key]).verify(request, payloadHash: hash, at: date))
    }

    private func decode(_ bytes: [UInt8], pieces size: Int, signing: ChunkedBody.Signing?) throws -> [UInt8] {
        var (body, content) = (ChunkedBody(signing: signing), [UInt8]())
        for start in stride(from: 0, to: bytes.count, by: size) {
            content += try body.decode(Array(bytes[start..<min(start + size, bytes.count)]))
        }
        try body.finish()
        return content
    }

    @Test(arguments: [1, 7, 100, 65_536, 100_000])
    func `the example of the guide is taken, in pieces of any size`(size: Int) throws {
        let content = try decode(Self.body, pieces: size, signing: signing())
        #expect(content == [UInt8](repeating: UInt8(ascii: "a"), count: 66_560))
    }

    @Test(arguments: [100, 66_000])
    func `a byte that was changed is found`(index: Int) throws {
        var body = Self.body
        body[index] = UInt8(ascii: "b")
        #expect(throws: ChunkFault.mismatch) { try decode(body, pieces: 4096, signing: signing()) }
        #expect(try decode(body, pieces: 4096, signing: nil).count == 66_560)
    }

    @Test func `a chunk that was left out is found`() throws {
        let end = Self.body.suffix(86)
        #expect(throws: ChunkFault.mismatch) { try decode(Array(end), pieces: 4096, signing: signing()) }
    }

    @Test(arguments: [0, 1, 50, 5000, 66_823])
    func `a body that ends in the middle is cut off`(count: Int) throws {
        #expect(throws: ChunkFault.cutOff) { try decode(Array(Self.body.prefix(count)), pieces: 4096, signing: nil) }
    }

    @Test func `what stands behind the last chunk is told`() throws {
        var body = ChunkedBody(signing: nil)
        let text = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32: NhCmhg==\r\nX-Other:a:b\r\n\r\n"
        #expect(try body.decode(Array(text.utf8)) == Array("hello".utf8))
        try body.finish()
        #expect(body.trailer.map(\.name) == ["x-amz-checksum-crc32", "x-other"])
        #expect(body.trailer.map(\.value) == ["NhCmhg==", "a:b"])
    }

    @Test(arguments: [
        "zz\r\n", "-5\r\nhello\r\n", "5\r\nhellooo\r\n0\r\n\r\n", "ffffffffffff\r\n", "0\r\nno header\r\n\r\n",
    ])
    func `what is not in the form is refused`(text: String) {
        let error = #expect(throws: ChunkFault.self) { try decode(Array(text.utf8), pieces: 3, signing: nil) }
        guard case .malformed = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}

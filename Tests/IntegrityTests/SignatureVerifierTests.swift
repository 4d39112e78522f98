import FoundationEssentials
import Testing

@testable import Integrity

@Suite struct SignatureVerifierTests {
    private static let key: AccessKey? = try? AccessKey(
        id: "AKIAIOSFODNN7EXAMPLE",
        secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    )
    private static let date = Date(timeIntervalSince1970: 1_369_353_600)
    private static let host = (name: "Host", value: "examplebucket.s3.amazonaws.com")

    private let key: AccessKey
    private let verifier: SignatureVerifier

    init() throws {
        key = try #require(Self.key)
        verifier = SignatureVerifier([key])
    }

    /// A request signed for S3 on 24 May 2013, as AWS's guide "Signature Calculations for the Authorization Header"
    /// has it.
    static func signed(
        _ method: String,
        _ path: String,
        query: String = "",
        _ headers: [(name: String, value: String)] = [],
        hash: String = PayloadHash.empty,
        names: String = "host;x-amz-content-sha256;x-amz-date",
        signature: String
    ) -> RequestHead {
        let authorization =
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
            + "SignedHeaders=\(names),Signature=\(signature)"
        return RequestHead(
            method: method,
            path: path,
            query: query,
            headers: [
                host, ("x-amz-date", "20130524T000000Z"), ("x-amz-content-sha256", hash),
                ("Authorization", authorization),
            ] + headers
        )
    }

    private static let examples: [RequestHead] = [
        signed(
            "GET",
            "/test.txt",
            [("Range", "bytes=0-9")],
            names: "host;range;x-amz-content-sha256;x-amz-date",
            signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        ),
        signed(
            "PUT",
            "/test$file.text",
            [("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
            hash: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
            names: "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
            signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
        ),
        signed(
            "GET",
            "/",
            query: "lifecycle",
            signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
        ),
        signed(
            "GET",
            "/",
            query: "max-keys=2&prefix=J",
            signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
        ),
    ]

    private func verify(_ request: RequestHead, at date: Date = date) throws(SignatureFault) -> VerifiedSignature {
        try verifier.verify(request, payloadHash: request.header("x-amz-content-sha256") ?? "", at: date)
    }

    @Test(arguments: 0..<examples.count)
    func `the examples of the guide to S3 are taken`(index: Int) throws {
        let signature = try verify(Self.examples[index])
        #expect(signature.claim.scope.service == "s3")
        #expect(signature.claim.scope.accessKeyID == "AKIAIOSFODNN7EXAMPLE")
    }

    @Test func `get-vanilla of the test suite is taken`() throws {
        let key = try AccessKey(id: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
        let request = RequestHead(
            method: "GET",
            path: "/",
            query: "",
            headers: [
                ("Host", "example.amazonaws.com"), ("X-Amz-Date", "20150830T123600Z"),
                (
                    "Authorization",
                    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                        + "SignedHeaders=host;x-amz-date, "
                        + "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
                ),
            ]
        )
        let date = Date(timeIntervalSince1970: 1_440_938_160)
        _ = try SignatureVerifier([key]).verify(request, payloadHash: PayloadHash.empty, at: date)
    }

    private static func presigned(seconds: String = "86400") -> RequestHead {
        RequestHead(
            method: "GET",
            path: "/test.txt",
            query: "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3"
                + "%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=\(seconds)&X-Amz-SignedHeaders=host"
                + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
            headers: [host]
        )
    }

    @Test func `a presigned URL is taken until its time is over`() throws {
        func verify(after seconds: Double) throws(SignatureFault) {
            let date = Self.date.addingTimeInterval(seconds)
            _ = try verifier.verify(Self.presigned(), payloadHash: "UNSIGNED-PAYLOAD", at: date)
        }
        try verify(after: 0)
        try verify(after: 86_400)
        let error = #expect(throws: SignatureFault.self) { try verify(after: 86_401) }
        guard case .expired = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(throws: SignatureFault.self) { try verify(after: -901) }
    }

    @Test(arguments: ["0", "604801", "-1", "soon", "999999999999999999999"])
    func `a presigned URL is for a second to a week`(seconds: String) {
        let error = #expect(throws: SignatureFault.self) {
            try verifier.verify(Self.presigned(seconds: seconds), payloadHash: "UNSIGNED-PAYLOAD", at: Self.date)
        }
        #expect(error == .malformed("X-Amz-Expires \"\(seconds)\" must be from 1 to 604800 seconds"))
    }

    @Test func `a longer time than was signed is refused`() {
        let error = #expect(throws: SignatureFault.self) {
            try verifier.verify(Self.presigned(seconds: "604800"), payloadHash: "UNSIGNED-PAYLOAD", at: Self.date)
        }
        #expect(error == .mismatch)
    }

    @Test(arguments: [(900, true), (-900, true), (901, false), (-901, false)])
    func `a clock may be off by a quarter of an hour`(seconds: Double, isTaken: Bool) {
        let result = Result { try verify(Self.examples[0], at: Self.date.addingTimeInterval(seconds)) }
        #expect(((try? result.get()) != nil) == isTaken)
    }

    @Test func `a wrong secret, and a right one of another, are refused`() throws {
        let other = try AccessKey(id: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEx")
        #expect(throws: SignatureFault.mismatch) {
            try SignatureVerifier([other]).verify(Self.examples[0], payloadHash: PayloadHash.empty, at: Self.date)
        }
        let stranger = try AccessKey(id: "somebody", secret: key.secret)
        #expect(throws: SignatureFault.unknownKey("AKIAIOSFODNN7EXAMPLE")) {
            try SignatureVerifier([stranger]).verify(Self.examples[0], payloadHash: PayloadHash.empty, at: Self.date)
        }
    }

    @Test func `what was changed after it was signed is refused`() {
        let signer = RequestSigner(key: key)
        let head = RequestHead(
            method: "POST",
            path: "/a/b",
            query: "x=1&y=%20",
            headers: [("host", "here"), ("x-amz-target", "A.B")]
        )
        let added = signer.headers(for: head, service: "states", body: [1, 2], at: Self.date, nonce: "n-1")
        let hash = PayloadHash.text(of: [1, 2])
        func verify(
            method: String = "POST",
            path: String = "/a/b",
            query: String = "x=1&y=%20",
            target: String = "A.B",
            hash: String
        ) -> Bool {
            let headers = [(name: "host", value: "here"), (name: "x-amz-target", value: target)] + added
            let head = RequestHead(method: method, path: path, query: query, headers: headers)
            return (try? verifier.verify(head, payloadHash: hash, at: Self.date)) != nil
        }
        #expect(verify(hash: hash))
        #expect(verify(query: "y=%20&x=1", hash: hash), "the order of a query is not signed")
        #expect(!verify(method: "PUT", hash: hash))
        #expect(!verify(path: "/a/c", hash: hash))
        #expect(!verify(query: "x=2&y=%20", hash: hash))
        #expect(!verify(target: "A.C", hash: hash))
        #expect(!verify(hash: PayloadHash.text(of: [1, 3])))
    }

    @Test(arguments: [
        "", "Bearer x", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=00",
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host",
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130525/us-east-1/s3/aws4_request, SignedHeaders=host, "
            + "Signature=00",
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=range, "
            + "Signature=00",
    ])
    func `an authorization that cannot be read is told as such`(text: String) {
        let request = RequestHead(
            method: "GET",
            path: "/",
            query: "",
            headers: [("host", "x"), ("X-Amz-Date", "20130524T000000Z"), ("Authorization", text)]
        )
        let error = #expect(throws: SignatureFault.self) { try SignatureClaim(request) }
        guard case .malformed = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `a header of AWS's that is not signed is refused`() {
        let request = Self.signed("GET", "/", [("x-amz-acl", "public-read")], signature: "00")
        #expect(throws: SignatureFault.malformed("the header \"x-amz-acl\" must be signed")) { try verify(request) }
    }

    @Test func `a request without a signature has none`() {
        let request = RequestHead(method: "GET", path: "/", query: "a=b", headers: [Self.host])
        #expect(throws: SignatureFault.missing) { try SignatureClaim(request) }
        #expect(SignatureClaim.service(query: request.query) == nil)
        #expect(SignatureClaim.service(query: Self.presigned().query) == "s3")
        let signed = Self.examples[0].header("authorization") ?? ""
        #expect(SignatureClaim.service(authorization: signed) == "s3")
        for text in ["", "Basic a=b", "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, X=y", "=/aws4_request"] {
            #expect(SignatureClaim.service(authorization: text) == nil)
        }
    }

    @Test(arguments: [
        ("20130524T000000Z", 1_369_353_600), ("19700101T000000Z", 0), ("20240229T235959Z", 1_709_251_199),
        ("20000301T000000Z", 951_868_800),
    ])
    func `a moment is read and written`(text: String, seconds: Int) throws {
        #expect(try #require(SignatureTimestamp(text)).seconds == seconds)
        #expect(SignatureTimestamp(Date(timeIntervalSince1970: Double(seconds) + 0.9)).text == text)
    }

    @Test(arguments: [
        "", "20130524", "20131324T000000Z", "20130524T240000Z", "2013-05-24T00:00:00Z", "20130524T00000٣Z",
    ])
    func `what is no moment is none`(text: String) {
        #expect(SignatureTimestamp(text) == nil)
    }

    @Test(arguments: [
        ("", "12345678"), ("a b", "12345678"), ("id", "12345678"), ("good", "short"), ("good", "with space"),
    ])
    func `a key that cannot be is refused without telling its secret`(id: String, secret: String) {
        let error = #expect(throws: SignatureFault.self) { try AccessKey(id: id, secret: secret) }
        #expect(!"\(String(describing: error))".contains(secret))
    }
}

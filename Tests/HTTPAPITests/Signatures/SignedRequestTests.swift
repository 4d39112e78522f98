import Foundation
import Integrity
import JSON
import Synchronization
import Testing

@testable import HTTPAPI

/// A server with access keys, asked by hand.
@Suite struct SignedRequestTests {
    private static let now = Date(timeIntervalSince1970: 1_000_000_000)

    private let server: ObjectServer
    private let key: AccessKey

    init() throws {
        server = try ObjectServer()
        key = try AccessKey(id: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    }

    /// How a request is to differ from a right one.
    private struct Difference {
        var key: AccessKey?
        var seconds = 0.0
        var nonce = "n-1"
        var signedBody: String?
    }

    /// A signed request as text.
    private func signed(
        _ method: String,
        _ path: String,
        _ body: String = "",
        service: String = "millrace",
        _ headers: [(name: String, value: String)] = [],
        but difference: Difference = Difference()
    ) -> String {
        let bytes = Array((difference.signedBody ?? body).utf8)
        let hash = (name: "x-amz-content-sha256", value: PayloadHash.text(of: bytes))
        let all = headers + (service == "s3" ? [hash] : [])
        let added = RequestSigner(key: difference.key ?? key).headers(
            for: RequestHead(method: method, path: path, query: "", headers: all + [("host", "127.0.0.1")]),
            service: service,
            body: bytes,
            at: Self.now.addingTimeInterval(difference.seconds),
            nonce: difference.nonce
        )
        return request(method, path, body, all + added)
    }

    private static let target = (name: "x-amz-target", value: "Millrace.PutThing")
    private static let form = (name: "content-type", value: "application/x-www-form-urlencoded; charset=utf-8")

    /// One operation that changes something and one that reads.
    private func operations() -> [OperationTable] {
        var table = OperationTable(service: "Millrace", protocol: .json11)
        table["PutThing"] = { _ in ["put": true] }
        table["DescribeThing"] = { _ in ["thing": 1] }
        return [table, .sts(account: "123456789012")]
    }

    private func run<Result: Sendable>(
        _ body: @escaping @Sendable (_ port: Int) async throws -> Result
    ) async throws -> Result {
        try await server.run(keys: [key], operations: operations(), body)
    }

    private func code(_ answer: RawAnswer) -> String {
        if let json = try? JSON(parsing: answer.body) { return json["__type"]?.string ?? "" }
        let root = try? XMLReader.root(of: Array(answer.body.utf8))
        return root?["Code"]?.text ?? root?["Error"]?["Code"]?.text ?? ""
    }

    @Test func `a rightly signed request is answered, of every protocol`() async throws {
        try await run { port in
            let json = try await send(signed("POST", "/", "{}", [Self.target]), to: port)
            #expect(json.status == 200)
            let rest = try await send(signed("POST", "/recommendations", "{}", service: "personalize"), to: port)
            #expect(rest.status == 200)
            let query = try await send(
                signed("POST", "/", "Action=GetCallerIdentity&Version=2011-06-15", service: "sts", [Self.form]),
                to: port
            )
            #expect(query.status == 200)
            #expect(query.body.contains("<Account>123456789012</Account>"))
            #expect(try await send(signed("PUT", "/films/a", "hello", service: "s3"), to: port).status == 200)
            #expect(try await send(signed("GET", "/films/a", service: "s3"), to: port).body == "hello")
        }
    }

    private static let refusals: [(Difference, json: String, query: String, objects: String)] = [
        (
            Difference(key: try? AccessKey(id: "AKIDEXAMPLE", secret: "another-secret")), "InvalidSignatureException",
            "SignatureDoesNotMatch", "SignatureDoesNotMatch"
        ),
        (
            Difference(key: try? AccessKey(id: "stranger", secret: "another-secret")), "UnrecognizedClientException",
            "InvalidClientTokenId", "InvalidAccessKeyId"
        ),
        (Difference(seconds: -901), "InvalidSignatureException", "SignatureDoesNotMatch", "RequestTimeTooSkewed"),
        (Difference(seconds: 901), "InvalidSignatureException", "SignatureDoesNotMatch", "RequestTimeTooSkewed"),
        (
            Difference(signedBody: "other"), "InvalidSignatureException", "SignatureDoesNotMatch",
            "XAmzContentSHA256Mismatch"
        ),
    ]

    @Test(arguments: 0..<refusals.count)
    func `a wrong signature, an old one and one of another body are refused, each protocol in its words`(index: Int)
        async throws
    {
        let (difference, json, query, objects) = Self.refusals[index]
        try await run { port in
            let first = try await send(signed("POST", "/", "{}", [Self.target], but: difference), to: port)
            #expect(code(first) == json)
            #expect(first.status == 400)
            let rest = signed("POST", "/recommendations", "{}", service: "personalize", but: difference)
            let second = try await send(rest, to: port)
            #expect(code(second) == json)
            #expect(second.status == 403)
            let form = "Action=GetCallerIdentity&Version=2011-06-15"
            let third = try await send(
                signed("POST", "/", form, service: "sts", [Self.form], but: difference),
                to: port
            )
            #expect(code(third) == query)
            #expect(third.status == 403)
            let put = signed("PUT", "/films/a", "hello", service: "s3", but: difference)
            let fourth = try await send(put, to: port)
            #expect(code(fourth) == objects)
            #expect(fourth.status == (objects == "XAmzContentSHA256Mismatch" ? 400 : 403))
        }
        #expect(try server.files == [])
    }

    @Test func `a request without a signature is refused, but for health`() async throws {
        try await run { (port: Int) async throws -> Void in
            #expect(
                code(try await send(request("POST", "/", "{}", [Self.target]), to: port))
                    == "MissingAuthenticationTokenException"
            )
            #expect(try await send(request("POST", "/recommendations", "{}"), to: port).status == 403)
            let form = "Action=GetCallerIdentity"
            #expect(
                code(try await send(request("POST", "/", form, [Self.form]), to: port)) == "MissingAuthenticationToken"
            )
            #expect(code(try await send(request("PUT", "/films/a", "x"), to: port)) == "AccessDenied")
            #expect(try await send(request("GET", "/health"), to: port).status == 200)
        }
        #expect(try server.files == [])
    }

    @Test func `a replayed request that changes something is refused, one that reads is not`() async throws {
        try await run { (port: Int) async throws -> Void in
            let change = signed("POST", "/", "{}", [Self.target])
            #expect(try await send(change, to: port).status == 200)
            #expect(code(try await send(change, to: port)) == "InvalidSignatureException")
            var again = Difference()
            again.nonce = "n-2"
            #expect(try await send(signed("POST", "/", "{}", [Self.target], but: again), to: port).status == 200)

            let read = signed("POST", "/", "{}", [(name: "x-amz-target", value: "Millrace.DescribeThing")])
            for _ in 0..<2 { #expect(try await send(read, to: port).status == 200) }

            let put = signed("PUT", "/films/a", "first", service: "s3")
            #expect(try await send(put, to: port).status == 200)
            #expect(try await send(signed("PUT", "/films/a", "second", service: "s3"), to: port).status == 200)
            #expect(code(try await send(put, to: port)) == "AccessDenied")
            #expect(try await send(signed("GET", "/films/a", service: "s3"), to: port).body == "second")
        }
    }

    @Test func `the client of our own signs`() async throws {
        let ids = Mutex(0)
        let signing = Client.Signing(
            key: key,
            now: { Self.now },
            makeID: { "n-\(ids.withLock { $0 += 1; return $0 })" }
        )
        try await run { port in
            let url = try #require(URL(string: "http://127.0.0.1:\(port)"))
            let client = Client(endpoint: url, signing: signing)
            for _ in 0..<2 { #expect(try await client.call("Millrace", "PutThing") == ["put": true]) }
            #expect(try await client.post("/recommendations", ["a": "ü"]) == [:])
            await #expect(throws: ClientError.self) { try await Client(endpoint: url).call("Millrace", "PutThing") }
        }
    }

    @Test(arguments: [
        ("0.0.0.0", false), ("192.168.1.5", false), ("::", false), ("127.0.0.1", true), ("localhost", true),
        ("127.9.9.9", true), ("::1", true), ("127.evil.example", false),
    ])
    func `without keys the address must be a loopback one`(host: String, isTaken: Bool) {
        var configuration = Server.Configuration()
        configuration.host = host
        #expect(configuration.validate().isEmpty == isTaken)
        if !isTaken { #expect(configuration.validate()[0].contains("MILLRACE_ACCESS_KEYS")) }
        configuration.accessKeys = [key]
        #expect(configuration.validate().isEmpty)
    }
}

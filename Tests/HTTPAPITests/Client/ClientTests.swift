import FoundationEssentials
import HTTPAPI
import JSON
import Testing

@Suite struct ClientTests {
    private static func client(_ port: Int, timeout: Duration = .seconds(60)) throws -> Client {
        Client(endpoint: try #require(URL(string: "http://127.0.0.1:\(port)/")), timeout: timeout)
    }

    private static func table(
        _ service: String,
        _ operation: String,
        _ handler: @escaping OperationHandler
    ) -> OperationTable {
        var table = OperationTable(service: service, protocol: .json11)
        table[operation] = handler
        return table
    }

    @Test func `a service that is not running is told with what starts it`() async throws {
        let port = try await withServer { $0 }
        let error = await #expect(throws: ClientError.self) {
            try await Self.client(port).call("Millrace", "Status")
        }
        #expect(
            error?.description == "cannot reach millrace at http://127.0.0.1:\(port)/: connection refused; "
                + "start it with `millrace serve`"
        )
    }

    @Test func `a refusal brings code, message and status`() async throws {
        let table = Self.table("AmazonPersonalize", "DescribeCampaign") { _ in
            throw WireError("ResourceNotFoundException", "campaign \"x\" does not exist")
        }
        let error = await #expect(throws: ClientError.self) {
            _ = try await withServer(operations: [table]) { port in
                try await Self.client(port).call("AmazonPersonalize", "DescribeCampaign")
            }
        }
        #expect(
            error == .refused(code: "ResourceNotFoundException", message: "campaign \"x\" does not exist", status: 400)
        )
        #expect(error?.description == "ResourceNotFoundException: campaign \"x\" does not exist")
    }

    @Test func `a path of its own is called`() async throws {
        let route = RESTRoute("/recommendations") { ["echo": $0] }
        let answer = try await withServer(routes: [route]) { port in
            try await Self.client(port).post("/recommendations", ["userId": "é\n"])
        }
        #expect(answer == ["echo": ["userId": "é\n"]])
    }

    @Test func `a service that hangs is given up`() async throws {
        let table = Self.table("Millrace", "Hang") { _ in
            let (never, source) = AsyncStream.makeStream(of: JSON.self)
            defer { source.finish() }
            return await never.first { _ in true } ?? [:]
        }
        let error = await #expect(throws: ClientError.self) {
            _ = try await withServer(operations: [table]) { port in
                try await Self.client(port, timeout: .milliseconds(100)).call("Millrace", "Hang")
            }
        }
        guard case .timedOut(_, "Hang", _) = error else {
            Issue.record("expected a timeout, got \(String(describing: error))")
            return
        }
    }
}

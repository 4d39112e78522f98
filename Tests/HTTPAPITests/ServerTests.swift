import FoundationEssentials
import HTTPAPI
import JSON
import Testing

@Suite struct ServerTests {
    private static var table: OperationTable {
        var table = OperationTable(service: "Millrace", protocol: .json11)
        table["Echo"] = { $0 }
        return table
    }

    private static func client(_ port: Int) throws -> Client {
        Client(endpoint: try #require(URL(string: "http://127.0.0.1:\(port)")))
    }

    @Test func `the port is told once the server listens`() async throws {
        let answer = try await withServer(operations: [Self.table]) { port in
            try await Self.client(port).call("Millrace", "Echo", ["a": 1])
        }
        #expect(answer == ["a": 1])
    }

    @Test func `a port in use is told with port and remedy`() async throws {
        try await withServer { port in
            let error = await #expect(throws: ServerError.self) {
                try await withServer(configure: { $0.port = port }) { _ in }
            }
            #expect(error?.code == .portInUse)
            #expect(error?.message.hasPrefix("cannot listen on 127.0.0.1:\(port): the port is in use") == true)
            #expect(error?.message.hasSuffix("choose another port with --port") == true)
        }
    }

    @Test func `a host that does not exist is told`() async throws {
        let error = await #expect(throws: ServerError.self) {
            try await withServer(configure: { $0.host = "no-such-host.invalid" }) { _ in }
        }
        #expect(error?.code == .addressNotAvailable)
    }

    @Test func `a body nested without end does not bring the service down`() async throws {
        let deep = String(repeating: "[", count: 100_000)
        let answer = try await withServer(operations: [Self.table]) { port in
            let raw = try RawConnection(port: port)
            let body = #"{"a":\#(deep)"#
            try raw.send("POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: Millrace.Echo\r\n")
            try raw.send("content-length: \(body.utf8.count)\r\n\r\n")
            try raw.send(body)
            let first = try await raw.firstBytes()
            #expect(first.hasPrefix("HTTP/1.1 400 Bad Request"))
            return try await Self.client(port).call("Millrace", "Echo", ["still": "here"])
        }
        #expect(answer == ["still": "here"])
    }

    @Test(arguments: [("Millrace.Echo", "413 Payload Too Large"), ("Millrace.Nothing", "400 Bad Request")])
    func `a client that reads nothing before it has sent too much is told`(target: String, status: String) async throws
    {
        try await withServer(operations: [Self.table], configure: { $0.maximumBodyBytes = 1000 }) { port in
            let raw = try RawConnection(port: port)
            let body = #"{"a":"\#(String(repeating: "x", count: 20 << 20))"}"#
            try raw.send("POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: \(target)\r\n")
            try raw.send("content-length: \(body.utf8.count)\r\n\r\n")
            try await raw.sendPatiently(body)
            let answer = try await raw.firstBytes()
            #expect(answer.hasPrefix("HTTP/1.1 \(status)"), "\(answer.prefix(80))")
        }
    }

    @Test(arguments: [("/schedules/x", "ValidationException"), ("/events", "InvalidInputException")])
    func `too much for a path of its own is refused in the words of its service`(path: String, code: String)
        async throws
    {
        var scheduler = OperationTable(service: "scheduler", protocol: .restJSON)
        scheduler["CreateSchedule"] = { $0 }
        let routes = RESTRoute.scheduler(scheduler) + [RESTRoute("/events") { $0 }]
        try await withServer(routes: routes, configure: { $0.maximumBodyBytes = 1000 }) { port in
            let raw = try RawConnection(port: port)
            let body = #"{"a":"\#(String(repeating: "x", count: 2000))"}"#
            try raw.send("POST \(path) HTTP/1.1\r\nhost: x\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)")
            let answer = try await raw.firstBytes()
            #expect(answer.hasPrefix("HTTP/1.1 400"), "\(answer.prefix(80))")
            #expect(answer.contains(code), "\(answer)")
        }
    }

    @Test func `bytes that are no HTTP are refused`() async throws {
        try await withServer(operations: [Self.table]) { port in
            let raw = try RawConnection(port: port)
            try raw.send("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\r\n\r\n")
            let rest = try await raw.untilClosed()
            #expect(rest.isEmpty || rest.hasPrefix("HTTP/1.1 400"))
            #expect(try await Self.client(port).call("Millrace", "Echo") == [:])
        }
    }

    @Test(arguments: ["", "POST / HTTP/1.1\r\n", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{"])
    func `a client that stands still is dropped`(start: String) async throws {
        try await withServer(operations: [Self.table], configure: { $0.idleTimeout = .milliseconds(50) }) { port in
            let raw = try RawConnection(port: port)
            try raw.send(start)
            // What counts is that the connection ends; half a request may be told that it is one.
            let rest = try await raw.untilClosed()
            #expect(rest.isEmpty || rest.hasPrefix("HTTP/1.1 4"), "\(rest)")
        }
    }

    @Test func `an operation that waits is cancelled when its client leaves, and others go on`() async throws {
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        let (departures, departed) = AsyncStream.makeStream(of: Void.self)
        var table = Self.table
        table["Wait"] = { input in
            await withTaskCancellationHandler {
                arrived.yield()
                for await _ in AsyncStream<Void>.makeStream().stream {}
            } onCancel: {
                departed.yield()
            }
            return input
        }
        table["WaitNot"] = { $0 }
        table.waits("Wait")
        table.waits("WaitNot")
        try await withServer(operations: [table]) { port in
            var raw: RawConnection? = try RawConnection(port: port)
            try raw?.send("POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: Millrace.Wait\r\ncontent-length: 2\r\n\r\n{}")
            _ = await arrivals.first { _ in true }
            #expect(try await Self.client(port).call("Millrace", "WaitNot", ["a": 1]) == ["a": 1])
            #expect(try await Self.client(port).call("Millrace", "Echo", ["a": 2]) == ["a": 2])
            raw = nil
            _ = await departures.first { _ in true }
        }
    }

    private static func request(_ target: String, _ body: String, _ more: String = "") -> String {
        "POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: \(target)\r\n\(more)content-length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test func `requests that are sent ahead are answered in their order`() async throws {
        let atOnce = RESTRoute("/now", atOnce: { $0.utf8 })
        let answers = try await withServer(operations: [Self.table], routes: [atOnce]) { port in
            let raw = try RawConnection(port: port)
            let requests = (0..<300).map { number in
                let request = Self.request("Millrace.Echo", #"{"n":\#(number)}"#)
                return number % 3 == 0 ? request : request.replacing("POST / ", with: "POST /now ")
            }
            let all = requests.joined() + Self.request("Millrace.Echo", #"{"n":300}"#, "connection: close\r\n")
            try await raw.sendPatiently(all)
            return try await raw.untilClosed()
        }
        let numbers = answers.split(separator: #"{"n":"#).dropFirst().compactMap { Int($0.prefix { $0 != "}" }) }
        #expect(numbers == Array(0...300))
    }

    @Test func `a client that sends no more still gets its answer`() async throws {
        let answer = try await withServer(operations: [Self.table]) { port in
            let raw = try RawConnection(port: port)
            try raw.send(Self.request("Millrace.Echo", #"{"a":1}"#))
            raw.finishSending()
            return try await raw.untilClosed()
        }
        #expect(answer.hasSuffix(#"{"a":1}"#))
    }

    @Test func `a client that asks before it sends a large body is told to go on`() async throws {
        try await withServer(operations: [Self.table]) { port in
            let raw = try RawConnection(port: port)
            let request = Self.request("Millrace.Echo", #"{"a":1}"#, "expect: 100-continue\r\nconnection: close\r\n")
            let end = try #require(request.firstRange(of: "\r\n\r\n")).upperBound
            try raw.send(String(request[..<end]))
            #expect(try await raw.firstBytes() == "HTTP/1.1 100 Continue\r\n\r\n")
            try raw.send(String(request[end...]))
            #expect(try await raw.untilClosed().hasSuffix(#"{"a":1}"#))
        }
    }

    @Test func `connections that come while the server ends do no harm`() async throws {
        for _ in 0..<30 {
            try await withServer(operations: [Self.table]) { port in
                for _ in 0..<20 { try RawConnection(port: port).send("POST / HTTP/1.1\r\n") }
            }
        }
    }

    @Test func `many clients are answered at once`() async throws {
        try await withServer(operations: [Self.table]) { port in
            let client = try Self.client(port)
            try await withThrowingTaskGroup(of: JSON.self) { group in
                for number in 0..<200 {
                    group.addTask { try await client.call("Millrace", "Echo", ["n": JSON(number)]) }
                }
                let numbers = try await group.reduce(into: Set<Int>()) { $0.insert($1["n"]?.int ?? -1) }
                #expect(numbers == Set(0..<200))
            }
        }
    }

    @Test func `every fault of a configuration is told`() {
        var configuration = Server.Configuration()
        #expect(configuration.validate().isEmpty)
        configuration.port = 70_000
        configuration.maximumBodyBytes = 0
        configuration.idleTimeout = .zero
        #expect(
            configuration.validate().map { String($0.prefix(17)) } == [
                "http.port \"70000\"", "http.maximumBodyB", "http.idleTimeout ",
            ]
        )
    }
}

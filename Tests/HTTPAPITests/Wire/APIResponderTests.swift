import HTTPAPI
import JSON
import Logging
import Testing

@Suite struct APIResponderTests {
    private struct Fault: Error {}

    private static var states: OperationTable {
        var states = OperationTable(service: "AWSStepFunctions", protocol: .json10)
        states["StartExecution"] = { input in ["startedWith": input] }
        states["StopExecution"] = { _ in throw WireError("ExecutionDoesNotExist", "no such execution") }
        states["ListExecutions"] = { _ in throw Fault() }
        return states
    }

    private static var personalize: OperationTable {
        var personalize = OperationTable(service: "AmazonPersonalize", protocol: .json11)
        personalize["ListRecipes"] = { _ in ["recipes": []] }
        return personalize
    }

    private static let recommendations = RESTRoute("/recommendations") { input in
        guard input["campaignArn"] != nil else { throw WireError("ResourceNotFoundException", "no campaign") }
        return ["itemList": []]
    }

    private static let atOnce = RESTRoute(
        "/at-once",
        atOnce: { input in
            guard input["campaignArn"] != nil else { throw WireError("ResourceNotFoundException", "no campaign") }
            return (["itemList": []] as JSON).utf8
        }
    )

    private static func post(
        _ path: String = "/",
        target: String? = nil,
        body: String = "{}",
        headers: [String: String] = [:],
        method: String = "POST",
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        configure: (inout Server.Configuration) -> Void = { _ in }
    ) async throws -> (response: RawAnswer, json: JSON) {
        var headers = headers
        headers["x-amz-target"] = target
        let fields = headers
        let response = try await withServer(
            operations: [states, personalize],
            routes: [recommendations, atOnce],
            logger: logger,
            configure: configure
        ) { port in
            let raw = try RawConnection(port: port)
            let lines = fields.map { "\($0): \($1)\r\n" }.joined()
            try raw.send("\(method) \(path) HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\(lines)")
            try raw.send("content-length: \(body.utf8.count)\r\n\r\n\(body)")
            return try RawAnswer(await raw.untilClosed())
        }
        return (response, try JSON(parsing: response.body))
    }

    @Test func `an operation is found by its target and framed in its service's protocol`() async throws {
        let (response, json) = try await Self.post(target: "AWSStepFunctions.StartExecution", body: #"{"name":"a"}"#)
        #expect(response.status == 200)
        #expect(json == ["startedWith": ["name": "a"]])
        #expect(response.headers["content-type"] == "application/x-amz-json-1.0")
        #expect(response.headers["x-amzn-requestid"] == "request-1")
        let (second, _) = try await Self.post(target: "AmazonPersonalize.ListRecipes")
        #expect(second.headers["content-type"] == "application/x-amz-json-1.1")
    }

    @Test func `an answer is dated`() async throws {
        let (response, _) = try await Self.post(target: "AWSStepFunctions.StartExecution")
        #expect(response.headers["date"] == "Sun, 09 Sep 2001 01:46:40 GMT")
    }

    @Test func `an empty body counts as an empty object`() async throws {
        let (response, json) = try await Self.post(target: "AWSStepFunctions.StartExecution", body: "")
        #expect(response.status == 200)
        #expect(json == ["startedWith": [:]])
    }

    @Test func `an error carries its code in the body and in a header`() async throws {
        let (response, json) = try await Self.post(target: "AWSStepFunctions.StopExecution")
        #expect(response.status == 400)
        #expect(json == ["__type": "ExecutionDoesNotExist", "message": "no such execution"])
        #expect(response.headers["x-amzn-errortype"] == "ExecutionDoesNotExist")
        #expect(response.headers["x-amzn-requestid"] == "request-1")
    }

    @Test(arguments: ["/recommendations", "/at-once"])
    func `a path of its own answers with the statuses of REST`(path: String) async throws {
        let (found, _) = try await Self.post(path, body: #"{"campaignArn":"a"}"#)
        #expect(found.status == 200)
        #expect(found.headers["content-type"] == "application/json")
        let (missing, json) = try await Self.post(path)
        #expect(missing.status == 404)
        #expect(json["__type"] == "ResourceNotFoundException")
    }

    @Test func `an unknown error is hidden from the client and told to the log`() async throws {
        let log = LogRecorder()
        let (response, json) = try await Self.post(target: "AWSStepFunctions.ListExecutions", logger: log.logger)
        #expect(response.status == 500)
        #expect(json["__type"] == "InternalFailure")
        #expect(json["message"] == "Internal error; the service's log tells more under request \"request-1\"")
        let line = try #require(log.recorded.first { $0.hasPrefix("error") })
        #expect(line.contains("error=Fault() operation=AWSStepFunctions.ListExecutions request.id=request-1"))
    }

    @Test(arguments: [
        (#"{"a": }"#, "the request is not JSON: line 1, column 7: unexpected \"}\", expected a value"),
        ("{\n\"a\": 1,\n}", "the request is not JSON: line 3, column 1: "),
        ("[1]", "the request must be a JSON object, it is array"),
    ])
    func `a request that is no JSON object is refused with its place`(body: String, message: String) async throws {
        let (response, json) = try await Self.post(target: "AWSStepFunctions.StartExecution", body: body)
        #expect(response.status == 400)
        #expect(json["__type"] == "SerializationException")
        #expect(json["message"]?.string?.hasPrefix(message) == true, "\(json)")
    }

    @Test(arguments: [
        ("AWSStepFunctions.StartExecutoin", #"has no operation "StartExecutoin", did you mean "StartExecution"?"#),
        ("AWSStepFunctions.Frobnicate", #"AWSStepFunctions has no operation "Frobnicate""#),
        ("AmazonPersonalise.ListRecipes", #"names no service, did you mean "AmazonPersonalize"?"#),
        ("DynamoDB_20120810.GetItem", #"names no service of "AWSStepFunctions", "AmazonPersonalize""#),
        ("nonsense", #"X-Amz-Target "nonsense" names no service of"#),
        (nil, "POST / needs the header"),
    ])
    func `an unknown target is refused with a suggestion`(target: String?, text: String) async throws {
        let (response, json) = try await Self.post(target: target)
        #expect(response.status == 400)
        #expect(json["__type"] == "UnknownOperationException")
        #expect(json["message"]?.string?.contains(text) == true, "\(json)")
    }

    @Test func `an unknown path is not found, with a hint`() async throws {
        let (near, hint) = try await Self.post("/recomendations")
        #expect(near.status == 404)
        #expect(hint["message"] == #"there is no path "/recomendations", did you mean "/recommendations"?"#)
        let (far, other) = try await Self.post("/somewhere/else")
        #expect(far.status == 404)
        #expect(other["message"]?.string?.contains("POST / with X-Amz-Target") == true)
    }

    @Test(arguments: [("/", "GET"), ("/recommendations", "PUT"), ("/health", "POST")])
    func `a wrong method is refused by name`(path: String, method: String) async throws {
        let (response, json) = try await Self.post(path, method: method)
        #expect(response.status == 405)
        #expect(json["message"]?.string?.hasSuffix("not \(method)") == true, "\(json)")
    }

    @Test(arguments: ["/recommendations?a=b", "http://elsewhere.example/recommendations"])
    func `a path is found beside a query and a host`(path: String) async throws {
        let (response, _) = try await Self.post(path, body: #"{"campaignArn":"a"}"#)
        #expect(response.status == 200)
    }

    @Test func `health is told`() async throws {
        let (response, json) = try await Self.post("/health", body: "", method: "GET")
        #expect(response.status == 200)
        #expect(json == ["status": "ok"])
    }

    @Test func `a body larger than allowed is refused`() async throws {
        let (response, json) = try await Self.post(
            target: "AWSStepFunctions.StartExecution",
            body: #"{"input":"0123456789"}"#,
            configure: { $0.maximumBodyBytes = 10 }
        )
        #expect(response.status == 413)
        #expect(json["message"] == "the request is larger than 10 bytes")
    }

    @Test func `a body that trickles in is given up`() async throws {
        let (response, json) = try await Self.post(
            target: "AWSStepFunctions.StartExecution",
            configure: { $0.bodyTimeout = .nanoseconds(1) }
        )
        #expect(response.status == 408)
        #expect(json["__type"] == "RequestTimeoutException")
    }

    @Test func `requests of web pages are refused`() async throws {
        let (response, json) = try await Self.post(
            target: "AWSStepFunctions.StartExecution",
            headers: ["origin": "https://example.com"]
        )
        #expect(response.status == 403)
        #expect(json["__type"] == "AccessDeniedException")
    }
}

import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JSON
import Logging
import NIOCore
import Testing

@testable import HTTPAPI

@Suite struct APIResponderTests {
    private struct Fault: Error {}

    private static func server(
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        configure: (inout Server.Configuration) -> Void = { _ in }
    ) -> Server {
        var states = OperationTable(service: "AWSStepFunctions", protocol: .json10)
        states["StartExecution"] = { input in ["startedWith": input] }
        states["StopExecution"] = { _ in throw WireError("ExecutionDoesNotExist", "no such execution") }
        states["ListExecutions"] = { _ in throw Fault() }
        var personalize = OperationTable(service: "AmazonPersonalize", protocol: .json11)
        personalize["ListRecipes"] = { _ in ["recipes": []] }
        let recommendations = RESTRoute("/recommendations") { input in
            guard input["campaignArn"] != nil else { throw WireError("ResourceNotFoundException", "no campaign") }
            return ["itemList": []]
        }
        var configuration = Server.Configuration()
        configure(&configuration)
        return Server(
            configuration: configuration,
            operations: [states, personalize],
            routes: [recommendations],
            makeRequestID: { "request-1" },
            logger: logger
        )
    }

    private static func post(
        _ path: String = "/",
        target: String? = nil,
        body: String = "{}",
        headers: HTTPFields = [:],
        method: HTTPRequest.Method = .post,
        server: Server = server()
    ) async throws -> (response: TestResponse, json: JSON) {
        var headers = headers
        if let target { headers[.amazonTarget] = target }
        let fields = headers
        return try await server.application.test(.router) { client in
            let response = try await client.execute(
                uri: path,
                method: method,
                headers: fields,
                body: ByteBuffer(string: body)
            )
            return (response, try JSON(parsing: Array(response.body.readableBytesView)))
        }
    }

    @Test func `an operation is found by its target and framed in its service's protocol`() async throws {
        let (response, json) = try await Self.post(target: "AWSStepFunctions.StartExecution", body: #"{"name":"a"}"#)
        #expect(response.status == .ok)
        #expect(json == ["startedWith": ["name": "a"]])
        #expect(response.headers[.contentType] == "application/x-amz-json-1.0")
        #expect(response.headers[.amazonRequestID] == "request-1")
        let (second, _) = try await Self.post(target: "AmazonPersonalize.ListRecipes")
        #expect(second.headers[.contentType] == "application/x-amz-json-1.1")
    }

    @Test func `an empty body counts as an empty object`() async throws {
        let (response, json) = try await Self.post(target: "AWSStepFunctions.StartExecution", body: "")
        #expect(response.status == .ok)
        #expect(json == ["startedWith": [:]])
    }

    @Test func `an error carries its code in the body and in a header`() async throws {
        let (response, json) = try await Self.post(target: "AWSStepFunctions.StopExecution")
        #expect(response.status == .badRequest)
        #expect(json == ["__type": "ExecutionDoesNotExist", "message": "no such execution"])
        #expect(response.headers[.amazonErrorType] == "ExecutionDoesNotExist")
        #expect(response.headers[.amazonRequestID] == "request-1")
    }

    @Test func `a path of its own answers with the statuses of REST`() async throws {
        let (found, _) = try await Self.post("/recommendations", body: #"{"campaignArn":"a"}"#)
        #expect(found.status == .ok)
        #expect(found.headers[.contentType] == "application/json")
        let (missing, json) = try await Self.post("/recommendations")
        #expect(missing.status == .notFound)
        #expect(json["__type"] == "ResourceNotFoundException")
    }

    @Test func `an unknown error is hidden from the client and told to the log`() async throws {
        let log = LogRecorder()
        let server = Self.server(logger: log.logger)
        let (response, json) = try await Self.post(target: "AWSStepFunctions.ListExecutions", server: server)
        #expect(response.status == .internalServerError)
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
        #expect(response.status == .badRequest)
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
        #expect(response.status == .badRequest)
        #expect(json["__type"] == "UnknownOperationException")
        #expect(json["message"]?.string?.contains(text) == true, "\(json)")
    }

    @Test func `an unknown path is not found, with a hint`() async throws {
        let (near, hint) = try await Self.post("/recomendations")
        #expect(near.status == .notFound)
        #expect(hint["message"] == #"there is no path "/recomendations", did you mean "/recommendations"?"#)
        let (far, other) = try await Self.post("/somewhere/else")
        #expect(far.status == .notFound)
        #expect(other["message"]?.string?.contains("POST / with X-Amz-Target") == true)
    }

    @Test(arguments: [("/", HTTPRequest.Method.get), ("/recommendations", .put), ("/health", .post)])
    func `a wrong method is refused by name`(path: String, method: HTTPRequest.Method) async throws {
        let (response, json) = try await Self.post(path, method: method)
        #expect(response.status == .methodNotAllowed)
        #expect(json["message"]?.string?.hasSuffix("not \(method.rawValue)") == true, "\(json)")
    }

    @Test func `health is told`() async throws {
        let (response, json) = try await Self.post("/health", body: "", method: .get)
        #expect(response.status == .ok)
        #expect(json == ["status": "ok"])
    }

    @Test func `a body larger than allowed is refused`() async throws {
        let server = Self.server { $0.maximumBodyBytes = 10 }
        let (response, json) = try await Self.post(
            target: "AWSStepFunctions.StartExecution",
            body: #"{"input":"0123456789"}"#,
            server: server
        )
        #expect(response.status == .contentTooLarge)
        #expect(json["message"] == "the request is larger than 10 bytes")
    }

    @Test func `a body that trickles in is given up`() async throws {
        let server = Self.server { $0.bodyTimeout = .nanoseconds(1) }
        let (response, json) = try await Self.post(target: "AWSStepFunctions.StartExecution", server: server)
        #expect(response.status == .requestTimeout)
        #expect(json["__type"] == "RequestTimeoutException")
    }

    @Test func `requests of web pages are refused`() async throws {
        let (response, json) = try await Self.post(
            target: "AWSStepFunctions.StartExecution",
            headers: [.origin: "https://example.com"]
        )
        #expect(response.status == .forbidden)
        #expect(json["__type"] == "AccessDeniedException")
    }
}

import DurableExecution
import JSON
import Notifications
import StatesLanguage
import TestSupport
import Testing

@testable import Pipeline

@Suite struct HTTPTaskTests {
    private static let resource = "arn:aws:states:::http:invoke"

    private func stage(
        _ connections: [JSON] = [],
        sender: HTTPSender = HTTPSender()
    ) throws -> IntegrationStage {
        try IntegrationStage { tasks, _ in
            let connections = try connections.map { try Connection($0) }
            tasks.register(HTTPTask.integration, HTTPTask(sender: sender, connections: connections))
        }
    }

    /// What the peer was asked by a task with some parameters.
    private func asked(_ parameters: JSON, path: String = "/", connections: [JSON] = []) async throws -> JSON {
        let stage = try stage(connections)
        return try await HTTPPeer.serve { peer in
            try await stage.running {
                var parameters = parameters
                parameters["ApiEndpoint"] = .string(peer.url(path))
                return try await stage.output(Self.resource, parameters)["ResponseBody"] ?? nil
            }
        }
    }

    @Test(arguments: ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
    func `every method is sent`(method: String) async throws {
        #expect(try await asked(["Method": .string(method)])["method"] == .string(method))
    }

    @Test func `the answer has status, headers and body`() async throws {
        let stage = try stage()
        let output = try await HTTPPeer.serve { _ in
            var answer = HTTPPeer.Answer(201, type: "application/problem+json; charset=utf-8", #"{"a": [1]}"#)
            answer.headers += [("X-Note", "one"), ("x-note", "two")]
            return answer
        } _: { peer in
            try await stage.running {
                try await stage.output(Self.resource, ["ApiEndpoint": .string(peer.url("/")), "Method": "GET"])
            }
        }
        #expect(output.object?.keys == ["Headers", "ResponseBody", "StatusCode", "StatusText"])
        #expect(output["StatusCode"] == 201)
        #expect(output["StatusText"] == "Created")
        #expect(output["ResponseBody"] == ["a": [1]])
        #expect(output["Headers"]?["X-Note"] == ["one", "two"])
    }

    @Test(arguments: [
        ("text/plain", "hello", "hello"), ("application/json", "{broken", "{broken"), ("application/json", "", ""),
        ("text/html", "<p>", "<p>"),
    ])
    func `a body that is no JSON is text`(type: String, body: String, result: JSON) async throws {
        let stage = try stage()
        let output = try await HTTPPeer.serve { _ in
            HTTPPeer.Answer(type: type, body)
        } _: { peer in
            try await stage.running {
                try await stage.output(Self.resource, ["ApiEndpoint": .string(peer.url("/")), "Method": "GET"])
            }
        }
        #expect(output["ResponseBody"] == result)
    }

    @Test func `headers, query and body go out as they are given`() async throws {
        let asked = try await asked(
            [
                "Method": "POST", "Headers": ["X-One": "1", "X-List": ["a", "b"], "User-Agent": "mine"],
                "QueryParameters": ["q": "a b&c", "n": 5, "list": ["x", "y"]], "RequestBody": ["b": [1, 2.5]],
            ],
            path: "/path?old=1#fragment"
        )
        #expect(asked["target"] == "/path?old=1&q=a%20b%26c&n=5&list=x&list=y")
        #expect(asked["body"] == #"{"b":[1,2.5]}"#)
        let headers = try #require(asked["headers"])
        #expect(headers["x-one"] == "1")
        #expect(headers["x-list"] == "a,b")
        #expect(headers["user-agent"] == "mine")
        #expect(headers["content-type"] == "application/json; charset=UTF-8")
        #expect(headers["range"] == "bytes=0-262144")
    }

    @Test func `without headers the agent is that of Step Functions, and a text goes out as it is`() async throws {
        let asked = try await asked([
            "Method": "PUT", "RequestBody": "plain", "Headers": ["Content-Type": "text/plain"],
        ])
        #expect(asked["headers"]?["user-agent"] == "Amazon|StepFunctions|HttpInvoke|us-east-1")
        #expect(asked["headers"]?["content-type"] == "text/plain")
        #expect(asked["body"] == "plain")
    }

    @Test(
        arguments: [
            (nil, "a[0]=1&a[1]=x+y&o[k]=%C3%A9&t=true&n="), ("INDICES", "a[0]=1&a[1]=x+y&o[k]=%C3%A9&t=true&n="),
            ("BRACKETS", "a[]=1&a[]=x+y&o[k]=%C3%A9&t=true&n="), ("REPEAT", "a=1&a=x+y&o[k]=%C3%A9&t=true&n="),
            ("COMMAS", "a=1,x+y&o[k]=%C3%A9&t=true&n="),
        ] as [(String?, String)]
    )
    func `a form is encoded in each way of writing lists`(format: String?, body: String) async throws {
        var transform: JSON = ["RequestBodyEncoding": "URL_ENCODED"]
        if let format { transform["RequestEncodingOptions"] = ["ArrayFormat": .string(format)] }
        let asked = try await asked([
            "Method": "POST", "Transform": transform,
            "RequestBody": ["a": [1, "x y"], "o": ["k": "é"], "t": true, "n": nil],
        ])
        #expect(asked["body"] == .string(body))
        #expect(asked["headers"]?["content-type"] == "application/x-www-form-urlencoded")
    }

    // MARK: Connections

    private static let shop: JSON = [
        "Name": "shop", "AuthorizationType": "API_KEY",
        "AuthParameters": [
            "ApiKeyAuthParameters": ["ApiKeyName": "X-Key", "ApiKeyValue": "secret"],
            "InvocationHttpParameters": [
                "HeaderParameters": [["Key": "X-One", "Value": "connection"]],
                "QueryStringParameters": [["Key": "q", "Value": "connection", "IsValueSecret": true]],
                "BodyParameters": [["Key": "b", "Value": "connection"]],
            ],
        ],
    ]
    private static let bank: JSON = [
        "Name": "bank", "AuthorizationType": "BASIC",
        "AuthParameters": ["BasicAuthParameters": ["Username": "me", "Password": "it's"]],
    ]

    @Test(arguments: ["InvocationConfig", "Authentication"])
    func `a connection brings its key and its parameters, which win`(field: String) async throws {
        let arn: JSON = "arn:aws:events:us-east-1:000000000000:connection/shop/81210c42-8af1-456b-9c4a-6ff02fc664ac"
        var parameters: JSON = [
            "Method": "POST", "Headers": ["x-one": "mine", "X-Key": "guess"],
            "QueryParameters": ["q": "mine", "r": "1"],
            "RequestBody": ["a": 1, "b": 2],
        ]
        parameters[field] = ["ConnectionArn": arn]
        let asked = try await asked(parameters, connections: [Self.bank, Self.shop])
        #expect(asked["headers"]?["x-key"] == "secret")
        #expect(asked["headers"]?["x-one"] == "connection")
        #expect(asked["target"] == "/?r=1&q=connection")
        #expect(asked["body"] == #"{"a":1,"b":"connection"}"#)
    }

    @Test func `a connection brings a name and a password`() async throws {
        let asked = try await asked(
            ["Method": "GET", "InvocationConfig": ["ConnectionArn": "arn:aws:events:us-east-1:0:connection/bank"]],
            connections: [Self.bank]
        )
        #expect(asked["headers"]?["authorization"] == "Basic bWU6aXQncw==")
    }

    @Test(
        arguments: [
            ([:], "Name is missing; it is what stands in the connection's ARN"),
            (["Name": "a", "AuthorizationType": "OAUTH_CLIENT_CREDENTIALS"], #"must be "API_KEY" or "BASIC""#),
            (["Name": "a", "AuthorizationType": "BASIC"], "a: AuthParameters.BasicAuthParameters.Username is missing"),
            (
                [
                    "Name": "a",
                    "AuthParameters": ["InvocationHttpParameters": ["BodyParameters": [["Key": "x", "Value": 5]]]],
                ],
                "a: BodyParameters[0] must have a Key and a Value"
            ),
        ] as [(JSON, String)]
    )
    func `what is no connection says what is wrong`(connection: JSON, text: String) {
        let fault = #expect(throws: ConnectionFault.self) { try Connection(connection) }
        #expect(fault?.description.contains(text) == true, "\(fault?.description ?? "")")
    }

    // MARK: Failures

    @Test(arguments: [(404, "no such film"), (429, #"{"retry": true}"#), (500, ""), (301, "moved")])
    func `an answer that is no success fails with its status`(status: Int, body: String) async throws {
        let stage = try stage()
        let execution = try await HTTPPeer.serve { _ in
            var answer = HTTPPeer.Answer(status, type: "text/plain", body)
            answer.headers.append(("Location", "http://127.0.0.1:1/"))
            return answer
        } _: { peer in
            try await stage.running {
                try await stage.end(Self.resource, ["ApiEndpoint": .string(peer.url("/")), "Method": "GET"])
            }
        }
        #expect(execution.error == "States.Http.StatusCode.\(status)")
        #expect(execution.cause == (body.isEmpty ? "500 Internal Server Error" : body))
    }

    @Test func `a retrier may name the status`() async throws {
        let stage = try stage()
        let calls = Locked(0)
        let output = try await HTTPPeer.serve { _ in
            let call = calls.withLock { calls in
                calls += 1
                return calls
            }
            return call < 3 ? HTTPPeer.Answer(503, "busy") : HTTPPeer.Answer(#""done""#)
        } _: { peer in
            try await stage.running {
                let retry: JSON = [
                    "ErrorEquals": ["States.Http.StatusCode.503"], "IntervalSeconds": 1, "MaxAttempts": 5,
                ]
                let started = try await stage.start(
                    Self.resource,
                    ["ApiEndpoint": .string(peer.url("/")), "Method": "GET"],
                    fields: ["Retry": [retry]]
                )
                for _ in 0..<2 {
                    // One sleeper keeps the leases; the second is the engine that waits to try again.
                    await stage.clock.sleepers(atLeast: 2)
                    stage.clock.advance(by: .seconds(2))
                }
                return try await stage.engine.waitForEnd(of: started.arn).output
            }
        }
        #expect(output.flatMap { try? JSON(parsing: $0) }?["ResponseBody"] == "done")
        #expect(calls.withLock { $0 } == 3)
    }

    @Test func `nobody who answers is a fault of the socket`() async throws {
        let stage = try stage()
        let port = try await HTTPPeer.serve { $0.port }
        let execution = try await stage.running {
            try await stage.end(
                Self.resource,
                ["ApiEndpoint": .string("http://127.0.0.1:\(port)/x?secret=1"), "Method": "GET"]
            )
        }
        #expect(execution.error == "States.Http.Socket")
        #expect(execution.cause?.hasPrefix("GET http://127.0.0.1:\(port)/x ") == true, "\(execution.cause ?? "")")
    }

    @Test func `an answer that takes too long is a fault of the socket`() async throws {
        let stage = try stage(sender: HTTPSender(timeout: .milliseconds(200)))
        let execution = try await HTTPPeer.serve { _ in
            try await Task.sleep(for: .seconds(60))
            return HTTPPeer.Answer("")
        } _: { peer in
            try await stage.running {
                try await stage.end(Self.resource, ["ApiEndpoint": .string(peer.url("/")), "Method": "GET"])
            }
        }
        #expect(execution.error == "States.Http.Socket")
        #expect(execution.cause?.contains("did not answer within") == true, "\(execution.cause ?? "")")
    }

    @Test(arguments: [
        (
            String(repeating: "x", count: 300_000), "text/plain", "States.DataLimitExceeded",
            "The state/task 'http' returned"
        ),
        ("png", "image/png", "States.Runtime", #"its content type is "image/png""#),
        ("bytes", "application/octet-stream", "States.Runtime", "cannot be read as text"),
    ])
    func `an answer that a state cannot hold is refused`(
        body: String,
        type: String,
        error: String,
        cause: String
    ) async throws {
        let stage = try stage()
        let execution = try await HTTPPeer.serve { _ in
            HTTPPeer.Answer(type: type, body)
        } _: { peer in
            try await stage.running {
                try await stage.end(Self.resource, ["ApiEndpoint": .string(peer.url("/")), "Method": "GET"])
            }
        }
        #expect(execution.error == error)
        #expect(execution.cause?.contains(cause) == true, "\(execution.cause ?? "")")
    }

    @Test(
        arguments: [
            (["Method": "GET"], "States.Runtime", "The field 'ApiEndpoint' is required but was missing"),
            (["ApiEndpoint": "ftp://x", "Method": "GET"], "States.Runtime", "'ApiEndpoint' has an invalid format"),
            (["ApiEndpoint": "http://x/ y", "Method": "GET"], "States.Runtime", "'ApiEndpoint' has an invalid format"),
            (["ApiEndpoint": "http://x", "Method": "TRACE"], "States.Runtime", "'Method' has an invalid format"),
            (
                ["ApiEndpoint": "http://x", "Method": "GET", "Headers": ["Authorization": "x"]], "States.Runtime",
                "The 'Headers' field contains unsupported values: [authorization]"
            ),
            (
                ["ApiEndpoint": "http://x", "Method": "GET", "Headers": ["X-Amz-Date": "x"]], "States.Runtime",
                "unsupported values: [x-amz-date]"
            ),
            (
                ["ApiEndpoint": "http://x", "Method": "GET", "Headers": ["X": "a\r\nY: b"]], "States.Runtime",
                "'Headers' has an invalid format"
            ),
            (
                ["ApiEndpoint": "http://x", "Method": "GET", "Transform": ["RequestBodyEncoding": "XML"]],
                "States.Runtime",
                "'Transform.RequestBodyEncoding' has an invalid format"
            ),
            (
                ["ApiEndpoint": "http://x", "Method": "GET", "InvocationConfig": [:]], "States.Runtime",
                "The field 'InvocationConfig.ConnectionArn' is required but was missing"
            ),
            (
                [
                    "ApiEndpoint": "http://x", "Method": "POST", "RequestBody": "text",
                    "InvocationConfig": ["ConnectionArn": "arn:aws:events:us-east-1:0:connection/shop/1"],
                ],
                "States.Runtime", "The field 'RequestBody' must be an object to be merged"
            ),
            (
                [
                    "ApiEndpoint": "http://x", "Method": "GET",
                    "InvocationConfig": ["ConnectionArn": "arn:aws:events:us-east-1:0:connection/sohp/1"],
                ],
                "Events.ConnectionResource.ResourceNotFound",
                #"Connection 'arn:aws:events:us-east-1:0:connection/sohp/1' does not exist; the connections here are "shop""#
            ),
        ] as [(JSON, String, String)]
    )
    func `what cannot be sent is refused before it is sent`(
        parameters: JSON,
        error: String,
        cause: String
    ) async throws {
        let stage = try stage([Self.shop])
        let execution = try await stage.running { try await stage.end(Self.resource, parameters) }
        #expect(execution.error == error)
        #expect(execution.cause?.contains(cause) == true, "\(execution.cause ?? "")")
    }

    @Test func `whoever is called may end the task with its token`() async throws {
        let stage = try stage()
        let tokens = AsyncStream<String>.makeStream()
        let execution = try await HTTPPeer.serve { request in
            tokens.continuation.yield(request.headers["x-token"] ?? "")
            return HTTPPeer.Answer("{}")
        } _: { peer in
            try await stage.running {
                let changes = stage.engine.changes()
                let started = try await stage.start(
                    "\(Self.resource).waitForTaskToken",
                    [
                        "ApiEndpoint": .string(peer.url("/")), "Method": "POST",
                        "Headers": ["X-Token.$": "$$.Task.Token"],
                    ]
                )
                for await change in changes where change.lastEventID >= 5 { break }
                for await token in tokens.stream {
                    try await stage.engine.sendTaskSuccess(token: token, output: #""called back""#)
                    break
                }
                return try await stage.engine.waitForEnd(of: started.arn)
            }
        }
        #expect(execution.output == #""called back""#)
    }
}

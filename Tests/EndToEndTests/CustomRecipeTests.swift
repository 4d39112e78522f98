import Foundation
import HTTPAPI
import JSON
import TestSupport
import Testing

@testable import millrace

/// Recipes of the user's and paths that he has opened, in the real program.
@Suite(.serialized) struct CustomRecipeTests {
    private static let train = """
        #!/usr/bin/env python3
        import collections, csv, json, os
        with open(os.path.join(os.environ["SM_CHANNEL_TRAIN"], "interactions.csv")) as file:
            counts = collections.Counter(row["ITEM_ID"] for row in csv.DictReader(file))
        print(f"items {len(counts)}")
        with open(os.path.join(os.environ["SM_MODEL_DIR"], "counts.json"), "w") as file:
            json.dump(counts, file)
        """

    private static let serve = """
        #!/usr/bin/env python3
        import json, os
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
        counts = json.load(open(os.path.join(os.environ["SM_MODEL_DIR"], "counts.json")))
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def answer(self, status, body, kind="application/json"):
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def do_GET(self): self.answer(200, b"")
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers["content-type"] == "text/csv":
                    return self.answer(200, str(counts[body.decode().split(",")[1]]).encode(), "text/plain")
                request = json.loads(body)
                if "userId" not in request: return self.answer(422, b"no userId")
                items = sorted(counts, key=lambda item: (-counts[item], item))
                items = [item for item in items if item in request.get("inputList", items)]
                self.answer(200, json.dumps({"itemList": [{"itemId": item} for item in items]}).encode())
            def log_message(self, *arguments): pass
        ThreadingHTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
        """

    private func write(into directory: TemporaryDirectory) throws {
        try directory.write(
            """
            {"type": "USER_PERSONALIZATION", "metricDefinitions": [{"name": "items", "regex": "items ([0-9]+)"}],
             "invokeSeconds": 20}
            """,
            to: "home/recipes/counts/recipe.json"
        )
        for (name, text) in [("train", Self.train), ("serve", Self.serve)] {
            let path = try directory.write(text, to: "home/recipes/counts/\(name)")
            try run("/bin/chmod", "+x", path)
        }
    }

    @Test func `boto3 trains, serves and asks a recipe of its user's, and so it goes on after the program was killed`()
        async throws
    {
        let stage = try await Stage()
        try write(into: stage.directory)
        let python = try AWSClientTests.environment.get()
        let script = Example.root.appending(path: "Tests/EndToEndTests/Python/endpoint.py").path
        let output = try run(
            "\(python)/bin/python",
            script,
            stage.service.endpoint,
            "s3://films/Interactions/",
            "counts"
        )
        let seen = try JSON(parsing: output)
        #expect(seen["listed"] == true)
        #expect(seen["items"]?.array?.count == 4)
        #expect(Set(seen["ranking"]?.array?.compactMap(\.string) ?? []) == ["i1", "i3"])
        #expect(Int(seen["raw"]?.string ?? "") ?? 0 > 0)
        #expect(seen["contentType"] == "text/plain")
        #expect(seen["variant"]?.string?.hasPrefix("boxed/") == true)
        #expect(seen["metrics"]?["items"] == 40)
        #expect(seen["failed"] == ["status": 422, "message": "no userId"])
        #expect(seen["absent"] == "ValidationError")
        stage.service.kill()
        let again = try await stage.start()
        #expect(try await again.client.recommend("boxed", user: "1").count == 25)
        #expect(again.terminate() == 0)
    }

    @Test func `a path that the user has opened answers by an Express machine, to the pages of its origins only`()
        async throws
    {
        let stage = try await Stage()
        let client = stage.service.client
        let definition = """
            {"QueryLanguage": "JSONata", "StartAt": "Answer", "States": {"Answer": {"Type": "Succeed", "Output": {
              "statusCode": 201, "headers": {"X-Who": "machine", "Content-Type": "application/json"},
              "body": "{% $string({'method': $states.input.httpMethod, 'n': $states.input.queryStringParameters.n,
                'body': $states.input.body}) %}"}}}}
            """
        _ = try await client.call(
            "AWSStepFunctions",
            "CreateStateMachine",
            [
                "name": "echo", "type": "EXPRESS", "definition": .string(definition.replacing("\n", with: " ")),
                "roleArn": "arn:aws:iam::000000000000:role/any",
            ]
        )
        try stage.directory.write(
            #"{"path": "/echo", "methods": ["GET", "POST"], "stateMachine": "echo", "allowOrigins": ["https://a.example"]}"#,
            to: "home/endpoints/echo.json"
        )
        try stage.directory.write(
            #"{"path": "/closed", "stateMachine": "absent"}"#,
            to: "home/endpoints/closed.json"
        )
        let page = "origin:https://a.example"
        let asked = try ask(stage, "GET", "/echo?n=a%20b", "", page)
        #expect(asked.hasPrefix("HTTP/1.1 201"))
        #expect(asked.contains("access-control-allow-origin: https://a.example"))
        #expect(asked.contains("x-who: machine"))
        #expect(asked.hasSuffix(#"{"method":"GET","n":"a b","body":null}"#))
        #expect(try ask(stage, "POST", "/echo", "text").hasSuffix(#"{"method":"POST","body":"text"}"#))
        let preflight = try ask(stage, "OPTIONS", "/echo", "", page, "access-control-request-method:POST")
        #expect(preflight.hasPrefix("HTTP/1.1 204"))
        #expect(preflight.contains("access-control-allow-methods: GET, POST, OPTIONS"))
        #expect(try ask(stage, "GET", "/echo", "", "origin:https://b.example").hasPrefix("HTTP/1.1 403"))
        #expect(try ask(stage, "POST", "/closed", "{}", page).hasPrefix("HTTP/1.1 403"))
        #expect(try ask(stage, "DELETE", "/echo", "").hasPrefix("HTTP/1.1 405"))
        let failed = try ask(stage, "POST", "/closed", "{}")
        #expect(failed.hasPrefix("HTTP/1.1 502"))
        #expect(failed.contains("StateMachineDoesNotExist"))
        #expect(try ask(stage, "POST", "/recommendations", "{}", page).hasPrefix("HTTP/1.1 403"))
        #expect(stage.service.terminate() == 0)
    }

    /// An answer with its headers.
    private func ask(
        _ stage: Stage,
        _ method: String,
        _ path: String,
        _ body: String,
        _ headers: String...
    ) throws -> String {
        let script = Example.root.appending(path: "Tests/EndToEndTests/Python/exchange.py").path
        return try run("/usr/bin/env", ["python3", script, stage.service.endpoint, method, path, body] + headers)
    }

    @Test(arguments: [
        (#"{"path": "echo", "stateMachine": "m"}"#, "must begin with \"/\""), (#"[]"#, "must be a JSON object"),
        (#"{"path": "/a", "stateMachin": "m"}"#, "did you mean \"stateMachine\"?"),
        (#"{"path": "/a", "stateMachine": "m", "methods": ["TRACE"]}"#, "methods must be a list"),
        (#"{"path": "/a", "stateMachine": "m", "allowOrigins": "*"}"#, "allowOrigins must be a list"),
    ])
    func `a file that opens a path is refused with what is wrong`(content: String, fault: String) throws {
        guard case .failure(let invalid) = EndpointFiles.read(Array(content.utf8)) else {
            Issue.record("it was read")
            return
        }
        #expect(invalid.faults.contains { $0.contains(fault) }, "\(invalid.faults)")
    }
}

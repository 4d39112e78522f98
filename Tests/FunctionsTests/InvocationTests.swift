import Foundation
import JSON
import TestSupport
import Testing

@testable import Functions

/// Handlers of Python in workers of our own runtime client.
struct InvocationTests {
    @Test func `a handler gets its event and context and its answer comes back`() async throws {
        let stage = try await FunctionStage()
        try stage.write(
            "greet",
            """
            import os
            def handler(event, context):
                assert 0 < context.get_remaining_time_in_millis() <= 3000
                return {"text": "Hello, " + event["name"], "id": context.aws_request_id, "arn":
                        context.invoked_function_arn, "memory": context.memory_limit_in_mb,
                        "region": os.environ["AWS_REGION"], "colour": os.environ["COLOUR"], "folder": os.getcwd()}
            """,
            ["environment": ["COLOUR": "red"]]
        )
        let answer = try await stage.invoke("greet", ["name": "Zoë"])
        #expect(!answer.isError)
        #expect(answer.json["text"] == "Hello, Zoë")
        #expect(answer.json["id"]?.string == answer.requestID)
        #expect(answer.json["arn"] == "arn:aws:lambda:us-east-1:000000000000:function:greet")
        #expect(answer.json["memory"] == "128")
        #expect(answer.json["region"] == "us-east-1")
        #expect(answer.json["colour"] == "red")
        #expect(answer.json["folder"]?.string == stage.directory.file("functions/greet"))
    }

    @Test func `a worker that is warm is used again`() async throws {
        let stage = try await FunctionStage()
        try stage.write(
            "count",
            """
            import os
            calls = 0
            def handler(event, context):
                global calls
                calls += 1
                return [os.getpid(), calls]
            """
        )
        var seen: [JSON] = []
        for _ in 0..<5 { seen.append(try await stage.invoke("count").json) }
        #expect(Set(seen.map { $0[0] }).count == 1)
        #expect(seen.map { $0[1]?.int } == [1, 2, 3, 4, 5])
    }

    @Test func `workers are started up to the concurrency and no further`() async throws {
        let stage = try await FunctionStage()
        try stage.write(
            "slow",
            "import os, time\ndef handler(event, context):\n    time.sleep(0.05)\n    return os.getpid()",
            ["concurrency": 3, "timeout": 60]
        )
        let pids = try await withThrowingTaskGroup(of: Int?.self) { group in
            for _ in 0..<24 { group.addTask { try await stage.invoke("slow").json.int } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(pids.count == 24 && !pids.contains(nil))
        #expect((2...3).contains(Set(pids).count))
        #expect(try stage.service.pool(of: "slow").workerCount <= 3)
    }

    @Test func `an exception comes back with its type, message and stack`() async throws {
        let stage = try await FunctionStage()
        try stage.write(
            "raise",
            """
            class ResourcePending(Exception): pass
            def handler(event, context):
                raise ResourcePending("dataset is CREATE PENDING")
            """
        )
        let answer = try await stage.invoke("raise")
        #expect(answer.isError)
        #expect(answer.errorType == "ResourcePending")
        #expect(answer.errorMessage == "dataset is CREATE PENDING")
        let stack = answer.json["stackTrace"]?.array?.compactMap(\.string) ?? []
        #expect(stack.count == 1)
        #expect(stack.first?.contains("main.py\", line 3, in handler") == true)
    }

    @Test func `an answer that is no JSON is the function's error`() async throws {
        let stage = try await FunctionStage()
        try stage.write("set", "def handler(event, context):\n    return {1, 2}")
        let answer = try await stage.invoke("set")
        #expect(answer.errorType == "Runtime.MarshalError")
        #expect(answer.errorMessage == "Unable to marshal response: Object of type set is not JSON serializable")
    }

    @Test(arguments: [
        (
            "nowhere.handler", "Runtime.ImportModuleError",
            "Unable to import module 'nowhere': No module named 'nowhere'"
        ),
        ("main.missing", "Runtime.HandlerNotFound", "Handler 'missing' missing on module 'main'"),
    ])
    func `a handler that cannot be found fails each invocation`(
        handler: String,
        type: String,
        message: String
    ) async throws {
        let stage = try await FunctionStage()
        try stage.write("lost", "def handler(event, context): pass", ["handler": .string(handler)])
        for _ in 0..<2 {
            let answer = try await stage.invoke("lost")
            #expect(answer.errorType == type)
            #expect(answer.errorMessage == message)
        }
    }

    @Test func `what a function writes is in its log under the request, and its end comes with the answer`()
        async throws
    {
        let stage = try await FunctionStage()
        try stage.write(
            "talk",
            """
            import logging, sys
            def handler(event, context):
                print("said", event["n"])
                print("aside", event["n"], file=sys.stderr)
                logging.getLogger().warning("logged %s", event["n"])
            """
        )
        let answers = try await stage.running {
            var answers: [FunctionStage.Answer] = []
            for n in 1...20 { answers.append(try await stage.invoke("talk", ["n": .init(n)], wantsLog: n == 20)) }
            return answers
        }
        let lines = stage.log.of("talk")
        for (index, answer) in answers.enumerated() {
            let own = lines.filter { $0["requestId"]?.string == answer.requestID }.compactMap { $0["message"]?.string }
            #expect(own.count == 3)
            #expect(own.contains("said \(index + 1)") && own.contains("aside \(index + 1)"))
            #expect(own.contains { $0.hasPrefix("[WARNING]") && $0.hasSuffix("logged \(index + 1)") })
        }
        let tail = try #require(answers.last?.log)
        #expect(tail.hasPrefix("START RequestId: \(answers[19].requestID) Version: $LATEST\n"))
        #expect(tail.contains("said 20\n") && !tail.contains("said 19"))
        #expect(tail.contains("REPORT RequestId: \(answers[19].requestID)\tDuration: "))
    }

    @Test func `the function of a folder that changes is run as it is now`() async throws {
        let stage = try await FunctionStage()
        try stage.write("turn", "def handler(event, context): return 'old'")
        #expect(try await stage.invoke("turn").json == "old")
        try stage.write("turn", "def handler(event, context): return 'new one'")
        #expect(try await stage.invoke("turn").json == "new one")
        try FileManager.default.removeItem(atPath: stage.directory.file("functions/turn"))
        stage.service.lookAtFolders()
        let error = await #expect(throws: FunctionError.self) { try await stage.invoke("turn") }
        #expect(error?.code == .resourceNotFound)
    }

    @Test func `a plain program gets JSON and answers JSON`() async throws {
        let stage = try await FunctionStage()
        let command: JSON = ["sh", "-c", "echo aside >&2; tr a-z A-Z"]
        try stage.write("loud", "", ["command": command, "mode": "plain"])
        let answer = try await stage.running { try await stage.invoke("loud", ["a": "b"], wantsLog: true) }
        #expect(answer.json == ["A": "B"])
        #expect(stage.log.of("loud").map { $0["message"] } == ["aside"])
        #expect(stage.log.of("loud").map { $0["requestId"]?.string } == [answer.requestID])
    }

    @Test func `a program in any language speaks the Runtime API`() async throws {
        let stage = try await FunctionStage()
        let script = """
            #!/bin/sh
            api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
            while :; do
                curl -sS -D headers.$$ -o event.$$ "$api/invocation/next" || exit 0
                id=$(tr -d '\\r' < headers.$$ | sed -n 's/^Lambda-Runtime-Aws-Request-Id: //p')
                curl -sS -o /dev/null --data-binary "{\\"shell\\": $(cat event.$$)}" "$api/invocation/$id/response"
            done
            """
        let file = try stage.directory.write(script, to: "functions/shell/bootstrap")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
        try stage.directory.write(#"{"runtime": "provided", "timeout": 60}"#, to: "functions/shell/function.json")
        for n in 1...3 {
            let answer = try await stage.invoke("shell", ["n": .init(n)])
            #expect(answer.json == ["shell": ["n": .init(n)]])
        }
    }

    @Test func `workers that have nothing to do end`() async throws {
        let stage = try await FunctionStage()
        try stage.write("rest", "import os\ndef handler(event, context): return os.getpid()")
        let first = try await stage.invoke("rest").json
        try stage.service.pool(of: "rest").endIdle(since: Date.distantFuture)
        #expect(try await stage.invoke("rest").json != first)
    }
}

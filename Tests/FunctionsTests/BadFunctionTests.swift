import Foundation
import JSON
import TestSupport
import Testing

@testable import Functions

/// Each ends as an error of Lambda's shape and disturbs nothing else.
struct BadFunctionTests {
    /// A stage with a bad function and a good one beside it, which must go on answering.
    private func fail(
        _ code: String,
        _ settings: JSON = [:],
        payload: JSON = [:]
    ) async throws -> FunctionStage.Answer {
        let stage = try await FunctionStage()
        try stage.write("bad", code, settings)
        try stage.write("good", "def handler(event, context): return 'fine'")
        return try await stage.running {
            #expect(try await stage.invoke("good").json == "fine")
            let answer = try await stage.invoke("bad", payload, wantsLog: true)
            #expect(try await stage.invoke("good").json == "fine")
            return answer
        }
    }

    @Test func `a function that hangs is killed when its time is up`() async throws {
        let answer = try await fail(
            "import time\ndef handler(event, context):\n    print('up')\n    time.sleep(1000)",
            ["timeout": 1]
        )
        #expect(answer.errorType == "Sandbox.Timedout")
        #expect(answer.errorMessage == "RequestId: \(answer.requestID) Error: Task timed out after 1.00 seconds")
        #expect(answer.log?.contains("up\n") == true)
    }

    @Test func `a function that ignores SIGTERM is killed all the same`() async throws {
        let answer = try await fail(
            """
            import signal, time
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            def handler(event, context): time.sleep(1000)
            """,
            ["timeout": 1]
        )
        #expect(answer.errorType == "Sandbox.Timedout")
    }

    @Test func `a function that forks without end is ended`() async throws {
        let answer = try await fail(
            """
            import os, time
            def handler(event, context):
                # Bounded, so that it harms nobody should the limit not hold.
                for _ in range(1200):
                    if os.fork() == 0:
                        time.sleep(1000)
                time.sleep(1000)
            """,
            ["timeout": 120, "memory": 10240]
        )
        #expect(answer.errorType == "Runtime.ExitError")
        #expect(answer.errorMessage?.contains("signal: killed") == true)
    }

    @Test func `a function that takes more memory than it may is killed`() async throws {
        let answer = try await fail(
            """
            import time
            def handler(event, context):
                kept = []
                while True:
                    kept.append(bytearray(4 << 20))
                    time.sleep(0.005)
            """,
            ["timeout": 60]
        )
        #expect(answer.errorType == "Runtime.ExitError")
        #expect(
            answer.errorMessage
                == "RequestId: \(answer.requestID) Error: Runtime exited with error: signal: killed "
                + "(it had more memory than it may)"
        )
    }

    @Test func `a function that prints without end is cut in the log and answers`() async throws {
        let stage = try await FunctionStage()
        try stage.write(
            "print",
            """
            import os
            block = b"x" * 65535 + b"\\n"
            def handler(event, context):
                for _ in range(event["blocks"]):
                    os.write(1, block)
                return "done"
            """,
            ["timeout": 300]
        )
        // 256 MiB here; a gigabyte goes through the same pipe in `ChildProcessTests`.
        let answer = try await stage.running { try await stage.invoke("print", ["blocks": 4096]) }
        #expect(answer.json == "done")
        let size = stage.log.of("print").reduce(0) { $0 + ($1["message"]?.string?.utf8.count ?? 0) }
        #expect(size < 1 << 20 + 64 << 10)
        #expect(stage.log.of("print").last?["message"]?.string?.hasSuffix("the rest is left out") == true)
    }

    @Test func `a function that exits at start fails its invocation and not the next function's`() async throws {
        let answer = try await fail("import os\nos._exit(3)")
        #expect(answer.errorType == "Runtime.ExitError")
        #expect(
            answer.errorMessage == "RequestId: \(answer.requestID) Error: Runtime exited with error: exit status 3"
        )
    }

    @Test func `a function that exits in an invocation fails it`() async throws {
        let answer = try await fail("import os\ndef handler(event, context): os._exit(0)")
        #expect(
            answer.errorMessage == "RequestId: \(answer.requestID) Error: Runtime exited without providing a reason"
        )
    }

    @Test func `a plain program whose output is no JSON fails`() async throws {
        let answer = try await fail("", ["command": ["echo", "{half"], "mode": "plain"])
        #expect(answer.errorType == "Runtime.MarshalError")
        #expect(answer.errorMessage?.hasPrefix("The function's response is not JSON: ") == true)
    }

    @Test func `a plain program that ends with an exit code fails with it`() async throws {
        let answer = try await fail("", ["command": ["sh", "-c", "echo '{}'; exit 7"], "mode": "plain"])
        #expect(answer.errorMessage?.hasSuffix("Runtime exited with error: exit status 7") == true)
    }

    @Test func `a program that does not exist fails with its name`() async throws {
        let answer = try await fail("", ["command": ["no-such-program"]])
        #expect(answer.errorType == "Runtime.InvalidEntrypoint")
        #expect(answer.errorMessage?.contains("\"no-such-program\" cannot be started: No such file") == true)
    }

    @Test(arguments: [["handler": "main.handler"], ["command": ["python3", "main.py"], "mode": "plain"]] as [JSON])
    func `an answer of ten megabytes is refused`(settings: JSON) async throws {
        var settings = settings
        settings["timeout"] = 120
        let answer = try await fail(
            """
            def handler(event, context): return "x" * 10_000_000
            if __name__ == "__main__": print('"' + "x" * 10_000_000 + '"')
            """,
            settings
        )
        #expect(answer.errorType == "Function.ResponseSizeTooLarge")
        #expect(
            answer.errorMessage?.hasSuffix("exceeded maximum allowed payload size (6291556 bytes).") == true
        )
    }

    @Test func `a payload that is too large or no JSON is refused before a worker is started`() async throws {
        let stage = try await FunctionStage()
        try stage.write("idle", "def handler(event, context): return event")
        let large = Array(repeating: UInt8(ascii: "1"), count: FunctionService.maximumPayloadBytes + 1)
        for (payload, code) in [
            (large, FunctionError.Code.requestTooLarge), (Array("{half".utf8), .invalidRequestContent),
        ] {
            let error = await #expect(throws: FunctionError.self) {
                try await stage.service.invoke(FunctionName("idle"), payload: payload)
            }
            #expect(error?.code == code)
        }
        #expect(try stage.service.pool(of: "idle").workerCount == 0)
    }

    @Test func `more invocations than may wait are refused`() async throws {
        let stage = try await FunctionStage(configure: { $0.maximumWaiting = 2 })
        try stage.write(
            "busy",
            "import time\ndef handler(event, context): time.sleep(0.3)",
            ["concurrency": 1, "timeout": 60]
        )
        let outcomes = await withTaskGroup(of: FunctionError.Code?.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    do throws {
                        _ = try await stage.invoke("busy")
                        return nil
                    } catch {
                        return (error as? FunctionError)?.code
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count { $0 == .tooManyRequests } >= 5)
        #expect(outcomes.contains(nil))
    }

    @Test func `one worker cannot answer for another`() async throws {
        let stage = try await FunctionStage()
        try stage.write(
            "thief",
            """
            import os, time, urllib.request
            def handler(event, context):
                if "victim" not in event:
                    time.sleep(2)
                    return "own"
                url = "http://%s/2018-06-01/runtime/invocation/%s/response" % (
                    os.environ["AWS_LAMBDA_RUNTIME_API"], event["victim"])
                try:
                    return urllib.request.urlopen(url, b'"stolen"').status
                except urllib.error.HTTPError as error:
                    return error.code
            """,
            ["timeout": 60]
        )
        async let victim = stage.service.invoke(FunctionName("thief"), payload: [], requestID: "victim-request")
        let answer = try await stage.invoke("thief", ["victim": "victim-request"])
        #expect(answer.json == 400)
        #expect(try await victim.payload == Array("\"own\"".utf8))
    }

    @Test func `every fault of a function file is told, and the function as it was stays`() async throws {
        let stage = try await FunctionStage()
        try stage.write("odd", "def handler(event, context): return 1")
        #expect(try await stage.invoke("odd").json == 1)
        try stage.directory.write(#"{"timeuot": 4, "memory": 1, "handler": "x"}"#, to: "functions/odd/function.json")
        try stage.directory.write("{", to: "functions/new/function.json")
        stage.service.lookAtFolders()
        #expect(try await stage.invoke("odd").json == 1)
        let faults = try await stage.service.overview()["faults"]?.array?.compactMap(\.string) ?? []
        #expect(faults.count == 2)
        #expect(faults[0].contains("functions/new/function.json: it is not JSON"))
        #expect(faults[1].contains(#""timeuot" is not a known key, did you mean "timeout"?"#))
        #expect(faults[1].contains("memory 1 must be a whole number from 128 to 10240"))
        #expect(faults[1].contains(#"handler "x" must be MODULE.FUNCTION"#))
        let error = await #expect(throws: FunctionError.self) { try await stage.invoke("new") }
        #expect(error?.message.contains("it is not JSON") == true)
    }
}

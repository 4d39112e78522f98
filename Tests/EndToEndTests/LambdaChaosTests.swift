import Foundation
import HTTPAPI
import JSON
import TestSupport
import Testing

/// Workers of functions killed at random while a Map runs on them; so many invocations as
/// `MILLRACE_CHAOS_INVOCATIONS` says, 200 unless given.
@Suite struct LambdaChaosTests {
    private static let count =
        ProcessInfo.processInfo.environment["MILLRACE_CHAOS_INVOCATIONS"].flatMap(Int.init) ?? 200

    /// One call in twenty kills its own group, one in twenty another worker in the midst of its work.
    private static let code = """
        import os, random, signal, time
        pids = os.environ["PIDS"]
        def handler(event, context):
            open(os.path.join(pids, str(os.getpid())), "w").close()
            chance = random.random()
            if chance < 0.05:
                os.killpg(0, signal.SIGKILL)
            if chance < 0.10:
                other = random.choice(os.listdir(pids))
                os.remove(os.path.join(pids, other))
                try:
                    os.kill(int(other), signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.002)
            return event["n"] * event["n"]
        """

    @Test func `each result is accounted for while functions are killed at random`() async throws {
        let directory = try TemporaryDirectory()
        for name in ["films", "pids"] {
            try FileManager.default.createDirectory(
                atPath: directory.file(name),
                withIntermediateDirectories: true
            )
        }
        try directory.write(Self.code, to: "home/functions/square/main.py")
        let file: JSON = [
            "handler": "main.handler", "concurrency": 4, "timeout": 120,
            "environment": ["PIDS": .string(directory.file("pids"))],
        ]
        try directory.write(file.text, to: "home/functions/square/function.json")
        let service = try await MillraceProcess(home: directory.file("home"), bucket: directory.file("films"))
        let client = service.client
        let execution = try await execute(client)
        #expect(execution["status"] == "SUCCEEDED", "\(execution)")
        let output = try JSON(parsing: execution["output"]?.string ?? "")
        #expect(output.array?.compactMap(\.int) == (0..<Self.count).map { $0 * $0 })
        let counts = try await history(execution["executionArn"], client)
        let failed = counts["LambdaFunctionFailed"] ?? 0
        #expect(failed > 0)
        #expect(counts["LambdaFunctionSucceeded"] == Self.count)
        #expect(counts["LambdaFunctionScheduled"] == Self.count + failed)
        #expect(counts["LambdaFunctionTimedOut"] == nil)
    }

    @Test func `an invocation that a kill of the service cut off runs again, and its worker died with the service`()
        async throws
    {
        let directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: directory.file("films"),
            withIntermediateDirectories: true
        )
        let code = """
            import os, time
            folder = os.environ["FOLDER"]
            def handler(event, context):
                with open(folder + "/pids", "a") as pids: pids.write("%d\\n" % os.getpid())
                while not os.path.exists(folder + "/go"): time.sleep(0.01)
                return "done"
            """
        try directory.write(code, to: "home/functions/wait/main.py")
        let file: JSON = [
            "handler": "main.handler", "timeout": 600, "environment": ["FOLDER": .string(directory.path)],
        ]
        try directory.write(file.text, to: "home/functions/wait/function.json")
        func pids() -> [Int32] {
            let text = try? String(contentsOfFile: directory.file("pids"), encoding: .utf8)
            return (text ?? "").split(separator: "\n").compactMap { Int32($0) }
        }
        let first = try await MillraceProcess(home: directory.file("home"), bucket: directory.file("films"))
        let state: JSON = [
            "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true,
            "Parameters": ["FunctionName": "wait", "Payload": [:]],
        ]
        let execution = try await start(["StartAt": "Wait", "States": ["Wait": state]], "null", first.client)
        _ = try await first.client.until("the worker's start") { pids().first }
        first.kill()
        let worker = try #require(pids().first)
        _ = try await first.client.until("the worker's end") { kill(worker, 0) == 0 ? Optional.none : true }

        let second = try await MillraceProcess(home: directory.file("home"), bucket: directory.file("films"))
        _ = try await second.client.until("the second worker's start") { pids().count == 2 ? true : Optional.none }
        try directory.write("", to: "go")
        let ended = try await end(of: execution, second.client)
        #expect(ended["status"] == "SUCCEEDED")
        #expect(try JSON(parsing: ended["output"]?.string ?? "")["Payload"] == "done")
        #expect(pids().count == 2)
    }

    private func execute(_ client: Client) async throws -> JSON {
        let retry: JSON = [
            "ErrorEquals": ["Runtime.ExitError"], "IntervalSeconds": 1, "BackoffRate": 1, "MaxAttempts": 20,
        ]
        let square: JSON = [
            "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:square", "Retry": [retry],
            "Parameters": ["n.$": "$"], "End": true,
        ]
        let map: JSON = [
            "Type": "Map", "ItemProcessor": ["StartAt": "Square", "States": ["Square": square]], "End": true,
        ]
        let definition: JSON = ["StartAt": "Each", "States": ["Each": map]]
        let items = JSON.array((0..<Self.count).map { .init($0) })
        return try await end(of: start(definition, items.text, client), client)
    }

    /// Makes a machine and starts it; answers what `DescribeExecution` wants.
    private func start(_ definition: JSON, _ input: String, _ client: Client) async throws -> JSON {
        let machine = try await client.call(
            "AWSStepFunctions",
            "CreateStateMachine",
            ["name": "chaos", "definition": .string(definition.text), "roleArn": "arn:aws:iam::000000000000:role/x"]
        )
        let started = try await client.call(
            "AWSStepFunctions",
            "StartExecution",
            ["stateMachineArn": machine["stateMachineArn"] ?? .null, "input": .string(input)]
        )
        return ["executionArn": started["executionArn"] ?? .null]
    }

    private func end(of execution: JSON, _ client: Client) async throws -> JSON {
        try await client.until("the end of the execution", within: .seconds(600)) { () -> JSON? in
            let found = try await client.call("AWSStepFunctions", "DescribeExecution", execution)
            return found["status"] == "RUNNING" ? Optional.none : found
        }
    }

    private func history(_ execution: JSON?, _ client: Client) async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        var input: JSON = ["executionArn": execution ?? .null, "maxResults": 1000]
        repeat {
            let page = try await client.call("AWSStepFunctions", "GetExecutionHistory", input)
            for event in page["events"]?.array ?? [] { counts[event["type"]?.string ?? "", default: 0] += 1 }
            input["nextToken"] = page["nextToken"] ?? .null
        } while input["nextToken"]?.string != nil
        return counts
    }
}

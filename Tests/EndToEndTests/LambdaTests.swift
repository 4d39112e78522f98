import Foundation
import HTTPAPI
import JSON
import TestSupport
import Testing

/// Functions as users of AWS write them, with `boto3` outside and inside.
@Suite(.serialized) struct LambdaTests {
    /// The real program with a Python that has boto3.
    private func stage() async throws -> (directory: TemporaryDirectory, service: MillraceProcess, python: String) {
        let directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: directory.file("films/Interactions"),
            withIntermediateDirectories: true
        )
        let python = try AWSClientTests.environment.get() + "/bin/python"
        let service = try await MillraceProcess(
            home: directory.file("home"),
            bucket: directory.file("films"),
            environment: ["MILLRACE_FUNCTIONS_PYTHON": python]
        )
        return (directory, service, python)
    }

    private func script(_ name: String) -> String {
        Example.root.appending(path: "Tests/EndToEndTests/Python/\(name)").path
    }

    @Test func `boto3 walks through the operations of Lambda`() async throws {
        let (directory, service, python) = try await stage()
        defer { withExtendedLifetime(directory) {} }
        let seen = try JSON(parsing: run(python, script("lambda.py"), service.endpoint))
        let arn: JSON = "arn:aws:lambda:us-east-1:000000000000:function:greet"
        #expect(seen["layer"] == "arn:aws:lambda:us-east-1:000000000000:layer:shared:1")
        #expect(seen["made"] == [arn, "Active", "python3.12", 60, 256, 201])
        #expect(seen["twice"] == ["ResourceConflictException", 409, "Function already exist: greet"])
        #expect(seen["list"] == ["greet"])
        #expect(seen["answer"] == [200, "$LATEST", ["text": "Hi Ada!", "custom": ["k": "v"]]])
        #expect(seen["log"]?.string?.contains("called with {'name': 'Ada'}\n") == true)
        #expect(seen["error"] == [200, "Unhandled", "ValueError", "no luck"])
        #expect(seen["event"] == 202 && seen["dry"] == 204)
        #expect(seen["changed"] == "Hi, Ada?" && seen["stored"] == "Hi; Ada?")
        #expect(seen["got"]?[0] == ["END": "?"] && seen["got"]?[1] == ["team": "films"])
        #expect(seen["got"]?[2] == "main.handler" && seen["got"]?[3] == seen["layer"])
        #expect(seen["tags"] == ["stage": "test"] && seen["concurrency"] == 2)
        #expect(seen["permission"]?["Resource"] == arn)
        #expect(seen["layers"] == ["shared"] && seen["layer again"] == seen["layer"] && seen["layer by arn"] == 1)
        #expect(seen["large"]?[0] == true && seen["large"]?[1]?.int ?? 0 > 7_000_000)
        #expect(seen["deleted"] == 204 && seen["gone"] == "ResourceNotFoundException")
        let refused = seen["refused"]
        func code(_ name: String) -> [JSON] { Array((refused?[name]?.array ?? []).prefix(2)) }
        #expect(code("missing") == ["ResourceNotFoundException", 404])
        #expect(code("no json") == ["InvalidRequestContentException", 400])
        #expect(code("too large") == ["RequestTooLargeException", 413])
        #expect(code("no zip") == ["InvalidParameterValueException", 400])
        #expect(code("no object") == ["InvalidParameterValueException", 400])
        #expect(code("escape") == ["InvalidParameterValueException", 400])
        #expect(refused?["escape"]?[2]?.string?.contains("must not lead out of its folder") == true)
        #expect(code("runtime") == ["InvalidParameterValueException", 400])
        #expect(code("timeout") == ["ValidationException", 400])
        #expect(code("layer") == ["InvalidParameterValueException", 400])
        #expect(code("version") == ["ResourceNotFoundException", 404])
    }

    @Test func `a pipeline of functions is deployed, started by a drop, ends with a campaign, and is deleted`()
        async throws
    {
        let (directory, service, python) = try await stage()
        let deployed = try JSON(
            parsing: run(python, script("pipeline/deploy.py"), service.endpoint, "films", "params.json")
        )
        let client = service.client
        try directory.write(Example.interactions(), to: "films/Interactions/interactions.csv")
        try directory.write(Example.oneSolution(), to: "params.json")
        try run("/bin/cp", directory.file("params.json"), directory.file("films"))

        let execution = try await ended(deployed["deploy"], client)
        #expect(execution["status"] == "SUCCEEDED", "\(execution)")
        let output = try JSON(parsing: execution["output"]?.string ?? "")
        #expect(output["told"] == ["text": "Your campaign is ready", "status": 200])
        #expect(output["campaignArn"] == "arn:aws:personalize:us-east-1:000000000000:campaign/small-campaign")
        #expect(try await client.recommend("small-campaign", user: "2").count > 0)
        let mails = try FileManager.default.contentsOfDirectory(atPath: directory.file("home/mail/new"))
        #expect(!mails.isEmpty, "the function's notice is in the spool")
        // The function has taken the place of the built-in pipeline.
        #expect(try await client.executions().isEmpty)
        try await checkHistory(execution["executionArn"], client)

        let deletion = try await client.call(
            "AWSStepFunctions",
            "StartExecution",
            [
                "stateMachineArn": deployed["delete"] ?? .null,
                "input": .string(#"{"datasetGroupArn": "\#(output["datasetGroupArn"]?.string ?? "")"}"#),
            ]
        )
        #expect(deletion["executionArn"]?.string != nil)
        #expect(try await ended(deployed["delete"], client)["status"] == "SUCCEEDED")
        let groups = try await client.call("AmazonPersonalize", "ListDatasetGroups", [:])
        #expect(groups["datasetGroups"] == [])
    }

    @Test func `a function that was given a token ends its task with it`() async throws {
        let (directory, service, _) = try await stage()
        let code = """
            import boto3, json
            def handler(event, context):
                client = boto3.client("stepfunctions")
                if event["n"] < 0:
                    client.send_task_failure(taskToken=event["token"], error="Negative", cause="%d" % event["n"])
                else:
                    client.send_task_success(taskToken=event["token"], output=json.dumps(event["n"] * 2))
                return "is not the result"
            """
        try directory.write(code, to: "home/functions/later/main.py")
        let file: JSON = ["handler": "main.handler", "timeout": 120, "memory": 512]
        try directory.write(file.text, to: "home/functions/later/function.json")
        let state: JSON = [
            "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "End": true,
            "Parameters": [
                "FunctionName": "later", "Payload": ["token.$": "$$.Task.Token", "n.$": "$"],
            ],
        ]
        let definition: JSON = ["StartAt": "Later", "States": ["Later": state]]
        let client = service.client
        let machine = try await client.call(
            "AWSStepFunctions",
            "CreateStateMachine",
            ["name": "later", "definition": .string(definition.text), "roleArn": "arn:aws:iam::000000000000:role/x"]
        )
        func run(_ input: String) async throws -> JSON {
            _ = try await client.call(
                "AWSStepFunctions",
                "StartExecution",
                ["stateMachineArn": machine["stateMachineArn"] ?? .null, "input": .string(input)]
            )
            return try await ended(machine["stateMachineArn"], client)
        }
        #expect(try await run("21")["output"] == "42")
        let failed = try await run("-1")
        #expect(failed["error"] == "Negative" && failed["cause"] == "-1")
    }

    @Test func `a handler runs under AWS's own runtime client too`() async throws {
        let (directory, service, _) = try await stage()
        let client = Example.root.appending(path: ".build/awslambdaric").path
        if !FileManager.default.fileExists(atPath: "\(client)/ready") {
            try run("/usr/bin/env", "python3", "-m", "venv", "--clear", client)
            try run("\(client)/bin/pip", "install", "--quiet", "awslambdaric")
            try Data().write(to: URL(filePath: "\(client)/ready"))
        }
        let code = """
            def handler(event, context):
                if "raise" in event: raise ValueError(event["raise"])
                print("called")
                return [event["n"] + 1, context.aws_request_id, context.function_name]
            """
        try directory.write(code, to: "home/functions/plus/main.py")
        let command: JSON = [.string("\(client)/bin/python"), "-m", "awslambdaric", "main.handler"]
        let file: JSON = ["command": command, "timeout": 60]
        try directory.write(file.text, to: "home/functions/plus/function.json")
        func invoke(_ payload: JSON) async throws -> JSON {
            try await service.client.call(
                "Millrace",
                "InvokeFunction",
                ["FunctionName": "plus", "Payload": payload]
            )
        }
        for n in 1...3 {
            let answer = try await invoke(["n": .init(n)])
            #expect(answer["Payload"]?[0] == .init(n + 1) && answer["Payload"]?[2] == "plus", "\(answer)")
            let id = answer["Payload"]?[1]?.string ?? "?"
            #expect(answer["log"]?.string?.hasPrefix("START RequestId: \(id) ") == true)
        }
        let failure = try await invoke(["raise": "no"])
        #expect(failure["isError"] == true)
        #expect(failure["Payload"]?["errorType"] == "ValueError" && failure["Payload"]?["errorMessage"] == "no")
    }

    @Test func `a failed resource ends the pipeline by its Catch, with a notice`() async throws {
        let (directory, service, python) = try await stage()
        let deployed = try JSON(
            parsing: run(python, script("pipeline/deploy.py"), service.endpoint, "films", "params.json")
        )
        // Data without a row that could be used: the import fails, and so does everything after it.
        try directory.write("USER_ID,ITEM_ID,TIMESTAMP\n", to: "films/Interactions/interactions.csv")
        let input: JSON = [
            "bucket": "films", "currentDate": "today", "params": try JSON(parsing: Example.oneSolution()),
        ]
        let client = service.client
        _ = try await client.call(
            "AWSStepFunctions",
            "StartExecution",
            ["stateMachineArn": deployed["deploy"] ?? .null, "input": .string(input.text)]
        )
        let execution = try await ended(deployed["deploy"], client)
        #expect(execution["status"] == "FAILED")
        #expect(execution["error"] == "PipelineFailed")
        #expect(execution["cause"]?.string?.contains("ResourceFailed") == true)
        let log = try await client.call("Millrace", "GetFunctionLog", ["FunctionName": "notify"])
        #expect(log["lines"]?[0]?["message"]?.string?.hasPrefix("Internal error: ") == true)
    }

    /// The one execution of a machine, once it has ended.
    private func ended(_ machine: JSON?, _ client: Client) async throws -> JSON {
        let list = try await client.until("an execution that has ended", within: .seconds(300)) { () -> JSON? in
            let answer = try await client.call(
                "AWSStepFunctions",
                "ListExecutions",
                ["stateMachineArn": machine ?? .null]
            )
            guard let first = answer["executions"]?[0], first["status"] != "RUNNING" else { return Optional.none }
            return first
        }
        return try await client.call(
            "AWSStepFunctions",
            "DescribeExecution",
            ["executionArn": list["executionArn"] ?? .null]
        )
    }

    /// Bare ARNs of functions have events of their own, and each retry is there.
    private func checkHistory(_ execution: JSON?, _ client: Client) async throws {
        let events = try await client.pages(
            of: "events",
            { client, input in try await client.call("AWSStepFunctions", "GetExecutionHistory", input) },
            input: ["executionArn": execution ?? .null]
        )
        let types = events.compactMap { $0["type"]?.string }
        let failures = events.compactMap { $0["lambdaFunctionFailedEventDetails"]?["error"]?.string }
        #expect(Set(failures) == ["ResourcePending"])
        #expect(types.count { $0 == "LambdaFunctionScheduled" } == failures.count + 5)
        #expect(types.count { $0 == "LambdaFunctionSucceeded" } == 5)
        #expect(types.count { $0 == "TaskSucceeded" } == 1)
        let cause = events.lazy.compactMap { $0["lambdaFunctionFailedEventDetails"]?["cause"]?.string }.first
        let payload = try JSON(parsing: cause ?? "")
        #expect(payload["errorType"] == "ResourcePending" && payload["stackTrace"]?.array?.isEmpty == false)
    }
}

extension Client {
    fileprivate func pages(
        of key: String,
        _ fetch: (Client, JSON) async throws -> JSON,
        input: JSON
    ) async throws -> [JSON] {
        var (values, input) = ([JSON](), input)
        repeat {
            let page = try await fetch(self, input)
            values += page[key]?.array ?? []
            input["nextToken"] = page["nextToken"] ?? .null
        } while input["nextToken"]?.string != nil
        return values
    }
}

import Foundation
import HTTPAPI
import JSON
import TestSupport
import Testing

/// `machines test`, `executions diff`, `executions redrive --definition` and `eval`: the real program.
@Suite(.serialized) struct TimeTravelTests {
    private static let definition = """
        {"StartAt": "Ask", "States": {
          "Ask": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:personalize:describeDatasetGroup",
            "Parameters": {"DatasetGroupArn.$": "$.arn"},
            "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 3600, "MaxAttempts": 2}], "Next": "Rest"},
          "Rest": {"Type": "Wait", "Seconds": 86400, "Next": "Choose"},
          "Choose": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericGreaterThan": 1, "Next": "Big"}],
            "Default": "Small"},
          "Big": {"Type": "Succeed"}, "Small": {"Type": "Fail", "Error": "TooSmall", "Cause": "n is 1"}}}
        """

    @discardableResult
    private static func millrace(_ arguments: String...) throws -> String { try millrace(arguments) }

    @discardableResult
    private static func millrace(_ arguments: [String]) throws -> String {
        try run(MillraceProcess.program.path, arguments)
    }

    @Test func `machines test runs a day of retries and waits at once, and tells the path`() throws {
        let directory = try TemporaryDirectory()
        try directory.write(Self.definition, to: "machine.json")
        try directory.write(
            #"{"Ask": [{"Throw": {"Error": "Busy"}}, {"Return": {"n": 2}}]}"#,
            to: "mock.json"
        )
        let text = try Self.millrace(
            "machines",
            "test",
            directory.file("machine.json"),
            "--mock",
            directory.file("mock.json"),
            "--input",
            #"{"arn": "a"}"#,
            "--output",
            "json"
        )
        let report = try JSON(parsing: text)
        #expect(report["status"] == "SUCCEEDED")
        #expect(report["output"] == ["n": 2])
        #expect(report["virtualSeconds"]?.double == 90_000)
        #expect(report["path"]?.array?.compactMap { $0["state"]?.string } == ["Ask", "Rest", "Choose", "Big"])
        #expect(report["path"]?[0]?["attempts"] == 2)
        #expect(report["path"]?[0]?["input"] == ["arn": "a"])
        #expect(report["path"]?[0]?["output"] == ["n": 2])
    }

    @Test func `machines test ends with 2 where the execution fails, with 65 where a mock is missing`() throws {
        let directory = try TemporaryDirectory()
        try directory.write(Self.definition, to: "machine.json")
        try directory.write(#"{"Ask": {"Return": {"n": 1}}}"#, to: "mock.json")
        let machine = directory.file("machine.json")
        let failed = #expect(throws: ProgramError.self) {
            try Self.millrace(
                "machines",
                "test",
                machine,
                "--mock",
                directory.file("mock.json"),
                "--input",
                #"{"arn": "a"}"#
            )
        }
        #expect(failed?.status == 2)
        let missing = #expect(throws: ProgramError.self) {
            try Self.millrace("machines", "test", machine, "--input", #"{"arn": "a"}"#)
        }
        #expect(missing?.status == 65)
        #expect(missing?.complaint.contains(#"the state "Ask" was reached and has no mock"#) == true)
    }

    @Test func `machines test runs the children of a distributed Map, and shows each`() throws {
        let directory = try TemporaryDirectory()
        let definition = """
            {"StartAt": "Users", "States": {"Users": {"Type": "Map", "MaxConcurrency": 2, "ToleratedFailureCount": 1,
              "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"},
                "ReaderConfig": {"InputType": "JSON"}},
              "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 60, "Next": "Score"},
                  "Score": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": true}}},
              "End": true}}}
            """
        try directory.write(definition, to: "machine.json")
        let mocks = """
            {"Users": {"Items": [{"user": 6}, {"user": 7}, {"user": 8}]},
             "Score": [{"When": {"user": 7}, "Throw": {"Error": "Unknown"}}, {"Return": 1}]}
            """
        try directory.write(mocks, to: "mock.json")
        let command = ["machines", "test", directory.file("machine.json"), "--mock", directory.file("mock.json")]
        let report = try JSON(parsing: try Self.millrace(command + ["--output", "json"]))
        #expect(report["status"] == "SUCCEEDED")
        #expect(report["virtualSeconds"]?.double == 120)
        let run = report["mapRuns"]?[0]
        #expect(run?["itemCount"] == 3)
        #expect(run?["children"]?.array?.map { $0["status"] } == ["SUCCEEDED", "FAILED", "SUCCEEDED"])
        #expect(run?["children"]?[1]?["input"] == ["user": 7])
        #expect(run?["children"]?[1]?["error"] == "Unknown")
        #expect(run?["children"]?[2]?["output"] == 1)
        let text = try Self.millrace(command)
        #expect(text.contains("Users, child 1 failed first: Rest → Score: Unknown"))
        let missing = #expect(throws: ProgramError.self) { try Self.millrace(Array(command.prefix(3))) }
        #expect(missing?.status == 65)
        #expect(missing?.complaint.contains(#"add "Users": {"Items": [ … ]} to the mock file"#) == true)
    }

    @Test func `a failed execution goes on under an edited definition, and diff shows where the two part`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let service = try await MillraceProcess(home: directory.file("home"), bucket: directory.file("films"))
        let broken = """
            {"StartAt": "Add", "States": {
              "Add": {"Type": "Pass", "Parameters": {"sum.$": "States.MathAdd($.a, $.b)"}, "Next": "Check"},
              "Check": {"Type": "Fail", "Error": "Wrong", "Cause": "by mistake"}}}
            """
        let mended = broken.replacing(
            #"{"Type": "Fail", "Error": "Wrong", "Cause": "by mistake"}"#,
            with: #"{"Type": "Pass", "End": true}"#
        )
        try directory.write(broken, to: "broken.json")
        try directory.write(mended, to: "mended.json")
        let endpoint = ["--endpoint", service.endpoint]
        try Self.millrace(["machines", "create", "sums", directory.file("broken.json")] + endpoint)
        for name in ["one", "two"] {
            let input = #"{"a": 2, "b": 3}"#
            try Self.millrace(["executions", "start", "sums", "--name", name, "--input", input] + endpoint)
        }
        let arn = "arn:aws:states:us-east-1:000000000000:execution:sums:"
        try await wait(for: "FAILED", of: arn + "one", service.client)
        try await wait(for: "FAILED", of: arn + "two", service.client)
        let same = try Self.millrace(["executions", "diff", "one", "two"] + endpoint)
        #expect(same.contains("Both went the same way"))
        let redrive = [
            "executions", "redrive", "one", "--definition", directory.file("mended.json"), "--input",
            #"{"sum": 7}"#,
        ]
        try Self.millrace(redrive + endpoint)
        try await wait(for: "SUCCEEDED", of: arn + "one", service.client)
        let ended = try await service.client.call(
            "AWSStepFunctions",
            "DescribeExecution",
            ["executionArn": .string(arn + "one")]
        )
        #expect(ended["output"] == #"{"sum":7}"# || ended["output"] == #"{"sum": 7}"#)
        #expect(ended["redriveCount"] == 1)
        let machine: JSON = "arn:aws:states:us-east-1:000000000000:stateMachine:sums"
        let described = try await service.client.call(
            "AWSStepFunctions",
            "DescribeStateMachine",
            ["stateMachineArn": machine]
        )
        #expect(described["definition"]?.string == broken, "the machine itself stays as it is")
        let differs = #expect(throws: ProgramError.self) {
            try Self.millrace(["executions", "diff", "one", "two"] + endpoint)
        }
        #expect(differs?.status == 1)
    }

    private func wait(for status: String, of arn: String, _ client: Client) async throws {
        _ = try await client.until("\(status) of \(arn)") { () -> Bool? in
            let execution = try await client.call(
                "AWSStepFunctions",
                "DescribeExecution",
                ["executionArn": .string(arn)]
            )
            return execution["status"]?.string == status ? true : nil
        }
    }
}

import Foundation
import HTTPAPI
import JSON
import TestSupport
import Testing

/// Express machines, logs and executions that wait for others: the real program, also when it is killed.
@Suite(.serialized) struct ExpressTests {
    private static let quick = """
        {"StartAt": "Add", "States": {"Add": {"Type": "Pass", "Parameters": {"sum.$": "States.MathAdd($.a, $.b)"},
          "End": true}}}
        """

    @Test func `the command line runs an Express machine to its output, and its log is a file of JSON lines`()
        async throws
    {
        let directory = try TemporaryDirectory()
        try directory.write(Self.quick, to: "quick.json")
        try FileManager.default.createDirectory(
            atPath: directory.file("films"),
            withIntermediateDirectories: true
        )
        let service = try await MillraceProcess(home: directory.file("home"), bucket: directory.file("films"))
        func millrace(_ arguments: String...) throws -> String {
            try run(MillraceProcess.program.path, arguments + ["--endpoint", service.endpoint])
        }
        _ = try millrace(
            "machines",
            "create",
            "quick",
            directory.file("quick.json"),
            "--type",
            "express",
            "--log-level",
            "all",
            "--log-group",
            "/states/quick"
        )
        let output = try millrace("executions", "start", "quick", "--sync", "--input", #"{"a": 2, "b": 40}"#)
        #expect(output == "{\"sum\":42}\n")
        let failure = #expect(throws: ProgramError.self) {
            try millrace("executions", "start", "quick", "--sync", "--input", #"{"a": 2}"#)
        }
        #expect(failure?.status == 2)
        service.terminate()
        let log = try String(contentsOfFile: directory.file("home/logs/states/quick.jsonl"), encoding: .utf8)
        let lines = try log.split(separator: "\n").map { try JSON(parsing: String($0)) }
        #expect(
            lines.prefix(4).map { $0["type"] } == [
                "ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded",
            ]
        )
        #expect(lines.last?["type"] == "ExecutionFailed")
        #expect(Set(lines.map { $0["execution_arn"] }).count == 2)
    }

    @Test func `an Express execution that nobody waits for, and one that a task waits for, survive a kill`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let bucket = directory.file("films")
        try FileManager.default.createDirectory(atPath: bucket, withIntermediateDirectories: true)
        let service = try await MillraceProcess(home: directory.file("home"), bucket: bucket)
        // Waits a little, then leaves a file.
        let put = """
            {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 3, "Next": "Put"},
              "Put": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
                "Parameters": {"Bucket": "films", "Key.$": "$.key", "Body": "done"}, "End": true}}}
            """
        let express = try await Self.create("express", put, type: "EXPRESS", service.client)
        let child = try await Self.create("child", put, type: "STANDARD", service.client)
        let parent = try await Self.create(
            "parent",
            """
            {"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "End": true, "OutputPath": "$.Status",
              "Resource": "arn:aws:states:::states:startExecution.sync:2",
              "Parameters": {"StateMachineArn": "\(child)", "Input": {"key": "nested"}}}}}
            """,
            type: "STANDARD",
            service.client
        )
        _ = try await Self.start(express, #"{"key": "express"}"#, service.client)
        let waiting = try await Self.start(parent, "{}", service.client)
        service.kill()
        #expect(!FileManager.default.fileExists(atPath: "\(bucket)/express"))
        let again = try await MillraceProcess(home: directory.file("home"), bucket: bucket)
        let ended = try await again.client.until("the end of the parent") { () -> JSON? in
            let execution = try await again.client.call(
                "AWSStepFunctions",
                "DescribeExecution",
                ["executionArn": .string(waiting)]
            )
            return execution["status"] == "RUNNING" ? JSON?.none : execution
        }
        #expect(ended["status"] == "SUCCEEDED")
        #expect(ended["output"] == #""SUCCEEDED""#)
        _ = try await again.client.until("the file of the Express execution") { () -> Bool? in
            FileManager.default.fileExists(atPath: "\(bucket)/express") ? true : nil
        }
        again.terminate()
    }

    private static func create(
        _ name: String,
        _ definition: String,
        type: String,
        _ client: Client
    ) async throws -> String {
        let request: JSON = [
            "name": .string(name), "definition": .string(definition), "type": .string(type),
            "roleArn": "arn:aws:iam::000000000000:role/any",
        ]
        return try await client.call("AWSStepFunctions", "CreateStateMachine", request)["stateMachineArn"]?.string ?? ""
    }

    private static func start(_ machine: String, _ input: String, _ client: Client) async throws -> String {
        let request: JSON = ["stateMachineArn": .string(machine), "input": .string(input)]
        return try await client.call("AWSStepFunctions", "StartExecution", request)["executionArn"]?.string ?? ""
    }
}

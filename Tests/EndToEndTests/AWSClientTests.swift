import Foundation
import HTTPAPI
import JSON
import TestSupport
import Testing

/// Programs written for AWS, unmodified, in a Python environment that the test sets up itself.
@Suite(.serialized) struct AWSClientTests {
    /// `python3 -m venv` with boto3, the AWS CLI and Prometheus's parser from PyPI, made once and kept beside the build.
    static let environment = Result {
        let folder = Example.root.appending(path: ".build/aws-clients").path
        if !FileManager.default.fileExists(atPath: "\(folder)/ready-2") {
            try run("/usr/bin/env", "python3", "-m", "venv", "--clear", folder)
            try run("\(folder)/bin/pip", "install", "--quiet", "boto3", "awscli", "prometheus-client")
            try Data().write(to: URL(filePath: "\(folder)/ready-2"))
        }
        return folder
    }

    @Test func `boto3 walks from schema to recommendations`() async throws {
        let stage = try await Stage()
        let python = try Self.environment.get()
        let script = Example.root.appending(path: "Tests/EndToEndTests/Python/walk.py").path
        let output = try run("\(python)/bin/python", script, stage.service.endpoint, "s3://films/Interactions/")
        let seen = try JSON(parsing: output)
        #expect(seen["items"]?.array?.count == 10)
        #expect(Set(seen["items"]?.array?.compactMap(\.string) ?? []).count == 10)
        #expect(seen["metrics"]?["coverage"]?.double != nil)
        #expect(seen["metrics"]?["normalized_discounted_cumulative_gain_at_10"]?.double ?? 0 > 0)
        #expect(seen["missing"] == "ResourceNotFoundException")
        #expect(seen["exists"] == "ResourceAlreadyExistsException")
        #expect(seen["groups"] == ["walk"])
    }

    @Test func `the AWS CLI starts an execution and reads its history`() async throws {
        let stage = try await Stage()
        let python = try Self.environment.get()
        let credentials = [
            "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_PAGER": "",
        ]
        let aws = "\(python)/bin/aws"
        let endpoint = "--endpoint-url=\(stage.service.endpoint)"
        let definition = """
            {"StartAt": "Add", "States": {"Add": {"Type": "Pass",
             "Parameters": {"sum.$": "States.MathAdd($.a, $.b)"}, "End": true}}}
            """
        let machine = try JSON(
            parsing: run(
                aws,
                "stepfunctions",
                "create-state-machine",
                endpoint,
                "--name",
                "add",
                "--definition",
                definition,
                "--role-arn",
                "arn:aws:iam::000000000000:role/any",
                environment: credentials
            )
        )
        let started = try JSON(
            parsing: run(
                aws,
                "stepfunctions",
                "start-execution",
                endpoint,
                "--state-machine-arn",
                machine["stateMachineArn"]?.string ?? "",
                "--input",
                #"{"a": 2, "b": 3}"#,
                environment: credentials
            )
        )
        let arn = try #require(started["executionArn"]?.string)
        let history = try JSON(
            parsing: run(
                aws,
                "stepfunctions",
                "get-execution-history",
                endpoint,
                "--execution-arn",
                arn,
                environment: credentials
            )
        )
        let types = history["events"]?.array?.compactMap { $0["type"]?.string }
        #expect(types == ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"])
        #expect(history["events"]?[3]?["executionSucceededEventDetails"]?["output"] == #"{"sum":5}"#)
    }
}

import Testing

/// AWS's own clients drive the real engine.
@Suite struct StepFunctionsClientTests {
    @Test(.enabled(if: Python.hasBoto3)) func `boto3 creates, starts, watches, stops and redrives`() async throws {
        let output = try await withEngine { port in
            try await Python.run(
                #"""
                role = "arn:aws:iam::000000000000:role/any"
                def machine(name, **state):
                    definition = json.dumps({"StartAt": "A", "States": {"A": {**state, "End": True}}})
                    make = lambda: sfn.create_state_machine(name=name, definition=definition, roleArn=role)
                    first, second = make(), make()
                    assert first["stateMachineArn"] == second["stateMachineArn"]
                    assert first["creationDate"].year >= 2024
                    return first["stateMachineArn"]

                passing = machine("passing", Type="Pass")
                started = sfn.start_execution(stateMachineArn=passing, name="one", input='{"film": "Amélie"}')
                arn = started["executionArn"]
                done = sfn.describe_execution(executionArn=arn)
                assert done["status"] == "SUCCEEDED" and json.loads(done["output"]) == {"film": "Amélie"}, done
                pages = sfn.get_paginator("get_execution_history").paginate(executionArn=arn, PaginationConfig={"PageSize": 2})
                types = [event["type"] for page in pages for event in page["events"]]
                assert types == ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"], types
                newest = sfn.get_execution_history(executionArn=arn, reverseOrder=True)["events"][0]
                assert newest["executionSucceededEventDetails"]["output"], newest

                waiting = machine("waiting", Type="Wait", Seconds=3600)
                arn = sfn.start_execution(stateMachineArn=waiting)["executionArn"]
                assert sfn.list_executions(stateMachineArn=waiting, statusFilter="RUNNING")["executions"][0]["executionArn"] == arn
                assert sfn.stop_execution(executionArn=arn, error="Enough", cause="of it")["stopDate"]
                stopped = sfn.describe_execution(executionArn=arn)
                assert (stopped["status"], stopped["error"], stopped["cause"]) == ("ABORTED", "Enough", "of it"), stopped
                assert sfn.redrive_execution(executionArn=arn)["redriveDate"]
                assert sfn.describe_execution(executionArn=arn)["redriveCount"] == 1

                def fails(exception, call, **arguments):
                    try: call(**arguments)
                    except exception: return
                    raise AssertionError(exception)
                fails(sfn.exceptions.StateMachineAlreadyExists, sfn.create_state_machine, name="passing", roleArn=role,
                      definition='{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}')
                fails(sfn.exceptions.ExecutionAlreadyExists, sfn.start_execution, stateMachineArn=passing, name="one", input="{}")
                fails(sfn.exceptions.ExecutionDoesNotExist, sfn.describe_execution, executionArn=arn + "x")
                fails(sfn.exceptions.InvalidArn, sfn.describe_execution, executionArn="nonsense")
                fails(sfn.exceptions.InvalidDefinition, sfn.create_state_machine, name="bad", definition="{}", roleArn=role)
                fails(sfn.exceptions.InvalidExecutionInput, sfn.start_execution, stateMachineArn=passing, input="not json")
                assert len(list(sfn.get_paginator("list_state_machines").paginate().build_full_result()["stateMachines"])) == 2
                sfn.delete_state_machine(stateMachineArn=waiting)
                """#,
                port: port
            )
        }
        #expect(output.exitCode == 0, "\(output.standardError)")
    }

    @Test(.enabled(if: Python.hasCommandLine)) func `the AWS CLI starts an execution and reads its history`()
        async throws
    {
        let outputs = try await withEngine { port in
            func aws(_ arguments: String...) async throws -> Python.Output {
                let endpoint = ["--endpoint-url", "http://127.0.0.1:\(port)", "--output", "text"]
                return try await Python.run(["aws", "stepfunctions"] + arguments + endpoint)
            }
            let definition = #"{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}"#
            let created = try await aws(
                "create-state-machine",
                "--name",
                "m",
                "--role-arn",
                "arn:aws:iam::000000000000:role/any",
                "--definition",
                definition,
                "--query",
                "stateMachineArn"
            )
            let started = try await aws(
                "start-execution",
                "--state-machine-arn",
                created.line,
                "--query",
                "executionArn"
            )
            let history = try await aws(
                "get-execution-history",
                "--execution-arn",
                started.line,
                "--query",
                "events[].type"
            )
            return [created, started, history]
        }
        #expect(outputs.map(\.exitCode) == [0, 0, 0], "\(outputs.map(\.standardError))")
        #expect(
            outputs.last?.line.split(separator: "\t") == [
                "ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded",
            ]
        )
    }
}

extension Python.Output {
    /// The first line that was printed.
    fileprivate var line: String { standardOutput.split(separator: "\n").first.map(String.init) ?? "" }
}

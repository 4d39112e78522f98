import Testing

/// AWS's own client calls every operation of Step Functions, and its own model judges every answer.
@Suite struct OperationWalkTests {
    /// What the programs below share.
    private static let preparation = #"""
        judge(sfn, "ValidationException")

        def fails(code, message, call, **arguments):
            try: call(**arguments)
            except sfn.exceptions.ClientError as error:
                assert error.response["Error"]["Code"] == code, error.response
                assert error.response["Error"]["Message"] == message, error.response
                return
            raise AssertionError((code, message))

        role = "arn:aws:iam::000000000000:role/any"
        def machine(name, states, **more):
            definition = json.dumps({"StartAt": next(iter(states)), "States": states})
            return sfn.create_state_machine(name=name, definition=definition, roleArn=role, **more)
        passing = {"A": {"Type": "Pass", "End": True}}

        """#

    private static func run(_ program: String) async throws -> Python.Output {
        try await withEngine { port in try await Python.run(ModelChecks.program + preparation + program, port: port) }
    }

    @Test(.enabled(if: Python.hasBoto3)) func `every operation is called, and every answer has the model's shape`()
        async throws
    {
        let output = try await Self.run(
            #"""
            made = machine("walk", passing, publish=True, versionDescription="first", tags=[{"key": "a", "value": "1"}],
                loggingConfiguration={"level": "OFF"}, tracingConfiguration={"enabled": True})
            arn, first = made["stateMachineArn"], made["stateMachineVersionArn"]
            waiting = json.dumps({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}})
            updated = sfn.update_state_machine(stateMachineArn=arn, definition=waiting, publish=True)
            second = updated["stateMachineVersionArn"]
            assert sfn.publish_state_machine_version(stateMachineArn=arn)["stateMachineVersionArn"] == second
            versions = sfn.list_state_machine_versions(stateMachineArn=arn)["stateMachineVersions"]
            assert [v["stateMachineVersionArn"] for v in versions] == [second, first], versions
            assert sfn.describe_state_machine(stateMachineArn=first)["description"] == "first"
            described = sfn.describe_state_machine(stateMachineArn=arn)
            assert described["revisionId"] == updated["revisionId"] and described["tracingConfiguration"]["enabled"]
            assert sfn.describe_state_machine(stateMachineArn=arn, includedData="METADATA_ONLY")["definition"] == "{}"
            assert [m["name"] for m in sfn.list_state_machines()["stateMachines"]] == ["walk"]
            checked = sfn.validate_state_machine_definition(definition='{"StartAt": "A", "States": {}}', maxResults=1)
            assert checked["result"] == "FAIL" and len(checked["diagnostics"]) == 1, checked
            assert sfn.validate_state_machine_definition(definition=waiting, type="STANDARD")["result"] == "OK"

            route = lambda version, weight: {"stateMachineVersionArn": version, "weight": weight}
            alias = sfn.create_state_machine_alias(name="live", routingConfiguration=[route(first, 100)])
            alias = alias["stateMachineAliasArn"]
            sfn.update_state_machine_alias(stateMachineAliasArn=alias, description="d",
                routingConfiguration=[route(first, 0), route(second, 100)])
            assert len(sfn.describe_state_machine_alias(stateMachineAliasArn=alias)["routingConfiguration"]) == 2
            assert len(sfn.list_state_machine_aliases(stateMachineArn=arn)["stateMachineAliases"]) == 1

            sfn.tag_resource(resourceArn=arn, tags=[{"key": "b", "value": ""}])
            sfn.untag_resource(resourceArn=arn, tagKeys=["a"])
            assert sfn.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "b", "value": ""}]

            execution = sfn.start_execution(stateMachineArn=alias, name="one", input="[1]", traceHeader="t")
            execution = execution["executionArn"]
            running = sfn.describe_execution(executionArn=execution)
            assert (running["stateMachineAliasArn"], running["stateMachineVersionArn"]) == (alias, second), running
            assert sfn.describe_state_machine_for_execution(executionArn=execution)["definition"] == waiting
            listed = sfn.list_executions(stateMachineArn=alias, statusFilter="RUNNING", redriveFilter="NOT_REDRIVEN")
            assert [e["name"] for e in listed["executions"]] == ["one"], listed
            sfn.stop_execution(executionArn=execution, error="E", cause="C")
            sfn.redrive_execution(executionArn=execution, clientToken="again")
            history = sfn.get_execution_history(executionArn=execution, includeExecutionData=True)["events"]
            assert history[0]["executionStartedEventDetails"]["stateMachineAliasArn"] == alias, history[0]
            sfn.stop_execution(executionArn=execution)

            activity = sfn.create_activity(name="work", tags=[{"key": "a", "value": "1"}])["activityArn"]
            assert sfn.describe_activity(activityArn=activity)["name"] == "work"
            assert [a["name"] for a in sfn.list_activities()["activities"]] == ["work"]
            task = lambda **more: {"T": {"Type": "Task", "Resource": activity, "End": True, **more}}
            worked = machine("worked", task())["stateMachineArn"]
            def work(end):
                started = sfn.start_execution(stateMachineArn=worked, input='{"n": 1}')["executionArn"]
                given = sfn.get_activity_task(activityArn=activity, workerName="boto")
                assert json.loads(given["input"]) == {"n": 1}, given
                sfn.send_task_heartbeat(taskToken=given["taskToken"])
                end(given["taskToken"])
                return sfn.describe_execution(executionArn=started), sfn.get_execution_history(executionArn=started)
            done, events = work(lambda token: sfn.send_task_success(taskToken=token, output='"ok"'))
            assert (done["status"], done["output"]) == ("SUCCEEDED", '"ok"'), done
            types = [event["type"] for event in events["events"]]
            assert types[2:5] == ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"], types
            done, events = work(lambda token: sfn.send_task_failure(taskToken=token, error="E", cause="C"))
            assert (done["status"], done["error"], done["cause"]) == ("FAILED", "E", "C"), done

            each = {"M": {"Type": "Map", "Label": "each", "End": True, "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **json.loads(waiting)}}}
            mapped = sfn.start_execution(stateMachineArn=machine("mapped", each)["stateMachineArn"], input="[1, 2]")
            mapped = mapped["executionArn"]
            [listed] = sfn.list_map_runs(executionArn=mapped)["mapRuns"]
            run = listed["mapRunArn"]
            while sfn.describe_map_run(mapRunArn=run)["executionCounts"]["running"] < 2: pass
            sfn.update_map_run(mapRunArn=run, maxConcurrency=5, toleratedFailureCount=1, toleratedFailurePercentage=2.5)
            described = sfn.describe_map_run(mapRunArn=run)
            assert (described["status"], described["maxConcurrency"]) == ("RUNNING", 5), described
            assert described["toleratedFailurePercentage"] == 2.5 and described["itemCounts"]["total"] == 2, described
            children = sfn.list_executions(mapRunArn=run)["executions"]
            assert [child["itemCount"] for child in children] == [1, 1], children
            child = sfn.describe_execution(executionArn=children[0]["executionArn"])
            assert (child["mapRunArn"], child["input"]) == (run, "2"), child
            processor = sfn.describe_state_machine_for_execution(executionArn=child["executionArn"])
            assert (processor["label"], processor["mapRunArn"]) == ("each", run), processor
            assert json.loads(processor["definition"])["StartAt"] == "W", processor
            sfn.stop_execution(executionArn=mapped)
            assert sfn.describe_map_run(mapRunArn=run)["status"] == "ABORTED"

            sfn.delete_activity(activityArn=activity)
            sfn.delete_state_machine_alias(stateMachineAliasArn=alias)
            sfn.delete_state_machine_version(stateMachineVersionArn=first)
            sfn.delete_state_machine(stateMachineArn=arn)

            task = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Parameters": {"TopicArn": "t"}, "Next": "N",
                "Retry": [{"ErrorEquals": ["Busy"]}], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C"}]}
            for level in ["INFO", "DEBUG", "TRACE"]:
                tested = sfn.test_state(definition=json.dumps(task), input="{}", inspectionLevel=level,
                    mock={"result": json.dumps({"MessageId": "m"})})
                assert (tested["status"], tested["nextState"]) == ("SUCCEEDED", "N"), tested
            busy = sfn.test_state(definition=json.dumps(task), inspectionLevel="DEBUG",
                mock={"errorOutput": {"error": "Busy", "cause": "c"}})
            assert busy["status"] == "RETRIABLE" and busy["inspectionData"]["errorDetails"]["retryIndex"] == 0, busy
            caught = sfn.test_state(definition=json.dumps(task), mock={"errorOutput": {"error": "E", "cause": "c"}})
            assert (caught["status"], caught["nextState"]) == ("CAUGHT_ERROR", "C"), caught

            quick = machine("quick", {"A": {"Type": "Pass", "Result": 7, "Next": "B"},
                "B": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 7, "Next": "C"}], "Default": "D"},
                "C": {"Type": "Succeed"}, "D": {"Type": "Fail", "Error": "E", "Cause": "c"}}, type="EXPRESS")
            quick = quick["stateMachineArn"]
            assert sfn.describe_state_machine(stateMachineArn=quick)["type"] == "EXPRESS"
            assert [m["type"] for m in sfn.list_state_machines()["stateMachines"] if m["name"] == "quick"] == ["EXPRESS"]
            ran = sfn.start_sync_execution(stateMachineArn=quick, name="q", input='{"a": 1}', traceHeader="t")
            assert (ran["status"], ran["output"], ran["name"]) == ("SUCCEEDED", "7", "q"), ran
            assert ran["input"] == '{"a": 1}' and ran["inputDetails"]["included"] and ran["stateMachineArn"] == quick, ran
            assert ran["billingDetails"]["billedDurationInMilliseconds"] % 100 == 0, ran
            assert ran["executionArn"].startswith(quick.replace("stateMachine", "express") + ":q:"), ran
            hidden = sfn.start_sync_execution(stateMachineArn=quick, includedData="METADATA_ONLY")
            assert "output" not in hidden and "input" not in hidden and hidden["status"] == "SUCCEEDED", hidden
            begun = sfn.start_execution(stateMachineArn=quick)["executionArn"]
            fails("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'",
                sfn.describe_execution, executionArn=begun)
            fails("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine",
                sfn.list_executions, stateMachineArn=quick)
            fails("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine",
                sfn.start_sync_execution, stateMachineArn=worked)

            operations = set(sfn.meta.service_model.operation_names)
            assert called == operations, called ^ operations
            assert not faults, "\n".join(faults)
            """#
        )
        #expect(output.exitCode == 0, "\(output.standardError)")
    }

    @Test(.enabled(if: Python.hasBoto3)) func `what is wrong is told in the words of AWS`() async throws {
        let output = try await Self.run(
            #"""
            arn = machine("m", passing, publish=True)["stateMachineArn"]
            missing = arn + "issing"
            execution = missing.replace("stateMachine", "execution") + ":e"
            fails("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{missing}'",
                sfn.describe_state_machine, stateMachineArn=missing)
            fails("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: not_a_valid_arn'",
                sfn.describe_state_machine, stateMachineArn="not_a_valid_arn")
            fails("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: stateMachine'",
                sfn.describe_execution, executionArn=arn)
            fails("ExecutionDoesNotExist", f"Execution Does Not Exist: '{execution}'",
                sfn.get_execution_history, executionArn=execution)
            fails("InvalidName", "Invalid Name: 'activity name'", sfn.create_activity, name="activity name")
            fails("InvalidName", "Invalid Name: 'a#b'", sfn.start_execution, stateMachineArn=arn, name="a#b")
            fails("InvalidToken", "Invalid Token: 'Invalid token'", sfn.send_task_success, taskToken="x", output="1")
            fails("InvalidToken", "Invalid Token: 'Invalid token'", sfn.list_activities, nextToken="x")
            fails("ValidationException", "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy "
                "constraint: Member must have value less than or equal to 1000", sfn.list_state_machines, maxResults=1001)
            fails("ValidationException", "1 validation error detected: Value 'succeeded' at 'statusFilter' failed to "
                "satisfy constraint: Member must satisfy enum value set: [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, "
                "ABORTED, FAILED, RUNNING]", sfn.list_executions, stateMachineArn=arn, statusFilter="succeeded")
            token = "x" * 1025
            fails("ValidationException", f"2 validation errors detected: Value '2000' at 'maxResults' failed to "
                f"satisfy constraint: Member must have value less than or equal to 1000; Value '{token}' at "
                "'nextToken' failed to satisfy constraint: Member must have length less than or equal to 1024",
                sfn.list_activities, maxResults=2000, nextToken=token)
            alias = lambda name, *routes: dict(name=name, routingConfiguration=[
                {"stateMachineVersionArn": f"{arn}:{number}", "weight": weight} for number, weight in routes])
            fails("ValidationException", "1 validation error detected: Value '123' at 'name' failed to satisfy "
                r"constraint: Member must satisfy regular expression pattern: ^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$",
                sfn.create_state_machine_alias, **alias("123", (1, 100)))
            fails("ValidationException", "1 validation error detected: Value '101' at "
                "'routingConfiguration.1.member.weight' failed to satisfy constraint: Member must have value less "
                "than or equal to 100", sfn.create_state_machine_alias, **alias("a", (1, 101)))
            item = lambda number, weight: (f"RoutingConfigurationListItem(stateMachineVersionArn={arn}:{number}, "
                f"weight={weight})")
            fails("ValidationException", f"1 validation error detected: Value '[{item(1, 50)}, {item(2, 30)}, "
                f"{item(3, 20)}]' at 'routingConfiguration' failed to satisfy constraint: Member must have length "
                "less than or equal to 2", sfn.create_state_machine_alias, **alias("a", (1, 50), (2, 30), (3, 20)))
            fails("ResourceNotFound", "Request references a resource that does not exist.",
                sfn.update_state_machine_alias, stateMachineAliasArn=arn + ":none", description="d")
            fails("MissingRequiredParameter", "Either the definition, the role ARN, the LoggingConfiguration, or the "
                "TracingConfiguration must be specified", sfn.update_state_machine, stateMachineArn=arn)
            fails("ResourceNotFound", f"Resource not found: '{arn}:1'", sfn.tag_resource, resourceArn=arn + ":1", tags=[])
            for text, complaint in [
                ("not json", "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token "
                    "'null', 'true' or 'false')"),
                ("{'a': 1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name"),
                ("", "Invalid execution input."),
            ]:
                fails("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{complaint}'",
                    sfn.start_execution, stateMachineArn=arn, input=text)
            fails("ValidationException", "1 validation error detected: Value at 'input' failed to satisfy constraint: "
                "Member must have length less than or equal to 262144",
                sfn.start_execution, stateMachineArn=arn, input='"' + "x" * 262144 + '"')
            assert not faults, "\n".join(faults)
            """#
        )
        #expect(output.exitCode == 0, "\(output.standardError)")
    }

    @Test(.enabled(if: Python.hasCommandLine)) func `the AWS CLI works an activity`() async throws {
        let outputs = try await withEngine { port in
            func aws(_ arguments: String...) async throws -> Python.Output {
                let endpoint = ["--endpoint-url", "http://127.0.0.1:\(port)", "--output", "text"]
                return try await Python.run(["aws", "stepfunctions"] + arguments + endpoint)
            }
            let created = try await aws("create-activity", "--name", "work", "--query", "activityArn")
            let activity = created.standardOutput.split(separator: "\n").first.map(String.init) ?? ""
            let definition = #"{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"\#(activity)","End":true}}}"#
            let role = "arn:aws:iam::000000000000:role/any"
            let machine = try await aws(
                "create-state-machine",
                "--name",
                "m",
                "--role-arn",
                role,
                "--definition",
                definition,
                "--query",
                "stateMachineArn"
            )
            let arn = machine.standardOutput.split(separator: "\n").first.map(String.init) ?? ""
            let started = try await aws("start-execution", "--state-machine-arn", arn, "--query", "executionArn")
            let task = try await aws("get-activity-task", "--activity-arn", activity, "--query", "taskToken")
            let token = task.standardOutput.split(separator: "\n").first.map(String.init) ?? ""
            let ended = try await aws("send-task-success", "--task-token", token, "--task-output", "42")
            let execution = started.standardOutput.split(separator: "\n").first.map(String.init) ?? ""
            let described = try await aws(
                "describe-execution",
                "--execution-arn",
                execution,
                "--query",
                "[status,output]"
            )
            return [created, machine, started, task, ended, described]
        }
        #expect(outputs.allSatisfy { $0.exitCode == 0 }, "\(outputs.map(\.standardError))")
        #expect(outputs.last?.standardOutput == "SUCCEEDED\t42\n")
    }
}

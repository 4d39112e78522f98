import Testing

/// AWS's own client calls every operation of EventBridge Scheduler, and its own model judges every answer.
@Suite(.enabled(if: Python.hasBoto3)) struct SchedulerWalkTests {
    /// What the programs below share.
    private static let preparation = #"""
        import datetime, time
        judge(scheduler)

        def fails(code, status, call, text="", **arguments):
            try: call(**arguments)
            except scheduler.exceptions.ClientError as error:
                answer, metadata = error.response["Error"], error.response["ResponseMetadata"]
                assert (answer["Code"], metadata["HTTPStatusCode"]) == (code, status), error.response
                assert text in answer["Message"], error.response
                assert error.response["Message"] == answer["Message"], error.response
                return
            raise AssertionError((code, text))

        role = "arn:aws:iam::000000000000:role/any"
        off = {"Mode": "OFF"}
        def machine(name, **state):
            definition = json.dumps({"StartAt": "A", "States": {"A": {**state, "End": True}}})
            return sfn.create_state_machine(name=name, definition=definition, roleArn=role)["stateMachineArn"]
        passing = machine("passing", Type="Pass")
        def asked(name, expression="cron(0 3 * * ? *)", **more):
            return {"Name": name, "ScheduleExpression": expression, "FlexibleTimeWindow": off,
                "Target": {"Arn": passing, "RoleArn": role}, **more}
        def inputs(count):
            while True:
                found = sfn.list_executions(stateMachineArn=passing)["executions"]
                if len(found) >= count: break
                time.sleep(0.02)
            return [sfn.describe_execution(executionArn=one["executionArn"])["input"] for one in found]

        """#

    private static func run(_ program: String) async throws -> Python.Output {
        try await withScheduler { port in
            try await Python.run(ModelChecks.program + preparation + program, port: port)
        }
    }

    @Test func `every operation is called, and every answer has the model's shape`() async throws {
        let output = try await Self.run(
            #"""
            group = scheduler.create_schedule_group(Name="films", Tags=[{"Key": "a", "Value": "1"}])["ScheduleGroupArn"]
            assert group == "arn:aws:scheduler:us-east-1:000000000000:schedule-group/films", group
            found = scheduler.get_schedule_group(Name="films")
            assert (found["Arn"], found["State"]) == (group, "ACTIVE"), found
            names = [one["Name"] for one in scheduler.list_schedule_groups()["ScheduleGroups"]]
            assert names == ["default", "films"], names
            assert len(scheduler.list_schedule_groups(NamePrefix="f", MaxResults=1)["ScheduleGroups"]) == 1
            scheduler.tag_resource(ResourceArn=group, Tags=[{"Key": "b", "Value": "2"}, {"Key": "c", "Value": "3"}])
            scheduler.untag_resource(ResourceArn=group, TagKeys=["a", "c"])
            assert scheduler.list_tags_for_resource(ResourceArn=group)["Tags"] == [{"Key": "b", "Value": "2"}]

            start = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
            end = start + datetime.timedelta(days=400)
            target = {"Arn": passing, "RoleArn": role, "Input": '{"n": 1}',
                "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 600},
                "DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:000000000000:dead"}}
            arn = scheduler.create_schedule(Name="nightly", GroupName="films", ScheduleExpression="cron(0 3 * * ? *)",
                ScheduleExpressionTimezone="Australia/Lord_Howe", StartDate=start, EndDate=end, State="ENABLED",
                Description="each night", FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15},
                ActionAfterCompletion="DELETE", KmsKeyArn="arn:aws:kms:us-east-1:000000000000:key/k", Target=target)
            assert arn["ScheduleArn"] == "arn:aws:scheduler:us-east-1:000000000000:schedule/films/nightly", arn
            found = scheduler.get_schedule(Name="nightly", GroupName="films")
            for member, value in [("Arn", arn["ScheduleArn"]), ("Target", target), ("StartDate", start), ("EndDate", end),
                ("ScheduleExpressionTimezone", "Australia/Lord_Howe"), ("ActionAfterCompletion", "DELETE"),
                ("FlexibleTimeWindow", {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}), ("State", "ENABLED"),
                ("KmsKeyArn", "arn:aws:kms:us-east-1:000000000000:key/k"), ("Description", "each night")]:
                assert found[member] == value, (member, found)
            # An update says all anew: what it leaves out is as if never said.
            scheduler.update_schedule(**asked("nightly", "rate(2 days)", GroupName="films"))
            found = scheduler.get_schedule(Name="nightly", GroupName="films")
            assert found["ScheduleExpression"] == "rate(2 days)" and found["FlexibleTimeWindow"] == off, found
            assert found["ActionAfterCompletion"] == "NONE" and found["ScheduleExpressionTimezone"] == "UTC", found
            assert not {"Description", "KmsKeyArn", "StartDate", "EndDate"} & set(found), found
            assert found["Target"]["RetryPolicy"] == {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86400}

            for number in range(5): scheduler.create_schedule(**asked(f"s{number}", State="DISABLED"))
            pages = scheduler.get_paginator("list_schedules").paginate(PaginationConfig={"PageSize": 2})
            listed = [(one["GroupName"], one["Name"]) for page in pages for one in page["Schedules"]]
            assert listed == [("default", f"s{number}") for number in range(5)] + [("films", "nightly")], listed
            assert len(scheduler.list_schedules(State="ENABLED")["Schedules"]) == 1
            assert len(scheduler.list_schedules(GroupName="default", NamePrefix="s")["Schedules"]) == 5
            assert scheduler.list_schedules(GroupName="films")["Schedules"][0]["Target"] == {"Arn": passing}
            groups = scheduler.get_paginator("list_schedule_groups").paginate(PaginationConfig={"PageSize": 1})
            assert [one["Name"] for page in groups for one in page["ScheduleGroups"]] == ["default", "films"]

            scheduler.delete_schedule(Name="s0")
            fails("ResourceNotFoundException", 404, scheduler.get_schedule, Name="s0")
            scheduler.delete_schedule_group(Name="films")
            fails("ResourceNotFoundException", 404, scheduler.get_schedule, Name="nightly", GroupName="films")

            operations = set(scheduler.meta.service_model.operation_names)
            assert called == operations, called ^ operations
            assert not faults, "\n".join(faults)
            """#
        )
        #expect(output.exitCode == 0, "\(output.standardError)")
    }

    @Test func `schedules start executions, with the words of their input filled in`() async throws {
        let output = try await Self.run(
            #"""
            words = {"at": "<aws.scheduler.scheduled-time>", "try": "<aws.scheduler.attempt-number>",
                "arn": "<aws.scheduler.schedule-arn>", "id": "<aws.scheduler.execution-id>"}
            soon = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1)).replace(microsecond=0)
            scheduler.create_schedule(**asked("once", soon.strftime("at(%Y-%m-%dT%H:%M:%S)"), ActionAfterCompletion="DELETE",
                Target={"Arn": passing, "RoleArn": role, "Input": json.dumps(words)}))
            [given] = inputs(1)
            assert json.loads(given) == {"at": soon.strftime("%Y-%m-%dT%H:%M:%SZ"), "try": "1", "id": "1",
                "arn": "arn:aws:scheduler:us-east-1:000000000000:schedule/default/once"}, given
            while scheduler.list_schedules()["Schedules"]: time.sleep(0.02)
            # A rate without a start fires at once; the whole request of StartExecution may be the target.
            whole = {"StateMachineArn": passing, "Input": json.dumps({"by": "<aws.scheduler.schedule-arn>"})}
            scheduler.create_schedule(**asked("rate", "rate(1 day)", Target={"RoleArn": role,
                "Arn": "arn:aws:scheduler:::aws-sdk:sfn:startExecution", "Input": json.dumps(whole)}))
            given = inputs(2)
            assert '{"by": "arn:aws:scheduler:us-east-1:000000000000:schedule/default/rate"}' in given, given
            assert not faults, "\n".join(faults)
            """#
        )
        #expect(output.exitCode == 0, "\(output.standardError)")
    }

    @Test func `what is wrong is told by code, status and place`() async throws {
        let output = try await Self.run(
            #"""
            config = config.merge(Config(parameter_validation=False))
            scheduler = client("scheduler")
            judge(scheduler)
            create, invalid = scheduler.create_schedule, "ValidationException"
            create(**asked("a"), ClientToken="t")
            create(**asked("a"), ClientToken="t")
            fails("ConflictException", 409, create, "ClientToken", **asked("a", "rate(1 day)"), ClientToken="t")
            fails("ConflictException", 409, create, "already exists", **asked("a"))
            scheduler.delete_schedule(Name="a", ClientToken="d")
            scheduler.delete_schedule(Name="a", ClientToken="d")
            fails("ResourceNotFoundException", 404, scheduler.delete_schedule, Name="a")
            fails("ResourceNotFoundException", 404, scheduler.update_schedule, **asked("a"))
            fails("ResourceNotFoundException", 404, create, "films", **asked("a", GroupName="films"))
            fails("ResourceNotFoundException", 404, scheduler.list_schedules, GroupName="films")
            fails("ResourceNotFoundException", 404, scheduler.get_schedule_group, Name="films")
            fails("ResourceNotFoundException", 404, scheduler.delete_schedule_group, Name="films")
            group = "arn:aws:scheduler:us-east-1:000000000000:schedule-group/films"
            fails("ResourceNotFoundException", 404, scheduler.list_tags_for_resource, ResourceArn=group)
            scheduler.create_schedule_group(Name="films", ClientToken="g")
            scheduler.create_schedule_group(Name="films", ClientToken="g")
            fails("ConflictException", 409, scheduler.create_schedule_group, Name="films")
            fails(invalid, 400, scheduler.delete_schedule_group, "default", Name="default")

            fails(invalid, 400, create, "3 validation errors detected", Name="a", GroupName="default")
            fails(invalid, 400, create, "Value null at 'target.roleArn'", **asked("a", Target={"Arn": passing}))
            fails(invalid, 400, create, "Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular "
                "expression pattern: ^[0-9a-zA-Z-_.]+$", **asked("a b"))
            for expression in ["rate(1 hours)", "0 3 * * ? *", "cron(0 3 * * *)", "at(2027-02-30T00:00:00)", "rate(0 days)"]:
                fails(invalid, 400, create, "ScheduleExpression", **asked("a", expression))
            fails(invalid, 400, create, "Europe/Berlin", **asked("a", ScheduleExpressionTimezone="Europe/Berln"))
            fails(invalid, 400, create, "StartDate", **asked("a", StartDate=datetime.datetime(2020, 1, 1)))
            ends = dict(StartDate=datetime.datetime(2126, 1, 2), EndDate=datetime.datetime(2126, 1, 1))
            fails(invalid, 400, create, "endDate", **asked("a", **ends))
            for window in [{"Mode": "FLEXIBLE"}, {"Mode": "OFF", "MaximumWindowInMinutes": 5},
                {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 1441}]:
                fails(invalid, 400, create, "aximumWindowInMinutes", **{**asked("a"), "FlexibleTimeWindow": window})
            targets = [("arn:aws:lambda:us-east-1:000000000000:function:f", "state machine"),
                ("arn:aws:sqs:us-east-1:000000000000:queue", "state machine"), ("nonsense", "state machine")]
            for arn, text in targets:
                fails(invalid, 400, create, text, **asked("a", Target={"Arn": arn, "RoleArn": role}))
            sfn_api = "arn:aws:scheduler:::aws-sdk:sfn:startExecution"
            for more, text in [({"Input": "no json"}, "must be JSON"), ({"SqsParameters": {}}, "SqsParameters"),
                ({"Arn": sfn_api}, "StateMachineArn"), ({"Arn": sfn_api, "Input": '{"Machine": 1}'}, "Machine"),
                ({"Arn": "arn:aws:scheduler:::millrace:pipeline"}, "pipeline"),
                ({"RetryPolicy": {"MaximumRetryAttempts": 186}}, "185"),
                ({"RetryPolicy": {"MaximumEventAgeInSeconds": 59}}, "60"),
                ({"DeadLetterConfig": {"Arn": "queue"}}, "deadLetterConfig.arn")]:
                fails(invalid, 400, create, text, **asked("a", Target={"Arn": passing, "RoleArn": role, **more}))
            fails(invalid, 400, scheduler.list_schedules, "NextToken", NextToken="nonsense")
            fails(invalid, 400, scheduler.list_schedules, "maxResults", MaxResults=101)
            fails(invalid, 400, scheduler.list_schedules, "state", State="PAUSED")
            fails(invalid, 400, scheduler.tag_resource, "resourceArn", ResourceArn=passing, Tags=[])
            tags = [{"Key": str(number), "Value": "v"} for number in range(51)]
            fails(invalid, 400, scheduler.tag_resource, "50", ResourceArn=group, Tags=tags)
            for number in range(498): scheduler.create_schedule_group(Name=f"g{number}")
            fails("ServiceQuotaExceededException", 402, scheduler.create_schedule_group, "500", Name="more")
            assert not faults, "\n".join(faults)
            """#
        )
        #expect(output.exitCode == 0, "\(output.standardError)")
    }

    @Test(.enabled(if: Python.hasCommandLine)) func `the AWS CLI makes a schedule and reads it`() async throws {
        let outputs = try await withScheduler { port in
            func aws(_ arguments: String...) async throws -> Python.Output {
                try await Python.run(
                    ["aws", "scheduler"] + arguments + ["--endpoint-url", "http://127.0.0.1:\(port)"]
                )
            }
            let machine = "arn:aws:states:us-east-1:000000000000:stateMachine:nightly"
            return [
                try await aws(
                    "create-schedule",
                    "--name",
                    "nightly",
                    "--schedule-expression",
                    "cron(0 3 * * ? *)",
                    "--flexible-time-window",
                    "Mode=OFF",
                    "--target",
                    "Arn=\(machine),RoleArn=arn:aws:iam::000000000000:role/any"
                ),
                try await aws("get-schedule", "--name", "nightly", "--query", "Target.Arn", "--output", "text"),
                try await aws("delete-schedule", "--name", "nightly"),
                try await aws("get-schedule", "--name", "nightly"),
            ]
        }
        #expect(outputs.map(\.exitCode).prefix(3) == [0, 0, 0], "\(outputs.map(\.standardError))")
        #expect(outputs[1].standardOutput.contains(":stateMachine:nightly"))
        #expect(outputs[3].standardError.contains("ResourceNotFoundException"))
    }
}

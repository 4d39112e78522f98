import Bucket
import DurableExecution
import Foundation
import HTTPAPI
import JSON
import Logging
import Notifications
import Pipeline
import SQLiteStore
import StatesLanguage
import Synchronization
import TestSupport
import Testing

/// AWS's own clients keep rules, put events, and run machines whose tasks ask the services of this machine.
@Suite(.enabled(if: Python.hasBoto3)) struct IntegrationsClientTests {
    private struct Stage: Sendable {
        let directory: TemporaryDirectory
        let bucket: Bucket
        let outbox: Outbox
        let bus: EventBus
        let engine: Engine
        let operations: OperationTable

        init() async throws {
            let makeID: @Sendable () -> String = { UUID().uuidString.lowercased() }
            let store = try SQLiteStore.inMemory()
            directory = try TemporaryDirectory()
            bucket = try Bucket(name: "films", root: directory.file("bucket"))
            try FileManager.default.createDirectory(atPath: bucket.root, withIntermediateDirectories: true)
            outbox = Outbox(store: store, now: { Date() }, newID: makeID)
            bus = EventBus(store: store, outbox: outbox, now: { Date() }, newID: makeID)
            let table = Table()
            var tasks = TaskRegistry()
            tasks.register(PutEventsTask.integration, PutEventsTask(bus: bus, makeID: { "request" }))
            tasks.register(S3Task.integration, S3Task(buckets: BucketDirectory([bucket]), makeID: makeID))
            tasks.register(StepFunctionsTask.integration, StepFunctionsTask(makeID: makeID, call: table.call))
            engine = Engine(
                store: store,
                tasks: tasks,
                environment: .init(
                    now: { Date() },
                    clock: ContinuousClock(),
                    makeID: makeID,
                    makeSeed: { .random(in: .min ... .max) }
                ),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            operations = .stepFunctions(engine)
            table.set(operations)
            let topic = try await outbox.createTopic("orders")
            try await outbox.setEndpoints([.maildir("you@localhost")], of: topic.arn)
        }

        func run(_ program: String) async throws -> Python.Output {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { [engine] in try await engine.run() }
                let output = try await withServer(operations: [operations, .events(bus)]) { port in
                    try await Python.run(program, port: port)
                }
                group.cancelAll()
                return output
            }
        }
    }

    /// The table of operations, which needs the engine that needs the task that calls it.
    private final class Table: Sendable {
        private let table = Mutex<OperationTable?>(nil)

        func set(_ new: OperationTable) { table.withLock { $0 = new } }

        func call(_ operation: String, _ input: JSON) async throws -> JSON {
            guard let table = table.withLock(\.self) else { throw CancellationError() }
            do {
                return try await table.call(operation, input)
            } catch let refusal as OperationRefusal {
                throw ServiceError(code: refusal.error.code, message: refusal.error.message, status: refusal.status)
            }
        }
    }

    @Test func `boto3 keeps rules, and its events reach the outbox`() async throws {
        let stage = try await Stage()
        let output = try await stage.run(
            #"""
            events = client("events")
            pattern = json.dumps({"source": ["shop"], "detail": {"total": [{"numeric": [">", 100]}]}})
            arn = events.put_rule(Name="orders", EventPattern=pattern)["RuleArn"]
            assert arn.endswith(":rule/orders"), arn
            topic = "arn:aws:sns:us-east-1:000000000000:orders"
            assert events.put_targets(Rule="orders", Targets=[{"Id": "1", "Arn": topic}])["FailedEntryCount"] == 0
            assert events.list_targets_by_rule(Rule="orders")["Targets"] == [{"Id": "1", "Arn": topic}]
            assert [r["Name"] for p in events.get_paginator("list_rules").paginate() for r in p["Rules"]] == ["orders"]
            events.disable_rule(Name="orders"); events.enable_rule(Name="orders")
            assert events.describe_rule(Name="orders")["State"] == "ENABLED"
            event = {"source": "shop", "detail": {"total": 101}}
            assert events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"] is True
            def entry(total, **fields):
                return {"Source": "shop", "DetailType": "Order", "Detail": json.dumps({"total": total}), **fields}
            answer = events.put_events(Entries=[entry(500), entry(5), entry(1, Source="aws.shop")])
            assert answer["FailedEntryCount"] == 1, answer
            assert answer["Entries"][2]["ErrorCode"] == "NotAuthorizedForSourceException", answer
            def fails(exception, call, **arguments):
                try: call(**arguments)
                except exception: return
                raise AssertionError(exception)
            known = events.exceptions
            fails(known.ResourceNotFoundException, events.describe_rule, Name="none")
            fails(known.InvalidEventPatternException, events.put_rule, Name="bad", EventPattern="{}")
            fails(known.ClientError, events.delete_rule, Name="orders")
            events.remove_targets(Rule="orders", Ids=["1"])
            events.delete_rule(Name="orders")
            """#
        )
        #expect(output.exitCode == 0, "\(output.standardError)")
        let deliveries = try await stage.outbox.deliveries()
        #expect(deliveries.count == 1)
        #expect(deliveries.first?.message.message.payload?["detail"] == ["total": 500])
    }

    @Test func `a machine that boto3 starts asks buckets, rules and Step Functions itself`() async throws {
        let stage = try await Stage()
        let output = try await stage.run(
            #"""
            import time
            events = client("events")
            events.put_rule(Name="made", EventPattern=json.dumps({"detail-type": ["Made"]}))
            events.put_targets(Rule="made", Targets=[{"Id": "1", "Arn": "arn:aws:sns:us-east-1:000000000000:orders"}])
            role = "arn:aws:iam::000000000000:role/any"
            def task(resource, parameters, **fields):
                return {"Type": "Task", "Resource": "arn:aws:states:::" + resource, "Parameters": parameters,
                        "ResultPath": None, **fields}
            def machine(name, *states):
                names = [chr(65 + i) for i in range(len(states))]
                for state, following in zip(states, names[1:]): state["Next"] = following
                states[-1]["End"] = True
                definition = json.dumps({"StartAt": "A", "States": dict(zip(names, states))})
                return sfn.create_state_machine(name=name, definition=definition, roleArn=role)["stateMachineArn"]
            def run(arn, **input):
                execution = sfn.start_execution(stateMachineArn=arn, input=json.dumps(input))["executionArn"]
                while True:
                    described = sfn.describe_execution(executionArn=execution)
                    if described["status"] != "RUNNING": return described
                    time.sleep(0.02)
            child = machine("child", {"Type": "Pass"})
            s3 = "aws-sdk:s3:"
            whole = machine("whole",
                task(s3 + "putObject", {"Bucket": "films", "Key": "out/film.json", "Body.$": "$.film"}),
                task("events:putEvents", {"Entries": [
                    {"Source": "shop", "DetailType": "Made", "Detail.$": "$.film"}]}),
                task("aws-sdk:sfn:startExecution", {"StateMachineArn": child, "Name": "mine", "Input.$": "$.film"}),
                task("aws-sdk:sfn:describeStateMachine", {"StateMachineArn": child}, ResultPath="$.child"),
                task(s3 + "getObject", {"Bucket": "films", "Key": "out/film.json"}, ResultPath="$.object"))
            done = run(whole, film={"title": "Amélie"})
            assert done["status"] == "SUCCEEDED", done
            output = json.loads(done["output"])
            assert json.loads(output["object"]["Body"]) == {"title": "Amélie"}, output
            assert output["child"]["Name"] == "child" and output["child"]["StateMachineArn"] == child, output
            assert output["child"]["CreationDate"].endswith("Z"), output
            mine = sfn.list_executions(stateMachineArn=child)["executions"]
            assert [e["name"] for e in mine] == ["mine"], mine
            child_input = sfn.describe_execution(executionArn=mine[0]["executionArn"])["input"]
            assert json.loads(child_input) == {"title": "Amélie"}, child_input

            def error(resource, parameters): return run(machine("m" + str(time.time_ns()), task(resource, parameters)))["error"]
            assert error(s3 + "getObject", {"Bucket": "films", "Key": "none"}) == "S3.NoSuchKeyException"
            assert error(s3 + "getObject", {"Bucket": "none", "Key": "none"}) == "S3.NoSuchBucketException"
            again = {"StateMachineArn": child, "Name": "mine", "Input": {"other": 1}}
            assert error("aws-sdk:sfn:startExecution", again) == "Sfn.ExecutionAlreadyExistsException"
            gone = {"StateMachineArn": child + "x"}
            assert error("aws-sdk:sfn:describeStateMachine", gone) == "Sfn.StateMachineDoesNotExistException"
            assert error("events:putEvents", {"Entries": [{"Source": "shop"}]}) == "EventBridge.FailedEntry"

            try: machine("bad", task("sqs:sendMessage", {}))
            except sfn.exceptions.InvalidDefinition as refusal: message = refusal.response["Error"]["Message"]
            assert "The resource provided arn:aws:states:::sqs:sendMessage is not recognized." in message, message
            assert "arn:aws:states:::events:putEvents" in message and "/States/A/Resource" in message, message
            """#
        )
        #expect(output.exitCode == 0, "\(output.standardError)")
        #expect(try stage.bucket.read("out/film.json") == Array(#"{"title":"Amélie"}"#.utf8))
        let deliveries = try await stage.outbox.deliveries()
        #expect(deliveries.first?.message.message.payload?["detail"] == ["title": "Amélie"])
        #expect(deliveries.count == 1)
    }

    @Test func `every operation of Step Functions can be asked by a task`() async throws {
        let stage = try await Stage()
        let actions = StepFunctionsTask.integration.actions.map { $0.prefix(1).uppercased() + $0.dropFirst() }
        #expect(actions.count == 37)
        #expect(Set(stage.operations.names).subtracting(actions).isEmpty)
    }
}

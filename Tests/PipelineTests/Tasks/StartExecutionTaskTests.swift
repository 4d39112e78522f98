import DurableExecution
import JSON
import SQLiteStore
import StatesLanguage
import Synchronization
import Testing
import TestSupport

@testable import Pipeline

/// `states:startExecution`: executions that start others and wait for their ends.
@Suite(.timeLimit(.minutes(5))) struct StartExecutionTaskTests {
    private static let resource = "arn:aws:states:::states:startExecution"

    /// A stage whose tasks start executions, one handler at a time: who waits holds none.
    private static func stage(store: SQLiteStore? = nil) throws -> IntegrationStage {
        let late = Locked<Engine?>(nil)
        let configuration = Engine.Configuration(maxConcurrentTasks: 1)
        let stage = try IntegrationStage(store: store, configuration: configuration) { tasks, _ in
            let task = StartExecutionTask(makeID: { "request" }) { late.withLock(\.self) }
            tasks.register(StartExecutionTask.integration, task)
        }
        late.withLock { $0 = stage.engine }
        return stage
    }

    private static func create(
        _ name: String,
        _ states: JSON,
        startAt: String = "S",
        type: String = "STANDARD",
        in engine: Engine
    ) async throws -> String {
        let definition: JSON = ["StartAt": .string(startAt), "States": states]
        let request = CreateStateMachineRequest(name: name, definition: definition.text, type: type)
        return try await engine.createStateMachine(request).arn
    }

    private static let passing: JSON = ["S": ["Type": "Pass", "End": true]]
    private static let waiting: JSON = ["S": ["Type": "Wait", "Seconds": 600, "End": true]]

    @Test func `a request is answered when the execution has started`() async throws {
        let stage = try Self.stage()
        try await stage.running {
            let child = try await Self.create("child", Self.waiting, in: stage.engine)
            let output = try await stage.output(Self.resource, ["StateMachineArn": .string(child), "Name": "c"])
            let arn = "arn:aws:states:us-east-1:000000000000:execution:child:c"
            #expect(output["ExecutionArn"] == .string(arn))
            #expect(output["StartDate"]?.int != nil)
            #expect(output["SdkHttpMetadata"]?["HttpStatusCode"] == 200)
            #expect(try await stage.engine.describeExecution(arn).status == .running)
        }
    }

    @Test func `a task that waits ends with the execution's description`() async throws {
        let stage = try Self.stage()
        try await stage.running {
            let child = try await Self.create("child", Self.passing, in: stage.engine)
            let parameters: JSON = ["StateMachineArn": .string(child), "Input": ["a": [1, 2]]]
            let text = try await stage.output("\(Self.resource).sync", parameters)
            #expect(text["Status"] == "SUCCEEDED")
            #expect(text["Output"] == #"{"a":[1,2]}"#)
            #expect(text["Input"] == #"{"a":[1,2]}"#)
            #expect(text["StateMachineArn"] == .string(child))
            #expect(text["InputDetails"] == ["Included": true])
            #expect(text["StopDate"]?.int != nil)
            let json = try await stage.output("\(Self.resource).sync:2", parameters)
            #expect(json["Output"] == ["a": [1, 2]])
            #expect(json["Input"] == ["a": [1, 2]])
        }
    }

    @Test func `its history tells of the start before the end`() async throws {
        let stage = try Self.stage()
        try await stage.running {
            let child = try await Self.create("child", Self.passing, in: stage.engine)
            let parent = try await stage.end("\(Self.resource).sync:2", ["StateMachineArn": .string(child)])
            let events = try await stage.engine.executionHistory(of: parent.arn).elements
            #expect(
                events.compactMap { $0["type"]?.string } == [
                    "ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSubmitted",
                    "TaskSucceeded", "TaskStateExited", "ExecutionSucceeded",
                ]
            )
            let details = events[4]["taskSubmittedEventDetails"]
            #expect(details?["resource"] == "startExecution.sync:2")
            #expect(details?["resourceType"] == "states")
        }
    }

    @Test func `an execution that fails fails the task with its description as cause`() async throws {
        let stage = try Self.stage()
        try await stage.running {
            let states: JSON = ["S": ["Type": "Fail", "Error": "Oh", "Cause": "no"]]
            let child = try await Self.create("child", states, in: stage.engine)
            let parent = try await stage.end("\(Self.resource).sync:2", ["StateMachineArn": .string(child)])
            #expect(parent.error == "States.TaskFailed")
            let cause = try JSON(parsing: parent.cause ?? "")
            #expect(cause["Status"] == "FAILED")
            #expect(cause["Error"] == "Oh")
            #expect(cause["Cause"] == "no")
        }
    }

    @Test func `executions wait for one another in any depth with one handler for all`() async throws {
        let stage = try Self.stage()
        try await stage.running {
            var machine = try await Self.create("m0", Self.passing, in: stage.engine)
            for depth in 1...5 {
                let states: JSON = [
                    "S": [
                        "Type": "Task", "Resource": .string("\(Self.resource).sync:2"), "End": true,
                        "Parameters": ["StateMachineArn": .string(machine), "Input.$": "$"],
                        "OutputPath": "$.Output",
                    ]
                ]
                machine = try await Self.create("m\(depth)", states, in: stage.engine)
            }
            let top = try await stage.engine.startExecution(of: machine, input: #"{"deep":true}"#)
            #expect(try await stage.engine.waitForEnd(of: top.arn).output == #"{"deep":true}"#)
        }
    }

    @Test func `a machine that starts itself ends in an error, with causes that do not grow`() async throws {
        let stage = try Self.stage()
        try await stage.running {
            let arn = ResourceNames().stateMachine("loop")
            let states: JSON = [
                "S": [
                    "Type": "Task", "Resource": .string("\(Self.resource).sync:2"), "End": true,
                    "Parameters": ["StateMachineArn": .string(arn)],
                ]
            ]
            _ = try await Self.create("loop", states, in: stage.engine)
            let top = try await stage.engine.startExecution(of: arn)
            let ended = try await stage.engine.waitForEnd(of: top.arn)
            #expect(ended.error == "States.TaskFailed")
            #expect((ended.cause?.count ?? 0) <= 32_768)
            #expect(try await stage.engine.listExecutions(maxResults: 1000).elements.count == 51)
        }
    }

    @Test(arguments: [true, false])
    func `an execution is stopped when nobody waits for it any more`(byTimeout: Bool) async throws {
        let stage = try Self.stage()
        try await stage.running {
            let child = try await Self.create("child", Self.waiting, in: stage.engine)
            let fields: JSON = byTimeout ? ["TimeoutSeconds": 30] : [:]
            let parameters: JSON = ["StateMachineArn": .string(child), "Name": "c"]
            let parent = try await stage.start("\(Self.resource).sync", parameters, fields: fields)
            let arn = "arn:aws:states:us-east-1:000000000000:execution:child:c"
            while try await stage.engine.listExecutions().elements.count < 2 { await Task.yield() }
            if byTimeout {
                while try await stage.engine.describeExecution(parent.arn).status == .running {
                    stage.clock.advance(by: .seconds(1))
                    await Task.yield()
                }
            } else {
                _ = try await stage.engine.stopExecution(parent.arn)
            }
            #expect(try await stage.engine.waitForEnd(of: arn).status == .aborted)
        }
    }

    @Test func `refusals have the names of the service`() async throws {
        let stage = try Self.stage()
        try await stage.running {
            let express = try await Self.create("express", Self.passing, type: "EXPRESS", in: stage.engine)
            let child = try await Self.create("child", Self.passing, in: stage.engine)
            let missing = try await stage.end(Self.resource, ["StateMachineArn": .string("\(child)s")])
            #expect(missing.error == "StepFunctions.StateMachineDoesNotExistException")
            let parameters: JSON = ["StateMachineArn": .string(express)]
            #expect(try await stage.output(Self.resource, parameters)["ExecutionArn"] != nil)
            let unsupported = try await stage.end("\(Self.resource).sync", parameters)
            #expect(unsupported.error == "StepFunctions.StateMachineTypeNotSupportedException")
            let named: JSON = ["StateMachineArn": .string(child), "Name": "c"]
            _ = try await stage.output("\(Self.resource).sync", named)
            let twice = try await stage.end("\(Self.resource).sync", named)
            #expect(twice.error == "StepFunctions.ExecutionAlreadyExistsException")
            let unknown = try await stage.end(Self.resource, ["StateMachine": "x"])
            #expect(unknown.error == "States.Runtime")
        }
    }

    @Test func `a service that dies before transaction n, for every n, loses no end of an execution`() async throws {
        var number = 1
        while number < 60 {
            let directory = try TemporaryDirectory()
            let path = directory.file("store.sqlite")
            let first = try await Self.travel(path, stopAt: number)
            let ended = try await first == nil ? Self.travel(path, stopAt: Int.max) : first
            #expect(ended?.status == .succeeded, "stopped at transaction \(number): \(ended?.cause ?? "")")
            #expect(ended?.output == "7", "stopped at transaction \(number)")
            let store = try SQLiteStore(path: path)
            #expect(try await store.executions(ExecutionQuery(), PageRequest()).elements.count == 2)
            if first != nil { break }
            number += 1
        }
        #expect(number > 5 && number < 60)
    }

    /// Runs an execution that waits for another one, on a file, until its end or until the store stops before a
    /// transaction.
    private static func travel(_ path: String, stopAt limit: Int) async throws -> Execution? {
        let (stops, stop) = AsyncStream.makeStream(of: Void.self)
        let store = try SQLiteStore(path: path) { number in
            guard number < limit else {
                stop.yield()
                throw CancellationError()
            }
        }
        defer { try? store.close() }
        return try await withThrowingTaskGroup(of: Execution?.self) { group in
            group.addTask {
                let stage = try stage(store: store)
                do {
                    return try await stage.running { try await journey(stage) }
                } catch is StoreError {
                    return nil
                } catch is ExecutionError {
                    return nil
                }
            }
            group.addTask {
                var stops = stops.makeAsyncIterator()
                await stops.next()
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    private static func journey(_ stage: IntegrationStage) async throws -> Execution {
        let child = try await create("child", ["S": ["Type": "Pass", "Result": 7, "End": true]], in: stage.engine)
        let states: JSON = [
            "S": [
                "Type": "Task", "Resource": .string("\(resource).sync:2"), "OutputPath": "$.Output", "End": true,
                "Parameters": ["StateMachineArn": .string(child)],
            ]
        ]
        let parent = try await create("parent", states, in: stage.engine)
        do {
            return try await stage.engine.waitForEnd(of: stage.engine.startExecution(of: parent, name: "p").arn)
        } catch let error as ExecutionError where error.code == .executionAlreadyExists {
            return try await stage.engine.describeExecution(ResourceNames().execution("p", of: "parent"))
        }
    }
}

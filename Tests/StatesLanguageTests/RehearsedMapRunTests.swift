import Foundation
import JSON
import Testing

@testable import StatesLanguage

/// The children of distributed Maps in a rehearsal: what they are given, how they share the clock and the mocks.
struct RehearsedMapRunTests {
    private static let pass = #""C": {"Type": "Pass", "End": true}"#
    private static let task = #""C": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": true}"#
    private static let wait = #""C": {"Type": "Wait", "SecondsPath": "$", "End": true}"#
    private static let reader = """
        "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key.$": "$.key"},
          "ReaderConfig": {"InputType": "JSON", "MaxItems": 3}},
        """

    // MARK: Inputs

    @Test func `each child is given what the selector makes of its item, and the outputs come in the items' order`()
        throws
    {
        let selector = #""ItemsPath": "$.all", "ItemSelector": {"n.$": "$$.Map.Item.Value", "of.$": "$.x"},"#
        let child = """
            "C": {"Type": "Pass", "Parameters": {"in.$": "$", "machine.$": "$$.StateMachine.Name",
              "id.$": "$$.Execution.Id"}, "End": true}
            """
        let rehearsal = try Rehearsal.run(distributed(selector, children: child), input: ["x": "y", "all": [7, 8]])
        let run = try #require(rehearsal.mapRuns.first)
        #expect(rehearsal.output?.array?.map { $0["in"] } == [["n": 7, "of": "y"], ["n": 8, "of": "y"]])
        #expect(rehearsal.output?.array?.map { $0["machine"] } == ["machine/each", "machine/each"])
        #expect(rehearsal.output?.array?.map { $0["id"]?.string } == run.children.map(\.record.arn))
        let prefix = "arn:aws:states:us-east-1:000000000000:execution:machine/each:"
        #expect(run.children.allSatisfy { $0.record.arn == prefix + $0.record.name })
        #expect(run.children.map(\.record.input) == [#"{"n":7,"of":"y"}"#, #"{"n":8,"of":"y"}"#])
        #expect(run.itemCount == 2)
        #expect(run.count(.succeeded) == 2)
        #expect(run.status == .succeeded)
        #expect(run.parentChild == nil)
    }

    @Test func `members of an object are items with their keys`() throws {
        let selector = #""ItemSelector": {"key.$": "$$.Map.Item.Key", "from.$": "$$.Map.Item.Source"},"#
        let rehearsal = try Rehearsal.run(distributed(selector, children: Self.pass), input: ["a": 1, "b": 2])
        #expect(rehearsal.output == [["key": "a", "from": "STATE_DATA"], ["key": "b", "from": "STATE_DATA"]])
    }

    @Test func `batches go into one child each`() throws {
        let batcher = #""ItemBatcher": {"MaxItemsPerBatch": 2, "BatchInput": {"day": 1}},"#
        let rehearsal = try Rehearsal.run(distributed(batcher, children: Self.pass), input: [1, 2, 3])
        #expect(
            rehearsal.output == [
                ["BatchInput": ["day": 1], "Items": [1, 2]], ["BatchInput": ["day": 1], "Items": [3]],
            ]
        )
        #expect(rehearsal.mapRuns.first?.children.map(\.itemCount) == [2, 1])
        #expect(rehearsal.mapRuns.first?.itemCount == 3)
    }

    @Test func `without items there are no children`() throws {
        let rehearsal = try Rehearsal.run(distributed(children: Self.pass), input: [])
        #expect(rehearsal.output == [])
        #expect(rehearsal.mapRuns.map(\.itemCount) == [0])
    }

    @Test func `a selector that cannot be evaluated fails the Map`() throws {
        let selector = #""ItemSelector": {"n.$": "$$.Map.Item.Value.n"}, "MaxConcurrency": 1,"#
        let rehearsal = try Rehearsal.run(distributed(selector, children: Self.pass), input: [["n": 1], [:]])
        #expect(rehearsal.error == "States.Runtime")
        let run = try #require(rehearsal.mapRuns.first)
        #expect(run.error?.name == "States.Runtime")
        #expect(run.children.map(\.record.status) == [.succeeded])
    }

    // MARK: Readers

    @Test func `items of a reader come from its mock, as many as it is to read`() throws {
        let selector = #""ItemSelector": {"v.$": "$$.Map.Item.Value", "from.$": "$$.Map.Item.Source"},"#
        let rehearsal = try Rehearsal.run(
            distributed(Self.reader + selector, children: Self.pass),
            input: ["key": "k.json"],
            mocks: #"{"M": {"Items": [1, 2, 3, 4]}}"#
        )
        #expect(rehearsal.output?.array?.map { $0["v"] } == [1, 2, 3])
        #expect(rehearsal.output?.array?.first?["from"] == "S3://b/k.json")
    }

    @Test(arguments: [#"{}"#, #"{"M": {"Return": []}}"#])
    func `a reader without mocked items is named, with what to put into the mock file`(_ mocks: String) throws {
        let machine = distributed(Self.reader, children: Self.pass)
        let rehearsal = try Rehearsal.run(machine, input: ["key": "k.json"], mocks: mocks)
        #expect(rehearsal.outcome == nil)
        #expect(
            rehearsal.missingMock?.description
                == #"the Map state "M" reads items and has no mock for {"Bucket":"b","Key":"k.json"}; "#
                + #"add "M": {"Items": [ … ]} to the mock file"#
        )
    }

    @Test func `a reader's error fails the Map, which may retry and catch it`() throws {
        let rules = """
            "Retry": [{"ErrorEquals": ["States.ItemReaderFailed"], "IntervalSeconds": 30, "MaxAttempts": 1}],
            "Catch": [{"ErrorEquals": ["Gone"], "ResultPath": "$.error", "Next": "Caught"}],
            """
        let machine = distributed(Self.reader + rules, children: Self.pass, after: #", "Caught": {"Type": "Succeed"}"#)
        let busy = #"{"M": [{"Throw": {"Error": "States.ItemReaderFailed"}}, {"Items": [5]}]}"#
        let retried = try Rehearsal.run(machine, input: ["key": "k"], mocks: busy)
        #expect(retried.output == [5])
        #expect(retried.mapRuns.map(\.status) == [.failed, .succeeded])
        #expect(retried.mapRuns.map(\.itemCount) == [nil, 1])
        let gone = #"{"M": {"Throw": {"Error": "Gone", "Cause": "c"}}}"#
        let caught = try Rehearsal.run(machine, input: ["key": "k"], mocks: gone)
        #expect(caught.output == ["key": "k", "error": ["Error": "Gone", "Cause": "c"]])
    }

    // MARK: The clock

    @Test(arguments: [(10, 180.0), (0, 60), (1, 1500), (25, 60), (24, 120)])
    func `children wait side by side, as many as may run at once`(_ concurrency: Int, _ seconds: Double) throws {
        let rehearsal = try Rehearsal.run(
            distributed("\"MaxConcurrency\": \(concurrency),", children: Self.wait),
            input: .array(Array(repeating: 60, count: 25))
        )
        #expect(rehearsal.elapsed == seconds)
        #expect(rehearsal.output?.array?.count == 25)
    }

    @Test func `a place that becomes free is taken at once`() throws {
        let machine = distributed(#""MaxConcurrency": 2,"#, children: Self.wait)
        let rehearsal = try Rehearsal.run(machine, input: [100, 10, 20, 30, 50])
        let run = try #require(rehearsal.mapRuns.first)
        let starts = run.children.map { $0.record.startDate.timeIntervalSince(Rehearsal.start) }
        #expect(starts == [0, 0, 10, 30, 60])
        #expect(rehearsal.elapsed == 110)
    }

    @Test func `a run without a limit starts as many children as the engine would`() throws {
        let rehearsal = try Rehearsal.run(distributed(children: Self.wait), input: [60, 60, 60, 60]) {
            $0.mapRunConcurrency = 3
        }
        #expect(rehearsal.elapsed == 120)
    }

    // MARK: Mocks

    @Test func `a list of answers is given in order across the children`() throws {
        let mocks = #"{"C": [{"Return": "first"}, {"Return": "second"}, {"Return": "rest"}]}"#
        let rehearsal = try Rehearsal.run(distributed(children: Self.task), input: [1, 2, 3, 4], mocks: mocks)
        #expect(rehearsal.output == ["first", "second", "rest", "rest"])
        #expect(rehearsal.requests.map(\.parameters) == [1, 2, 3, 4])
    }

    @Test func `an answer may be meant for certain inputs`() throws {
        let mocks = """
            {"C": [{"Return": "first"}, {"When": {"user": {"id": 2}}, "Return": "two"}, {"Return": "rest"},
              {"When": {"user": {"id": 3}, "day": 1}, "Throw": {"Error": "Never"}}]}
            """
        let users = [2, 1, 3, 2, 4].map { (id: JSON) in ["user": ["id": id, "name": "n"]] as JSON }
        let rehearsal = try Rehearsal.run(distributed(children: Self.task), input: .array(users), mocks: mocks)
        #expect(rehearsal.output == ["two", "first", "rest", "two", "rest"])
    }

    @Test func `a task of a child without a mock is named with its input`() throws {
        let mocks = #"{"C": {"When": {"id": 1}, "Return": 1}}"#
        let rehearsal = try Rehearsal.run(
            distributed(children: Self.task),
            input: [["id": 1], ["id": 2]],
            mocks: mocks
        )
        #expect(rehearsal.outcome == nil)
        #expect(
            rehearsal.missingMock?.description
                == #"the state "C" was reached and has no mock for {"id":2}; add "C": {"Return": …} "#
                + "to the mock file"
        )
    }

    @Test func `a child that nobody answers keeps the execution where it is`() throws {
        let answered = Self.task.replacing(#""End": true"#, with: #""TimeoutSeconds": 500, "Next": "D""#)
        let silent = Self.task.replacing(#""C":"#, with: #""D":"#)
        let rehearsal = try Rehearsal.run(
            distributed(children: "\(answered), \(silent)"),
            input: [1, 2],
            mocks: #"{"C": {"Return": 1}, "D": [{"Return": 1}, {"Silence": true}]}"#
        )
        #expect(rehearsal.outcome == nil)
        #expect(rehearsal.currentStateNames == ["M", "D"])
        #expect(rehearsal.elapsed == 0, "a time-out that is no longer waited for moves no clock")
        #expect(rehearsal.mapRuns.first?.children.map(\.record.status) == [.succeeded, .running])
        #expect(rehearsal.mapRuns.first?.status == .running)
    }

    // MARK: Within one another

    @Test func `Maps within children run too, on the same clock`() throws {
        let child = """
            "C": {"Type": "Map", "Label": "inner", "ItemsPath": "$.parts", "MaxConcurrency": 1,
              "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, "StartAt": "D",
                "States": {"D": {"Type": "Map", "ItemProcessor": {"StartAt": "E", "States": {
                  "E": {"Type": "Wait", "SecondsPath": "$", "Next": "F"},
                  "F": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": true}}}, "End": true}}},
              "End": true}
            """
        let rehearsal = try Rehearsal.run(
            distributed(children: child),
            input: [["parts": [[10, 20], [30]]], ["parts": [[5], [6]]]],
            mocks: #"{"F": {"Return": "done"}}"#
        )
        #expect(rehearsal.output == [[["done", "done"], ["done"]], [["done"], ["done"]]])
        #expect(rehearsal.elapsed == 50)
        let runs = rehearsal.mapRuns
        #expect(runs.map(\.stateName) == ["M", "C", "C"])
        #expect(runs.map(\.parentChild) == [nil, 0, 1])
        #expect(runs.dropFirst().map(\.executionARN) == runs[0].children.map(\.record.arn))
        #expect(runs[1].arn.contains(":mapRun:machine/inner:"))
        #expect(runs[1].children.map(\.path) == [["D", "E", "E", "F", "F"], ["D", "E", "F"]])
        #expect(runs[2].stopDate?.timeIntervalSince(runs[2].startDate) == 11)
    }

    @Test func `the same seed makes the same children, another seed others`() throws {
        let child = #""C": {"Type": "Pass", "Parameters": {"id.$": "States.UUID()"}, "End": true}"#
        let machine = distributed(children: child)
        let first = try Rehearsal.run(machine, input: [1, 2], seed: 5)
        #expect(try Rehearsal.run(machine, input: [1, 2], seed: 5).mapRuns == first.mapRuns)
        #expect(try Rehearsal.run(machine, input: [1, 2], seed: 6).output != first.output)
        #expect(first.output?[0] != first.output?[1])
    }
}

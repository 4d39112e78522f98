import Foundation
import JSON
import Testing

@testable import StatesLanguage

/// The children of distributed Maps in a rehearsal: failures, results, and ends from outside.
struct RehearsedMapRunFailureTests {
    private static let task = #""C": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": true}"#
    private static let checked = """
        "C": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericLessThan": 0, "Next": "Bad"}], "Default": "W"},
        "W": {"Type": "Wait", "Seconds": 60, "End": true},
        "Bad": {"Type": "Fail", "Error": "Negative", "Cause": "c"}
        """

    // MARK: Tolerance

    @Test(
        arguments: [
            ("", 1, false), ("", 0, true), (#""ToleratedFailureCount": 2,"#, 2, true),
            (#""ToleratedFailureCount": 2,"#, 3, false), (#""ToleratedFailurePercentage": 30,"#, 3, true),
            (#""ToleratedFailurePercentage": 30,"#, 4, false),
            (#""ToleratedFailurePercentage": 90, "ToleratedFailureCount": 1,"#, 2, false),
            (#""ToleratedFailurePercentage": 100,"#, 10, true),
        ]
    )
    func `a run bears as many failures as it tolerates`(_ fields: String, _ failures: Int, _ isWell: Bool) throws {
        let items = (0..<10).map { JSON($0 < failures ? -1 : 1) }
        let rehearsal = try Rehearsal.run(distributed(fields, children: Self.checked), input: .array(items))
        #expect(rehearsal.error == (isWell ? nil : "States.ExceedToleratedFailureThreshold"))
        #expect((rehearsal.output != nil) == isWell)
        let run = try #require(rehearsal.mapRuns.first)
        #expect(run.status == (isWell ? .succeeded : .failed))
        #expect(run.error?.name == (isWell ? nil : "States.ExceedToleratedFailureThreshold"))
        #expect(run.count(.failed) >= (isWell ? failures : 1))
    }

    @Test func `a failure too many stops the children under way and starts no more`() throws {
        let machine = distributed(#""MaxConcurrency": 3,"#, children: Self.checked)
        let rehearsal = try Rehearsal.run(machine, input: [1, 2, 3, -4, 5, 6])
        let run = try #require(rehearsal.mapRuns.first)
        #expect(run.children.map(\.record.status) == [.succeeded, .aborted, .aborted, .failed])
        #expect(rehearsal.elapsed == 60)
        #expect(run.failedCount == 1)
        let failure = try #require(run.firstFailure)
        #expect(failure.index == 3)
        #expect(failure.path == ["C", "Bad"])
        #expect(failure.record.error == "Negative")
    }

    @Test func `items of a batch that fails have all failed`() throws {
        let fields = #""ItemBatcher": {"MaxItemsPerBatch": 3}, "ToleratedFailureCount": 2,"#
        let child = #""C": {"Type": "Fail", "Error": "E"}"#
        #expect(try Rehearsal.run(distributed(fields, children: child), input: [1, 2]).error == nil)
        let over = try Rehearsal.run(distributed(fields, children: child), input: [1, 2, 3])
        #expect(over.error == "States.ExceedToleratedFailureThreshold")
    }

    @Test func `a tolerated failure shows in the result what became of it`() throws {
        let machine = distributed(#""ToleratedFailureCount": 1,"#, children: Self.checked)
        let output = try #require(try Rehearsal.run(machine, input: [-7, 2]).output)
        #expect(output[0]?["Status"] == "FAILED")
        #expect(output[0]?["Error"] == "Negative")
        #expect(output[0]?["Input"] == "-7")
        #expect(output[0]?["StopDate"] == "2023-11-14T22:13:20.000Z")
        #expect(output[1] == 2)
    }

    // MARK: Results

    @Test func `with a writer the result says where the results would be`() throws {
        let fields = """
            "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "out", "Prefix": "p"}},
            """
        let rehearsal = try Rehearsal.run(distributed(fields, children: Self.checked), input: [1])
        let run = try #require(rehearsal.mapRuns.first)
        let key = "p/\(run.arn.split(separator: ":").last ?? "")/manifest.json"
        #expect(
            rehearsal.output
                == ["MapRunArn": .string(run.arn), "ResultWriterDetails": ["Bucket": "out", "Key": .string(key)]]
        )
        #expect(run.destination?.bucket == "out")
        #expect(run.destination?.manifestKey == key)
        #expect(run.json["resultWriter"] == ["bucket": "out", "key": .string(key), "isWritten": false])
    }

    @Test func `a writer whose bucket is no text fails the Map`() throws {
        let fields = """
            "ItemsPath": "$.all", "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject",
              "Parameters": {"Bucket.$": "$.bucket"}},
            """
        let input: JSON = ["all": [1], "bucket": 5]
        let rehearsal = try Rehearsal.run(distributed(fields, children: Self.checked), input: input)
        #expect(rehearsal.error == "States.ResultWriterFailed")
    }

    @Test func `results may be flattened or lines`() throws {
        let pass = #""C": {"Type": "Pass", "End": true}"#
        let flat = #""ResultWriter": {"WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSON"}},"#
        #expect(try Rehearsal.run(distributed(flat, children: pass), input: [[1, 2], [3]]).output == [1, 2, 3])
        let lines = #""ResultWriter": {"WriterConfig": {"Transformation": "COMPACT", "OutputType": "JSONL"}},"#
        #expect(try Rehearsal.run(distributed(lines, children: pass), input: [[1, 2], [3]]).output == "[1,2]\n[3]")
    }

    @Test func `a result that is too large fails the Map`() throws {
        let pass = #""C": {"Type": "Pass", "Result": "\#(String(repeating: "x", count: 100_000))", "End": true}"#
        let rehearsal = try Rehearsal.run(distributed(children: pass), input: [1, 2, 3])
        #expect(rehearsal.error == "States.DataLimitExceeded")
    }

    // MARK: Ends from outside

    @Test func `a Map that failed is retried with all its items, then caught`() throws {
        let rules = """
            "Retry": [{"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "IntervalSeconds": 10,
              "MaxAttempts": 1}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
            """
        let machine = distributed(rules, children: Self.task, after: #", "Caught": {"Type": "Succeed"}"#)
        let once = #"{"C": [{"Return": 1}, {"Throw": {"Error": "E"}}, {"Return": 2}]}"#
        let retried = try Rehearsal.run(machine, input: [1, 2], mocks: once)
        #expect(retried.output == [2, 2])
        #expect(retried.elapsed == 10)
        #expect(retried.mapRuns.map(\.status) == [.failed, .succeeded])
        let caught = try Rehearsal.run(machine, input: [1, 2], mocks: #"{"C": {"Throw": {"Error": "E"}}}"#)
        #expect(caught.output?["Error"] == "States.ExceedToleratedFailureThreshold")
        #expect(caught.mapRuns.map(\.status) == [.failed, .failed])
    }

    @Test func `the machine's time-out stops the children`() throws {
        let machine = distributed(children: Self.task).replacing(
            #"{"StartAt": "M","#,
            with: #"{"TimeoutSeconds": 30, "StartAt": "M","#
        )
        let rehearsal = try Rehearsal.run(machine, input: [1, 2], mocks: #"{"C": [{"Return": 1}, {"Silence": true}]}"#)
        #expect(rehearsal.outcome == .timedOut(StatesError(name: "States.Timeout")))
        #expect(rehearsal.elapsed == 30)
        let run = try #require(rehearsal.mapRuns.first)
        #expect(run.status == .aborted)
        #expect(run.children.map(\.record.status) == [.succeeded, .aborted])
        #expect(run.firstFailure == nil)
    }

    @Test func `a task's time-out fails its child only`() throws {
        let child = Self.task.replacing(#""End": true"#, with: #""TimeoutSeconds": 5, "End": true"#)
        let machine = distributed(#""ToleratedFailureCount": 1,"#, children: child)
        let rehearsal = try Rehearsal.run(machine, input: [1, 2], mocks: #"{"C": [{"Silence": true}, {"Return": 2}]}"#)
        #expect(rehearsal.elapsed == 5)
        #expect(rehearsal.mapRuns.first?.children.map(\.record.error) == ["States.Timeout", nil])
    }

    @Test func `a branch that fails stops the Map beside it and the Maps within`() throws {
        let inner = """
            "C": {"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED",
              "ExecutionType": "STANDARD"}, "StartAt": "D", "States": {"D": {"Type": "Wait", "Seconds": 90,
              "End": true}}}, "End": true}
            """
        let machine = """
            {"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": [\(distributed(children: inner)),
              {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 20, "Next": "X"},
                "X": {"Type": "Fail", "Error": "Off"}}}],
              "Catch": [{"ErrorEquals": ["Off"], "Next": "Rest"}], "End": true},
              "Rest": {"Type": "Wait", "Seconds": 1000, "End": true}}}
            """
        let rehearsal = try Rehearsal.run(machine, input: [[1], [2, 3]])
        #expect(rehearsal.output?["Error"] == "Off")
        #expect(rehearsal.elapsed == 1020)
        let runs = rehearsal.mapRuns
        #expect(runs.map(\.status) == [.aborted, .aborted, .aborted])
        #expect(runs.flatMap(\.children).map(\.record.status) == Array(repeating: .aborted, count: 5))
        #expect(runs.allSatisfy { $0.stopDate == Rehearsal.start.addingTimeInterval(20) })
    }

    // MARK: Limits

    @Test func `children that go on and on are given up together`() throws {
        let loop = #""C": {"Type": "Wait", "Seconds": 1, "Next": "D"}, "D": {"Type": "Pass", "Next": "E"},"#
        let rest = """
            "E": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 0, "Next": "F"}], "Default": "C"},
            "F": {"Type": "Succeed"}
            """
        let rehearsal = try Rehearsal.run(distributed(children: loop + rest), input: [1, 2, 3]) {
            $0.eventLimit = 1000
        }
        #expect(rehearsal.outcome == nil)
        #expect(rehearsal.hasRunAway)
        #expect(rehearsal.currentStateNames.first == "M")
        let events = rehearsal.history.count + (rehearsal.mapRuns[0].children.map(\.history.count).reduce(0, +))
        #expect((1000...1010).contains(events))
    }

    @Test func `a loop of Maps without items is given up`() throws {
        let machine = distributed(
            children: Self.task,
            next: #""Next": "Again""#,
            after: #", "Again": {"Type": "Pass", "Next": "More"}, "More": {"Type": "Choice", "Default": "M", "#
                + #""Choices": [{"Variable": "$.no", "IsPresent": true, "Next": "End"}]}, "End": {"Type": "Succeed"}"#
        )
        let rehearsal = try Rehearsal.run(machine, input: []) { $0.eventLimit = 500 }
        #expect(rehearsal.hasRunAway)
        #expect(rehearsal.mapRuns.count > 10)
    }

    // MARK: Reports

    @Test func `the report shows each child with its path, input and end`() throws {
        let machine = distributed(#""ToleratedFailureCount": 1,"#, children: Self.checked)
        let rehearsal = try Rehearsal.run(machine, input: [-7, 2])
        let run = try #require(rehearsal.mapRuns.first)
        let expected: JSON = [
            "state": "M", "mapRunArn": .string(run.arn),
            "executionArn": "arn:aws:states:us-east-1:000000000000:execution:machine:run", "status": "SUCCEEDED",
            "virtualSeconds": 60, "itemCount": 2, "childCount": 2, "running": 0, "succeeded": 1, "failed": 1,
            "timedOut": 0, "aborted": 0,
            "children": [
                [
                    "index": 0, "name": .string(run.children[0].record.name), "status": "FAILED", "itemCount": 1,
                    "path": ["C", "Bad"], "input": -7, "error": "Negative", "cause": "c", "virtualSeconds": 0,
                ],
                [
                    "index": 1, "name": .string(run.children[1].record.name), "status": "SUCCEEDED", "itemCount": 1,
                    "path": ["C", "W"], "input": 2, "output": 2, "virtualSeconds": 60,
                ],
            ],
        ]
        #expect(run.json == expected)
    }
}

import Foundation
import JSON
import Testing

@testable import StatesLanguage

/// Distributed maps as the interpreter sees them: one Map Run, whose children are none of its business.
struct MapRunTests {
    /// A distributed Map in JSONPath with all that can be computed.
    static let paths = JSON(
        written:
            """
            {"StartAt": "Set", "States": {
              "Set": {"Type": "Pass", "Assign": {"prefix": "p"}, "Next": "M"},
              "M": {"Type": "Map", "Label": "each", "MaxConcurrencyPath": "$.many", "ToleratedFailureCountPath": "$.count",
                "ToleratedFailurePercentagePath": "$.share",
                "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket.$": "$.bucket",
                  "Key": "k.csv"}, "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW",
                  "MaxItemsPath": "$.max"}},
                "ItemSelector": {"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value.id", "p.$": "$prefix",
                  "b.$": "$.bucket", "e.$": "$$.Execution.Name", "u.$": "States.UUID()"},
                "ItemBatcher": {"MaxItemsPerBatchPath": "$.many", "BatchInput": {"of.$": "$.bucket"}},
                "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "out", "Prefix": "r"}},
                "ResultSelector": {"arn.$": "$.MapRunArn"}, "ResultPath": "$.run",
                "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
                  "StartAt": "P", "States": {"P": {"Type": "Pass", "Next": "Q"}, "Q": {"Type": "Pass", "End": true}}},
                "Retry": [{"ErrorEquals": ["Again"], "MaxAttempts": 1}],
                "Catch": [{"ErrorEquals": ["States.ItemReaderFailed"], "Next": "Caught"}], "End": true},
              "Caught": {"Type": "Succeed"}}}
            """
    )
    static let input: JSON = ["bucket": "b", "many": 3, "count": 5, "share": 12.5, "max": 100]

    static func started() throws -> Simulation {
        var simulation = try Simulation(paths, input: input)
        simulation.run()
        return simulation
    }

    @Test func `all fields are evaluated once`() throws {
        let request = try #require(try Self.started().mapRuns.first)
        #expect(request.stateName == "M")
        #expect(request.label == "each")
        #expect(request.isExpress)
        #expect(request.maxConcurrency == 3)
        #expect(request.toleratedFailureCount == 5)
        #expect(request.toleratedFailurePercentage == 12.5)
        #expect(
            request.source
                == .reader(
                    resource: "arn:aws:states:::s3:getObject",
                    arguments: ["Bucket": "b", "Key": "k.csv"],
                    config: ["InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "MaxItems": 100]
                )
        )
        #expect(request.batch == .init(maxItems: 3, maxInputBytes: nil, input: ["of": "b"]))
        #expect(request.writer?.arguments == ["Bucket": "out", "Prefix": "r"])
        let prefix = "arn:aws:states:us-east-1:123456789012:mapRun:machine/each:"
        #expect(request.arn.hasPrefix(prefix))
        #expect(request.arn.dropFirst(prefix.count).count == 36)
    }

    @Test func `the inputs of the children are made item by item`() throws {
        let simulation = try Self.started()
        let request = try #require(simulation.mapRuns.first)
        // The scope is saved with the run.
        var saved = request
        saved.scope = try JSON(parsing: request.scope.text)
        let inputs = try #require(MapRunInputs(of: simulation.interpreter.definition, saved))
        let input = try inputs.input(of: ["id": 7], at: 2, now: simulation.now)
        #expect(input["i"] == 2)
        #expect(input["v"] == 7)
        #expect(input["p"] == "p")
        #expect(input["b"] == "b")
        #expect(input["e"] == "run")
        #expect(try inputs.input(of: ["id": 7], at: 2, now: simulation.now) == input)
        #expect(try inputs.input(of: ["id": 7], at: 3, now: simulation.now)["u"] != input["u"])
        #expect(inputs.batch(of: [1, 2]).text == #"{"BatchInput":{"of":"b"},"Items":[1,2]}"#)
        let error = #expect(throws: StatesError.self) {
            try inputs.input(of: [:], at: 0, now: simulation.now)
        }
        #expect(error?.name == "States.Runtime")
        #expect(
            error?.cause?.hasPrefix("An error occurred while executing the state 'M' (entered at the event id #4). ")
                == true
        )
    }

    @Test func `keys and sources are in the context, in JSONata too`() throws {
        let definition = JSON(
            written:
                """
                {"StartAt": "M", "QueryLanguage": "JSONata", "States": {"M": {"Type": "Map", "Items": "{% $states.input %}",
                  "ItemSelector": {"item": "{% $states.context.Map.Item %}", "n": "{% $count($keys($states.input)) %}",
                    "now": "{% $now() %}"},
                  "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                    "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}, "End": true}}}
                """
        )
        var simulation = try Simulation(definition, input: ["a": 1, "b": 2])
        simulation.run()
        let request = try #require(simulation.mapRuns.first)
        #expect(request.source == .items(["a": 1, "b": 2]))
        #expect(request.label.count == 36)
        let inputs = try #require(MapRunInputs(of: simulation.interpreter.definition, request))
        let input = try inputs.input(of: 2, at: 1, key: "b", source: "S3://x", now: simulation.now)
        #expect(input["item"] == ["Index": 1, "Value": 2, "Key": "b", "Source": "S3://x"])
        #expect(input["n"] == 2)
        #expect(input["now"] == "2023-11-14T22:13:20.000Z")
        #expect(inputs.batch(of: [input])["BatchInput"] == nil)
    }

    @Test func `a child gets the pair of a member's name and value`() throws {
        let definition = JSON(
            written:
                """
                {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": {
                  "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                  "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}, "End": true}}}
                """
        )
        var simulation = try Simulation(definition, input: ["a": ["x": 1]])
        simulation.run()
        let inputs = try #require(MapRunInputs(of: simulation.interpreter.definition, simulation.mapRuns[0]))
        let pair = try inputs.input(of: ["x": 1], at: 0, key: "a", now: simulation.now)
        #expect(pair.text == #"{"Key":"a","Value":{"x":1}}"#)
        #expect(try inputs.input(of: 7, at: 0, now: simulation.now) == 7)
    }

    @Test func `the run's end is the state's`() throws {
        var simulation = try Self.started()
        let run = simulation.mapRuns[0]
        simulation.send(.mapRunSucceeded(id: run.id + 1, result: 1))
        #expect(simulation.outcome == nil)
        simulation.send(.mapRunSucceeded(id: run.id, result: ["MapRunArn": "x"]))
        #expect(simulation.result["output"]?["run"] == ["arn": "x"])
        #expect(
            Array(simulation.lines.dropFirst(3)) == [
                "4<3 MapStateEntered M", "5<4 MapStateStarted", "6<5 MapRunStarted", "7<6 MapRunSucceeded",
                "8<6 MapStateSucceeded", "9<6 MapStateExited M", "10<9 ExecutionSucceeded",
            ]
        )
        #expect(simulation.send(.mapRunSucceeded(id: run.id, result: 1)) == Effects())
    }

    @Test func `a run that fails is retried as another, then caught`() throws {
        var simulation = try Self.started()
        simulation.send(.mapRunFailed(id: simulation.mapRuns[0].id, error: StatesError(name: "Again", cause: "c")))
        while simulation.fireTimer() {}
        #expect(simulation.mapRuns.count == 2)
        #expect(simulation.mapRuns[1].arn != simulation.mapRuns[0].arn)
        #expect(simulation.send(.mapRunSucceeded(id: simulation.mapRuns[0].id, result: 1)) == Effects())
        let error = StatesError(name: "States.ItemReaderFailed", cause: "CSV headers cannot contain duplicates.")
        simulation.send(.mapRunFailed(id: simulation.mapRuns[1].id, error: error))
        #expect(simulation.result["output"]?["Error"] == "States.ItemReaderFailed")
        #expect(
            Array(simulation.lines.dropFirst(5)) == [
                "6<5 MapRunStarted", "7<6 MapRunFailed !Again", "8<7 MapStateStarted", "9<8 MapRunStarted",
                "10<9 MapRunFailed !States.ItemReaderFailed", "11<10 MapStateFailed", "12<11 MapStateExited M",
                "13<12 SucceedStateEntered Caught", "14<13 SucceedStateExited Caught", "15<14 ExecutionSucceeded",
            ]
        )
    }

    @Test func `a redriven execution goes on with its run`() throws {
        var simulation = try Self.started()
        let run = simulation.mapRuns[0]
        let error = StatesError(
            name: StatesError.exceedToleratedFailureThreshold,
            cause: "The specified tolerated failure threshold was exceeded"
        )
        simulation.send(.mapRunFailed(id: run.id, error: error))
        #expect(simulation.outcome == .failed(error))
        simulation.outcome = nil
        let effects = simulation.send(.redriven())
        #expect(effects.commands == [.redriveMapRun(run.id)])
        #expect(effects.history.map(\.type) == [.executionRedriven, .mapRunRedriven])
        #expect(effects.history.last?.details == ["mapRunArn": .string(run.arn), "redriveCount": 1])
        simulation.send(.mapRunSucceeded(id: run.id, result: ["MapRunArn": "x"]))
        #expect(simulation.state.status == .succeeded)
    }

    @Test func `an execution that is stopped cancels its run and can be redriven`() throws {
        var simulation = try Self.started()
        let run = simulation.mapRuns[0].id
        #expect(simulation.send(.stopped()).commands.first == .cancelMapRun(run))
        simulation.outcome = nil
        #expect(simulation.send(.redriven()).commands == [.redriveMapRun(run)])
    }

    @Test func `the children run the processor's states`() throws {
        let definition = try Definition(Self.paths)
        let child = try #require(definition.itemProcessor(of: "M"))
        #expect(child.startAt == "P")
        #expect(child.states.map(\.name) == ["P", "Q"])
        #expect(definition.itemProcessor(of: "Set") == nil)
        #expect(definition.itemProcessor(of: "None") == nil)
        let interpreter = Interpreter(child)
        var state = ExecutionState(
            context: ExecutionContext(
                execution: .init(
                    id: "a:b:c:d:e",
                    name: "c",
                    roleArn: "r",
                    startTime: Date(timeIntervalSince1970: 0),
                    input: 5
                ),
                stateMachine: .init(id: "m", name: "machine/each")
            ),
            seed: 1
        )
        let effects = interpreter.handle(.started, in: &state, at: Date(timeIntervalSince1970: 0))
        #expect(effects.commands == [.end(.succeeded(output: 5))])
    }

    @Test(
        arguments: [
            ("many", "x", "The MaxConcurrencyPath field refers to value \"x\" which is not a valid integer: $.many"),
            ("many", -1, "MaxConcurrency cannot be negative."),
            (
                "count", [:],
                "The ToleratedFailureCountPath field refers to value \"{}\" which is not a valid integer: $.count"
            ),
            ("count", -1, "ToleratedFailureCount cannot be negative."),
            (
                "share", [:],
                "The ToleratedFailurePercentagePath field refers to value \"{}\" which is not a valid float: $.share"
            ),
        ] as [(String, JSON, String)]
    )
    func `a wrong limit fails the state`(_ field: String, _ value: JSON, _ cause: String) throws {
        var input = Self.input
        input[field] = value
        var simulation = try Simulation(Self.paths, input: input)
        simulation.run()
        #expect(simulation.result["error"] == "States.Runtime")
        #expect(
            simulation.result["cause"]?.string
                == "An error occurred while executing the state 'M' (entered at the event id #4). \(cause)"
        )
        #expect(simulation.mapRuns.isEmpty)
    }
}

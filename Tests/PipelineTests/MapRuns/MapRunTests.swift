import Bucket
import DurableExecution
import FoundationEssentials
import JSON
import StatesLanguage
import Synchronization
import Testing
import TestSupport

@Suite struct MapRunTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test func `the outputs of the children are the state's result, in the order of the items`() async throws {
        let stage = try MapRunStage(directory)
        let items = JSON.array((0..<50).map { ["n": JSON($0)] })
        try await stage.run { engine in
            let execution = try await engine.startMap(distributedMap(), input: items)
            let ended = try await engine.waitForEnd(of: execution.arn)
            #expect(ended.status == .succeeded)
            #expect(ended.output == items.text)
            let run = try await engine.onlyMapRun(of: execution)
            #expect(run.status == .succeeded)
            #expect(run.executionCounts.succeeded == 50)
            #expect(run.itemCounts.succeeded == 50)
            #expect(run.executionCounts.total == 50)
            #expect(run.stopDate != nil)
        }
    }

    @Test func `a child is an execution of its own, with its history, that belongs to the run`() async throws {
        let stage = try MapRunStage(directory)
        try await stage.run { engine in
            let execution = try await engine.startMap(distributedMap(), input: ["a", "b", "c"])
            _ = try await engine.waitForEnd(of: execution.arn)
            let run = try await engine.onlyMapRun(of: execution)
            let page = try await engine.listExecutions(ExecutionQuery(mapRunArn: run.arn), maxResults: 2)
            #expect(page.elements.map(\.input) == ["\"c\"", "\"b\""])
            let rest = try await engine.listExecutions(
                ExecutionQuery(mapRunArn: run.arn),
                maxResults: 2,
                nextToken: page.nextToken
            )
            #expect(rest.elements.map(\.input) == ["\"a\""])
            #expect(rest.nextToken == nil)
            let child = try await engine.describeExecution(page.elements[0].arn)
            #expect(child.arn.hasPrefix("arn:aws:states:us-east-1:000000000000:execution:machine/each:"))
            #expect(child.json["mapRunArn"]?.string == run.arn)
            #expect(child.stateMachineArn.hasSuffix(":stateMachine:machine/each"))
            let events = try await engine.executionHistory(of: child.arn).elements.compactMap { $0["type"]?.string }
            #expect(
                events == [
                    "ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSucceeded",
                    "TaskStateExited", "ExecutionSucceeded",
                ]
            )
            #expect(try await engine.listExecutions().elements.map(\.arn) == [execution.arn])
        }
    }

    @Test func `children beyond the tolerance fail the run and stop those under way`() async throws {
        let stage = try MapRunStage(directory, configuration: Engine.Configuration(mapRunConcurrency: 10)) { task in
            if task.parameters == 3 { throw StatesError(name: "Odd", cause: "three") }
            if task.parameters.int ?? 0 > 3 { try await Task.sleep(for: .seconds(600)) }
            return task.parameters
        }
        try await stage.run { engine in
            let items = JSON.array((0..<100).map { JSON($0) })
            let execution = try await engine.startMap(distributedMap(), input: items)
            let ended = try await engine.waitForEnd(of: execution.arn)
            #expect(ended.status == .failed)
            #expect(ended.error == "States.ExceedToleratedFailureThreshold")
            #expect(ended.cause == "The specified tolerated failure threshold was exceeded")
            let run = try await engine.onlyMapRun(of: execution)
            #expect(run.status == .failed)
            #expect(run.executionCounts.failed == 1)
            #expect(run.executionCounts.running == 0)
            #expect(run.executionCounts.aborted > 0)
            #expect(run.executionCounts.total < 100)
        }
    }

    @Test func `children within the tolerance leave the run a success`() async throws {
        let stage = try MapRunStage(directory) { task in
            if task.parameters.int ?? 0 < 5 { throw StatesError(name: "Small", cause: nil) }
            return task.parameters
        }
        try await stage.run { engine in
            let items = JSON.array((0..<100).map { JSON($0) })
            let map = distributedMap(["ToleratedFailurePercentage": 5, "ResultWriter": writer()])
            let ended = try await engine.waitForEnd(of: try await engine.startMap(map, input: items).arn)
            #expect(ended.status == .succeeded)
            let results = try stage.results(of: ended.output)
            #expect(results["FAILED_0.json"]?.array?.count == 5)
            #expect(results["SUCCEEDED_0.json"]?.array?.count == 95)
            #expect(results["FAILED_0.json"]?[0]?["Error"] == "Small")
            let run = try await engine.onlyMapRun(of: ended)
            #expect(run.executionCounts.resultsWritten == 100)
            let manifest = results["manifest"]
            #expect(manifest?["MapRunArn"]?.string == run.arn)
            #expect(manifest?["DestinationBucket"] == "data")
            #expect(manifest?["ResultFiles"]?["PENDING"] == [])
            let id = run.arn.split(separator: ":").last ?? ""
            #expect(manifest?["ResultFiles"]?["FAILED"]?[0]?["Key"]?.string == "results/\(id)/FAILED_0.json")
        }
    }

    @Test func `items go in batches with what they share`() async throws {
        let stage = try MapRunStage(directory)
        try await stage.run { engine in
            let map = distributedMap(["ItemBatcher": ["MaxItemsPerBatch": 4]])
            let items = JSON.array((0..<10).map { JSON($0) })
            let ended = try await engine.waitForEnd(of: try await engine.startMap(map, input: items).arn)
            #expect(
                try JSON(parsing: ended.output ?? "") == [
                    ["Items": [0, 1, 2, 3]], ["Items": [4, 5, 6, 7]], ["Items": [8, 9]],
                ]
            )
            let run = try await engine.onlyMapRun(of: ended)
            #expect(run.executionCounts.succeeded == 3)
            #expect(run.itemCounts.succeeded == 10)
        }
    }

    @Test func `a redrive runs again only what failed and what never ran`() async throws {
        let isMended = Mutex(false)
        let seen = Mutex([String: Int]())
        let stage = try MapRunStage(directory, configuration: Engine.Configuration(mapRunConcurrency: 4)) { task in
            seen.withLock { $0[task.parameters.text, default: 0] += 1 }
            if let number = task.parameters.int, number % 3 == 0, !isMended.withLock(\.self) {
                throw StatesError(name: "Broken", cause: nil)
            }
            return task.parameters
        }
        try await stage.run { engine in
            let items = JSON.array((0..<30).map { JSON($0) })
            let map = distributedMap(["ToleratedFailureCount": 3])
            let execution = try await engine.startMap(map, input: items)
            #expect(try await engine.waitForEnd(of: execution.arn).status == .failed)
            let failed = try await engine.onlyMapRun(of: execution)
            // The fourth failure ends the run; a fifth may be under way beside it.
            #expect((4...5).contains(failed.executionCounts.failed))
            isMended.withLock { $0 = true }
            _ = try await engine.redriveExecution(execution.arn)
            let ended = try await engine.waitForEnd(of: execution.arn)
            #expect(ended.status == .succeeded)
            #expect(ended.output == items.text)
            let run = try await engine.onlyMapRun(of: execution)
            #expect(run.redriveCount == 1)
            #expect(run.status == .succeeded)
            #expect(run.executionCounts.succeeded == 30)
            #expect(run.executionCounts.pendingRedrive == 0)
            let counts = seen.withLock(\.self)
            #expect((0..<30).allSatisfy { counts["\($0)"] ?? 0 <= 2 })
            #expect(counts["1"] == 1)
            let children = try await engine.listExecutions(ExecutionQuery(mapRunArn: run.arn)).elements
            #expect(children.filter { $0.redriveCount == 1 }.count >= 4)
        }
    }

    @Test func `stopping the execution stops the run and its children`() async throws {
        let started = Mutex(0)
        let stage = try MapRunStage(directory, configuration: Engine.Configuration(mapRunConcurrency: 5)) { task in
            started.withLock { $0 += 1 }
            try await Task.sleep(for: .seconds(600))
            return task.parameters
        }
        try await stage.run { engine in
            let items = JSON.array((0..<30).map { JSON($0) })
            let changes = engine.changes()
            let execution = try await engine.startMap(distributedMap(), input: items)
            var waiting = 0
            for await change in changes where change.execution.arn != execution.arn {
                waiting += 1
                if waiting == 5 { break }
            }
            _ = try await engine.stopExecution(execution.arn)
            var run = try await engine.onlyMapRun(of: execution)
            #expect(run.status == .aborted)
            while run.executionCounts.running > 0 {
                await Task.yield()
                run = try await engine.onlyMapRun(of: execution)
            }
            #expect(run.executionCounts.aborted == 5)
            #expect(run.executionCounts.total == 5)
        }
    }

    @Test func `limits may be changed while the run is under way`() async throws {
        let gate = Mutex(false)
        let stage = try MapRunStage(directory) { task in
            if task.parameters.int ?? 0 < 2 { throw StatesError(name: "Small", cause: nil) }
            while !gate.withLock(\.self) { await Task.yield() }
            return task.parameters
        }
        try await stage.run { engine in
            let map = distributedMap(["ToleratedFailureCount": 50, "MaxConcurrency": 3])
            let execution = try await engine.startMap(map, input: [0, 1, 2, 3, 4, 5, 6, 7])
            let arn = try await engine.onlyMapRun(of: execution).arn
            while try await engine.describeMapRun(arn).executionCounts.failed < 2 { await Task.yield() }
            try await engine.updateMapRun(arn, MapRunLimits(maxConcurrency: 6, toleratedFailureCount: 7))
            while try await engine.describeMapRun(arn).executionCounts.running < 6 { await Task.yield() }
            try await engine.updateMapRun(arn, MapRunLimits(toleratedFailureCount: 1))
            let ended = try await engine.waitForEnd(of: execution.arn)
            #expect(ended.error == "States.ExceedToleratedFailureThreshold")
            gate.withLock { $0 = true }
            let run = try await engine.describeMapRun(arn)
            #expect(run.maxConcurrency == 6)
            #expect(run.json["toleratedFailureCount"] == 1)
        }
    }

    @Test func `Express children keep no history and are run anew by a redrive`() async throws {
        let isMended = Mutex(false)
        let stage = try MapRunStage(directory) { task in
            if task.parameters == 1, !isMended.withLock(\.self) { throw StatesError(name: "Broken", cause: nil) }
            return task.parameters
        }
        try await stage.run { engine in
            let execution = try await engine.startMap(distributedMap(type: "EXPRESS"), input: [0, 1, 2])
            #expect(try await engine.waitForEnd(of: execution.arn).status == .failed)
            isMended.withLock { $0 = true }
            _ = try await engine.redriveExecution(execution.arn)
            #expect(try await engine.waitForEnd(of: execution.arn).output == "[0,1,2]")
            let run = try await engine.onlyMapRun(of: execution)
            for child in try await engine.listExecutions(ExecutionQuery(mapRunArn: run.arn)).elements {
                #expect(try await engine.executionHistory(of: child.arn).elements.isEmpty)
                #expect(child.redriveCount == 0)
            }
        }
    }

    @Test func `each item is selected by its place, key and source`() async throws {
        try directory.write("[{\"n\": 1}, {\"n\": 2}]", to: "data/a.json")
        let stage = try MapRunStage(directory)
        try await stage.run { engine in
            let map = distributedMap([
                "ItemReader": reader("a.json", "JSON"),
                "ItemSelector": [
                    "place.$": "$$.Map.Item.Index", "n.$": "$$.Map.Item.Value.n", "from.$": "$$.Map.Item.Source",
                    "shared.$": "$.shared",
                ],
            ])
            let execution = try await engine.startMap(map, input: ["shared": true])
            let output = try JSON(parsing: try await engine.waitForEnd(of: execution.arn).output ?? "")
            #expect(
                output == [
                    ["place": 0, "n": 1, "from": "S3://data/a.json", "shared": true],
                    ["place": 1, "n": 2, "from": "S3://data/a.json", "shared": true],
                ]
            )
        }
    }

    @Test func `a run without items succeeds`() async throws {
        let stage = try MapRunStage(directory)
        try await stage.run { engine in
            let plain = try await engine.waitForEnd(of: try await engine.startMap(distributedMap(), input: []).arn)
            #expect(plain.output == "[]")
        }
        let other = try MapRunStage(directory)
        try await other.run { engine in
            let definition: JSON = ["StartAt": "E", "States": ["E": distributedMap(["ResultWriter": writer()])]]
            let request = CreateStateMachineRequest(name: "writing", definition: definition.text)
            let machine = try await engine.createStateMachine(request)
            let ended = try await engine.waitForEnd(of: engine.startExecution(of: machine.arn, input: "[]").arn)
            let manifest = try other.results(of: ended.output)["manifest"]
            #expect(manifest?["ResultFiles"] == ["FAILED": [], "PENDING": [], "SUCCEEDED": []])
        }
    }

    @Test func `a child may have a Map Run of its own`() async throws {
        let stage = try MapRunStage(directory)
        var outer = distributedMap()
        var inner = distributedMap()
        inner["Label"] = "inner"
        outer["ItemProcessor"]?["StartAt"] = "Inner"
        outer["ItemProcessor"]?["States"] = ["Inner": inner]
        try await stage.run { [outer] engine in
            let ended = try await engine.waitForEnd(of: try await engine.startMap(outer, input: [[1, 2], [3]]).arn)
            #expect(ended.output == "[[1,2],[3]]")
            let run = try await engine.onlyMapRun(of: ended)
            let child = try await engine.listExecutions(ExecutionQuery(mapRunArn: run.arn)).elements[0]
            let innerRun = try await engine.onlyMapRun(of: child)
            #expect(innerRun.label == "inner")
            #expect(innerRun.executionCounts.succeeded == 1)
        }
    }

    @Test func `results that are too large for an output fail the state`() async throws {
        let stage = try MapRunStage(directory) { _ in .string(String(repeating: "x", count: 100_000)) }
        try await stage.run { engine in
            let ended = try await engine.waitForEnd(
                of: try await engine.startMap(distributedMap(), input: [1, 2, 3]).arn
            )
            #expect(ended.error == "States.DataLimitExceeded")
        }
    }

    @Test(
        arguments: [
            ("COMPACT", "SUCCEEDED_0.json", [[1, 2], [3]]), ("FLATTEN", "SUCCEEDED_0.json", [1, 2, 3]),
        ] as [(String, String, JSON)]
    )
    func `results are written as the writer is configured`(form: String, file: String, expected: JSON) async throws {
        let stage = try MapRunStage(directory)
        try await stage.run { engine in
            let map = distributedMap(["ResultWriter": writer(["Transformation": .string(form), "OutputType": "JSON"])])
            let ended = try await engine.waitForEnd(of: try await engine.startMap(map, input: [[1, 2], [3]]).arn)
            #expect(try stage.results(of: ended.output)[file] == expected)
        }
    }

    @Test func `results are split into files of a size, and lines need no brackets`() async throws {
        let stage = try MapRunStage(directory, configuration: Engine.Configuration(resultFileBytes: 10))
        try await stage.run { engine in
            let writer = writer(["Transformation": "COMPACT", "OutputType": "JSONL"])
            let items: JSON = ["aaaa", "bbbb", "cccc", "dddd", "eeee"]
            let ended = try await engine.waitForEnd(
                of: try await engine.startMap(distributedMap(["ResultWriter": writer]), input: items).arn
            )
            let output = try JSON(parsing: ended.output ?? "")
            let key = output["ResultWriterDetails"]?["Key"]?.string ?? ""
            let folder = key.dropLast("manifest.json".count)
            let texts = try ["0", "1", "2"].map { number in
                String(decoding: try stage.bucket.read("\(folder)SUCCEEDED_\(number).jsonl"), as: UTF8.self)
            }
            #expect(texts == ["\"aaaa\"\n\"bbbb\"\n", "\"cccc\"\n\"dddd\"\n", "\"eeee\"\n"])
        }
    }

    @Test func `a reader that finds nothing fails the state, which may catch it`() async throws {
        let stage = try MapRunStage(directory)
        try await stage.run { engine in
            let map = distributedMap(["ItemReader": reader("none.csv", "CSV", ["CSVHeaderLocation": "FIRST_ROW"])])
            let ended = try await engine.waitForEnd(of: try await engine.startMap(map).arn)
            #expect(ended.error == "S3.NoSuchKeyException")
            #expect(try await engine.onlyMapRun(of: ended).status == .failed)
        }
    }

    @Test func `a writer without a bucket fails the state`() async throws {
        let stage = try MapRunStage(directory)
        try await stage.run { engine in
            var writer = writer()
            writer["Parameters"]?["Bucket"] = "none"
            let map = distributedMap(["ResultWriter": writer])
            let ended = try await engine.waitForEnd(of: try await engine.startMap(map, input: [1]).arn)
            #expect(ended.error == "States.ResultWriterFailed")
        }
    }
}

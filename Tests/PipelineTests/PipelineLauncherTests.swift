import Bucket
import DurableExecution
import JSON
import Notifications
import Personalize
import Scheduler
import TestSupport
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(5))) struct PipelineLauncherTests {
    private let stage: PipelineStage

    init() throws {
        stage = try PipelineStage()
        try stage.putEvents()
    }

    private func ended() async throws -> Execution {
        let execution = try #require(try await stage.executions().first)
        return try await stage.engine.waitForEnd(of: execution.arn)
    }

    /// The lines of faults in the cause that a refused drop ends with.
    private func faults(_ file: JSON, key: String = "params.json") async throws -> [String] {
        try await stage.handle(stage.drop(9, file.text, at: key))
        let execution = try await ended()
        #expect(execution.status == .failed)
        #expect(execution.error == "InvalidConfiguration")
        return (execution.cause ?? "").split(separator: "\n").filter { $0.hasPrefix("- ") }.map {
            String($0.dropFirst(2))
        }
    }

    @Test func `a drop ends in a campaign that answers, and the next one moves it`() async throws {
        let stage = stage
        let campaign = "arn:aws:personalize:us-east-1:000000000000:campaign/popular"
        try await stage.running([.personalize, .notifier]) {
            try await stage.handle(stage.drop(1, Samples.small.text))
            #expect(try await ended().status == .succeeded)
            let first = try #require(stage.personalize.runtime.servedVersion(campaign))
            let answer = try stage.personalize.runtime.getRecommendations([
                "campaignArn": .string(campaign), "userId": "u1",
            ])
            #expect(answer["itemList"]?.array?.isEmpty == false)

            stage.clock.advance(by: .seconds(60))
            try await stage.handle(stage.drop(2, Samples.small.text))
            #expect(try await ended().status == .succeeded)
            let second = try #require(stage.personalize.runtime.servedVersion(campaign))
            #expect(first != second)
            await stage.publications(4)
            #expect(try await stage.messages().map { $0.payload?["status"] } == ["SUCCEEDED", "SUCCEEDED"])
        }
    }

    @Test func `data that cannot be imported fails the run, told once with place and value`() async throws {
        try stage.directory.write(Samples.events + "u1,i1,yesterday\n", to: "bucket/Interactions/events.csv")
        let stage = stage
        try await stage.running([.personalize, .notifier]) {
            try await stage.handle(stage.drop(1, Samples.small.text))
            let execution = try await ended()
            #expect(execution.status == .failed)
            #expect(execution.error == "DatasetImportFailed")
            #expect(execution.cause?.contains("\"yesterday\"") == true)
            await stage.publications(2)
            let messages = try await stage.messages()
            #expect(messages.count == 1)
            #expect(messages.first?.payload?["state"] == "Import Failed")
            #expect(messages.first?.payload?["error"] == "DatasetImportFailed")
            #expect(messages.first?.payload?["cause"] == JSON(execution.cause))
            let remedy = "Go on:     correct the cause and copy s3://films/params.json into its place again\n"
            #expect(messages.first?.body.hasSuffix(remedy) == true)
        }
    }

    @Test func `a group is deleted with all in it`() async throws {
        let stage = stage
        let file = Samples.small.with("eventTracker", ["name": "clicks"]).with("filters", Samples.newer["filters"])
        let group = "arn:aws:personalize:us-east-1:000000000000:dataset-group/shop"
        try await stage.running([.personalize]) {
            try await stage.handle(stage.drop(1, file.text))
            #expect(try await ended().status == .succeeded)
            let input: JSON = [
                "datasetGroupArn": .string(group), "pollSeconds": 0,
                "topicArn": .string(try await stage.launcher.topicARN(of: "shop")),
            ]
            let machine = stage.deployARN.replacing(":deploy", with: ":delete")
            let deletion = try await stage.engine.startExecution(of: machine, input: input.text)
            let end = try await stage.passingTime { try await stage.engine.waitForEnd(of: deletion.arn) }
            #expect(end.status == .succeeded, "\(end.cause ?? "")")
            for kind in ["DatasetGroups", "Solutions", "Campaigns", "Datasets", "Filters", "EventTrackers"] {
                let list = try await stage.personalize.call("List\(kind)", [:])
                #expect(list.object?.first { _ in true }?.value == [], "\(kind)")
            }
        }
    }

    @Test func `the same drop handed over twice starts one execution`() async throws {
        let stage = stage
        try await stage.running {
            try await stage.handle(stage.drop(1, Samples.small.text))
            try await stage.handle(stage.drop(1, Samples.small.text))
            #expect(try await stage.executions().count == 1)
            let execution = try #require(try await stage.executions().first)
            _ = try await stage.engine.stopExecution(execution.arn)
            try await stage.handle(stage.drop(1, Samples.small.text))
            #expect(try await stage.executions().map(\.status) == [.aborted])
        }
    }

    @Test func `two drops of one moment have their own executions, one after the other`() async throws {
        let stage = stage
        try await stage.running {
            try await stage.handle(stage.drop(1, Samples.small.text))
            let first = try #require(try await stage.executions().first)
            let postponed = try await #require(throws: DropPostponed.self) {
                try await stage.handle(stage.drop(2, Samples.small.text))
            }
            #expect(postponed.reason == "\(first.arn) still runs")
            try await stage.handle(stage.drop(3, Samples.small.with("datasetGroup.name", "other").text))
            _ = try await stage.engine.stopExecution(first.arn)
            try await stage.handle(stage.drop(2, Samples.small.text))
            #expect(Set(try await stage.executions().map(\.name.last)) == ["1", "2", "3"])
        }
    }

    @Test func `wishes of one moment for one group start one run`() async throws {
        let stage = stage
        try await stage.running {
            let launches = try await withThrowingTaskGroup(of: PipelineLauncher.Launch.self) { group in
                for number in 1...8 {
                    group.addTask {
                        let run = PipelineRun(
                            bucket: "films",
                            key: "params.json",
                            date: stage.clock.date,
                            suffix: "\(number)",
                            mode: .full
                        )
                        return try await stage.launcher.launch(run, content: Array(Samples.small.text.utf8))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let execution = try #require(try await stage.executions().first)
            #expect(try await stage.executions().count == 1)
            #expect(launches.filter { $0 == .started(executionARN: execution.arn) }.count == 1)
            // Who came second is told of an execution, not of a group.
            #expect(
                launches.allSatisfy { launch in
                    if case .busy(let arn) = launch { arn.hasPrefix("arn:aws:states:") } else { true }
                }
            )
        }
    }

    @Test func `a file with faults starts an execution that fails with all of them`() async throws {
        let stage = stage
        let file = Samples.small.with("campain", [:]).with("solution.name", 7)
        try await stage.running(.notifier) {
            #expect(
                try await faults(file) == [
                    "campain is not a known key, did you mean \"campaign\"?", "solution.name \"7\" must be a string",
                ]
            )
            await stage.publications(2)
            let message = try await stage.messages().first
            #expect(message?.payload?["datasetGroup"] == "shop")
            #expect(message?.payload?["state"] == "Refuse Configuration")
            #expect(message?.payload?["error"] == "InvalidConfiguration")
            let groups = try await stage.personalize.call("ListDatasetGroups", [:])
            #expect(groups["datasetGroups"] == [])
        }
    }

    @Test func `text that is no JSON, or far too much of it, ends in a failed execution too`() async throws {
        let stage = stage
        try await stage.running {
            try await stage.handle(stage.drop(1, "{\n  \"datasetGroup\" 1}"))
            let broken = try await ended()
            #expect(broken.cause?.contains("- params.json is not valid JSON: line 2, column 18: ") == true)
            let names = (0..<5_000).map { (String(repeating: "x", count: 30) + "\($0)", JSON.null) }
            try await stage.handle(stage.drop(2, JSON.object(JSONObject(names)).text))
            let flood = try #require(try await stage.executions().first { $0.name.hasSuffix("_2") })
            #expect(try await stage.engine.waitForEnd(of: flood.arn).cause?.contains(" more\n") == true)
            let large = stage.drop(3, "")
            let tooLarge = Drop(
                id: 3,
                bucket: large.bucket,
                key: large.key,
                version: large.version,
                detectedAt: large.detectedAt,
                content: nil
            )
            try await stage.handle(tooLarge)
            let refused = try #require(try await stage.executions().first { $0.name.hasSuffix("_3") })
            #expect(try await stage.engine.waitForEnd(of: refused.arn).cause?.contains("larger than 1 MiB") == true)
        }
    }

    @Test(arguments: [
        String(repeating: "g", count: 300), "", "päper work/#1",
    ])
    func `a group's name that cannot be is refused, not thrown back`(_ name: String) async throws {
        let stage = stage
        try await stage.running {
            let faults = try await faults(Samples.small.with("datasetGroup.name", .string(name)))
            #expect(faults.first?.hasPrefix("datasetGroup.name ") == true)
        }
    }

    @Test func `a configuration too large for an execution is refused`() async throws {
        let stage = stage
        let expression = "EXCLUDE ItemID WHERE Items.GENRES IN (\"\(String(repeating: "x", count: 2_000))\")"
        let filters = (0..<120).map { number -> JSON in
            ["name": .string("f\(number)"), "filterExpression": .string(expression)]
        }
        try await stage.running {
            let faults = try await faults(Samples.small.with("filters", .array(filters)))
            #expect(faults.count == 1)
            #expect(faults.first?.contains("use fewer or shorter schemas, solutions and filters") == true)
        }
    }

    @Test func `a folder without data is refused with its place`() async throws {
        let stage = stage
        let file = Samples.small.with("datasets.Users", Samples.users)
        try await stage.running {
            let faults = try await faults(file)
            #expect(
                faults == [
                    "datasets.Users has no data: there is no .csv file in s3://films/Users/; put one there"
                ]
            )
        }
    }

    @Test func `the folder of the file is where the data is looked for`() async throws {
        let stage = stage
        try await stage.running {
            let faults = try await faults(Samples.small, key: "deep/down/params.json")
            #expect(
                faults == [
                    """
                    datasets.Interactions has no data: there is no .csv file in \
                    s3://films/deep/down/Interactions/; put one there
                    """
                ]
            )
        }
    }

    @Test func `schedules are put, kept when paused, and removed with the section`() async throws {
        let stage = stage
        let file = Samples.small.with("schedules", ["full": "cron(0 4 * * ? *)", "import": "rate(6 hours)"])
        @Sendable func drop(_ id: Int64, _ file: JSON) async throws {
            try await stage.handle(stage.drop(id, file.text))
            let execution = try #require(try await stage.executions().first { $0.status == .running })
            _ = try await stage.engine.stopExecution(execution.arn)
        }
        try await stage.running {
            let own = try ScheduleDefinition(
                key: Schedule.Key(name: "by-hand", groupName: "shop"),
                expression: ScheduleExpression("rate(1 day)"),
                target: SchedulePlan.target(bucket: "films", key: "params.json", mode: .full)
            )
            try await stage.scheduler.put(own)
            try await drop(1, file)
            let key = Schedule.Key(name: "shop-full", groupName: "shop")
            #expect(
                try await stage.scheduler.schedules(inGroup: "shop").map(\.key.name)
                    == ["by-hand", "shop-full", "shop-import"]
            )
            try await stage.scheduler.pause(key)
            try await drop(2, file)
            #expect(try await stage.scheduler.schedule(key).state == .disabled)
            try await drop(3, Samples.small)
            #expect(try await stage.scheduler.schedules(inGroup: "shop").map(\.key.name) == ["by-hand"])
        }
    }

    @Test func `the longest name of a group has schedules too`() async throws {
        let stage = stage
        let name = String(repeating: "g", count: 63)
        let file = Samples.small.with("datasetGroup.name", .string(name)).with("schedules", ["import": "rate(1 day)"])
        try await stage.running {
            try await stage.handle(stage.drop(1, file.text))
            #expect(try await stage.executions().map(\.status) == [.running])
            let names = try await stage.scheduler.schedules(inGroup: name).map(\.key.name)
            #expect(names.map(\.count) == [64])
            #expect(names.first?.hasSuffix("-import") == true)
        }
    }

    @Test func `a firing imports what is in the bucket then, and joins a run that goes on`() async throws {
        let stage = stage
        let file = Samples.small.with("schedules", ["import": "rate(6 hours)"])
        try await stage.running(.personalize) {
            try stage.bucket.put(Array(file.text.utf8), at: "params.json")
            try await stage.handle(stage.drop(1, file.text))
            #expect(try await ended().status == .succeeded)
            stage.clock.advance(by: .seconds(6 * 3600))
            try await stage.scheduler.fireDue()
            let execution = try await ended()
            #expect(execution.name.contains("_import_"))
            #expect(execution.status == .succeeded)
            let entered = try await stage.engine.executionHistory(of: execution.arn, maxResults: 1000).elements
                .compactMap { $0["stateEnteredEventDetails"]?["name"]?.string }
            #expect(entered.suffix(3) == ["Import Only?", "Notify Imported", "Done"])
        }
        try await stage.running {
            stage.clock.advance(by: .seconds(60))
            try await stage.handle(stage.drop(2, file.text))
            let running = try #require(try await stage.executions().first { $0.status == .running })
            let firing = try await stage.scheduler.trigger(Schedule.Key(name: "shop-import", groupName: "shop"))
            #expect(firing.executionARN == running.arn)
        }
    }

    @Test func `what cannot be changed is refused with its place`() async throws {
        let stage = stage
        let old = Samples.small.with("eventTracker", ["name": "clicks"]).with("filters", Samples.newer["filters"])
        let textual = Samples.schema(
            "Interactions",
            [
                ["name": "USER_ID", "type": "string"], ["name": "ITEM_ID", "type": "string"],
                ["name": "TIMESTAMP", "type": "long"], ["name": "DEVICE", "type": "string"],
            ]
        )
        let new = old.with("solution.recipeArn", Samples.recipe("aws-sims")).with("eventTracker.name", "taps")
            .with("datasets.Interactions.schema", textual)
            .with(
                "filters",
                [["name": "unseen", "filterExpression": "INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\"*\")"]]
            )
        try await stage.running(.personalize) {
            try await stage.handle(stage.drop(1, old.text))
            #expect(try await ended().status == .succeeded)
            stage.clock.advance(by: .seconds(1))
            let faults = try await faults(new)
            #expect(
                faults.map { $0.prefix { $0 != " " } } == [
                    "datasets.Interactions.schema", "solution.recipeArn", "eventTracker.name", "filters[0]",
                ]
            )
            #expect(
                faults[1] == """
                    solution.recipeArn cannot change: solution "popular" exists with recipeArn \
                    "arn:aws:personalize:::recipe/aws-popularity-count", but the file says recipeArn \
                    "arn:aws:personalize:::recipe/aws-sims"; give the solution (and its campaign) another name
                    """
            )
        }
    }

    @Test func `a solution of another name cannot take over a campaign, nor lose its recipe`() async throws {
        let stage = stage
        try await stage.running(.personalize) {
            try await stage.handle(stage.drop(1, Samples.small.text))
            #expect(try await ended().status == .succeeded)
            stage.clock.advance(by: .seconds(1))
            let renamed = try await faults(Samples.small.with("solution.name", "fresh"))
            #expect(renamed.count == 1)
            #expect(renamed.first?.hasPrefix("campaign cannot change: campaign \"popular\" exists and serves ") == true)
        }
        try await stage.running {
            stage.clock.advance(by: .seconds(1))
            let automatic = Samples.small.with("solution.recipeArn", nil).with("solution.performAutoML", true)
            let lost = try await faults(automatic)
            #expect(lost.count == 1)
            #expect(
                lost.first?.hasSuffix(
                    "but the file says no recipeArn; give the solution (and its campaign) another name"
                ) == true
            )
        }
    }

    @Test func `a changed order of a schema's members changes nothing`() async throws {
        let stage = stage
        let schema = try #require(Samples.interactions["schema"]?.object)
        let turned = JSON.object(JSONObject(schema.map { ($0.key, $0.value) }.reversed()))
        try await stage.running(.personalize) {
            try await stage.handle(stage.drop(1, Samples.small.text))
            #expect(try await ended().status == .succeeded)
            stage.clock.advance(by: .seconds(1))
            try await stage.handle(stage.drop(2, Samples.small.with("datasets.Interactions.schema", turned).text))
            #expect(try await ended().status == .succeeded)
        }
    }
}

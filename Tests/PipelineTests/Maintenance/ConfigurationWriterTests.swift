import DurableExecution
import JSON
import TestSupport
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(5))) struct ConfigurationWriterTests {
    private func read(_ file: JSON) throws -> PipelineConfiguration { try ParamsFile.read(file) }

    /// What a configuration says, whatever its shape and its places.
    private static func meaning(_ configuration: PipelineConfiguration) -> [JSON] {
        [
            configuration.datasetGroup, .array(configuration.datasets.map { [.string($0.type), $0.schema] }),
            .array(configuration.solutions.map(\.request)),
            .array(configuration.solutions.flatMap(\.campaigns).map(\.request)),
            configuration.eventTracker ?? .null, .array(configuration.filters),
        ]
    }

    @Test(arguments: [Samples.older, Samples.newer, Samples.small, Samples.maintained, Samples.wholeMaintained])
    func `a file written in its own shape says the same, with no remark`(_ file: JSON) throws {
        let configuration = try read(file)
        let written = configuration.written(as: configuration.shape)
        #expect(written.remarks == [])
        #expect(try read(written.json) == configuration)
    }

    @Test(arguments: [Samples.newer, Samples.small, Samples.maintained], ConfigurationShape.allCases)
    func `a file goes through any other shape and says what that can say`(
        _ file: JSON,
        _ shape: ConfigurationShape
    ) throws {
        let configuration = try read(file)
        let written = configuration.written(as: shape)
        let again = try read(written.json)
        #expect(again.shape == shape)
        let hasOneSolution = shape == .sample && configuration.solutions.count > 1
        #expect(written.remarks.contains { $0.contains("this shape has one solution") } == hasOneSolution)
        if !hasOneSolution { #expect(Self.meaning(again) == Self.meaning(configuration)) }
    }

    @Test func `what a shape cannot say is told with its place`() throws {
        let remarks = try read(Samples.wholeMaintained).written(as: .sample2).remarks
        for place in [
            "datasetGroup.workflowConfig.maxAge", "datasets.serviceConfig.importMode", "solutions[0].campaigns[1]",
            "solutions[0].batchInferenceJobs[0]", "solutions[1].batchSegmentJobs[0]",
            "solutions[0].serviceConfig.solutionVersion",
            "solutions[0].workflowConfig.schedules.update \"cron(0 4 * * ? *)\"",
        ] { #expect(remarks.contains { $0.hasPrefix("\(place) cannot be expressed: ") }, "\(place)") }
    }

    @Test func `schedules become those of the other shape`() throws {
        let file = Samples.small.with(
            "schedules",
            ["full": "cron(0 4 * * ? *)", "import": "rate(6 hours)", "timezone": "Europe/Berlin"]
        )
        let written = try read(file).written(as: .mpe)
        let maintained = try read(written.json)
        #expect(maintained.schedules?.imports == "rate(6 hours)")
        #expect(maintained.solutions.map(\.fullSchedule) == ["cron(0 4 * * ? *)"])
        #expect(written.remarks.count == 2)
        let back = try read(maintained.written(as: .sample).json)
        #expect(back.schedules == .init(full: "cron(0 4 * * ? *)", imports: "rate(6 hours)", timeZone: "UTC"))
    }

    @Test func `a group that runs is written as the file that made it`() async throws {
        let stage = try PipelineStage()
        try stage.directory.write(Samples.events, to: "bucket/train/shop/interactions/events.csv")
        let solution = try #require(Samples.maintained["solutions"]?[0])
        let file = Samples.maintained.with(
            "solutions",
            [solution.with("workflowConfig", ["schedules": ["full": "cron(0 3 * * ? *)"]])]
        )
        .with("tags", [["tagKey": "team", "tagValue": "films"]])
        .with("datasetGroup.workflowConfig", ["schedules": ["import": "cron(0 2 * * ? *)"]])
        .with("eventTracker", Samples.service(["name": "clicks"]))
        .with("filters", [Samples.service(Samples.newer["filters"]?[0] ?? [:])])
        try await stage.running(.personalize) {
            try await stage.handle(stage.drop(1, file.text, at: "train/shop/config.json"))
            let execution = try #require(try await stage.executions().first)
            #expect(try await stage.engine.waitForEnd(of: execution.arn).status == .succeeded)
            let export = ConfigurationExport(
                personalize: stage.personalize,
                scheduler: stage.scheduler,
                region: "us-east-1",
                account: "000000000000"
            )
            let exported = try #require(try await export.configuration(of: "shop"))
            let again = try read(exported.written(as: .mpe).json)
            let original = try read(file)
            #expect(again.datasets == original.datasets)
            #expect(again.schedules == original.schedules)
            #expect(again.solutions.map(\.fullSchedule) == original.solutions.map(\.fullSchedule))
            #expect(again.solutions.map(\.request) == original.solutions.map(\.request))
            #expect(again.datasetGroup == original.datasetGroup)
            #expect(again.filters == original.filters)
            #expect(again.eventTracker?["name"] == "clicks")
            #expect(try await export.configuration(of: "nobody") == nil)
        }
    }
}

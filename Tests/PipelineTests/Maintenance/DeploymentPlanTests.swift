import Bucket
import DurableExecution
import Foundation
import JSON
import Personalize
import SQLiteStore
import Scheduler
import TestSupport
import Testing

@testable import Pipeline

/// What a configuration would change: told, done, and then no more.
@Suite(.timeLimit(.minutes(5))) struct DeploymentPlanTests {
    private let stage: PipelineStage
    private let key = "train/shop/config.json"

    init() throws {
        stage = try PipelineStage()
        try stage.directory.write(Samples.events, to: "bucket/train/shop/interactions/events.csv")
    }

    private func run(_ suffix: String = "apply", key: String? = nil) -> PipelineRun {
        PipelineRun(
            bucket: "films",
            key: key ?? self.key,
            date: stage.clock.date,
            suffix: suffix,
            mode: .full,
            cause: .apply
        )
    }

    private func plan(_ file: JSON, key: String? = nil) async throws -> DeploymentPlan {
        try await stage.launcher.plan(run(key: key), content: Array(file.text.utf8))
    }

    /// Applies a file and waits for the end of the run it needs.
    private func apply(_ file: JSON, _ suffix: String, key: String? = nil) async throws -> DeploymentPlan {
        stage.clock.advance(by: .seconds(10))
        let run = run(suffix, key: key)
        let application = try await stage.launcher.apply(run, content: Array(file.text.utf8))
        if let arn = application.executionARN {
            let execution = try await stage.engine.waitForEnd(of: arn)
            #expect(execution.status == .succeeded, "\(execution.cause ?? "")")
        }
        return application.plan
    }

    /// The changes as `action kind name`.
    private static func changes(_ plan: DeploymentPlan) -> [String] {
        plan.changes.map { "\($0.action.rawValue) \($0.kind) \($0.name)" }
    }

    /// All that is kept: resources, executions, schedules and files.
    private func state() async throws -> [JSON] {
        var state: [JSON] = []
        for kind in [
            "DatasetGroups", "Schemas", "Datasets", "DatasetImportJobs", "Solutions", "SolutionVersions", "Campaigns",
            "Filters", "EventTrackers",
        ] { state.append(try await stage.personalize.call("List\(kind)", [:])) }
        state += try await stage.executions().map { .string("\($0)") }
        state += try await stage.scheduler.schedules().map { .string("\($0)") }
        state += try await stage.messages().map { .string("\($0)") }
        for object in try stage.bucket.list().objects {
            state.append(.string("\(object) \(try stage.bucket.contentHash(of: object.key))"))
        }
        return state
    }

    @Test(arguments: [(Samples.maintained, "train/shop/config.json"), (Samples.small, "params.json")])
    func `an unchanged bucket has nothing to do, and nothing is done, byte for byte`(
        _ file: JSON,
        _ key: String
    ) async throws {
        let stage = stage
        try stage.putEvents()
        try await stage.running(.personalize) {
            let first = try await apply(file, "first", key: key)
            #expect(!first.changes.isEmpty)
            let before = try await state()
            stage.clock.advance(by: .seconds(3600))
            #expect(try await plan(file, key: key).changes == [])
            #expect(try await apply(file, "second", key: key).changes == [])
            #expect(try await state() == before)
        }
    }

    @Test func `planning touches nothing, whatever there is to do`() async throws {
        let stage = stage
        try await stage.running {
            let before = try await state()
            let plan = try await plan(Samples.maintained)
            #expect(
                Self.changes(plan) == [
                    "create dataset group shop", "create dataset shop_interactions", "import data shop_interactions",
                    "create solution popular", "train solution version popular", "create campaign popular",
                ]
            )
            #expect(try await state() == before)
        }
    }

    @Test func `each change has its reason`() async throws {
        let stage = stage
        let solution = try #require(Samples.maintained["solutions"]?[0])
        let campaign = Samples.service(["name": "popular", "minProvisionedTPS": 3])
        let scheduled = Samples.maintained
            .with("datasetGroup.workflowConfig", ["schedules": ["import": "cron(0 3 * * ? *)"], "maxAge": "1 day"])
        try await stage.running(.personalize) {
            _ = try await apply(scheduled, "first")

            let busier = scheduled.with("solutions", [solution.with("campaigns", [campaign])])
            let configured = try await plan(busier)
            #expect(configured.changes.map(\.reason) == ["config changed: minProvisionedTPS"])
            #expect(Self.changes(configured) == ["update campaign popular"])

            let unscheduled = try await plan(Samples.maintained)
            #expect(Self.changes(unscheduled) == ["remove schedule personalize-dataset-import-shop"])

            stage.clock.advance(by: .seconds(90_000))
            let old = try await plan(scheduled)
            #expect(
                old.changes.map(\.reason) == [
                    "the last import is older than 1 day: s3://films/train/shop/interactions/",
                    "data changed: Interactions, trainingMode FULL", "moves to the new version",
                ]
            )

            try stage.directory.write(
                Samples.events + "u0,i1,1700009999\n",
                to: "bucket/train/shop/interactions/events.csv"
            )
            let changed = try await plan(Samples.maintained.with("datasetGroup.workflowConfig", ["maxAge": "2 days"]))
            #expect(changed.changes.first?.reason == "data changed: s3://films/train/shop/interactions/")
            let fewer = try await plan(scheduled.with("solutions", []))
            #expect(
                fewer.steps.contains { $0.kind == "solution" && $0.name == "popular" && $0.action == .leave }
            )
        }
    }

    @Test func `a change of schedules alone needs no run`() async throws {
        let stage = stage
        let file = Samples.maintained.with(
            "datasetGroup.workflowConfig",
            ["schedules": ["import": "cron(0 3 * * ? *)"]]
        )
        try await stage.running(.personalize) {
            _ = try await apply(Samples.maintained, "first")
            let plan = try await apply(file, "second")
            #expect(Self.changes(plan) == ["create schedule personalize-dataset-import-shop"])
            #expect(try await stage.executions().count == 1)
            #expect(try await stage.scheduler.schedules(inGroup: "shop").count == 1)
            _ = try await apply(Samples.maintained, "third")
            #expect(try await stage.scheduler.schedules(inGroup: "shop") == [])
        }
    }

    @Test func `a file with faults has no plan, and a group that is busy is not applied to`() async throws {
        let stage = stage
        try await stage.running {
            await #expect(throws: ConfigurationError.self) {
                try await plan(Samples.maintained.with("filter", []))
            }
            try await stage.handle(stage.drop(1, Samples.maintained.text, at: key))
            await #expect(throws: GroupBusy.self) { try await apply(Samples.maintained, "second") }
        }
    }
}

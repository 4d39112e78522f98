import DurableExecution
import FoundationEssentials
import JSON
import Logging
import Personalize
import TestSupport
import Testing

@testable import Notifications
@testable import Pipeline

/// Runs whose data has moved away from what the serving version was trained on.
@Suite(.timeLimit(.minutes(5))) struct DriftNotifierTests {
    private let stage: PipelineStage
    private let group = "arn:aws:personalize:us-east-1:000000000000:dataset-group/shop"
    private let solution: JSON = ["solutionArn": "arn:aws:personalize:us-east-1:000000000000:solution/popular"]

    init() throws { stage = try PipelineStage() }

    private var notifier: DriftNotifier {
        DriftNotifier(
            personalize: stage.personalize,
            notices: stage.notices,
            launcher: stage.launcher,
            clock: stage.clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// The events, of a catalogue whose items may all be called otherwise.
    private func putEvents(isOther: Bool) throws {
        let events = isOther ? Samples.events.replacing(",i", with: ",other") : Samples.events
        try stage.directory.write(events, to: "bucket/Interactions/events.csv")
    }

    /// Runs the pipeline in a mode, as a drop or a schedule does.
    private func run(_ id: Int64, _ file: JSON, _ mode: PipelineRun.Mode = .full) async throws {
        stage.clock.advance(by: .seconds(60))
        try stage.directory.write(file.text, to: "bucket/params.json")
        let run = PipelineRun(
            bucket: "films",
            key: "params.json",
            date: stage.clock.date,
            suffix: "\(id)",
            mode: mode,
            cause: mode == .full ? .drop : .schedule
        )
        guard case .started(let arn) = try await stage.launcher.launch(run, content: Array(file.text.utf8)) else {
            Issue.record("another run is in the way")
            return
        }
        let ended = try await stage.engine.waitForEnd(of: arn)
        try #require(ended.status == .succeeded, "\(ended.cause ?? "")")
    }

    private func notices() async throws -> [Message] {
        try await stage.messages().filter { $0.payload?["type"] == "data.drifted" }
    }

    private func versions() async throws -> Int {
        try await stage.personalize.call("ListSolutionVersions", solution)["solutionVersions"]?.array?.count ?? 0
    }

    @Test func `data of the same kind is told nobody, other data is told and trained by`() async throws {
        let stage = stage
        let file = Samples.small.with("drift", ["threshold": 0.3, "action": "retrain"])
        try await stage.running(.personalize) {
            try putEvents(isOther: false)
            try await run(1, file)
            try await run(2, file, .imports)
            try await notifier.actOnAll()
            #expect(try await notices().isEmpty)
            #expect(try await versions() == 1)

            try putEvents(isOther: true)
            try await run(3, file, .imports)
            #expect(try await versions() == 1, "an import trains nothing by itself")
            try await notifier.actOnAll()
            let notice = try #require(try await notices().first)
            #expect(notice.subject == "Millrace: data of \"shop\" has drifted")
            #expect(notice.payload?["score"] == 1)
            #expect(notice.payload?["action"] == "retrain")
            #expect(notice.payload?["columns"]?[0]?["kind"] == "catalogue")
            #expect(notice.body.contains("ITEM_ID (catalogue): 50% gone, 50% new"))
            #expect(notice.body.contains("The pipeline trains anew."))

            let retraining = try #require(try await stage.executions().first)
            #expect(retraining.name.contains("_drift_"))
            #expect(try await stage.engine.waitForEnd(of: retraining.arn).status == .succeeded)
            #expect(try await versions() == 2)
            let served = stage.personalize.runtime.servedVersion(
                "arn:aws:personalize:us-east-1:000000000000:campaign/popular"
            )
            let newest = try await stage.personalize.call("DescribeSolution", solution)
            #expect(served == newest["solution"]?["latestSolutionVersion"]?["solutionVersionArn"]?.string)

            // What was acted upon is not acted upon again, and the new version's data is the reference now.
            try await notifier.actOnAll()
            try await run(4, file, .imports)
            try await notifier.actOnAll()
            #expect(try await notices().count == 1)
            #expect(try await versions() == 2)
        }
    }

    @Test func `a run that trains by itself is not trained after, and a finding is told once after a crash`()
        async throws
    {
        let stage = stage
        let file = Samples.small.with("drift", "retrain")
        try await stage.running(.personalize) {
            try putEvents(isOther: false)
            try await run(1, file)
            try putEvents(isOther: true)
            try await run(2, file)
            let finding = try #require(try await stage.personalize.untoldDrift().first)
            let executions = try await stage.executions().count
            // Told, but the process ended before that was recorded.
            _ = try await stage.notices.publish(
                DriftNotice(finding).message,
                topic: stage.notices.topic(of: "shop", for: nil)
            )
            try await notifier.actOnAll()
            #expect(try await notices().count == 1)
            #expect(try await stage.executions().count == executions)
            #expect(try await stage.personalize.untoldDrift().isEmpty)
        }
    }

    @Test func `a retraining is started once, whenever the process ends`() async throws {
        let stage = stage
        let file = Samples.small.with("drift", "retrain")
        try await stage.running(.personalize) {
            try putEvents(isOther: false)
            try await run(1, file)
            try putEvents(isOther: true)
            try await run(2, file, .imports)
            let finding = try #require(try await stage.personalize.untoldDrift().first)
            let source = try #require(finding.policy.source)
            // Started, but the process ended before that was recorded.
            guard case .started(let first) = try await stage.launcher.retrain(source, because: finding) else {
                Issue.record("another run is in the way")
                return
            }
            _ = try await stage.engine.waitForEnd(of: first)
            try await notifier.actOnAll()
            #expect(try await versions() == 2)
            #expect(try await stage.executions().count { $0.name.contains("_drift_") } == 1)
        }
    }

    @Test func `a policy is in the plan, needs no run of its own, and goes with its key`() async throws {
        let stage = stage
        try stage.putEvents()
        @Sendable func plan(_ file: JSON) async throws -> [String] {
            let run = PipelineRun(
                bucket: "films",
                key: "params.json",
                date: stage.clock.date,
                suffix: "a",
                mode: .full,
                cause: .apply
            )
            let plan = try await stage.launcher.apply(run, content: Array(file.text.utf8))
            #expect(plan.executionARN == nil)
            return plan.plan.changes.map { "\($0.action.rawValue) \($0.kind): \($0.reason)" }
        }
        try await stage.running(.personalize) {
            try await run(1, Samples.small)
            #expect(try await plan(Samples.small.with("drift", "notify")) == ["create drift policy: notify above 0.25"])
            #expect(try await plan(Samples.small.with("drift", "notify")) == [])
            #expect(
                try await plan(Samples.small.with("drift", ["threshold": 0.5, "action": "retrain"])) == [
                    "update drift policy: retrain above 0.5"
                ]
            )
            let policy = try await stage.personalize.driftPolicy(of: group)
            #expect(policy?.source == DriftPolicy.Source(bucket: "films", key: "params.json"))
            #expect(try await plan(Samples.small) == ["remove drift policy: its key is not in the file any more"])
            #expect(try await stage.personalize.driftPolicy(of: group) == nil)
        }
    }

    @Test func `a policy with faults is refused with its place, in any shape`() {
        #expect(
            PipelineConfiguration.faults(Samples.small.with("drift", ["treshold": 1])) == [
                "drift.treshold is not a known key, did you mean \"threshold\"?"
            ]
        )
        #expect(
            PipelineConfiguration.faults(Samples.newer.with("drift", "retran")) == [
                "drift \"retran\" is no action, did you mean \"retrain\"?"
            ]
        )
        let workflow = Samples.maintained.with("datasetGroup.workflowConfig", ["drift": ["action": 1]])
        #expect(
            PipelineConfiguration.faults(workflow) == [
                "datasetGroup.workflowConfig.drift.action 1 is no action; there are \"none\", \"notify\", \"retrain\""
            ]
        )
        #expect(
            PipelineConfiguration.faults(Samples.maintained.with("datasetGroup.workflowConfig", ["drift": "none"]))
                == []
        )
    }
}

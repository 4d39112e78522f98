import DurableExecution
import FoundationEssentials
import JSON
import Logging
import Personalize
import TestSupport
import Testing

@testable import Notifications
@testable import Pipeline

/// Runs of the pipeline whose campaign has a promotion policy.
@Suite(.timeLimit(.minutes(5))) struct RolloutTests {
    private let stage: PipelineStage
    private let campaign = "arn:aws:personalize:us-east-1:000000000000:campaign/pick"

    init() throws { stage = try PipelineStage() }

    /// Users and items of two camps, whose labels may be those of others.
    private static func events(isShuffled: Bool) -> String {
        var lines = ["USER_ID,ITEM_ID,TIMESTAMP"]
        var rows: [(user: Int, item: Int)] = []
        for user in 0..<2000 {
            for item in 0..<40 where item % 2 == user % 2 && (user / 2 + item / 2) % 4 != 0 {
                rows.append((user, item))
            }
        }
        for (place, row) in rows.enumerated() {
            // 4999 has no divisor in common with the number of rows: each row gets the item of another.
            let item = isShuffled ? rows[place * 4999 % rows.count].item : row.item
            lines.append("u\(row.user),i\(item),\(1_700_000_000 + row.item * 60 + row.user)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func file(_ policy: JSON?) -> JSON {
        [
            "datasetGroup": ["name": "shop"], "datasets": ["Interactions": Samples.interactions],
            "solution": [
                "name": "pick", "recipeArn": Samples.recipe("aws-user-personalization"),
                "solutionConfig": ["algorithmHyperParameters": ["hidden_dimension": "2", "regularization": "0.1"]],
            ],
            "campaign": JSON.object(["name": "pick", "minProvisionedTPS": 1]).with("promotionPolicy", policy),
        ]
    }

    /// Drops data with a configuration and answers the execution that has ended and what its campaign came to.
    private func drop(_ id: Int64, isShuffled: Bool, _ policy: JSON?) async throws -> (Execution, JSON?) {
        try stage.directory.write(Self.events(isShuffled: isShuffled), to: "bucket/Interactions/events.csv")
        stage.clock.advance(by: .seconds(60))
        try await stage.handle(stage.drop(id, file(policy).text))
        let execution = try #require(try await stage.executions().first)
        let ended = try await stage.engine.waitForEnd(of: execution.arn)
        let output = ended.output.flatMap { try? JSON(parsing: $0) }
        return (ended, output?["deployments"]?[0]?["campaigns"]?[0])
    }

    private func notifier() -> RolloutNotifier {
        RolloutNotifier(
            personalize: stage.personalize,
            notices: stage.notices,
            clock: stage.clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    @Test func `a run with shuffled labels succeeds, promotes nothing and says why; a better one is promoted`()
        async throws
    {
        let stage = stage
        try await stage.running([.personalize, .notifier]) {
            // The first version is served: there is nothing to compare it with.
            #expect(try await drop(1, isShuffled: false, "notWorse").0.status == .succeeded)
            let first = try #require(stage.personalize.runtime.servedVersion(campaign))
            let (execution, deployment) = try await drop(2, isShuffled: true, "notWorse")
            #expect(execution.status == .succeeded, "\(execution.cause ?? "")")
            #expect(stage.personalize.runtime.servedVersion(campaign) == first)
            #expect(deployment?["promotion"]?["Decision"] == "KEPT")
            #expect(deployment?["promotion"]?["Reason"]?.string?.contains("is worse") == true)
            #expect(deployment?["solutionVersionArn"]?.string == first)

            // The task's output in the history says the same.
            let history = try await stage.engine.executionHistory(of: execution.arn, maxResults: 1000).elements
            let outputs = history.compactMap { $0["taskSucceededEventDetails"]?["output"]?.string }
            #expect(outputs.contains { $0.contains("\"Decision\":\"KEPT\"") })

            try await notifier().publishAll()
            try await notifier().publishAll()
            // The run's own notice says what was decided, and the plan that there is nothing to do about it.
            let success = try #require(
                try await stage.messages().last { $0.payload?["type"] == "execution.succeeded" }
            )
            #expect(!success.body.contains("deployed"))
            #expect(success.body.contains("Campaign \"pick\" was not moved to the new version (KEPT): "))
            #expect(success.payload?["notPromoted"]?[0]?["decision"] == "KEPT")
            let again = PipelineRun(
                bucket: "films",
                key: "params.json",
                date: stage.clock.date,
                suffix: "again",
                mode: .full,
                cause: .apply
            )
            let plan = try await stage.launcher.plan(again, content: Array(file("notWorse").text.utf8))
            #expect(plan.changes == [])
            let step = plan.steps.first { $0.kind == "campaign" }
            #expect(step?.reason.hasPrefix("keeps its version: KEPT by policy notWorse, ") == true, "\(plan.steps)")

            let told = try await stage.messages().filter { $0.attributes["Decision"] != nil }
            #expect(told.map(\.subject) == ["Millrace: campaign \"pick\" is not moved to a new version"])
            #expect(told[0].body.contains("policy notWorse"))
            #expect(told[0].payload?["type"] == "campaign.kept")
            #expect(told[0].payload?["report"]?["testUsers"]?.int ?? 0 >= 30)

            // The spoilt one is served where everything is, and a good one is better than it.
            #expect(try await drop(3, isShuffled: true, nil).1?["promotion"] == nil)
            let spoilt = try #require(stage.personalize.runtime.servedVersion(campaign))
            #expect(spoilt != first)
            let good = try await drop(4, isShuffled: false, ["rule": "better"])
            #expect(good.0.status == .succeeded)
            #expect(stage.personalize.runtime.servedVersion(campaign) != spoilt)
            try await notifier().publishAll()
            let last = try await stage.messages().filter { $0.attributes["Decision"] != nil }.last
            #expect(last?.subject == "Millrace: campaign \"pick\" is moved to a new version")
        }
    }

    @Test func `a policy with faults is refused with its place in either shape`() {
        let older = PipelineConfiguration.faults(file(["rule": "best", "minimumTestUsers": 0]))
        #expect(older.count == 2)
        #expect(older.first?.hasPrefix("campaign.promotionPolicy.rule \"best\" is no rule") == true)
        #expect(older.last == "campaign.promotionPolicy.minimumTestUsers 0 must be an integer of 2 or more")
        let newer = Samples.newer.with("campaigns.simsCampaign.promotionPolicy", "never")
        #expect(
            PipelineConfiguration.faults(newer).first?.hasPrefix("campaigns.simsCampaign.promotionPolicy \"never\"")
                == true
        )
        #expect(PipelineConfiguration.faults(file("manual")).isEmpty)
    }
}

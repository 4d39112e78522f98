import DurableExecution
import FoundationEssentials
import JSON
import Logging
import TestSupport
import Testing

@testable import Notifications
@testable import Personalize
@testable import Pipeline

/// The notice of each thing that may be decided about a campaign, in the order of its life.
@Suite(.timeLimit(.minutes(5))) struct RolloutNoticesTests {
    private let stage: PipelineStage
    private let campaign = "arn:aws:personalize:us-east-1:000000000000:campaign/popular"
    private let solution: JSON = ["solutionArn": "arn:aws:personalize:us-east-1:000000000000:solution/popular"]

    init() throws { stage = try PipelineStage() }

    /// What was told since the last look, as the kind and the subject of each message.
    private func told(_ seen: inout Int) async throws -> [String] {
        let notifier = RolloutNotifier(
            personalize: stage.personalize,
            notices: stage.notices,
            clock: stage.clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try await notifier.publishAll()
        let messages = try await stage.messages().filter { $0.attributes["Decision"] != nil }
        defer { seen = messages.count }
        return messages.dropFirst(seen).map { message in
            #expect(message.body.contains("Why:       "))
            #expect(Notices.kinds.contains(message.payload?["type"]?.string ?? ""))
            return "\(message.payload?["type"]?.string ?? ""): \(message.subject ?? "")"
        }
    }

    private func expectTold(_ told: [String], _ expected: [String]) { #expect(told == expected) }

    private func trainAgain() async throws -> String {
        let answer = try await stage.personalize.call("CreateSolutionVersion", solution)
        let arn = try #require(answer["solutionVersionArn"]?.string)
        #expect(try await stage.personalize.waitUntilSettled(arn) == .active)
        return arn
    }

    private func ask(for version: String) async throws {
        let input: JSON = ["campaignArn": .string(campaign), "solutionVersionArn": .string(version)]
        _ = try await stage.personalize.moveCampaign(input)
        _ = try await stage.personalize.waitUntilSettled(campaign)
    }

    /// Answers users, none of whom does what is wanted, and looks at the figures once their time is over.
    private func disappoint() async throws {
        // The worker does so right after the commit that was awaited.
        await stage.personalize.refreshTrial(of: campaign)
        for user in 0..<200 {
            _ = try stage.personalize.runtime.getRecommendations([
                "campaignArn": .string(campaign), "userId": .string("v\(user)"),
            ])
        }
        try await stage.personalize.reviewRollouts()
        stage.clock.advance(by: .seconds(120))
        try await stage.personalize.reviewRollouts()
        _ = try await stage.personalize.waitUntilSettled(campaign)
    }

    @Test func `each decision has its notice`() async throws {
        let stage = stage
        try stage.putEvents()
        try await stage.running(.personalize) {
            try await stage.handle(stage.drop(1, Samples.small.text))
            let execution = try #require(try await stage.executions().first)
            #expect(try await stage.engine.waitForEnd(of: execution.arn).status == .succeeded)
            var seen = 0
            let name = "Millrace: campaign \"popular\""

            let bound: JSON = ["minimumRate": 0.5, "outcomeMinutes": 1]
            try await stage.personalize.putPromotionPolicy(["rule": "manual", "liveBound": bound], of: campaign)
            try await disappoint()
            expectTold(try await told(&seen), ["campaign.bound_broken: \(name) is below its live bound"])

            let second = try await trainAgain()
            try await ask(for: second)
            expectTold(try await told(&seen), ["campaign.waiting: \(name) waits for you: a new version is ready"])
            _ = try await stage.personalize.promote(campaign)
            _ = try await stage.personalize.waitUntilSettled(campaign)
            expectTold(try await told(&seen), ["campaign.promoted: \(name) is moved to a new version"])

            // There is a version to go back to now.
            try await disappoint()
            expectTold(try await told(&seen), ["campaign.rolled_back: \(name) is rolled back"])

            _ = try await stage.personalize.hold(campaign)
            let third = try await trainAgain()
            try await ask(for: third)
            _ = try await stage.personalize.hold(campaign, false)
            expectTold(
                try await told(&seen),
                [
                    "campaign.held: \(name) is held", "campaign.kept: \(name) is not moved to a new version",
                    "campaign.released: \(name) is released",
                ]
            )

            try await stage.personalize.putPromotionPolicy("manual", of: campaign)
            _ = try await stage.personalize.startExperiment(on: campaign, with: third, Experiment.Settings([:]))
            _ = try await stage.personalize.stopExperiment(on: campaign)
            expectTold(
                try await told(&seen),
                [
                    "campaign.experiment_started: \(name) begins an experiment",
                    "campaign.experiment_ended: \(name) has ended an experiment",
                ]
            )
        }
    }
}

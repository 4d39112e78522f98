import FoundationEssentials
import JSON
import TestSupport
import Testing

@testable import Personalize

/// Which new versions a campaign is moved to.
@Suite struct PromotionTests {
    @Test func `a version of shuffled labels is not promoted, and it is said why`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let first = try await test.serveFirst()
            try await test.policy("notWorse")
            try await test.drop("bad", ServiceUnderTest.shuffled)
            let bad = try await test.trainAgain()
            let decision = try #require(try await test.move(to: bad))
            #expect(decision["decision"] == "KEPT")
            #expect(decision["decidedBy"] == "policy notWorse")
            let report = decision["report"]
            let metric = report?["metrics"]?["normalized_discounted_cumulative_gain_at_25"]
            #expect(metric?["verdict"] == "worse")
            #expect((metric?["serving"]?.double ?? 0) > (metric?["candidate"]?.double ?? 1))
            for side in ["serving", "candidate"] {
                #expect(report?[side]?["model"] == "measured")
                #expect(report?[side]?["seenEvents"] == 0)
            }
            #expect(try await test.servedVersion() == first)
            // A task that is repeated decides nothing anew.
            #expect(try await test.move(to: bad)?["number"] == decision["number"])
            let untold = try await test.service.untoldDecisions()
            #expect(untold.map { $0["decision"]?.string } == ["KEPT"])
            #expect(untold[0]["datasetGroup"] == "films")
            try await test.service.acknowledge(untold[0])
            #expect(try await test.service.untoldDecisions().isEmpty)

            // What was refused waits: the operator may have it all the same, and go back.
            #expect(
                try await test.service.describeRollout(of: ServiceUnderTest.campaign)["waitingVersionArn"]?.string
                    == bad
            )
            _ = try await test.service.promote(ServiceUnderTest.campaign)
            _ = try await test.service.waitUntilSettled(ServiceUnderTest.campaign)
            #expect(try await test.servedVersion() == bad)
            _ = try await test.service.rollBack(ServiceUnderTest.campaign)
            _ = try await test.service.waitUntilSettled(ServiceUnderTest.campaign)
            #expect(try await test.servedVersion() == first)
            #expect(try await test.decisions() == ["ROLLED_BACK", "PROMOTED", "KEPT"])
            await #expect(throws: PersonalizeError.self) {
                try await test.service.rollBack(ServiceUnderTest.campaign)
            }
        }
    }

    @Test(arguments: ["notWorse", "better"])
    func `a version of better data is promoted`(rule: String) async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let first = try await test.serveFirst(isShuffled: true)
            try await test.policy(["rule": .string(rule)])
            try await test.drop("good", ServiceUnderTest.group.interactions())
            let good = try await test.trainAgain()
            let decision = try #require(try await test.move(to: good))
            #expect(decision["decision"] == "PROMOTED", "\(decision)")
            #expect(try await test.servedVersion() == good)
            let rollout = try await test.service.describeRollout(of: ServiceUnderTest.campaign)
            #expect(rollout["earlierVersionArns"] == [.string(first)])

            // The same again is no better, but not worse either.
            let again = try await test.trainAgain()
            let repeated = try #require(try await test.move(to: again))
            #expect(repeated["decision"]?.string == (rule == "better" ? "KEPT" : "PROMOTED"))
        }
    }

    @Test func `without a policy, and by the operator's own request, a campaign moves as on AWS`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            _ = try await test.serveFirst()
            let second = try await test.trainAgain()
            #expect(try await test.move(to: second) == nil)
            #expect(try await test.servedVersion() == second)
            try await test.policy("manual")
            let third = try await test.trainAgain()
            let decision = try await test.move(to: third)
            #expect(decision?["decision"] == "WAITING")
            #expect(try await test.servedVersion() == second)
            let input: JSON = [
                "campaignArn": .string(ServiceUnderTest.campaign), "solutionVersionArn": .string(third),
            ]
            try await test.call("UpdateCampaign", input)
            _ = try await test.service.waitUntilSettled(ServiceUnderTest.campaign)
            #expect(try await test.servedVersion() == third)
        }
    }

    @Test func `a held campaign stays until it is released`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let first = try await test.serveFirst()
            #expect(try await test.service.hold(ServiceUnderTest.campaign)["decision"] == "HELD")
            let second = try await test.trainAgain()
            #expect(try await test.move(to: second)?["decision"] == "KEPT")
            #expect(try await test.servedVersion() == first)
            #expect(try await test.service.hold(ServiceUnderTest.campaign, false)["decision"] == "RELEASED")
            let third = try await test.trainAgain()
            #expect(try await test.move(to: third) == nil)
            #expect(try await test.servedVersion() == third)
        }
    }

    @Test func `a version that was rolled back from is not promoted by asking again, and it is said why`() async throws
    {
        let test = try ServiceUnderTest()
        try await test.running {
            let first = try await test.serveFirst()
            try await test.policy("notWorse")
            let second = try await test.trainAgain()
            #expect(try await test.move(to: second)?["decision"] == "PROMOTED")
            // A task that is repeated after it moved the campaign decides nothing anew.
            #expect(try await test.move(to: second)?["number"] == 1)
            _ = try await test.service.rollBack(ServiceUnderTest.campaign)
            _ = try await test.service.waitUntilSettled(ServiceUnderTest.campaign)
            let kept = try await test.move(to: second)
            #expect(kept?["decision"] == "KEPT")
            #expect(kept?["decidedBy"] == "rollback")
            #expect(kept?["reason"]?.string?.contains("was rolled back from it") == true)
            #expect(try await test.servedVersion() == first)
            #expect(try await test.move(to: second)?["number"] == kept?["number"])
            let standing = try await test.service.keepingDecision(of: ServiceUnderTest.campaign, on: second)
            #expect(standing?["number"] == kept?["number"])

            // The operator may have it all the same.
            _ = try await test.service.promote(ServiceUnderTest.campaign, to: second)
            _ = try await test.service.waitUntilSettled(ServiceUnderTest.campaign)
            #expect(try await test.servedVersion() == second)
            #expect(try await test.service.keepingDecision(of: ServiceUnderTest.campaign, on: second) == nil)
        }
    }

    @Test func `a version is decided about anew once what kept it is over`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            _ = try await test.serveFirst()
            try await test.policy("notWorse")
            _ = try await test.service.hold(ServiceUnderTest.campaign)
            let second = try await test.trainAgain()
            #expect(try await test.move(to: second)?["decidedBy"] == "operator")
            #expect(try await test.service.keepingDecision(of: ServiceUnderTest.campaign, on: second) != nil)
            _ = try await test.service.hold(ServiceUnderTest.campaign, false)
            #expect(try await test.service.keepingDecision(of: ServiceUnderTest.campaign, on: second) == nil)
            #expect(try await test.move(to: second)?["decision"] == "PROMOTED")
            #expect(try await test.servedVersion() == second)
        }
    }

    @Test func `a campaign that follows the newest version asks its policy too`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms(ServiceUnderTest.group)
            let first = try await test.train("pick", recipe: "aws-user-personalization")
            try await test.create(
                "CreateCampaign",
                [
                    "name": "pick", "solutionVersionArn": .string("\(arn("solution/pick"))/$LATEST"),
                    "campaignConfig": ["syncWithLatestSolutionVersion": true],
                ]
            )
            try await test.policy("better")
            let second = try await test.trainAgain()
            // The training lane decides before it takes the next version.
            let third = try await test.trainAgain()
            #expect(third != second)
            #expect(try await test.decisions().last == "KEPT")
            #expect(try await test.servedVersion() == first.arn)
        }
    }

    @Test func `versions that a campaign may need are not deleted`() async throws {
        let test = try ServiceUnderTest()
        let model = try await test.running {
            let first = try await test.serveFirst()
            let second = try await test.trainAgain()
            try await test.move(to: second)
            for (version, need) in [(first, "needed to roll back"), (second, "served by")] {
                let refusal = await #expect(throws: PersonalizeError.self) {
                    try await test.service.deleteVersion(version)
                }
                #expect(refusal?.code == .resourceInUse)
                #expect(refusal?.message.contains(need) == true)
            }
            let other = try await test.trainAgain()
            let files = try await test.service.evaluationFiles(of: other)
            try await test.service.deleteVersion(other)
            #expect(try await test.service.waitUntilSettled(other) == nil)
            return try #require(files["model"]?.string)
        }
        // Files go after the commit, at the latest at the next start.
        try await test.restarted().service.recover()
        #expect(!FileManager.default.fileExists(atPath: model))
    }

    @Test func `a policy with faults is refused with all of them`() async throws {
        let test = try ServiceUnderTest()
        let policy: JSON = [
            "rule": "notWorst", "metrics": ["recal_at_10": 0.1, "recall_at_10": 2], "minimumTestUsers": 1,
            "liveBound": ["minimumRate": 1.5, "eventTyp": "buy"], "tolerance": 1,
        ]
        let refusal = await #expect(throws: PersonalizeError.self) { try await test.policy(policy) }
        for part in [
            "promotionPolicy.rule \"notWorst\" is no rule, did you mean \"notWorse\"?",
            "promotionPolicy.metrics.recal_at_10 is no metric, did you mean \"recall_at_10\"?",
            "promotionPolicy.metrics.recall_at_10 2 must be", "promotionPolicy.minimumTestUsers 1 must be",
            "promotionPolicy.liveBound.minimumRate 1.5 must be",
            "promotionPolicy.liveBound.eventTyp is not a known key",
            "promotionPolicy.tolerance is not a known key",
        ] { #expect(refusal?.message.contains(part) == true, "\(part) in \(refusal?.message ?? "")") }
    }
}

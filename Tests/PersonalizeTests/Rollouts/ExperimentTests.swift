import FoundationEssentials
import JSON
import TestSupport
import Testing

@testable import Personalize

/// Two versions behind one campaign, with users whose taste is known.
@Suite struct ExperimentTests {
    /// A campaign that serves a version of shuffled data, with one of good data beside it, or the other way around.
    private func prepare(_ test: ServiceUnderTest, servesGood: Bool = false) async throws -> (id: String, other: String)
    {
        _ = try await test.serveFirst(isShuffled: !servesGood)
        let text = servesGood ? ServiceUnderTest.shuffled : ServiceUnderTest.group.interactions()
        try await test.drop("other", text)
        return (try await test.track(), try await test.trainAgain())
    }

    private func start(_ test: ServiceUnderTest, _ candidate: String, _ settings: JSON) async throws {
        let settings = try Experiment.Settings(settings)
        _ = try await test.service.startExperiment(on: ServiceUnderTest.campaign, with: candidate, settings)
    }

    private func report(_ test: ServiceUnderTest) async throws -> JSON {
        try #require(try await test.service.experiment(of: ServiceUnderTest.campaign)["report"])
    }

    @Test func `the known winner of an A/B test is named and promoted, and a user stays with his version`() async throws
    {
        let test = try ServiceUnderTest()
        try await test.running {
            let (tracking, good) = try await prepare(test)
            try await start(test, good, ["outcomeMinutes": 10, "promotesWinner": true, "minimumUsers": 50])
            let versions = try await test.traffic(users: 0..<400, tracking: tracking, rates: (0.7, 0.1))
            #expect(Set(versions.values).count == 2)
            // Nobody's time is over yet.
            let early = try await report(test)
            #expect(early["winner"] == "NONE_YET")
            #expect(early["pendingUsers"] == 400)
            let again = try await test.traffic(users: 0..<400, tracking: tracking, rates: (0, 0))
            #expect(again == versions)
            test.clock.advance(by: .seconds(700))
            try await test.service.reviewRollouts()
            _ = try await test.service.waitUntilSettled(ServiceUnderTest.campaign)
            let final = try await report(test)
            #expect(final["winner"] == "CANDIDATE", "\(final)")
            let users = [final["serving"], final["candidate"]].map { $0?["users"]?.int ?? 0 }
            #expect(users[0] + users[1] == 400)
            #expect(try await test.servedVersion() == good)
            #expect(try await test.decisions().prefix(2) == ["PROMOTED", "EXPERIMENT_STARTED"])
            let told = try await test.service.untoldDecisions()
            #expect(told.last?["reason"]?.string?.contains("the candidate has won") == true)
        }
    }

    @Test func `a canary that does worse is taken away`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let (tracking, bad) = try await prepare(test, servesGood: true)
            let serving = try await test.servedVersion()
            try await start(test, bad, ["mode": "canary", "share": 0.3, "outcomeMinutes": 10, "minimumUsers": 50])
            let versions = try await test.traffic(users: 0..<400, tracking: tracking, rates: (0.8, 0.05))
            let shares = Dictionary(grouping: versions.values, by: { $0 }).mapValues(\.count)
            #expect(shares.count == 2)
            #expect((80...160).contains(shares.values.min() ?? 0), "\(shares)")
            test.clock.advance(by: .seconds(700))
            try await test.service.reviewRollouts()
            #expect(try await test.decisions().first == "ROLLED_BACK")
            #expect(try await test.servedVersion() == serving)
            // From now on one version answers everybody.
            let after = try await test.traffic(users: 0..<50, tracking: tracking, rates: (0, 0))
            #expect(Set(after.values).count == 1)
        }
    }

    @Test func `a shadow answers nobody, and is known for the winner by what users find by themselves`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let (tracking, good) = try await prepare(test)
            try await start(test, good, ["mode": "shadow", "minimumUsers": 50])
            let serving = try await test.servedVersion()
            // What users take from an answer says nothing of the shadow.
            _ = try await test.traffic(users: 0..<100, tracking: tracking, rates: (1, 1))
            #expect(try await report(test)["shadow"]?["outcomes"] == 0)
            let versions = try await test.traffic(users: 0..<400, tracking: tracking, rates: (1, 1), findsAlone: true)
            #expect(Set(versions.values).count == 1)
            let figures = try await report(test)
            #expect(figures["shadow"]?["answers"] == 500)
            #expect(figures["shadow"]?["outcomes"] == 400)
            #expect((0.0..<1.0).contains(figures["shadow"]?["meanOverlapAt10"]?.double ?? 1))
            #expect(figures["winner"] == "CANDIDATE", "\(figures)")
            try await test.service.reviewRollouts()
            #expect(try await test.decisions().first == "EXPERIMENT_ENDED")
            #expect(try await report(test)["shadow"]?["answers"] == 500)
            #expect(try await test.servedVersion() == serving)
        }
    }

    @Test func `a version below its live bound is rolled back`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let (tracking, bad) = try await prepare(test, servesGood: true)
            let first = try await test.servedVersion()
            try await test.policy(["rule": "always", "liveBound": ["minimumRate": 0.4, "outcomeMinutes": 10]])
            // The first version keeps the bound.
            _ = try await test.traffic(users: 0..<200, tracking: tracking, rates: (0.8, 0.2))
            test.clock.advance(by: .seconds(700))
            try await test.service.reviewRollouts()
            #expect(try await test.decisions() == [])
            _ = try await test.service.promote(ServiceUnderTest.campaign, to: bad)
            _ = try await test.service.waitUntilSettled(ServiceUnderTest.campaign)
            // The worker does so right after the commit that was awaited.
            await test.service.refreshTrial(of: ServiceUnderTest.campaign)
            _ = try await test.traffic(users: 0..<400, tracking: tracking, rates: (0.1, 0.1))
            test.clock.advance(by: .seconds(700))
            try await test.service.reviewRollouts()
            _ = try await test.service.waitUntilSettled(ServiceUnderTest.campaign)
            #expect(try await test.decisions() == ["ROLLED_BACK", "PROMOTED"])
            #expect(try await test.servedVersion() == first)
            let told = try await test.service.untoldDecisions()
            #expect(told.last?["decidedBy"] == "live bound")
            #expect(told.last?["reason"]?.string?.contains("below the bound 0.4") == true)
        }
    }

    @Test func `an experiment goes on after a restart with the same users`() async throws {
        let test = try ServiceUnderTest()
        let before = try await test.running {
            let (tracking, good) = try await prepare(test)
            try await start(test, good, ["outcomeMinutes": 10])
            let versions = try await test.traffic(users: 0..<100, tracking: tracking, rates: (0.5, 0.5))
            try await test.service.saveExposures()
            return (tracking, versions)
        }
        let again = try test.restarted()
        try await again.running {
            try await again.service.recover()
            let versions = try await again.traffic(users: 0..<100, tracking: before.0, rates: (0.5, 0.5))
            #expect(versions == before.1)
            #expect(try await report(again)["pendingUsers"] == 100)
        }
    }

    @Test(arguments: [0.05, 0.3, 0.5])
    func `the candidate gets its share of users, other ones in each experiment`(share: Double) {
        let users = (0..<20_000).map { "user-\($0)" }
        let split = ExperimentSplit(id: "one", share: share)
        let chosen = users.filter { split.isCandidate(ExperimentSplit.number(of: $0, in: "one")) }
        let error = 4 * (share * (1 - share) / 20_000).squareRoot()
        #expect(abs(Double(chosen.count) / 20_000 - share) < error)
        let other = ExperimentSplit(id: "two", share: share)
        let both = chosen.count { other.isCandidate(ExperimentSplit.number(of: $0, in: "two")) }
        #expect(abs(Double(both) / Double(chosen.count) - share) < 4 * (share / Double(chosen.count)).squareRoot())
    }

    @Test func `settings with faults are refused with all of them`() {
        let refusal = #expect(throws: PersonalizeError.self) {
            try Experiment.Settings(["mode": "abc", "share": 1, "minimumUsers": 0, "eventType": ""])
        }
        for part in ["mode \"abc\"", "share 1", "minimumUsers 0", "eventType \"\""] {
            #expect(refusal?.message.contains(part) == true)
        }
    }
}

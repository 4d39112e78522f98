import FoundationEssentials
import JSON
import SQLiteStore
import TestSupport
import Testing

@testable import Personalize

/// The end of the process in the middle of what is decided about a campaign.
@Suite(.timeLimit(.minutes(5))) struct RolloutCrashTests {
    /// Asks for a version, has it rolled back, and tries the other one out; each step only where it has not been done.
    private static func live(_ test: ServiceUnderTest, _ second: String) async throws {
        let campaign = ServiceUnderTest.campaign
        _ = try await test.service.waitUntilSettled(campaign)
        try await test.policy(["rule": "notWorse", "metrics": ["recall_at_10": 1], "minimumTestUsers": 2])
        if try await !test.decisions().contains("PROMOTED") { try await test.move(to: second) }
        if try await !test.decisions().contains("ROLLED_BACK") {
            _ = try await test.service.waitUntilSettled(campaign)
            _ = try await test.service.rollBack(campaign)
        }
        _ = try await test.service.waitUntilSettled(campaign)
        if try await !test.decisions().contains("EXPERIMENT_STARTED") {
            _ = try await test.service.startExperiment(on: campaign, with: second, Experiment.Settings([:]))
        }
        if try await !test.decisions().contains("EXPERIMENT_ENDED") {
            _ = try await test.service.stopExperiment(on: campaign)
        }
        for decision in try await test.service.untoldDecisions() { try await test.service.acknowledge(decision) }
    }

    /// The process dies before transaction n, for each n there is.
    @Test func `decisions, moves and experiments survive the end of the process at any transaction`() async throws {
        var crash = 0
        var isBurnt = true
        while isBurnt {
            isBurnt = try await survives(crash)
            crash += 1
            try #require(crash < 60, "the work never ended")
        }
        // Policy, decision with move, its two steps, rollback and its two, experiment and its end, four told.
        #expect(crash > 10)
    }

    private func survives(_ crash: Int) async throws -> Bool {
        let fuse = CrashFuse()
        let test = try ServiceUnderTest(onTransaction: { _ in try fuse.burn() })
        let (first, second) = try await test.running {
            try await test.prepareFilms(Films(users: 60, items: 16))
            let campaign = try await test.serve("pick")
            _ = try await test.service.waitUntilSettled(campaign)
            return (try await test.servedVersion(), try await test.trainAgain())
        }
        fuse.arm(crash)
        await fuse.run { try await test.running { try await Self.live(test, second) } }
        let again = try test.restarted()
        try await again.running {
            try await Self.live(again, second)
            let decisions = try await again.decisions()
            #expect(
                decisions == ["EXPERIMENT_ENDED", "EXPERIMENT_STARTED", "ROLLED_BACK", "PROMOTED"],
                "crash before transaction \(crash)"
            )
            #expect(try await again.service.untoldDecisions().isEmpty)
        }
        let last = try again.restarted()
        try await last.service.recover()
        #expect(try await last.servedVersion() == first)
        return fuse.isBurnt
    }
}

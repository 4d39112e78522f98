import JSON
import Personalize
import SQLiteStore
import TestSupport
import Testing

/// What every store of rollouts and trials must do.
@Suite struct RolloutStoreTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func stores() throws -> [any PersonalizeStore] {
        [try SQLiteStore.inMemory(), try SQLiteStore(path: directory.file("millrace.sqlite"))]
    }

    private func save(_ rollout: Rollout, in store: any PersonalizeStore) async throws {
        var transition = ResourceTransition()
        transition.rollouts = [rollout]
        try await store.commit(transition)
    }

    @Test func `a rollout is saved over the revision that was read only`() async throws {
        for store in try stores() {
            var rollout = Rollout(campaignArn: arn("campaign/a"), body: ["isHeld": true])
            try await save(rollout, in: store)
            await #expect(throws: PersonalizeConflict.changed(arn: rollout.campaignArn)) {
                try await save(rollout, in: store)
            }
            rollout.revision = 1
            #expect(try await store.rollout(of: rollout.campaignArn) == rollout)
            var changed = rollout
            changed.body["isHeld"] = false
            try await save(changed, in: store)
            await #expect(throws: PersonalizeConflict.changed(arn: rollout.campaignArn)) {
                try await save(rollout, in: store)
            }
            #expect(try await store.rollouts().map(\.revision) == [2])
            #expect(try await store.rollout(of: arn("campaign/b")) == nil)
            #expect(try await store.rollout(of: arn("campaign/a\0")) == nil)
        }
    }

    @Test func `a user counts once, for the version that answered him first, and in time only`() async throws {
        for store in try stores() {
            func exposure(_ user: UInt64, _ version: Int64, at time: Int64, _ trial: String = "t") -> Exposure {
                Exposure(trial: trial, user: user, version: version, time: time)
            }
            try await store.record([exposure(1, 7, at: 100), exposure(.max, 8, at: 100), exposure(3, 8, at: 500)])
            try await store.record([exposure(1, 8, at: 50), exposure(1, 7, at: 100, "other")])
            try await store.record(conversions: [
                exposure(1, 7, at: 170), exposure(1, 7, at: 150), exposure(.max, 7, at: 110), exposure(9, 7, at: 110),
            ])
            let all = [
                TrialTally(version: 7, users: 1, conversions: 1), TrialTally(version: 8, users: 2, conversions: 0),
            ]
            #expect(try await store.tallies(of: "t", before: .max, window: 50) == all)
            #expect(try await store.tallies(of: "t", before: .max, window: 49).map(\.conversions) == [0, 0])
            #expect(try await store.tallies(of: "t", before: 500, window: 50).map(\.users) == [1, 1])
            var shadow = ShadowTally(trial: "s")
            (shadow.answers, shadow.overlap, shadow.outcomes) = (2, 0.5, 1)
            (shadow.servedRank, shadow.shadowRank, shadow.squares) = (0.25, 1, 0.5)
            try await store.add(shadow)
            try await store.add(shadow)
            let sum = try await store.shadowTally(of: "s")
            #expect(sum.answers == 4 && sum.overlap == 1 && sum.outcomes == 2)
            #expect(sum.servedRank == 0.5 && sum.shadowRank == 2 && sum.squares == 1)
            #expect(try await store.trials().contains("other"))
            try await store.removeTrials(try await store.trials().subtracting(["other"]))
            #expect(try await store.tallies(of: "t", before: .max, window: 50) == [])
            #expect(try await store.tallies(of: "other", before: .max, window: 50).count == 1)
            #expect(try await store.shadowTally(of: "s") == ShadowTally(trial: "s"))
        }
    }
}

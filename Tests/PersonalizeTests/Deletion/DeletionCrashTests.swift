import JSON
import Personalize
import SQLiteStore
import TestSupport
import Testing

@Suite struct DeletionCrashTests {
    /// A deletion is asked for and done; the process dies before transaction n.
    @Test(arguments: 0..<8)
    func `a deletion is done whole or not at all, and goes on at the next start`(crash: Int) async throws {
        let fuse = CrashFuse()
        let test = try ServiceUnderTest({ $0.minimumInteractions = 50 }, onTransaction: { _ in try fuse.burn() })
        let films = Films(users: 16, items: 12)
        let campaign = try await test.running {
            let tracking = try await test.prepareLiveFilms(films)
            let campaign = try await test.serve("own", recipe: "aws-user-personalization")
            try await test.put(["i1", "i3"], by: "u1", tracking: tracking, session: "s1")
            try await test.put(["i2"], by: "u2", tracking: tracking, session: "s2")
            return campaign
        }
        let rows = films.interactions().split(separator: "\n").dropFirst()
        let own = rows.count { $0.hasPrefix("u1,") }
        fuse.arm(crash)
        await fuse.run { try await test.running { _ = try await test.delete(["u1"]) } }

        let again = try test.restarted()
        try await again.service.recover()
        try await again.running {
            if await again.code(
                "DescribeDataDeletionJob",
                ["dataDeletionJobArn": .string(arn("data-deletion-job/gone"))]
            )
                == .resourceNotFound
            {
                try await again.delete(["u1"])
            }
            #expect(try await again.service.waitUntilSettled(arn("data-deletion-job/gone")) == .active)
            #expect(try await again.deletion("gone")["numDeleted"] == JSON(own + 2), "before transaction \(crash)")
            let counts = try await again.rowCounts("INTERACTIONS")
            #expect(counts == [.bulk: rows.count - own, .put: 1], "before transaction \(crash)")
            let nobody = try again.scores(campaign, user: "nobody")
            #expect(try again.scores(campaign, user: "u1") == nobody, "before transaction \(crash)")
            #expect(try await !again.users("INTERACTIONS").contains("u1"))
        }
        let last = try again.restarted()
        try await last.service.recover()
        // Two of interactions, one of items, and the list of users that the version must not know.
        #expect(try last.dataFiles().count == 4, "before transaction \(crash)")
    }
}

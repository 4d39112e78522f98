import JSON
import Personalize
import SQLiteStore
import TestSupport
import Testing

@Suite struct CompactionCrashTests {
    private static let dataset = arn("dataset/films/INTERACTIONS")

    /// Events come, become a snapshot, and the snapshots are merged; the process dies before transaction n.
    @Test(arguments: 0..<6)
    func `merging is done whole or not at all, and goes on at the next start`(crash: Int) async throws {
        let fuse = CrashFuse()
        let test = try ServiceUnderTest(
            {
                $0.minimumInteractions = 50
                $0.maximumPutSnapshots = 2
            },
            onTransaction: { _ in try fuse.burn() }
        )
        let (tracking, version) = try await test.running {
            let tracking = try await test.prepareLiveFilms(Films(users: 16, items: 12))
            for round in 0..<2 { try await Self.put(round, tracking, to: test) }
            return (tracking, try await test.train("own", recipe: "aws-user-personalization").arn)
        }
        fuse.arm(crash)
        await fuse.run {
            try await test.running {
                try await Self.put(2, tracking, to: test)
                try await test.service.compactNow(Self.dataset)
            }
        }
        // Two events, their snapshot, and what is merged.
        #expect(fuse.isBurnt == (crash < 4), "there are four transactions")

        let again = try test.restarted()
        try await again.running {
            // What was not answered is sent again, as a client does.
            try await Self.put(2, tracking, to: again)
            try await again.service.compactNow(Self.dataset)
            #expect(try await again.rowCounts("INTERACTIONS")[.put] == 6, "crash before transaction \(crash)")
            let puts = try await again.store.snapshots(of: Self.dataset).filter { $0.source == .put }
            #expect(puts.count <= 2, "crash before transaction \(crash)")
            #expect(try await again.export("puts", "INTERACTIONS", mode: "PUT").status == .active)
            let rows = try again.exported("puts").split(separator: "\n").dropFirst()
            #expect(rows.map { $0.split(separator: ",")[1] } == ["i0", "i1", "i2", "i3", "i4", "i5"])
            #expect(try await again.service.replay(version)["isIdentical"] == true)
        }
        let last = try again.restarted()
        try await last.service.recover()
        // Nothing is left but what the datasets have now and what the version was trained on.
        let names = try await last.snapshotNames("INTERACTIONS") + last.snapshotNames("ITEMS")
        let learnt = try await last.store.resource(version)?.body["snapshots"]?.array?.compactMap(\.string) ?? []
        #expect(try last.dataFiles() == Set(names + learnt), "crash before transaction \(crash)")
    }

    /// Two events in one snapshot.
    private static func put(_ round: Int, _ tracking: String, to test: ServiceUnderTest) async throws {
        for number in [2 * round, 2 * round + 1] {
            try await test.put(
                ["i\(number)"],
                by: "p",
                tracking: tracking,
                at: 1_800_000_000 + number,
                ids: ["e\(number)"]
            )
        }
        try await test.service.sealNow(dataset)
    }
}

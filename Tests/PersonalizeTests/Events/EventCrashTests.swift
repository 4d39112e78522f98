import JSON
import Personalize
import SQLiteStore
import Synchronization
import TestSupport
import Testing

@Suite struct EventCrashTests {
    /// Events come, a training seals them, more come; the process dies before transaction n.
    @Test(arguments: 0..<16)
    func `no event that was answered is lost, and none is there twice`(crash: Int) async throws {
        let fuse = CrashFuse()
        let test = try ServiceUnderTest({ _ in }, onTransaction: { _ in try fuse.burn() })
        let answered = Mutex(0)
        let tracking = try await test.running {
            let tracking = try await test.prepareLiveFilms(Films(users: 20, items: 12))
            let group = JSON.string(arn("dataset-group/films"))
            let recipe = JSON.string("arn:aws:personalize:::recipe/aws-popularity-count")
            try await test.create(
                "CreateSolution",
                ["name": "hot", "datasetGroupArn": group, "recipeArn": recipe]
            )
            return tracking
        }
        fuse.arm(crash)
        await fuse.run {
            try await test.running {
                for number in 0..<4 {
                    try await put(number, tracking, to: test)
                    answered.withLock { $0 += 1 }
                }
                let solution = JSON.string(arn("solution/hot"))
                let version = try await test.call("CreateSolutionVersion", ["solutionArn": solution])
                for number in 4..<7 {
                    try await put(number, tracking, to: test)
                    answered.withLock { $0 += 1 }
                }
                _ = try await test.service.waitUntilSettled(version["solutionVersionArn"]?.string ?? "")
            }
        }
        let again = try test.restarted()
        // One event may have been saved whose answer never came.
        let kept = try await stored(again)
        let told = answered.withLock(\.self)
        #expect(kept == told || kept == told + 1, "crash before transaction \(crash)")
        try await again.running {
            // What was not answered is sent again, as a client does.
            for number in 0..<7 { try await put(number, tracking, to: again) }
            _ = try await again.create(
                "CreateSolutionVersion",
                ["solutionArn": .string(arn("solution/hot"))]
            )
        }
        let rows = try await again.rowCounts("INTERACTIONS")[.put]
        #expect(rows == 7, "crash before transaction \(crash)")
        let left = try await again.store.liveBatches(of: arn("dataset/films/INTERACTIONS"), after: 0, limit: 9)
        #expect(left == [])
    }

    /// How many events there are, in snapshots and beside them.
    private func stored(_ test: ServiceUnderTest) async throws -> Int {
        let batches = try await test.store.liveBatches(of: arn("dataset/films/INTERACTIONS"), after: 0, limit: 99)
        let sealed = try await test.rowCounts("INTERACTIONS")[.put] ?? 0
        return sealed + batches.reduce(0) { $0 + $1.records.count }
    }

    private func put(_ number: Int, _ tracking: String, to test: ServiceUnderTest) async throws {
        try await test.put(
            ["i\(number)"],
            by: "u",
            tracking: tracking,
            at: 1_800_000_000 + number,
            ids: ["e\(number)"]
        )
    }
}

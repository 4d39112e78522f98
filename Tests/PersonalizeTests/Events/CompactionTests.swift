import JSON
import Personalize
import SQLiteStore
import TestSupport
import Testing

@Suite struct CompactionTests {
    private static func putMuch(_ test: ServiceUnderTest, _ tracking: String, _ users: Range<Int>) async throws {
        for user in users {
            for number in 0..<5 {
                try await test.put(
                    ["i\((user + number) % 24)"],
                    by: "p\(user)",
                    tracking: tracking,
                    session: "s\(user)",
                    at: 1_800_000_000 + user * 100 + number
                )
            }
            try await test.service.sealNow(arn("dataset/films/INTERACTIONS"))
        }
    }

    @Test func `many small snapshots become one, and nobody notices`() async throws {
        let test = try ServiceUnderTest { $0.maximumPutSnapshots = 4 }
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            try await Self.putMuch(test, tracking, 0..<2)
            let early = try await test.train("early", recipe: "aws-user-personalization")
            let campaign = try await test.create(
                "CreateCampaign",
                ["name": "early", "solutionVersionArn": .string(early.arn)]
            ).arn
            let before = try await test.snapshotNames("INTERACTIONS")
            try await Self.putMuch(test, tracking, 2..<4)
            let late = try await test.train("late", recipe: "aws-user-personalization")
            try await Self.putMuch(test, tracking, 4..<5)
            let scores = try (0..<5).map { try test.scores(campaign, user: "p\($0)") }
            try await test.export("before", "INTERACTIONS", mode: "ALL")

            try await test.service.compactNow(arn("dataset/films/INTERACTIONS"))
            let merged = try await test.store.snapshots(of: arn("dataset/films/INTERACTIONS"))
            #expect(merged.map(\.source) == [.bulk, .put])
            #expect(merged.last?.rowCount == 25)
            try await test.export("after", "INTERACTIONS", mode: "ALL")
            #expect(try test.exported("after") == test.exported("before"))
            #expect(try (0..<5).map { try test.scores(campaign, user: "p\($0)") } == scores)
            // Each version's own files are there, and it can be trained again.
            #expect(try test.dataFiles().isSuperset(of: before))
            #expect(try await test.service.replay(early.arn)["isIdentical"] == true)
            #expect(try await test.service.replay(late.arn)["isIdentical"] == true)
        }
        let again = try test.restarted()
        try await again.running {
            let parts = try await again.store.snapshots(of: arn("dataset/films/INTERACTIONS")).last?.parts
            // The two versions tell three parts apart: what both read, what the later read, what neither did.
            #expect(parts?.map(\.rowCount).reduce(0, +) == 25)
            #expect((parts?.count ?? 0) >= 3)
            let fresh = try await again.train("again", recipe: "aws-user-personalization")
            #expect(try await again.service.replay(fresh.arn)["isIdentical"] == true)
        }
    }

    @Test func `a training reads the same rows before and after`() async throws {
        let test = try ServiceUnderTest { $0.maximumPutSnapshots = 4 }
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            try await Self.putMuch(test, tracking, 0..<5)
            let input: JSON = ["solutionArn": .string(arn("solution/own"))]
            let first = try await test.train("own", recipe: "aws-user-personalization")
            try await test.service.compactNow(arn("dataset/films/INTERACTIONS"))
            let update = await test.error(
                "CreateSolutionVersion",
                ["solutionArn": input["solutionArn"] ?? .null, "trainingMode": "UPDATE"]
            )
            #expect(update?.message.hasPrefix("There should be updates") == true)
            let second = try await test.create("CreateSolutionVersion", input)
            let hashes = try await [first.arn, second.arn].asyncMap {
                try await test.store.resource($0)?.body["modelHash"]
            }
            #expect(hashes[0] == hashes[1])
            #expect(try await test.snapshotNames("INTERACTIONS").count == 2)
        }
    }

    @Test func `what is put goes on to be merged in the background`() async throws {
        let test = try ServiceUnderTest {
            $0.maximumLiveEvents = 2
            $0.maximumPutSnapshots = 3
        }
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            var changes = test.service.changes(of: arn("dataset/films/INTERACTIONS")).makeAsyncIterator()
            for number in 0..<60 {
                try await test.put(["i\(number % 24)"], by: "p", tracking: tracking, at: 1000 + number)
            }
            while true {
                let puts = try await test.store.snapshots(of: arn("dataset/films/INTERACTIONS")).filter {
                    $0.source == .put
                }
                if puts.count <= 3, puts.contains(where: { $0.rowCount > 20 }) { break }
                await changes.next()
            }
            #expect(try await test.export("puts", "INTERACTIONS", mode: "PUT").status == .active)
            #expect(try test.exported("puts").split(separator: "\n").count == 61)
        }
    }
}

extension Array {
    fileprivate func asyncMap<T>(_ transform: (Element) async throws -> T) async rethrows -> [T] {
        var results: [T] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}

import Foundation
import JSON
import TestSupport
import Testing

@testable import Personalize

/// The process dies while it removes what nobody needs.
@Suite struct RetentionCrashTests {
    private static var policy: RetentionPolicy {
        var policy = RetentionPolicy()
        policy.versions = 2
        policy.jobAge = 0
        return policy
    }

    /// Two versions go, each in three transactions, then the records of their imports, each in one more.
    @Test(arguments: 0..<10)
    func `what is removed is gone whole, and nothing else is, wherever it stopped`(crash: Int) async throws {
        let fuse = CrashFuse()
        let test = try ServiceUnderTest(onTransaction: { _ in try fuse.burn() })
        let kept = try await test.running {
            try await test.prepareFilms()
            _ = try await test.serve("pick")
            var versions = [try #require(test.service.runtime.servedVersion(arn("campaign/pick")))]
            for number in 2...5 { versions.append(try await test.retrain(number)) }
            return [versions[0], versions[3], versions[4]]
        }
        test.clock.advance(by: .seconds(1))
        fuse.arm(crash)
        await fuse.run { _ = try await test.running { try await test.service.remove(Self.policy) } }
        #expect(fuse.isBurnt == (crash < 8), "there are eight transactions")

        let again = try test.restarted()
        try await again.running {
            for version in try await again.versions() { _ = try await again.service.waitUntilSettled(version) }
            try await again.service.remove(Self.policy)
            #expect(Set(try await again.versions()) == Set(kept), "crash before transaction \(crash)")
            for version in kept { #expect(try await again.service.replay(version)["isIdentical"] == true) }
        }
        let last = try again.restarted()
        try await last.service.recover()
        let stems = Set(try last.names(in: "models").map { String($0.split(separator: ".")[0]) })
        #expect(stems == Set(kept.map(Files.stem)), "crash before transaction \(crash)")
        // Three versions were trained on three snapshots of interactions; that of items is one.
        #expect(try last.names(in: "data").count == 4, "crash before transaction \(crash)")
    }
}

extension ServiceUnderTest {
    /// Replaces the interactions by others, so that the snapshot before is in no dataset any more, and trains `pick`.
    func retrain(_ number: Int) async throws -> String {
        try directory.write(Films().interactions(startingAt: 1_700_000_000 + number), to: "bucket/d\(number)/a.csv")
        try await importFiles("seen-\(number)", "INTERACTIONS", "s3://bucket/d\(number)/")
        return try await create("CreateSolutionVersion", ["solutionArn": .string(arn("solution/pick"))]).arn
    }

    func versions() async throws -> [String] {
        let list = try await call("ListSolutionVersions", ["solutionArn": .string(arn("solution/pick"))])
        return (list["solutionVersions"]?.array ?? []).compactMap { $0["solutionVersionArn"]?.string }
    }

    /// The names in a folder of the home.
    func names(in folder: String) throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: directory.file("home/\(folder)")))
    }
}

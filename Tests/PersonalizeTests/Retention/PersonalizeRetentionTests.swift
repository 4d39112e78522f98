import Foundation
import JSON
import TestSupport
import Testing

@testable import Personalize

/// What of the recommender's goes, and what never does.
@Suite struct PersonalizeRetentionTests {
    private static let solution = arn("solution/pick")
    private static let campaign = arn("campaign/pick")

    private func policy(versions: Int) -> RetentionPolicy {
        var policy = RetentionPolicy()
        policy.versions = versions
        policy.jobAge = 3600
        return policy
    }

    @Test func `versions that are served, may be rolled back to or wait stay, whatever their age`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            _ = try await test.serve("pick")
            var versions = [try #require(test.service.runtime.servedVersion(Self.campaign))]
            for number in 2...6 { versions.append(try await test.retrain(number)) }
            // The first is served, then the second; so the first is what the campaign may be rolled back to.
            _ = try await test.service.promote(Self.campaign, to: versions[1])
            _ = try await test.service.waitUntilSettled(Self.campaign)
            let dataBefore = try test.names(in: "data")

            let seen = try await test.service.removable(policy(versions: 2))
            let wanted = Set(versions[2...3])
            #expect(Set(seen.filter { $0.kind == .solutionVersion }.map(\.name)) == wanted)
            #expect(seen.filter { $0.kind == .snapshot }.count == 2)
            #expect(seen.allSatisfy { $0.bytes > 0 && !$0.reason.isEmpty })
            // A look changes nothing.
            #expect(try test.names(in: "data") == dataBefore)

            let gone = try await test.service.remove(policy(versions: 2))
            #expect(Set(gone.filter { $0.kind == .solutionVersion }.map(\.name)) == wanted)
            #expect(
                Set(gone.filter { $0.kind == .snapshot }.map(\.name))
                    == Set(seen.filter { $0.kind == .snapshot }.map(\.name))
            )
            let stems = Set(try test.names(in: "models").map { $0.split(separator: ".")[0] })
            #expect(stems.count == 4)
            #expect(try test.names(in: "data").count == dataBefore.count - 2)
            #expect(try await test.service.removable(policy(versions: 2)).isEmpty)

            // What stayed can be gone back to, and trained again to the same bytes.
            _ = try await test.service.rollBack(Self.campaign)
            _ = try await test.service.waitUntilSettled(Self.campaign)
            #expect(test.service.runtime.servedVersion(Self.campaign) == versions[0])
            for version in [versions[0], versions[1], versions[4], versions[5]] {
                #expect(try await test.service.replay(version)["isIdentical"] == true)
            }
        }
    }

    @Test func `records of imports go by age, but the last, and those that lineage names`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            _ = try await test.serve("pick")
            for number in 2...4 {
                try test.directory.write(Films().interactions(startingAt: 1_700_000_000 + number), to: "bucket/d/a.csv")
                try await test.importFiles("seen-\(number)", "INTERACTIONS", "s3://bucket/d/")
            }
            #expect(try await test.service.removable(policy(versions: 2)).filter { $0.kind == .job }.isEmpty)
            test.clock.advance(by: .seconds(7200))
            let gone = try await test.service.remove(policy(versions: 2)).filter { $0.kind == .job }
            // The first is in the lineage of the version, the last is what the dataset has.
            #expect(Set(gone.map(\.name)) == [arn("dataset-import-job/seen-2"), arn("dataset-import-job/seen-3")])
        }
    }

    @Test func `snapshots stay while anything is being made`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            _ = try await test.serve("pick")
            try await test.importFiles("seen-2", "INTERACTIONS", "s3://bucket/Interactions/")
        }
        try FileManager.default.createDirectory(
            atPath: test.directory.file("home/data"),
            withIntermediateDirectories: true
        )
        try test.directory.write("left over", to: "home/data/\(String(repeating: "0", count: 64))")
        // Nothing runs, so the version stays in CREATE PENDING.
        try await test.call("CreateSolutionVersion", ["solutionArn": .string(Self.solution)])
        #expect(try await test.service.removable(policy(versions: 2)).filter { $0.kind == .snapshot }.isEmpty)
        try await test.running {
            let versions = try await test.call("ListSolutionVersions", ["solutionArn": .string(Self.solution)])
            for version in versions["solutionVersions"]?.array ?? [] {
                _ = try await test.service.waitUntilSettled(version["solutionVersionArn"]?.string ?? "")
            }
        }
    }

    @Test func `models of versions that are gone are swept at the start`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            _ = try await test.serve("pick")
        }
        let kept = try test.names(in: "models")
        for suffix in ["model", "index", "measured", "actions"] {
            try test.directory.write("x", to: "home/models/pick-00000000.\(suffix)")
        }
        try test.directory.write("mine", to: "home/models/README")
        let again = try test.restarted()
        try await again.service.recover()
        #expect(try again.names(in: "models") == kept.union(["README"]))
    }
}

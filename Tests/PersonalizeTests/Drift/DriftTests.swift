import Foundation
import JSON
import TestSupport
import Testing

@testable import Personalize

/// Imports beside what the serving version was trained on.
@Suite(.timeLimit(.minutes(5))) struct DriftTests {
    private static let films = Films(users: 400, items: 40)
    private static let group = arn("dataset-group/films")

    private static let usersSchema = """
        {"type":"record","name":"Users","namespace":"com.amazonaws.personalize.schema","fields":[
        {"name":"USER_ID","type":"string"},{"name":"COUNTRY","type":["null","string"],"categorical":true},
        {"name":"AGE","type":["null","int"]}],"version":"1.0"}
        """

    /// Users of three countries; those of another sample are others of the same kind, but for a shift.
    private static func users(_ range: Range<Int>, country: String? = nil, older: Int = 0) -> String {
        var draws = SequentialTestTests.Draws(state: UInt64(range.lowerBound + 1))
        let rows = range.map { user in
            let home = country ?? ["de", "fr", "pl"][Int.random(in: 0..<3, using: &draws)]
            return "u\(user),\(home),\(Int.random(in: 18..<80, using: &draws) + older)"
        }
        return "USER_ID,COUNTRY,AGE\n" + rows.joined(separator: "\n") + "\n"
    }

    private func prepare(_ test: ServiceUnderTest) async throws {
        try await test.prepareFilms(Self.films)
        try await test.call("CreateSchema", ["name": "people", "schema": .string(Self.usersSchema)])
        try await test.create(
            "CreateDataset",
            [
                "name": "people", "schemaArn": .string(arn("schema/people")),
                "datasetGroupArn": .string(Self.group), "datasetType": "Users",
            ]
        )
        try await put(test, "users-1", "USERS", Self.users(0..<2000))
        _ = try await test.serve("pick")
    }

    /// Imports a text as a dataset.
    private func put(_ test: ServiceUnderTest, _ name: String, _ type: String, _ text: String) async throws {
        try test.directory.write(text, to: "bucket/\(name)/a.csv")
        let imported = try await test.importFiles(name, type, "s3://bucket/\(name)/")
        try #require(imported.status == .active)
    }

    /// The lines of the last report of a dataset, by name.
    private func lines(_ test: ServiceUnderTest, _ type: String) async throws -> (score: Double?, lines: [String: JSON])
    {
        let answer = try await test.service.describeDrift(of: Self.group)
        let dataset = answer["datasets"]?.array?.first { $0["datasetType"]?.string == type }
        let lines = dataset?["reports"]?[0]?["columns"]?.array ?? []
        return (
            dataset?["score"]?.double,
            Dictionary(uniqueKeysWithValues: lines.map { ($0["name"]?.string ?? "", $0) })
        )
    }

    @Test func `other data of the same kind stays below the bound, the same data at zero`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await prepare(test)
            try await put(test, "users-2", "USERS", Self.users(5000..<7000))
            let users = try await lines(test, "USERS")
            #expect(try #require(users.score) < 0.1, "\(users.lines)")
            #expect(users.lines.keys.sorted() == ["AGE", "COUNTRY"])
            try await put(test, "seen-2", "INTERACTIONS", Self.films.interactions())
            let seen = try await lines(test, "INTERACTIONS")
            #expect(seen.score == 0, "\(seen.lines)")
            #expect(seen.lines.keys.sorted() == ["EVENT_TYPE", "EVENT_VALUE", "ITEM_ID", "USER_ID"])
            try await put(test, "items-2", "ITEMS", Self.films.itemsFile)
            #expect(try await lines(test, "ITEMS").score == 0)
        }
    }

    @Test func `a shift is above the bound, at the column that has shifted`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await prepare(test)
            try await put(test, "users-2", "USERS", Self.users(0..<2000, country: "us", older: 0))
            let moved = try await lines(test, "USERS").lines
            #expect(try #require(moved["COUNTRY"]?["score"]?.double) > 1)
            #expect(moved["COUNTRY"]?["remark"]?.string?.hasSuffix("→ 100%") == true, "\(moved)")
            #expect(try #require(moved["AGE"]?["score"]?.double) < 0.1)
            try await put(test, "users-3", "USERS", Self.users(0..<2000, older: 30))
            #expect(try #require(try await lines(test, "USERS").lines["AGE"]?["score"]?.double) > 0.25)
        }
    }

    @Test func `event mix, catalogue, activity and columns without values are seen`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await prepare(test)
            let events = Self.films.interactions()
            try await put(test, "seen-2", "INTERACTIONS", events.replacing(",buy,", with: ",watch,"))
            let mix = try await lines(test, "INTERACTIONS").lines["EVENT_TYPE"]
            #expect(mix?["kind"] == "event mix")
            #expect(try #require(mix?["score"]?.double) > 0.25)

            // Half of the items are called otherwise.
            try await put(test, "seen-3", "INTERACTIONS", events.replacing(",i1", with: ",new1"))
            let catalogue = try await lines(test, "INTERACTIONS").lines["ITEM_ID"]
            #expect(catalogue?["kind"] == "catalogue")
            #expect(try #require(catalogue?["score"]?.double) > 0.25, "\(String(describing: catalogue))")

            // Each event of a user three times as often.
            let rows = events.split(separator: "\n")
            let more = rows.dropFirst().flatMap { row in
                (0..<3).map { "\(row)".replacing(",17000", with: ",17\($0)00") }
            }
            let thrice = ([String(rows[0])] + more).joined(separator: "\n") + "\n"
            try await put(test, "seen-4", "INTERACTIONS", thrice)
            let activity = try await lines(test, "INTERACTIONS").lines["USER_ID"]
            #expect(activity?["kind"] == "user activity")
            #expect(try #require(activity?["score"]?.double) > 0.25)

            let bare = Self.films.itemsFile.split(separator: "\n").enumerated().map { number, line in
                number == 0 ? String(line) : line.split(separator: ",").prefix(2).joined(separator: ",") + ","
            }
            try await put(test, "items-2", "ITEMS", bare.joined(separator: "\n") + "\n")
            let price = try await lines(test, "ITEMS").lines["PRICE"]
            #expect(price?["nullShare"]?["current"] == 1)
            #expect(try #require(price?["score"]?.double) > 0.25)
        }
    }

    @Test func `a record that came again counts once, as it is now`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await prepare(test)
            let path = "s3://bucket/users-2/"
            try test.directory.write(Self.users(0..<2000, country: "us"), to: "bucket/users-2/a.csv")
            try await test.importFiles("users-2", "USERS", path, mode: "INCREMENTAL")
            let answer = try await test.service.describeDrift(of: Self.group)
            let users = answer["datasets"]?.array?.first { $0["datasetType"] == "USERS" }
            #expect(users?["reports"]?[0]?["rows"] == ["reference": 2000, "current": 2000])
            let country = users?["reports"]?[0]?["columns"]?.array?.first { $0["name"] == "COUNTRY" }
            #expect(country?["remark"]?.string?.hasSuffix("→ 100%") == true)
        }
    }

    @Test func `without a version that serves nothing is compared, and a profile goes with its version`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms(Self.films)
            let before = try await test.service.describeDrift(of: Self.group)["datasets"]?.array ?? []
            #expect(before.count == 2)
            #expect(before.allSatisfy { $0["score"] == nil && $0["datasetImportJobArn"] != nil })
            let version = try await test.train("pick")
            let path = test.service.files.profile(of: version.arn)
            #expect(Files.exists(path))
            try await test.service.deleteVersion(version.arn)
            _ = try await test.service.waitUntilSettled(version.arn)
        }
        try await test.restarted().service.recover()
        let names = try DataFiles.names(in: test.directory.file("home/models"))
        #expect(names.isEmpty, "\(names)")
    }

    @Test func `a finding is kept until it was acted upon, and only above the bound of a policy that asks for it`()
        async throws
    {
        let test = try ServiceUnderTest()
        try await test.running {
            try await prepare(test)
            let moved = Self.users(0..<2000, country: "us")
            try await put(test, "users-2", "USERS", moved)
            #expect(try await test.service.untoldDrift().isEmpty, "there is no policy")
            try await test.service.putDriftPolicy(DriftPolicy(action: .none), of: Self.group)
            try await put(test, "users-3", "USERS", moved)
            #expect(try await test.service.untoldDrift().isEmpty)
            try await test.service.putDriftPolicy(DriftPolicy(threshold: 100, action: .notify), of: Self.group)
            try await put(test, "users-4", "USERS", moved)
            #expect(try await test.service.untoldDrift().isEmpty)
            try await test.service.putDriftPolicy(DriftPolicy(), of: Self.group)
            try await put(test, "users-5", "USERS", moved)
            #expect(try await test.service.untoldDrift().map(\.importJobArn) == [arn("dataset-import-job/users-5")])
        }
        let again = try test.restarted()
        let finding = try #require(try await again.service.untoldDrift().first)
        #expect(finding.datasetGroupArn == Self.group)
        #expect(finding.policy == DriftPolicy())
        #expect(try #require(finding.report["score"]?.double) > 1)
        try await again.service.acknowledge(finding)
        #expect(try await again.service.untoldDrift().isEmpty)
    }

    @Test func `what was found goes with its dataset group`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await prepare(test)
            try await test.service.putDriftPolicy(DriftPolicy(), of: Self.group)
            try await put(test, "users-2", "USERS", Self.users(0..<2000, country: "us"))
            #expect(try await test.service.untoldDrift().count == 1)
            for (kind, name) in [("Campaign", "campaign/pick"), ("Solution", "solution/pick")] {
                let member = kind.lowercased() + "Arn"
                try await test.call("Delete\(kind)", .object(JSONObject([(member, .string(arn(name)))])))
                _ = try await test.service.waitUntilSettled(arn(name))
            }
            for type in ["INTERACTIONS", "ITEMS", "USERS"] {
                let dataset = arn("dataset/films/\(type)")
                try await test.call("DeleteDataset", ["datasetArn": .string(dataset)])
                _ = try await test.service.waitUntilSettled(dataset)
            }
            try await test.call("DeleteDatasetGroup", ["datasetGroupArn": .string(Self.group)])
            _ = try await test.service.waitUntilSettled(Self.group)
            #expect(try await test.service.untoldDrift().isEmpty)
            #expect(try await test.service.driftPolicy(of: Self.group) == nil)
        }
    }

    @Test func `a policy with faults is refused with all of them`() {
        func faults(_ json: JSON) -> [String] { DriftPolicy.read(json).faults.map { "\($0.path) \($0.message)" } }
        #expect(faults("retrain").isEmpty)
        #expect(faults(["threshold": 0.1, "action": "none"]).isEmpty)
        #expect(faults("retrian") == [" \"retrian\" is no action, did you mean \"retrain\"?"])
        #expect(faults(3).first?.hasPrefix(" must be one of \"none\", \"notify\", \"retrain\", or an object") == true)
        #expect(
            faults(["treshold": 1, "action": "shout", "threshold": -1]) == [
                "treshold is not a known key, did you mean \"threshold\"?",
                "action \"shout\" is no action; there are \"none\", \"notify\", \"retrain\"",
                "threshold -1 must be a score greater than 0, such as 0.25",
            ]
        )
    }
}

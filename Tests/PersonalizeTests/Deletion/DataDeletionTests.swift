import FoundationEssentials
import JSON
import Personalize
import SQLiteStore
import TestSupport
import Testing

@Suite struct DataDeletionTests {
    private static let own = "aws-user-personalization"

    @Test func `a deleted user is unknown at once, and nobody else notices`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            let campaign = try await test.serve("own", recipe: Self.own)
            let met = try await test.filmFilter("met", #"INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")"#)
            try await test.put(["i1"], by: "u1", tracking: tracking, session: "s1")
            try await test.put(["i2"], by: "u2", tracking: tracking, session: "s2")
            let before = try (0..<40).map { try test.scores(campaign, user: "u\($0)") }
            let metBefore = try Set(test.recommend(campaign, ["userId": "u2", "filterArn": met]))
            #expect(before[1] != (try test.scores(campaign, user: "nobody")))

            #expect(try await test.delete(["u1"]).status == .active)
            let nobody = try test.scores(campaign, user: "nobody")
            #expect(try test.scores(campaign, user: "u1") == nobody)
            #expect(try test.recommend(campaign, ["userId": "u1", "filterArn": met]) == [])
            for user in 0..<40 where user != 1 {
                #expect(try test.scores(campaign, user: "u\(user)") == before[user], "u\(user)")
            }
            #expect(try Set(test.recommend(campaign, ["userId": "u2", "filterArn": met])) == metBefore)
            #expect(try await !test.users("INTERACTIONS").contains("u1"))
            #expect(try await test.users("INTERACTIONS").count == 39)
        }
        let again = try test.restarted()
        try await again.service.recover()
        let nobody = try again.scores(arn("campaign/own"), user: "nobody")
        #expect(try again.scores(arn("campaign/own"), user: "u1") == nobody)
    }

    @Test func `who comes back is new, and in the next training what he was before is gone`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            let campaign = try await test.serve("own", recipe: Self.own)
            let met = try await test.filmFilter("met", #"INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")"#)
            try await test.delete(["u1"])
            try await test.put(["i2"], by: "u1", tracking: tracking)
            try await test.put(["i2"], by: "stranger", tracking: tracking, session: "other")
            let seen = { (user: String, campaign: String) in
                Set(try test.recommend(campaign, ["userId": .string(user), "filterArn": met]))
            }
            #expect(try seen("u1", campaign) == ["i2"])
            #expect(try test.scores(campaign, user: "u1") == test.scores(campaign, user: "stranger"))

            let next = try await test.serve("next", recipe: Self.own)
            #expect(try seen("u1", next) == ["i2"])
            #expect(try seen("u1", campaign) == ["i2"])
            // The version that was trained since knows him by what he has done since.
            #expect(try test.scores(next, user: "u1") != test.scores(next, user: "nobody"))
        }
    }

    @Test func `records of all datasets are counted and gone, unknown users are not counted`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            try await test.prepareUsers()
            try await test.prepareActions()
            let people = JSON.string(arn("dataset/films/USERS"))
            try test.directory.write("USER_ID,AGE\nu1,20\nu2,30\n\"ü,1\",40\n", to: "bucket/Users/a.csv")
            try await test.importFiles("people", "USERS", "s3://bucket/Users/a.csv")
            for user in ["u1", "ü,1", "u3"] {
                let record: JSON = ["userId": .string(user), "properties": #"{"age":7}"#]
                _ = try await test.service.putUsers(["datasetArn": people, "users": [record]])
                try await test.take("a1", by: user, tracking: tracking)
            }
            let rows = Films().interactions().split(separator: "\n").count { $0.hasPrefix("u1,") }
            #expect(rows > 0)

            try await test.delete(["u1", "\"ü,1\"", "nobody", "u1"])
            let job = try await test.deletion("gone")
            #expect(job["status"] == "COMPLETED")
            // Both are in Users by import and by put, and have taken one action.
            #expect(job["numDeleted"] == JSON(rows + 4 + 2))
            #expect(try await test.users("USERS") == ["u2", "u3"])
            #expect(try await test.users("ACTION_INTERACTIONS") == ["u3"])
            #expect(try await test.rowCounts("ACTIONS") == [:])

            try await test.delete(["nobody"], job: "none")
            #expect(try await test.deletion("none")["numDeleted"] == 0)
        }
    }

    @Test func `what versions learnt from deleted users is removed, and replay says so`() async throws {
        let test = try ServiceUnderTest { $0.minimumInteractions = 50 }
        try await test.running {
            try await test.prepareFilms(Films(users: 16, items: 12))
            let old = try await test.snapshotNames("INTERACTIONS")
            let first = try await test.train("first")
            try test.directory.write(Films(users: 20, items: 12).interactions(), to: "bucket/Interactions/a.csv")
            try await test.importFiles("seen-2", "INTERACTIONS", "s3://bucket/Interactions/")
            let second = try await test.train("second")
            let newer = try await test.snapshotNames("INTERACTIONS")

            // The snapshot of the first import is only kept for the first version; it goes too.
            try await test.delete(["u1"])
            let files = try test.dataFiles()
            #expect(files.isDisjoint(with: old + newer))
            #expect(try await files.isSuperset(of: test.snapshotNames("INTERACTIONS")))
            for version in [first.arn, second.arn] {
                let error = await #expect(throws: PersonalizeError.self) { try await test.service.replay(version) }
                #expect(error?.code == .invalidInput)
                #expect(error?.message.contains(arn("data-deletion-job/gone")) == true)
            }
            let third = try await test.train("third")
            #expect(try await test.service.replay(third.arn)["isIdentical"] == true)
            // One who is in no snapshot takes none away.
            try await test.delete(["nobody"], job: "none")
            #expect(try await test.service.replay(third.arn)["isIdentical"] == true)
        }
        let again = try test.restarted()
        try await again.service.recover()
        #expect(try await again.service.replay(arn("solution/third/").versioned(again))["isIdentical"] == true)
    }

    private static func secondImport(_ name: String) -> JSON {
        [
            "jobName": .string(name), "datasetArn": .string(arn("dataset/films/INTERACTIONS")),
            "dataSource": ["dataLocation": "s3://bucket/Interactions/"],
        ]
    }

    @Test func `an import that began before the deletion brings nobody back, one after it does`() async throws {
        let test = try ServiceUnderTest()
        try await test.running { try await test.prepareFilms() }
        // As after a crash: the job had begun when nobody was deleted yet, and is slow.
        try await test.call("CreateDatasetImportJob", Self.secondImport("seen-2"))
        let second = arn("dataset-import-job/seen-2")
        var job = try #require(try await test.store.resource(second))
        job.status = .createInProgress
        job.body["dataDeletionCount"] = 0
        var transition = ResourceTransition()
        transition.updates = [job]
        try await test.store.commit(transition)
        let again = try test.restarted()
        again.service.holdImport(second)
        try await again.running {
            try await again.delete(["u1"])
            again.service.releaseImport(second)
            #expect(try await again.service.waitUntilSettled(second) == .active)
            #expect(try await again.users("INTERACTIONS").count == 39)
            // The same file again: who imports it now wants all of it.
            try await again.create("CreateDatasetImportJob", Self.secondImport("seen-3"))
            #expect(try await again.users("INTERACTIONS").count == 40)
        }
    }

    @Test func `deleting, training, putting and asking at one time, a deleted user stays unknown`() async throws {
        let test = try ServiceUnderTest { $0.maximumLiveEvents = 15 }
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            let campaign = try await test.serve("own", recipe: Self.own)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for number in 0..<30 {
                        try await test.put(["i\(number % 24)"], by: "p", tracking: tracking, session: "p")
                    }
                }
                group.addTask { _ = try await test.train("other", recipe: Self.own) }
                group.addTask {
                    for user in 1...3 {
                        try await test.delete(["u\(user)"], job: "gone-\(user)")
                        #expect(
                            try test.scores(campaign, user: "u\(user)") == test.scores(campaign, user: "nobody")
                        )
                    }
                }
                try await group.waitForAll()
            }
            let version = try #require(
                try await test.store.resources(ResourceQuery(.solutionVersion, parentArn: arn("solution/other"))).first
            )
            #expect(version.status == .active)
            let other = try await test.create(
                "CreateCampaign",
                ["name": "other", "solutionVersionArn": .string(version.arn)]
            )
            let nobody = try test.scores(other.arn, user: "nobody")
            for user in 1...3 { #expect(try test.scores(other.arn, user: "u\(user)") == nobody) }
            #expect(try await test.rowCounts("INTERACTIONS")[.put, default: 0] <= 30)
            #expect(try await test.users("INTERACTIONS").count == 38)
        }
    }

    @Test func `a campaign that cannot be loaded without the user is not served any more`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let campaign = try await test.serve("own", recipe: Self.own)
            let items = try #require(try await test.snapshotNames("ITEMS").first)
            try FileManager.default.removeItem(atPath: test.directory.file("home/data/\(items)"))
            #expect(try !test.recommend(campaign, ["userId": "u1"]).isEmpty)
            #expect(try await test.delete(["u1"]).status == .active)
            let error = #expect(throws: PersonalizeError.self) { try test.recommend(campaign, ["userId": "u1"]) }
            #expect(error?.message.contains("CREATE FAILED") == true)
        }
    }

    @Test(
        arguments: [
            ("ITEM_ID\ni1\n", "Input CSV is missing the following columns:[USER_ID]"),
            ("USER_ID\n", "has a header but no rows"), ("", "the file has no header row"),
            ("USER_ID\n\(String(repeating: "u", count: 257))\n", "Length cannot be more than 256 characters"),
            ("USER_ID\n\"u1\n", "is never closed"), ("USER_ID\n" + String(repeating: "u\n", count: 600), "are allowed"),
        ]
    )
    func `a file that names no users fails the job and deletes nothing`(text: String, reason: String) async throws {
        let test = try ServiceUnderTest { $0.maximumDeletionFileSize = 1000 }
        try await test.running {
            try await test.prepareFilms()
            let files = try test.dataFiles()
            try test.directory.write(text, to: "bucket/deletions/bad.csv")
            let input = ServiceUnderTest.deletionInput("bad", "s3://bucket/deletions/")
            let job = try await test.create("CreateDataDeletionJob", input)
            #expect(job.status == .createFailed)
            let shown = try await test.deletion("bad")
            #expect(shown["status"] == "FAILED")
            #expect(shown["failureReason"]?.string?.contains(reason) == true, "\(shown["failureReason"] ?? .null)")
            #expect(shown["numDeleted"] == nil)
            #expect(try test.dataFiles() == files)
        }
    }

    @Test func `what cannot be is refused`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let refused = { (change: (inout JSON) -> Void) async -> PersonalizeError.Code? in
                var input = ServiceUnderTest.deletionInput("x", "s3://bucket/deletions/")
                change(&input)
                return await test.code("CreateDataDeletionJob", input)
            }
            #expect(await refused { $0["datasetGroupArn"] = .string(arn("dataset-group/x")) } == .resourceNotFound)
            #expect(await refused { $0["datasetGroupArn"] = .string(arn("dataset/films/ITEMS")) } == .resourceNotFound)
            #expect(await refused { $0["roleArn"] = nil } == .invalidInput)
            #expect(await refused { $0["dataSource"] = [:] } == .invalidInput)
            #expect(await refused { $0["jobName"] = "a b" } == .invalidInput)
            let nowhere = try await test.create(
                "CreateDataDeletionJob",
                ServiceUnderTest.deletionInput("nowhere", "s3://bucket/none.csv")
            )
            #expect(nowhere.status == .createFailed)
            #expect(try await test.failureReason("DataDeletionJob", nowhere.arn) == "Invalid Data location.")
            let list = try await test.call("ListDataDeletionJobs", [:])["dataDeletionJobs"]?[0]
            #expect(list?["status"] == "FAILED")
        }
    }
}

extension String {
    /// The newest version of a solution whose ARN this begins with.
    fileprivate func versioned(_ test: ServiceUnderTest) async throws -> String {
        try await test.store.resources(ResourceQuery(.solutionVersion)).last { $0.arn.hasPrefix(self) }?.arn ?? ""
    }
}

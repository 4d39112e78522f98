import JSON
import SQLiteStore
import TestSupport
import Testing

@testable import Personalize

/// Users who are deleted from a group that has recommenders.
@Suite struct RecommenderDeletionTests {
    private static let shop = Shop(domain: .ecommerce)
    private static let recipe = "aws-ecomm-recommended-for-you"
    private static let config: JSON = ["itemExplorationConfig": ["explorationWeight": "0"]]

    private static func prepare(_ test: ServiceUnderTest) async throws -> (own: String, related: String) {
        try await test.prepareShop(shop)
        let own = ServiceUnderTest.recommender(recipe, config: config)
        let related = ServiceUnderTest.recommender("aws-ecomm-customers-who-viewed-x-also-viewed")
        return (
            try await test.create("CreateRecommender", own).arn, try await test.create("CreateRecommender", related).arn
        )
    }

    private static func delete(_ user: String, _ test: ServiceUnderTest) async throws {
        try test.directory.write("USER_ID\n\(user)\n", to: "bucket/deletions/gone.csv")
        var input = ServiceUnderTest.deletionInput("gone", "s3://bucket/deletions/gone.csv")
        input["datasetGroupArn"] = ServiceUnderTest.shopGroup
        let job = try await test.create("CreateDataDeletionJob", input)
        #expect(job.status == .active)
    }

    /// What a recommender answers to each user.
    private static func answers(_ test: ServiceUnderTest, _ arn: String, item: String? = nil) throws -> [[String]] {
        try (0..<shop.users).map { try test.ask(arn, "u\($0)", item: item, ["numResults": 100]) }
    }

    @Test func `a deleted user is unknown to recommenders at once, also after a restart, and nobody else notices`()
        async throws
    {
        let test = try ServiceUnderTest()
        let (own, expected) = try await test.running {
            let (own, related) = try await Self.prepare(test)
            let before = try (Self.answers(test, own), Self.answers(test, related, item: "i3"))
            let nobody = try test.ask(own, "nobody", ["numResults": 100])
            #expect(before.0[1] != nobody)
            try await Self.delete("u1", test)
            let after = try (Self.answers(test, own), Self.answers(test, related, item: "i3"))
            // His purchases are forgotten too: nothing is left out for them any more.
            #expect(after.0[1] == nobody)
            #expect(try after.1[1] == test.ask(related, "nobody", item: "i3", ["numResults": 100]))
            for user in 0..<Self.shop.users where user != 1 {
                #expect(after.0[user] == before.0[user], "u\(user)")
                #expect(after.1[user] == before.1[user], "u\(user)")
            }
            return (own, after.0)
        }
        let again = try test.restarted()
        try await again.service.recover()
        #expect(try Self.answers(again, own) == expected)
    }

    @Test func `in the next training he is gone, and so are the files with his rows`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let (own, _) = try await Self.prepare(test)
            let old = try test.dataFiles()
            try await Self.delete("u1", test)
            #expect(test.served(own)?.served.index.users.hidden.count == 1)
            let config: JSON = ["trainingDataConfig": ["excludedDatasetColumns": ["Items": ["PRICE"]]]]
            try await test.call("UpdateRecommender", ["recommenderArn": .string(own), "recommenderConfig": config])
            #expect(try await test.service.waitUntilSettled(own) == .active)
            let users = try #require(test.served(own)?.served.index.users)
            #expect(users.count == Self.shop.users - 1)
            #expect(users.hidden.isEmpty && users.code(of: "u1") == nil)
            let kept = try await test.store.snapshots(of: arn("dataset/shop/INTERACTIONS")).map(\.name)
            #expect(try test.dataFiles().isSuperset(of: kept))
            let items = try await test.store.snapshots(of: arn("dataset/shop/ITEMS")).map(\.name)
            #expect(try test.dataFiles().isDisjoint(with: old.subtracting(items)))
        }
    }

    @Test func `a recommender that is stopped meanwhile starts without him`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let (own, _) = try await Self.prepare(test)
            let name: JSON = ["recommenderArn": .string(own)]
            try await test.call("StopRecommender", name)
            #expect(try await test.service.waitUntilSettled(own) == .inactive)
            try await Self.delete("u1", test)
            try await test.call("StartRecommender", name)
            #expect(try await test.service.waitUntilSettled(own) == .active)
            let nobody = try test.ask(own, "nobody", ["numResults": 100])
            #expect(try test.ask(own, "u1", ["numResults": 100]) == nobody)
        }
    }
}
